//! Lists that are longer than what is looked at of them: what stands behind is told, whatever it is that they list.

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

    /// # Not all of them are looked at
    ///
    /// Nobody has hundreds of mail servers, selectors or authors; whoever wants to keep a program busy can publish thousands. The first
    /// are looked at, and nothing is said about the others, good or bad. Take out what is not needed, and look again.
    ///
    /// ```domain good d.example
    /// d.example.    MX 10 mx.d.example.
    /// mx.d.example. A 192.0.2.1
    /// ```
    BEYOND = "more-not-looked-at", Warning, Ok, [],
        "{what}: the first {limit} are looked at, and {count} more are not";
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

/// Tells that of `total` things only the first `limit` are looked at; `what` names them, in the plural.
pub(crate) fn beyond(place: Label, what: &'static str, total: usize, limit: usize, out: &mut Findings) {
    if total > limit {
        let found = out.report(&BEYOND, place).arg("what", what).arg("limit", limit).arg("count", total - limit);
        found.evidence(Evidence::NotChecked);
    }
}

#[cfg(test)]
mod tests {
    use crate::dns::Snapshot;
    use crate::finding::{Diagnostic, Severity};
    use crate::resolver::{Zone, drive_sync};
    use crate::text::Source;
    use crate::{bimi, dkim, dmarc, domain, message, mta_sts, tls_rpt};

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

    /// What is told as not looked at: of what, and how many.
    fn beyond(found: &[Diagnostic]) -> Vec<(&str, usize)> {
        let told = found.iter().filter(|found| found.code == "more-not-looked-at");
        told.map(|found| (found.params.get("what").unwrap(), found.params.get("count").unwrap().parse().unwrap()))
            .collect()
    }

    fn in_zone(zone: &str, input: &domain::Input) -> Vec<Diagnostic> {
        let zone = Zone::parse(zone).unwrap();
        drive_sync(&mut Snapshot::new(), |question| zone.answer(question), |dns| domain::check(dns, input)).findings
    }

    #[test]
    fn mail_servers_that_are_not_looked_at_are_counted() {
        let zone = |count: usize| -> String {
            let servers =
                (0..count).map(|n| format!("d.example. MX 10 m{n}.d.example.\nm{n}.d.example. A 192.0.2.1\n"));
            servers.collect()
        };
        let input = domain::Input::new("d.example");
        assert!(beyond(&in_zone(&zone(10), &input)).is_empty());
        let found = in_zone(&zone(53), &input);
        assert_eq!(beyond(&found), [("mail servers", 3), ("mail servers that may have TLSA records", 40)]);
        assert!(
            found.iter().any(|found| found.message() == "mail servers: the first 50 are looked at, and 3 more are not")
        );
    }

    #[test]
    fn selectors_that_are_not_looked_at_are_counted() {
        let key = "TXT \"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"";
        let with = |count: usize| {
            let selectors = (0..count).map(|n| format!("s{n}").parse().unwrap());
            let mut input = selectors.fold(domain::Input::new("d.example"), domain::Input::selector);
            input.guess_selectors = true;
            in_zone(&format!("d.example. A 192.0.2.1\n*._domainkey.d.example. {key}\n"), &input)
        };
        assert!(beyond(&with(49)).is_empty());
        // One that is guessed is there too.
        assert_eq!(beyond(&with(50)), [("other keys", 1)]);
        assert_eq!(beyond(&with(52)), [("other keys", 1), ("DKIM selectors", 2)]);
    }

    #[test]
    fn destinations_and_authors_that_are_not_looked_at_are_counted() {
        let uris: Vec<String> = (0..23).map(|n| format!("mailto:r@h{n}.d.example")).collect();
        let zone = format!("_dmarc.d.example. TXT \"v=DMARC1; p=none; rua={}\"", uris.join(",\" \""));
        assert_eq!(beyond(&in_zone(&zone, &domain::Input::new("d.example"))), [("destinations of reports", 3)]);
        let texts: String = (0..13).map(|n| format!("_dmarc.d.example. TXT \"word {n}\"\n")).collect();
        assert_eq!(beyond(&in_zone(&texts, &domain::Input::new("d.example"))), [("other texts at `_dmarc`", 3)]);
        let results: String = (0..53).map(|n| format!("Authentication-Results: h{n}.example; none\r\n")).collect();
        let text = format!("{results}From: a@d.example\r\n\r\n");
        let found = message::lint(&message::Message::parse(text.as_bytes()), &message::LintOptions::default());
        assert_eq!(beyond(&found), [("Authentication-Results fields", 3)]);
        let from: Vec<String> = (0..102).map(|n| format!("a{n}@d.example")).collect();
        let text = format!("From: {}\r\n\r\n", from.join(",\r\n "));
        let message = message::Message::parse(text.as_bytes());
        assert_eq!(beyond(&message::lint(&message, &message::LintOptions::default())), [("addresses in From", 2)]);
    }

    #[test]
    fn lines_and_problems_that_are_not_told_are_counted() {
        let body = format!("version: STSv1\nmode: none\nmax_age: 86400\n{}", "mode: none\nfoo: bar\n".repeat(21));
        let (domain, file) = ("d.example".parse().unwrap(), mta_sts::Fetched::body(body.as_bytes()));
        let lint = |dns: &Snapshot| mta_sts::lint_policy(dns, &domain, &file);
        let zone = Zone::parse("d.example. MX 10 m.d.example.").unwrap();
        let found = drive_sync(&mut Snapshot::new(), |question| zone.answer(question), lint);
        assert_eq!(beyond(&found), [("lines with unknown keys", 1), ("lines that say it again", 1)]);
        let svg = format!("<svg>{}</svg>", "<script/>".repeat(20));
        assert_eq!(beyond(&bimi::lint_logo(&domain, svg.as_bytes()))[0].0, "problems of the logo");
    }
}
