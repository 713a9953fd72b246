//! The report in a zip archive. RFC 7489 §7.2.1.1 has it alone there, so a whole archive reader is not needed; packers add
//! folders and files of their own.

/// A file in an archive: how it is packed, and its packed octets.
pub(super) enum Packed<'a> {
    Stored(&'a [u8]),
    Deflated(&'a [u8]),
}

const CENTRAL: &[u8] = b"PK\x01\x02";
const LOCAL: &[u8] = b"PK\x03\x04";
const END: &[u8] = b"PK\x05\x06";

/// What is taken out of an archive.
pub(super) struct Found<'a> {
    pub(super) report: Packed<'a>,
    /// Whether another file in it is called `….xml` too.
    pub(super) has_more: bool,
}

/// The first file that is called `….xml`, or else the first of all.
pub(super) fn report(archive: &[u8]) -> Option<Found<'_>> {
    let end = memchr::memmem::rfind(archive, END)?;
    let mut at = number(archive, end + 16, 4)?;
    let entries = std::iter::from_fn(|| {
        let entry = Entry::at(archive, at)?;
        at += entry.length;
        Some(entry)
    });
    let files: Vec<Entry<'_>> = entries.filter(|entry| !entry.name.ends_with(b"/")).collect();
    let mut reports = files.iter().filter(|file| file.is_xml());
    let report = reports.next().or(files.first())?.packed(archive)?;
    Some(Found { report, has_more: reports.next().is_some() })
}

/// What the central directory at the end says about one file. It knows the size, which the local header may leave out.
struct Entry<'a> {
    name: &'a [u8],
    method: usize,
    size: usize,
    local: usize,
    /// Octets of the entry itself.
    length: usize,
}

impl<'a> Entry<'a> {
    fn at(archive: &'a [u8], at: usize) -> Option<Self> {
        let entry = archive.get(at..)?;
        if !entry.starts_with(CENTRAL) {
            return None;
        }
        let name = number(entry, 28, 2)?;
        Some(Self {
            name: entry.get(46..46 + name)?,
            method: number(entry, 10, 2)?,
            size: number(entry, 20, 4)?,
            local: number(entry, 42, 4)?,
            length: 46 + name + number(entry, 30, 2)? + number(entry, 32, 2)?,
        })
    }

    /// `__MACOSX/._r.xml` holds what macOS knows about `r.xml`.
    fn is_xml(&self) -> bool {
        let ending = self.name.len().checked_sub(4).map(|at| &self.name[at..]);
        ending.is_some_and(|ending| ending.eq_ignore_ascii_case(b".xml")) && !self.name.starts_with(b"__MACOSX/")
    }

    fn packed(&self, archive: &'a [u8]) -> Option<Packed<'a>> {
        let local = archive.get(self.local..)?;
        if !local.starts_with(LOCAL) {
            return None;
        }
        let start = 30 + number(local, 26, 2)? + number(local, 28, 2)?;
        let data = local.get(start..)?;
        let data = &data[..self.size.min(data.len())];
        match self.method {
            0 => Some(Packed::Stored(data)),
            8 => Some(Packed::Deflated(data)),
            _ => None,
        }
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
    fn the_one_file() {
        assert!(matches!(report(ARCHIVE), Some(Found { report: Packed::Stored(b"hi"), has_more: false })));
        for cut in 0..ARCHIVE.len() - 6 {
            assert!(report(&ARCHIVE[..cut]).is_none(), "{cut}");
        }
    }

    /// The files, stored.
    fn archive(files: &[(&str, &str)]) -> Vec<u8> {
        let le = |number: usize, octets: usize| number.to_le_bytes()[..octets].to_vec();
        let (mut archive, mut directory) = (Vec::new(), Vec::new());
        for (name, text) in files {
            let sizes = [le(text.len(), 4), le(text.len(), 4), le(name.len(), 2)].concat();
            let local = archive.len();
            archive.extend([LOCAL, &[0; 14], &sizes, &[0; 2], name.as_bytes(), text.as_bytes()].concat());
            directory.extend([CENTRAL, &[0; 16], &sizes, &[0; 12], &le(local, 4), name.as_bytes()].concat());
        }
        let start = archive.len();
        archive.extend([&directory, END, &[0; 12], &le(start, 4), &[0; 2]].concat());
        archive
    }

    #[test]
    fn the_report_among_others() {
        for others in [[("readme.txt", "no"), ("d/", "")], [("d/", ""), ("__MACOSX/._r.xml", "no")]] {
            let files = [&others[..], &[("d/R.XML", "hi"), ("later.xml", "no")]].concat();
            let archive = archive(&files);
            let found = report(&archive);
            assert!(matches!(found, Some(Found { report: Packed::Stored(b"hi"), has_more: true })), "{others:?}");
        }
        let found = archive(&[("d/", ""), ("r", "hi"), ("s", "no")]);
        assert!(matches!(report(&found), Some(Found { report: Packed::Stored(b"hi"), has_more: false })));
        assert!(report(&archive(&[("d/", "")])).is_none());
    }

    /// However many stand before it, and however far behind it the second.
    #[test]
    fn the_report_behind_many_others() {
        let many = [("a.txt", "no"); 1_000];
        let found = archive(&[&many[..], &[("r.xml", "hi")]].concat());
        assert!(matches!(report(&found), Some(Found { report: Packed::Stored(b"hi"), has_more: false })));
        let found = archive(&[&[("r.xml", "hi")], &many[..], &[("s.xml", "no")]].concat());
        assert!(matches!(report(&found), Some(Found { report: Packed::Stored(b"hi"), has_more: true })));
    }

    proptest::proptest! {
        #[test]
        fn any_octets(octets in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..100), at in 0..150usize) {
            let mut archive = ARCHIVE.to_vec();
            let at = at.min(archive.len());
            archive.splice(at..archive.len().min(at + octets.len()), octets);
            let _ = report(&archive);
        }
    }
}
