//! What the policy file says.

pub(super) mod servers;

use super::fetching::fetched;
use super::record::DUPLICATE;
use crate::Name;
use crate::dns::{Lookup, Question, RecordType, Records, Snapshot, Step};
use crate::finding::{Diagnostic, Effect, Findings, Label, Origin, Severity, Subject, rules};
use crate::mta_sts::policy::{MAX_AGE, is_pattern};
use crate::mta_sts::{Fetched, MAX_OCTETS, Mode, Policy};
use crate::text::Span;
use crate::unread;

rules! {
    /// # The version is missing or wrong
    ///
    /// The file has a line `version: STSv1`.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv2
    /// mode: none
    /// max_age: 86400
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: none
    /// max_age: 86400
    /// ```
    VERSION = "sts-policy-version", Error, NoPolicy, ["RFC 8461 §3.2"],
        "the MTA-STS policy has no line `version: STSv1`";

    /// # The mode is missing or wrong
    ///
    /// It is `enforce`, `testing` or `none`, in small letters.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv1
    /// mode: enabled
    /// mx: mx.d.example
    /// max_age: 604800
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// max_age: 604800
    /// ```
    MODE = "sts-policy-mode", Error, NoPolicy, ["RFC 8461 §3.2"],
        "the MTA-STS policy has no `mode` that is `enforce`, `testing` or `none`";

    /// # The policy is switched off
    ///
    /// `mode: none` is the way to leave MTA-STS: senders forget the policy.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv1
    /// mode: none
    /// max_age: 86400
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// max_age: 604800
    /// ```
    MODE_NONE = "sts-policy-mode-none", Note, NoPolicy, ["RFC 8461 §3.2"], "`mode: none` switches MTA-STS off";

    /// # The policy is being tested
    ///
    /// Senders report what fails (TLS-RPT), and deliver all the same.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv1
    /// mode: testing
    /// mx: mx.d.example
    /// max_age: 604800
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// max_age: 604800
    /// ```
    MODE_TESTING = "sts-policy-testing", Note, Ok, ["RFC 8461 §5"],
        "`mode: testing` protects nothing yet: senders report failures and deliver";

    /// # The age is missing, no number, or too large
    ///
    /// `max_age` is a number of seconds up to 31557600, a year.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// max_age: 99999999
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// max_age: 604800
    /// ```
    MAX_AGE_INVALID = "sts-policy-max-age", Error, NoPolicy, ["RFC 8461 §3.2"],
        "the MTA-STS policy has no `max_age` from 0 to 31557600";

    /// # The policy is forgotten soon
    ///
    /// MTA-STS protects only senders that remember the policy. Weeks are recommended.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// max_age: 60
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// max_age: 604800
    /// ```
    MAX_AGE_SHORT = "sts-policy-max-age-short", Warning, Ok, ["RFC 8461 §3.2", "RFC 8461 §10.2"],
        "senders forget the policy after {seconds} seconds, so it protects only those that write often";

    /// # No mail server is named
    ///
    /// A policy that is enforced or tested names each mail server, or a pattern for them.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv1
    /// mode: enforce
    /// max_age: 604800
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.d.example
    /// max_age: 604800
    /// ```
    MX_MISSING = "sts-policy-mx-missing", Error, NoPolicy, ["RFC 8461 §3.2"], "the MTA-STS policy names no `mx`";

    /// # A pattern for mail servers cannot be read
    ///
    /// A pattern is a host name, or `*.` and a host name, one in a line, without a dot at its end.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv1
    /// mode: enforce
    /// mx: mx.*.d.example
    /// max_age: 604800
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: enforce
    /// mx: *.d.example
    /// max_age: 604800
    /// ```
    MX_INVALID = "sts-policy-mx-invalid", Error, NoPolicy, ["RFC 8461 §3.2", "RFC 8461 §4.1"],
        "`{pattern}` is no pattern for mail servers";

    /// # Lines end in a bare CR
    ///
    /// Lines end in LF or CRLF. Senders that split at LF see one long line.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv1\u{d}mode: none\u{d}max_age: 86400
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: none
    /// max_age: 86400
    /// ```
    LINE_ENDS = "sts-policy-line-endings", Note, Differs, ["RFC 8461 §3.2"],
        "a line of the MTA-STS policy ends in a bare CR";

    /// # A key that no standard knows
    ///
    /// Senders ignore the line.
    ///
    /// ```mta-sts-policy bad
    /// version: STSv1
    /// mode: none
    /// max_age: 86400
    /// foo: bar
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: none
    /// max_age: 86400
    /// ```
    UNKNOWN_KEY = "sts-policy-unknown-key", Note, Ok, ["RFC 8461 §3.2"], "`{line}` means nothing in an MTA-STS policy";

    /// # The file is large
    ///
    /// Senders may read 64 KiB of it and no more. A policy has some hundred octets.
    ///
    /// ```mta-sts-policy bad repeat=70000
    /// version: STSv1
    /// ```
    ///
    /// ```mta-sts-policy good
    /// version: STSv1
    /// mode: none
    /// max_age: 86400
    /// ```
    TOO_LARGE = "sts-policy-too-large", Warning, Differs, ["RFC 8461 §3.3"],
        "the MTA-STS policy has {octets} octets, and senders may read no more than 65536";
}

