//! Addresses of other schemes that rewrite or tag the reverse-path, known by their shape alone.

use super::{Form, Srs0};
use crate::text::Span;

/// Another scheme. Which key made a hash cannot be seen, so shapes that fit both are taken as canonical SRS:
/// OpenSMTPD's addresses look like canonical ones and do not verify.
///
/// ```
/// use mailproof::srs::{Address, Dialect};
///
/// let address = Address::parse("list-bounces+john=school.example@lists.example");
/// let Some(Dialect::Verp { user, host, .. }) = address.dialect() else { panic!() };
/// assert_eq!((address.slice(user), address.slice(host)), ("john", "school.example"));
/// assert_eq!(address.dialect().unwrap().name(), "VERP");
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case", tag = "dialect"))]
#[non_exhaustive]
pub enum Dialect {
    /// Exim's `${srs_encode}`: four hexadecimal digits of an HMAC-MD5 and a stamp, both lower case. Its stamp is not
    /// covered by the hash, and it nests SRS0 in SRS0.
    Exim,
    /// mailrs-srs: eight hexadecimal digits of an HMAC-SHA256 and three decimal digits for the day.
    Mailrs,
    /// postsrsd ≥ 2 with a data base: the host is `1` and the user a key to the data base of that forwarder.
    PostsrsdDatabase {
        /// The key.
        key: Span,
    },
    /// Exchange Online: `bounces+SRS=hash=stamp@…` or `user+SRS=hash=stamp=host=user@…`.
    Microsoft {
        /// What stands before `+SRS=`.
        mailbox: Span,
        /// What stands after it; only Microsoft can read it.
        opaque: Span,
    },
    /// Gmail's automatic forwarding: `user+caf_=target=host@…`.
    GmailForwarding {
        /// Who forwards.
        mailbox: Span,
        /// The local-part to which the mail was forwarded.
        target: Span,
        /// The domain to which the mail was forwarded.
        host: Span,
    },
    /// BATV: `prvs=KDDDSSSSSS=user@…`, the sender's own tag against forged bounces.
    Prvs {
        /// Key number, day and signature.
        tag: Span,
        /// The local-part without the tag.
        user: Span,
    },
    /// Barracuda's variant of BATV: `btv1==hash==user@…`.
    Btv1 {
        /// The local-part without the tag.
        user: Span,
    },
    /// VERP: `list-bounces+user=host@…`, the recipient written into the return path.
    Verp {
        /// What handles the bounces.
        mailbox: Span,
        /// The local-part of the recipient.
        user: Span,
        /// The domain of the recipient.
        host: Span,
    },
}

impl Dialect {
    pub(super) fn of(text: &str, local: Span, form: Form) -> Option<Self> {
        match form {
            Form::Srs0(srs0) => of_srs0(text, srs0),
            Form::Srs1(_) | Form::Malformed(_) => None,
            Form::Other => of_other(&text[local]).map(|dialect| dialect.shifted(local.start as usize)),
        }
    }

    /// The name of the scheme.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exim => "Exim SRS",
            Self::Mailrs => "mailrs SRS",
            Self::PostsrsdDatabase { .. } => "postsrsd database SRS",
            Self::Microsoft { .. } => "Microsoft SRS",
            Self::GmailForwarding { .. } => "Gmail forwarding",
            Self::Prvs { .. } | Self::Btv1 { .. } => "BATV",
            Self::Verp { .. } => "VERP",
        }
    }

    fn shifted(self, by: usize) -> Self {
        match self {
            Self::Exim | Self::Mailrs => self,
            Self::PostsrsdDatabase { key } => Self::PostsrsdDatabase { key: key.shifted(by) },
            Self::Microsoft { mailbox, opaque } => {
                Self::Microsoft { mailbox: mailbox.shifted(by), opaque: opaque.shifted(by) }
            }
            Self::GmailForwarding { mailbox, target, host } => Self::GmailForwarding {
                mailbox: mailbox.shifted(by),
                target: target.shifted(by),
                host: host.shifted(by),
            },
            Self::Prvs { tag, user } => Self::Prvs { tag: tag.shifted(by), user: user.shifted(by) },
            Self::Btv1 { user } => Self::Btv1 { user: user.shifted(by) },
            Self::Verp { mailbox, user, host } => {
                Self::Verp { mailbox: mailbox.shifted(by), user: user.shifted(by), host: host.shifted(by) }
            }
        }
    }
}

