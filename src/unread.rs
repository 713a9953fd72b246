//! Lists that are longer than what is read of them: what stands behind is told, whatever record it is in.

use crate::finding::{Evidence, Findings, Label, Subject, rules};
use crate::text::Span;

rules! {
    /// # The end of a list is not read
    ///
    /// A record has a few tags, and a tag names a few destinations. Of a list of hundreds the beginning is read and no more, so
    /// nothing is said here about what stands behind it. Receivers stop elsewhere or read all of it, and may find tags or destinations
    /// there. Take out what is not needed; mostly such a text has one mistake over and over.
    ///
    /// ```panel good
    /// v=DMARC1; p=none; rua=mailto:d@d.example
    /// ```
    REST = "dns-record-rest-unread", Warning, Differs, ["RFC 6376 §3.2"],
        "the list goes on behind its first {count} parts, and what stands there was not read ({octets} octets): receivers that read on \
         may find other parts in it";
}

/// The rules of every file.
pub(crate) static ALL: &[&[&crate::finding::Rule]] = &[RULES];

/// Tells what stands behind `last`, if `last` is there: the last one of the `count` parts that there is room for. The list ends at `end`;
/// its parts are separated by `;`, `,` or `:`.
pub(crate) fn check(subject: &Subject, count: usize, last: Option<Span>, end: usize, out: &mut Findings) {
    let text = subject.source().text();
    let Some(behind) = last.and_then(|last| text.get(last.end as usize..end)) else { return };
    let rest = behind.trim_start().strip_prefix([';', ',', ':']).unwrap_or_default().trim_ascii();
    if rest.is_empty() {
        return;
    }
    let found = out.report(&REST, Label::new(subject, Span::of(rest, text)));
    found.arg("count", count).arg("octets", rest.len()).evidence(Evidence::NotChecked);
}

#[cfg(test)]
mod tests {
    use crate::finding::{Diagnostic, Severity};
    use crate::text::Source;
    use crate::{bimi, dkim, dmarc, mta_sts, tls_rpt};

    fn dmarc(text: &Source) -> Vec<Diagnostic> {
        dmarc::lint(&dmarc::Record::of(text.clone()))
    }

    fn unread(lint: fn(&Source) -> Vec<Diagnostic>, text: &str) -> Vec<String> {
        let mut found = lint(&text.into());
        found.retain(|found| found.code == "dns-record-rest-unread");
        assert!(found.iter().all(|found| found.severity == Severity::Warning));
        let rest = |found: &Diagnostic| text[found.primary.span].to_owned();
        assert!(found.iter().all(|found| found.params.get("octets") == Some(&rest(found).len().to_string())));
        found.iter().map(rest).collect()
    }

    #[test]
    fn the_end_of_a_long_record_is_told() {
        let tags = |count: usize| (0..count).map(|at| format!("x{at}=1; ")).collect::<String>();
        // One of the 500 parts stands in front: the version, which DMARC does not count, or the policy.
        for (lint, head, room) in [
            (dmarc as fn(&Source) -> Vec<Diagnostic>, "v=DMARC1; p=none; ", 499),
            (mta_sts::lint, "v=STSv1; ", 499),
            (tls_rpt::lint, "v=TLSRPTv1; ", 499),
            (bimi::lint, "v=BIMI1; ", 499),
        ] {
            assert!(unread(lint, &format!("{head}{}", tags(room))).is_empty(), "{head}");
            assert_eq!(unread(lint, &format!("{head}{}sp=reject; l=x; ", tags(room))), ["sp=reject; l=x;"], "{head}");
        }
    }

    #[test]
    fn hashes_and_flags_that_are_not_told_are_told_together() {
        for tag in ["h", "t"] {
            let list = |count: usize| vec!["x"; count].join(" : ");
            assert!(unread(dkim::lint_key, &format!("v=DKIM1; {tag}={}; p=", list(100))).is_empty(), "{tag}");
            assert_eq!(
                unread(dkim::lint_key, &format!("v=DKIM1; {tag}={}: sha256 ; p=", list(100))),
                ["sha256"],
                "{tag}"
            );
        }
        // A verifier reads all of it.
        let text = format!("h={}:sha256; p=", "x:".repeat(200));
        assert!(dkim::Key::parse(&text.as_str().into()).allows(dkim::HashAlgorithm::Sha256));
    }

    #[test]
    fn destinations_that_are_not_read_are_told() {
        let list = |count: usize| vec!["mailto:d@d.example"; count].join(" , ");
        for (lint, head, room) in [
            (dmarc as fn(&Source) -> Vec<Diagnostic>, "v=DMARC1; p=none; rua=", 100),
            (dmarc, "v=DMARC1; p=none; ruf=", 100),
            (tls_rpt::lint, "v=TLSRPTv1; rua=", 500),
        ] {
            assert!(unread(lint, &format!("{head}{}; x=y", list(room))).is_empty(), "{head}");
            let text = format!("{head}{}, mailto:e@e.example ; x=y", list(room));
            assert_eq!(unread(lint, &text), ["mailto:e@e.example"], "{head}");
        }
    }
}
