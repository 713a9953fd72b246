//! What an address is.

use super::{Context, Place};
use crate::finding::{Edit, Evidence, Findings, Fix, rules};
use crate::srs::{Dialect, Field, Form, Malformed, Srs1, Stamp};

rules! {
    /// # The address is SRS0
    ///
    /// A forwarder wrote its own domain into the return path, so that SPF passes there. The address carries a hash that
    /// only the forwarder can check, the day, and the original sender. A bounce to it goes to the forwarder, which sends it
    /// on to the original sender.
    ///
    /// ```srs bad now=1700200000
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    ///
    /// An address that nobody rewrote:
    ///
    /// ```srs good
    /// alice@example.com
    /// ```
    SRS0 = "srs0-valid", Note, Ok, ["SRS (Shevek 2004)"],
        "`{address}` was rewritten by {who}: the sender is `{original}`, stamp `{stamp}`{age}{dialect}";

    /// # The address is SRS1
    ///
    /// The mail went over two or more forwarders. The address names the first of them: a bounce goes from the last
    /// forwarder straight to the first, and from there to the original sender.
    ///
    /// ```srs bad
    /// SRS1=MAwv=fwd.example==PGkz=G3=example.com=alice@second.example
    /// ```
    ///
    /// After one forwarder it is SRS0:
    ///
    /// ```srs good
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    SRS1 = "srs1-valid", Note, Ok, ["SRS (Shevek 2004)"],
        "`{address}` was rewritten by {who} after `{first}`: the sender is `{original}`{age}";

    /// # The address starts like SRS and lacks a field
    ///
    /// SRS0 needs hash, day, domain and local-part; SRS1 needs hash, first forwarder and what followed `SRS0` there, all
    /// separated by `=`. Forwarders refuse bounces to such an address, so the bounce is lost. Mostly a program cut the
    /// address off or made it wrong.
    ///
    /// ```srs bad
    /// SRS0=PGkz=G3=example.com@fwd.example
    /// ```
    ///
    /// ```srs good
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    MALFORMED = "srs-malformed", Error, MailRefused, ["SRS (Shevek 2004)"],
        "`{address}` starts like SRS but its {field} is missing";

    /// # The SRS1 address has no second separator after its host
    ///
    /// What follows the first forwarder in an SRS1 address begins with the separator of the inner SRS0 address, so two
    /// `=` meet there. Without it the first forwarder cannot be given its own address back, and the bounce is lost.
    ///
    /// ```srs bad
    /// SRS1=7g4y=6ppn=3g=x.example=a@f.example
    /// ```
    ///
    /// ```srs good
    /// SRS1=MAwv=fwd.example==PGkz=G3=example.com=alice@second.example
    /// ```
    NO_DOUBLE_EQUALS = "srs1-missing-double-equals", Error, MailRefused, ["SRS (Shevek 2004)"],
        "`{rest}` in the SRS1 address does not begin with a separator: no forwarder can give it back";

    /// # The separator after the tag is not `=`
    ///
    /// `+` and `-` are allowed. But some filters recognise `SRS0=` only, and where `+` or `-` separates sub-addresses the
    /// address is cut there before SRS sees it.
    ///
    /// ```srs bad
    /// SRS0+PGkz=G3=example.com=alice@fwd.example
    /// ```
    ///
    /// ```srs good
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    SEPARATOR = "srs-separator", Note, Ok, ["SRS (Shevek 2004)"],
        "the SRS address has `{separator}` after `{tag}`, where some filters know only `=`";

    /// # The tag of the SRS address is lower case
    ///
    /// Local-parts may depend on case (RFC 5321 §2.4), but some hosts write them in lower case. SRS is made for it: tag,
    /// hash and stamp are compared without regard to case. The case of the original local-part is lost, though, and filters
    /// that look for `SRS0` may not know the address.
    ///
    /// ```srs bad
    /// srs0=pgkz=g3=example.com=alice@fwd.example
    /// ```
    ///
    /// ```srs good
    /// SRS0=PGkz=G3=example.com=alice@fwd.example
    /// ```
    LOWERCASED = "srs-lowercased", Note, Ok, ["SRS (Shevek 2004)", "RFC 5321 §2.4"],
        "`{tag}` is not in upper case: the address is still valid, but some filters do not know it";

    /// # The address belongs to another scheme
    ///
    /// BATV (`prvs=`) is the sender's own mark against forged bounces; VERP writes the recipient into the return path of
    /// a list; Gmail's `+caf_=` and Microsoft's `+SRS=` are their own ways of forwarding. None of them is SRS0 or SRS1: only
    /// the domain that made the address can read it, and a forwarder rewrites it like any other.
    ///
    /// ```srs bad
    /// prvs=0123abcdef=alice@example.com
    /// ```
    ///
    /// ```srs good
    /// alice@example.com
    /// ```
    OTHER_SCHEME = "srs-batv-prvs", Note, Ok, ["BATV (draft-levine-smtp-batv)"], "`{address}` is {meaning}";
}