/// Characters of base32hex(SHA-1), as postsrsd ≥ 2 writes its data base keys.
const DATABASE_KEY: usize = 32;

fn of_srs0(text: &str, srs0: Srs0) -> Option<Dialect> {
    let (hash, stamp) = (&text[srs0.hash], &text[srs0.stamp]);
    let user = &text[srs0.user];
    if &text[srs0.host] == "1"
        && user.len() == DATABASE_KEY
        && user.bytes().all(|b| matches!(b.to_ascii_uppercase(), b'0'..=b'9' | b'A'..=b'V'))
    {
        return Some(Dialect::PostsrsdDatabase { key: srs0.user });
    }
    let lower_hex = |text: &str| text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    // An address that was lower-cased on the way looks like this too, but only 1 hash in 256 is made of these digits.
    if hash.len() == 4
        && lower_hex(hash)
        && stamp.len() == 2
        && stamp.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'))
    {
        return Some(Dialect::Exim);
    }
    if hash.len() == 8 && lower_hex(hash) && stamp.len() == 3 && stamp.bytes().all(|b| b.is_ascii_digit()) {
        return Some(Dialect::Mailrs);
    }
    None
}

fn of_other(local: &str) -> Option<Dialect> {
    let lower = local.to_ascii_lowercase();
    let end = local.len();
    if let Some(rest) = lower.strip_prefix("prvs=") {
        let length = rest.find('=')?;
        let (tag, user) = (Span::new(5, 5 + length), Span::new(6 + length, end));
        let is_tag = length == 10 && rest.as_bytes()[..4].iter().all(u8::is_ascii_digit);
        return (is_tag && rest[4..10].bytes().all(|b| b.is_ascii_hexdigit()) && !user.is_empty())
            .then_some(Dialect::Prvs { tag, user });
    }
    if let Some(rest) = lower.strip_prefix("btv1==") {
        let length = rest.find("==")?;
        return Some(Dialect::Btv1 { user: Span::new(6 + length + 2, end) });
    }
    if let Some(at) = lower.find("+srs=") {
        return Some(Dialect::Microsoft { mailbox: Span::new(0, at), opaque: Span::new(at + 5, end) });
    }
    if let Some(at) = lower.find("+caf_=") {
        let equals = lower[at + 6..].rfind('=')? + at + 6;
        let (target, host) = (Span::new(at + 6, equals), Span::new(equals + 1, end));
        return Some(Dialect::GmailForwarding { mailbox: Span::new(0, at), target, host });
    }
    verp(local)
}

/// `mailbox+user=host` or `mailbox-user=host`, the host with a dot in it and a letter in its last label.
fn verp(local: &str) -> Option<Dialect> {
    let equals = local.rfind('=')?;
    let host = &local[equals + 1..];
    let is_host = host.contains('.') && host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    let plus = local[..equals].find('+').or_else(|| local[..equals].rfind('-'))?;
    let is_host =
        is_host && !host.starts_with('.') && host.rsplit('.').next()?.contains(|c: char| c.is_ascii_alphabetic());
    let user = plus + 1 + account(&local[plus + 1..equals]);
    if !is_host || plus == 0 || user == equals {
        return None;
    }
    Some(Dialect::Verp {
        mailbox: Span::new(0, plus),
        user: Span::new(user, equals),
        host: Span::new(equals + 1, local.len()),
    })
}