/// The keys of §3.2.
const KEYS: [&str; 4] = ["version", "mode", "max_age", "mx"];
/// Below it a policy protects nobody who writes less than daily.
const DAY: u32 = 24 * 60 * 60;
/// Lines of a kind that are told of; a web page has thousands with unknown keys.
const MAX_TOLD: usize = 20;

/// What there is to say about the policy file of `domain`, and about its mail servers if the DNS tells them.
///
/// ```
/// use mailproof::{dns::Snapshot, mta_sts::{self, Fetched}, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("d.example. MX 10 mail.provider.example.")?;
/// let file = Fetched::body(b"version: STSv1\r\nmode: enforce\r\nmx: *.d.example\r\nmax_age: 604800\r\n");
/// let domain = "d.example".parse()?;
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| mta_sts::lint_policy(dns, &domain, &file));
/// assert_eq!(found[0].code, "sts-policy-mx-not-covering");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_policy(dns: &Snapshot, domain: &Name, file: &Fetched) -> Step<Vec<Diagnostic>> {
    let Some(answer) = dns.lookup(domain.as_str(), RecordType::Mx) else {
        return Step::Ask(vec![Question::new(domain.clone(), RecordType::Mx)]);
    };
    let policy = Policy::parse(&file.body);
    let host = domain.prefixed("mta-sts").unwrap_or_else(|_| domain.clone());
    let subject = Subject::new(Origin::Policy { host }, policy.source.clone());
    let is_torn = policy.lines.iter().any(|line| policy.source.text()[line.span].trim().contains('\r'));
    // What was meant as lines is told as such, so that one mistake is told once.
    let policy = if is_torn { Policy::parse(&with_line_feeds(&file.body)) } else { policy };
    let mut out = Findings::default();
    if fetched(domain, file, &subject, &mut out) {
        let cx = Context { domain, policy: &policy, subject: &subject, is_torn };
        cx.lines(file, &mut out);
        cx.settings(&mut out);
        match &answer.lookup {
            Lookup::Records(Records::Mx(servers)) => cx.servers(servers.iter().map(|mx| &mx.exchange), &mut out),
            // Without MX records the domain itself is the mail server (RFC 5321 §5.1).
            Lookup::NoData => cx.servers([domain].into_iter(), &mut out),
            Lookup::Records(_) | Lookup::NxDomain | Lookup::Failure(_) => {}
        }
    }
    Step::Done(out.into_sorted())
}

struct Context<'a> {
    domain: &'a Name,
    policy: &'a Policy,
    subject: &'a Subject,
    /// Whether lines hold a bare CR, so that senders read several as one.
    is_torn: bool,
}

