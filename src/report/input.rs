//! What was asked: enough to ask it again.

use super::{
    BounceInput, DmarcInput, ForwardInput, MessageInput, RecordInput, Report, SenderInput, SpfInput, SrsInput,
};
use crate::dns::{Snapshot, Step};
use crate::domain;

/// A question about mail. With the same snapshot it always has the same report.
///
/// ```
/// use mailproof::{dns::Snapshot, domain, report::Input, resolver::{Zone, drive_sync}};
///
/// // Any question, over any DNS: the same two lines.
/// let zone = Zone::parse("parked.example. MX 0 .")?;
/// let input = Input::Domain(domain::Input::new("parked.example"));
/// let report = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| input.check(dns));
/// assert!(!report.passed, "it sends no mail, and says so to nobody");
/// // A text needs no DNS.
/// let report = Input::record("v=spf1 ipv4:192.0.2.1 -all").check(&Snapshot::new()).done().unwrap();
/// assert_eq!(report.findings[0].code, "spf-mechanism-typo");
/// # Ok::<(), mailproof::resolver::ZoneError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Input {
    /// May this client send for this domain?
    Spf(SpfInput),
    /// Does DMARC pass, given what SPF and DKIM say?
    Dmarc(DmarcInput),
    /// Can anybody send mail in the name of this domain?
    Domain(domain::Input),
    /// What is wrong with this text?
    Record(RecordInput),
    /// Do the signatures of this message hold, and what was changed?
    Message(Box<MessageInput>),
    /// What is this SRS address, and what becomes of it?
    Srs(SrsInput),
    /// May this login send as these addresses?
    Sender(Box<SenderInput>),
    /// Why did this mail come back?
    Bounce(BounceInput),
    /// What becomes of mail that is sent on?
    Forward(ForwardInput),
}

impl Input {
    /// What is wrong with `text`? Its kind is detected.
    pub fn record(text: &str) -> Self {
        Self::Record(RecordInput::new(text))
    }

    /// The report, or what the DNS has to be asked first.
    ///
    /// ```
    /// use mailproof::{dns::{Snapshot, Step}, report::{Input, SpfInput}};
    ///
    /// let input = Input::Spf(SpfInput::new("192.0.2.7".parse()?, "mail.example.com", "alice@example.com"));
    /// let Step::Ask(questions) = input.check(&Snapshot::new()) else { panic!() };
    /// assert_eq!(questions[0].to_string(), "example.com TXT");
    /// # Ok::<(), std::net::AddrParseError>(())
    /// ```
    pub fn check(&self, dns: &Snapshot) -> Step<Report> {
        match self {
            Self::Spf(input) => input.check(dns),
            Self::Dmarc(input) => input.check(dns),
            Self::Domain(input) => super::domain::check(input, dns),
            Self::Record(input) => Step::Done(input.check(dns.clone())),
            Self::Message(input) => input.check(dns),
            Self::Srs(input) => Step::Done(input.check(dns)),
            Self::Sender(input) => Step::Done(input.check(dns)),
            Self::Bounce(input) => Step::Done(input.check(dns)),
            Self::Forward(input) => input.check(dns),
        }
    }
}

#[cfg(feature = "serde")]
mod as_data {
    use super::Input;
    use crate::reading::{Fault, Read, Tree, deserialize};

    impl Read for Input {
        fn read(tree: &Tree) -> Result<Self, Fault> {
            let (name, held) = tree.variant()?;
            match name {
                "spf" => held.held(name).map(Self::Spf),
                "dmarc" => held.held(name).map(Self::Dmarc),
                "domain" => held.held(name).map(Self::Domain),
                "record" => held.held(name).map(Self::Record),
                "message" => held.held(name).map(Self::Message),
                "srs" => held.held(name).map(Self::Srs),
                "sender" => held.held(name).map(Self::Sender),
                "bounce" => held.held(name).map(Self::Bounce),
                "forward" => held.held(name).map(Self::Forward),
                other => Err(Fault::unknown_variant(other)),
            }
        }
    }
    deserialize!(Input);
}