pub(super) fn check(cx: &Context<'_>, out: &mut Findings) {
    let form = cx.address.form();
    match form {
        // Whoever wrote it, it was not the forwarder.
        Form::Srs0(_) | Form::Srs1(_) if cx.is_forged() => {}
        Form::Srs0(srs0) => {
            let stamp = cx.address.slice(srs0.stamp);
            out.report(&SRS0, cx.whole())
                .quote("address")
                .arg("who", cx.forwarder())
                .arg("original", cx.original().unwrap_or_default())
                .arg("stamp", stamp)
                .arg("age", age(cx, stamp))
                .arg("dialect", dialect_of_srs0(cx));
        }
        Form::Srs1(srs1) => check_srs1(cx, srs1, out),
        Form::Malformed(Malformed { missing, at, .. }) => {
            out.report(&MALFORMED, cx.label(at).with("missing here"))
                .arg("address", cx.whole().quoted())
                .arg("field", field(missing));
        }
        Form::Other => check_other(cx, out),
    }
    let (Some(tag), Some(separator)) = (form.tag(), form.separator()) else { return };
    let written = cx.address.slice(tag);
    if cx.address.slice(separator) != "=" {
        out.report(&SEPARATOR, cx.label(separator))
            .quote("separator")
            .arg("tag", written)
            .fix(Fix::machine("write `=`", [Edit::replace(separator, "=")]));
    }
    if written.bytes().any(|b| b.is_ascii_lowercase()) {
        let upper = written.to_ascii_uppercase();
        out.report(&LOWERCASED, cx.label(tag))
            .quote("tag")
            .fix(Fix::machine(format!("write `{upper}`"), [Edit::replace(tag, upper)]));
    }
}

fn check_srs1(cx: &Context<'_>, srs1: Srs1, out: &mut Findings) {
    let rest = cx.address.slice(srs1.rest);
    if !rest.starts_with(['=', '+', '-']) {
        let found = out.report(&NO_DOUBLE_EQUALS, cx.label(srs1.rest)).quote("rest");
        // Only if what stands there has all fields is nothing but the separator missing.
        if rest.matches('=').count() >= 3 {
            found.fix(Fix::maybe("write `==`", [Edit::insert(srs1.rest.start as usize, "=")]));
        }
        return;
    }
    let Some(inner) = srs1.inner else {
        out.report(&MALFORMED, cx.label(srs1.rest))
            .arg("address", cx.whole().quoted())
            .arg("field", "inner SRS0 address");
        return;
    };
    out.report(&SRS1, cx.whole())
        .quote("address")
        .arg("who", cx.forwarder())
        .arg("first", cx.address.slice(srs1.host))
        .arg("original", cx.original().unwrap_or_default())
        .arg("age", age(cx, cx.address.slice(inner.stamp)));
}

fn check_other(cx: &Context<'_>, out: &mut Findings) {
    let Some(dialect) = cx.address.dialect() else { return };
    let slice = |span| cx.address.slice(span);
    let meaning = match dialect {
        Dialect::Exim | Dialect::Mailrs | Dialect::PostsrsdDatabase { .. } => return,
        Dialect::Microsoft { .. } => {
            let reader = cx.domain().map_or("Exchange Online".to_owned(), |domain| format!("`{domain}`"));
            format!("an address that Exchange Online wrote when it forwarded; only {reader} can read it")
        }
        Dialect::GmailForwarding { mailbox, target, host } => format!(
            "Gmail's return path for mail that `{}` forwards to `{}@{}`",
            cx.at_domain(slice(mailbox)),
            slice(target),
            slice(host)
        ),
        Dialect::Prvs { user, .. } | Dialect::Btv1 { user } => {
            let maker = cx.domain().map_or("its domain".to_owned(), |domain| format!("`{domain}`"));
            format!("`{}` with a BATV mark, by which {maker} knows its own bounces", cx.at_domain(slice(user)))
        }
        Dialect::Verp { mailbox, user, host } => {
            format!(
                "the return path of `{}`, probably for the recipient `{}@{}` (VERP)",
                slice(mailbox),
                slice(user),
                slice(host)
            )
        }
    };
    let found = out.report(&OTHER_SCHEME, cx.label(cx.address.local_part_span()));
    found.arg("address", cx.whole().quoted()).arg("meaning", meaning).evidence(Evidence::Guessed);
    if cx.known.place == Place::ToForward {
        found.label("is rewritten like any other sender");
    }
}