/// `body` with an LF for each bare CR; all else stays at its place.
fn with_line_feeds(body: &[u8]) -> Vec<u8> {
    let next = body.iter().skip(1).map(Some).chain([None]);
    body.iter()
        .zip(next)
        .map(|(&octet, next)| if octet == b'\r' && next != Some(&b'\n') { b'\n' } else { octet })
        .collect()
}

impl Context<'_> {
    fn text(&self) -> &str {
        self.policy.source.text()
    }

    fn label(&self, span: Span) -> Label {
        Label::new(self.subject, span)
    }

    /// The value of a key, or the place where its line is missing.
    fn place(&self, key: &str) -> Label {
        self.label(self.policy.value(key).unwrap_or(Span::at(0)))
    }

    fn lines(&self, file: &Fetched, out: &mut Findings) {
        if file.body.len() > MAX_OCTETS {
            out.report(&TOO_LARGE, self.label(Span::at(0))).arg("octets", file.body.len());
        }
        let text = self.text();
        let bare = |at: usize| !text[at + 1..].starts_with('\n');
        if let Some((at, _)) = self.subject.source().text().match_indices('\r').find(|(at, _)| bare(*at)) {
            let found = out.report(&LINE_ENDS, self.label(Span::new(at, at + 1)));
            if self.is_torn {
                found.severity(Severity::Error).effect(Effect::NoPolicy);
            }
        }
        let unknown = self.policy.lines.iter().filter(|line| !KEYS.contains(&&text[line.key]));
        unread::beyond(self.label(Span::at(0)), "lines with unknown keys", unknown.clone().count(), MAX_TOLD, out);
        for line in unknown.take(MAX_TOLD) {
            out.report(&UNKNOWN_KEY, self.label(line.span)).quote("line");
        }
        // §3.2: of all keys but `mx`, the first counts.
        for key in ["version", "mode", "max_age"] {
            let again = self.policy.lines.iter().filter(|line| &text[line.key] == key).skip(1);
            unread::beyond(self.place(key), "lines that say it again", again.clone().count(), MAX_TOLD, out);
            for line in again.take(MAX_TOLD) {
                let found = out.report(&DUPLICATE, self.label(line.span)).arg("name", key);
                found.related(self.place(key).with("this one counts"));
            }
        }
    }

    /// Whether senders take it for a policy at all.
    fn counts(&self) -> bool {
        let version = self.policy.value("version").is_some_and(|version| &self.text()[version] == "STSv1");
        version && self.policy.mode().is_some() && self.policy.max_age().is_some()
    }

    fn settings(&self, out: &mut Findings) {
        let (policy, text) = (self.policy, self.text());
        if policy.value("version").is_none_or(|version| &text[version] != "STSv1") {
            out.report(&VERSION, self.place("version"));
        }
        match policy.mode() {
            None => drop(out.report(&MODE, self.place("mode"))),
            Some(Mode::None) => drop(out.report(&MODE_NONE, self.place("mode"))),
            Some(Mode::Testing) => drop(out.report(&MODE_TESTING, self.place("mode"))),
            Some(Mode::Enforce) => {}
        }
        match policy.max_age() {
            None => drop(out.report(&MAX_AGE_INVALID, self.place("max_age")).arg("limit", MAX_AGE)),
            // Leaving MTA-STS, a small age is right.
            Some(age) if age < DAY && policy.mode() != Some(Mode::None) => {
                out.report(&MAX_AGE_SHORT, self.place("max_age")).arg("seconds", age);
            }
            Some(_) => {}
        }
        for pattern in policy.mx().filter(|pattern| !is_pattern(&text[*pattern])) {
            out.report(&MX_INVALID, self.label(pattern)).quote("pattern");
        }
        if policy.mx().next().is_none() && matches!(policy.mode(), Some(Mode::Enforce | Mode::Testing)) {
            out.report(&MX_MISSING, self.label(Span::at(0)));
        }
    }
}