/// Octets of the number and the hexadecimal digits by which SendGrid knows the account and the mail: `1234567-89ab-user`.
fn account(user: &str) -> usize {
    let mut parts = user.splitn(3, '-');
    let (Some(number), Some(mail), Some(user)) = (parts.next(), parts.next(), parts.next()) else { return 0 };
    let is_number = !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit());
    let is_mail = mail.len() >= 4 && mail.bytes().all(|b| b.is_ascii_hexdigit());
    if is_number && is_mail && !user.is_empty() { number.len() + mail.len() + 2 } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::srs::Address;

    fn told(text: &str) -> String {
        let address = Address::parse(text);
        let slice = |span| address.slice(span).to_owned();
        let Some(dialect) = address.dialect() else { return "none".into() };
        let parts = match dialect {
            Dialect::Exim | Dialect::Mailrs => vec![],
            Dialect::PostsrsdDatabase { key } => vec![key],
            Dialect::Microsoft { mailbox, opaque } => vec![mailbox, opaque],
            Dialect::GmailForwarding { mailbox, target, host } => vec![mailbox, target, host],
            Dialect::Prvs { tag, user } => vec![tag, user],
            Dialect::Btv1 { user } => vec![user],
            Dialect::Verp { mailbox, user, host } => vec![mailbox, user, host],
        };
        [dialect.name().to_owned()].into_iter().chain(parts.into_iter().map(slice)).collect::<Vec<_>>().join("|")
    }

    #[test]
    fn shapes() {
        assert_eq!(told("SRS0=4df1=g3=example.com=alice@fwd.example"), "Exim SRS");
        assert_eq!(told("SRS0=aaa9a668=219=example.com=alice@fwd.example"), "mailrs SRS");
        assert_eq!(
            told("SRS0=C0_y=G3=1=VGHPH9PTQL6M4DU4VMQOVLUNAD3SUMNJ@fwd.example"),
            "postsrsd database SRS|VGHPH9PTQL6M4DU4VMQOVLUNAD3SUMNJ"
        );
        assert_eq!(told("bounces+SRS=AbC1d=IX@fwd.example"), "Microsoft SRS|bounces|AbC1d=IX");
        assert_eq!(told("alice+caf_=de=st=fwd.example@gmail.com"), "Gmail forwarding|alice|de=st|fwd.example");
        assert_eq!(told("prvs=0123abcdef=alice@fwd.example"), "BATV|0123abcdef|alice");
        assert_eq!(told("btv1==0123==alice@fwd.example"), "BATV|alice");
        assert_eq!(told("list-bounces+bob=example.com@lists.example"), "VERP|list-bounces|bob|example.com");
        let sendgrid = "bounces+1234567-89ab-jane=d.example@em.s.example";
        assert_eq!(told(sendgrid), "VERP|bounces|jane|d.example");
        assert_eq!(told("b+1-23-jane=d.example@em.s.example"), "VERP|b|1-23-jane|d.example");
        assert_eq!(told("bounce-17-bob=example.com@lists.example"), "VERP|bounce-17|bob|example.com");
    }

    #[test]
    fn ordinary_addresses() {
        for text in [
            "alice@example.com",
            "a=b@example.com",
            "a+b@example.com",
            "prvs=x=alice@d.example",
            "SRS0=PGkz=G3=h.example=a@f",
            "=@",
            "prvs=é",
            // One character away from the shapes above.
            "SRS0=4Df1=g3=h.example=a@f.example",
            "SRS0=4gf1=g3=h.example=a@f.example",
            "SRS0=4df12=g3=h.example=a@f.example",
            "SRS0=4df1=G3=h.example=a@f.example",
            "SRS0=4df1=g1=h.example=a@f.example",
            "SRS0=4df1=g34=h.example=a@f.example",
            "SRS0=aaa9a66=219=h.example=a@f.example",
            "SRS0=aaa9a66g=219=h.example=a@f.example",
            "SRS0=aaa9a668=21=h.example=a@f.example",
            "SRS0=aaa9a668=21a=h.example=a@f.example",
            "SRS0=C0_y=G3=2=VGHPH9PTQL6M4DU4VMQOVLUNAD3SUMNJ@f.example",
            "SRS0=C0_y=G3=1=VGHPH9PTQL6M4DU4VMQOVLUNAD3SUMN@f.example",
            "SRS0=C0_y=G3=1=WGHPH9PTQL6M4DU4VMQOVLUNAD3SUMNJ@f.example",
            "prvs=012xabcdef=alice@f.example",
            "prvs=0123abcdeg=alice@f.example",
            "prvs=0123abcde=alice@f.example",
            "prvs=0123abcdef=@f.example",
            "bounces+bob=example@lists.example",
            "bounces+bob=.example.com@lists.example",
            "bounces+bob=example.com.@lists.example",
            "bounces+bob=exa_mple.com@lists.example",
            "+bob=example.com@lists.example",
            "user+k=v1.0@d.example",
            "bounces+=example.com@lists.example",
            "bob=example.com@lists.example",
        ] {
            assert_eq!(told(text), "none", "{text}");
        }
    }
}
