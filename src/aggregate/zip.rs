//! The one file in a zip archive. Reports have exactly one (RFC 7489 §7.2.1.1), so a whole archive reader is not needed.

/// A file in an archive: how it is packed, and its packed octets.
pub(super) enum Packed<'a> {
    Stored(&'a [u8]),
    Deflated(&'a [u8]),
}

const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const END: &[u8] = b"PK\x05\x06";

/// The first file. The central directory at the end knows its size, which the local header may leave out.
pub(super) fn first_file(archive: &[u8]) -> Option<Packed<'_>> {
    let end = memchr::memmem::rfind(archive, END)?;
    let entry = archive.get(number(archive, end + 16, 4)?..)?;
    if !entry.starts_with(CENTRAL) {
        return None;
    }
    let (method, size) = (number(entry, 10, 2)?, number(entry, 20, 4)?);
    let local = archive.get(number(entry, 42, 4)?..)?;
    if !local.starts_with(LOCAL) {
        return None;
    }
    let start = 30 + number(local, 26, 2)? + number(local, 28, 2)?;
    let data = local.get(start..)?;
    let data = &data[..size.min(data.len())];
    match method {
        0 => Some(Packed::Stored(data)),
        8 => Some(Packed::Deflated(data)),
        _ => None,
    }
}

/// `length` octets at `at`, the lowest first.
fn number(octets: &[u8], at: usize, length: usize) -> Option<usize> {
    let octets = octets.get(at..at + length)?;
    Some(octets.iter().rev().fold(0, |number, &octet| number << 8 | usize::from(octet)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One stored file `r.xml` with the content `hi`.
    const ARCHIVE: &[u8] = b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\x02\0\0\0\x05\0\0\0r.xmlhi\
        PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\x02\0\0\0\x02\0\0\0\x05\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0r.xml\
        PK\x05\x06\0\0\0\0\x01\0\x01\0\x33\0\0\0\x25\0\0\0\0\0";

    #[test]
    fn the_first_file() {
        assert!(matches!(first_file(ARCHIVE), Some(Packed::Stored(b"hi"))));
        for cut in 0..ARCHIVE.len() - 6 {
            assert!(first_file(&ARCHIVE[..cut]).is_none(), "{cut}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_octets(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..100), at in 0..150usize) {
            let mut archive = ARCHIVE.to_vec();
            let at = at.min(archive.len());
            archive.splice(at..archive.len().min(at + octets.len()), octets);
            let _ = first_file(&archive);
        }
    }
}