/// `, 3 days old`, as far as it can be told.
fn age(cx: &Context<'_>, stamp: &str) -> String {
    match (Stamp::parse(stamp), cx.known.now) {
        (Some(stamp), Some(now)) => match stamp.age_days(now) {
            0 => ", made today".to_owned(),
            1 => ", 1 day old".to_owned(),
            // Of a day to come, which stands as its own finding.
            _ if stamp.days_ahead(now).is_some() => String::new(),
            days => format!(", {days} days old"),
        },
        _ => String::new(),
    }
}

fn dialect_of_srs0(cx: &Context<'_>) -> String {
    let told = match cx.address.dialect() {
        Some(Dialect::Exim) => "Exim's own scheme: other programs cannot check its hash",
        Some(Dialect::Mailrs) => "mailrs's own scheme: other programs cannot check its hash",
        Some(Dialect::PostsrsdDatabase { .. }) => {
            "postsrsd with a data base: the sender is a key that only it can look up"
        }
        _ => return String::new(),
    };
    format!(" (looks like {told})")
}

fn field(field: Field) -> &'static str {
    match field {
        Field::Hash => "hash",
        Field::Stamp => "stamp",
        Field::Host => "domain",
        Field::User => "original local-part",
        Field::Rest => "inner SRS0 address",
    }
}

#[cfg(all(test, feature = "crypto"))]
mod tests {
    use super::super::tests::codes;

    fn told(code: &str, text: &str, words: &str) -> String {
        let found = codes(text, words);
        found.iter().find(|found| found.code == code).unwrap().message()
    }

    /// Who cut the domain off left nothing to name.
    #[test]
    fn nobody_is_named_where_no_domain_stands() {
        for end in ["", "@"] {
            let srs0 = format!("SRS0=PGkz=G3=example.com=alice{end}");
            assert_eq!(
                told("srs0-valid", &srs0, ""),
                format!(
                    "`{srs0}` was rewritten by an unnamed forwarder: the sender is `alice@example.com`, stamp `G3`"
                )
            );
            let srs1 = format!("SRS1=MAwv=fwd.example==PGkz=G3=example.com=alice{end}");
            assert_eq!(
                told("srs1-valid", &srs1, ""),
                format!(
                    "`{srs1}` was rewritten by an unnamed forwarder after `fwd.example`: the sender is \
                     `alice@example.com`"
                )
            );
        }
        assert_eq!(
            told("srs-already-rewritten", "SRS0=PGkz=G3=example.com=alice@", "place=forward"),
            "`SRS0=PGkz=G3=example.com=alice@` is rewritten already by an unnamed forwarder: a further \
             forwarder writes SRS1"
        );
        for (text, meaning) in [
            ("prvs=0123abcdef=alice", "`alice` with a BATV mark, by which its domain knows its own bounces"),
            (
                "bounces+SRS=PGkz=G3@",
                "an address that Exchange Online wrote when it forwarded; only Exchange Online can read it",
            ),
            ("a+caf_=b=d.example", "Gmail's return path for mail that `a` forwards to `b@d.example`"),
        ] {
            assert_eq!(told("srs-batv-prvs", text, ""), format!("`{text}` is {meaning}"));
        }
    }

    #[test]
    fn who_rewrote_it_is_named_as_it_is_written() {
        assert_eq!(
            told("srs0-valid", "SRS0=PGkz=G3=Example.COM=alice@Fwd.Example", ""),
            "`SRS0=PGkz=G3=Example.COM=alice@Fwd.Example` was rewritten by `Fwd.Example`: the sender is \
             `alice@Example.COM`, stamp `G3`"
        );
        assert_eq!(
            told("srs-batv-prvs", "prvs=0123abcdef=alice@d.example", ""),
            "`prvs=0123abcdef=alice@d.example` is `alice@d.example` with a BATV mark, by which `d.example` knows its own \
             bounces"
        );
    }
}
