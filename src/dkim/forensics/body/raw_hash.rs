//! Signers that hash other line ends than they send, for instance a program that signs a file before its lines get CRLF.

use super::{Alteration, Certainty, DIGEST_COST, Lines, Scope, Search, What};
use crate::dkim::canonical::Sink as _;
use crate::dkim::crypto::Hasher;

/// What stands after each line, and after the last one.
const ENDS: &[(&[u8], &[u8])] =
    &[(b"\n", b"\n"), (b"\n", b"\r\n"), (b"\n", b"\n\r\n"), (b"\n", b""), (b"\r", b"\r"), (b"\r\r\n", b"\r\r\n")];

impl Search<'_> {
    pub(super) fn hashed_with_other_ends(&mut self, lines: &Lines) -> Option<Alteration> {
        let last = lines.last.checked_sub(1).filter(|_| self.goal.length.is_none())?;
        for &(end, last_end) in ENDS {
            if !self.work.spend(lines.trimmed().len() as u64 + DIGEST_COST, 1) {
                return None;
            }
            let pieces = || (0..=last).flat_map(|line| [lines.content(line), if line < last { end } else { last_end }]);
            let mut hasher = Hasher::new(self.goal.hash);
            pieces().for_each(|piece| hasher.push(piece));
            if self.hits(&hasher.digest_so_far()) {
                let mut found = Alteration::of_body(What::LineEndings, Certainty::Proven, 0, self.body.len());
                found.scope = Scope::RawHash;
                found.original = Some(pieces().collect::<Vec<_>>().concat());
                return Some(found);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dkim::base64;
    use crate::dkim::forensics::{Budget, investigate};
    use crate::dkim::testing::{sha256, verified};
    use crate::message::Message;

    #[test]
    fn other_ends() {
        for hashed in ["a\n\nb\n", "a\n\nb\r\n", "a\n\nb\n\r\n", "a\n\nb", "a\r\rb\r", "a\r\r\n\r\r\nb\r\r\n"] {
            for mode in ["simple", "relaxed"] {
                let bh = base64::encode(&sha256(hashed.as_bytes()));
                let mail = format!(
                    "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/{mode}; d=d.example; s=s; h=from; bh={bh}; b=Zm9v\r\n\
                     From: a@d.example\r\n\r\na\r\n\r\nb\r\n\r\n"
                );
                let (outcomes, dns) = verified(mail.as_bytes(), "v=DKIM1; p=");
                let found = investigate(&dns, &Message::parse(mail.as_bytes()), &outcomes[0], &Budget::default()).body;
                let found = found.unwrap();
                assert_eq!((found.what, found.certainty), (What::LineEndings, Certainty::Proven), "{hashed:?}");
                assert_eq!((found.scope, found.original.unwrap()), (Scope::RawHash, hashed.as_bytes().to_vec()));
            }
        }
    }
}
