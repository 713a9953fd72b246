//! The report on mail that is sent on: what its last receiver will find, and who has to change what.

use std::net::IpAddr;

use super::{Advice, Branch, Input, Mark, Report, Trace, Verdict};
use crate::dmarc::{self, Authenticated, DmarcResult, MethodResult, Policy};
use crate::dns::{Snapshot, Step};
use crate::finding::{Findings, Label, Subject};
use crate::forwarding::{Author, Hop, Munging, Prediction, Signature, predict};
use crate::spf::{self, SpfResult};
use crate::{Name, Timestamp, unread};

/// What becomes of a domain's mail on its way through others?
///
/// ```
/// use mailproof::forwarding::Hop;
/// use mailproof::report::{ForwardInput, Input};
/// use mailproof::resolver::{Zone, drive_sync};
///
/// let zone = Zone::parse("d.example. TXT \"v=spf1 ip4:192.0.2.1 -all\"\n_dmarc.d.example. TXT \"v=DMARC1; p=reject\"")?;
/// let mut input = ForwardInput::new("d.example".parse()?, "198.51.100.20".parse()?);
/// input.hops.push(Hop::Redirect { srs: false });
/// let mut dns = mailproof::dns::Snapshot::new();
/// let report = drive_sync(&mut dns, |question| zone.answer(question), |dns| Input::Forward(input.clone()).check(dns));
/// assert_eq!(
///     report.headline,
///     "mail from d.example that takes this way fails DMARC at its last receiver, who is asked to reject it"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ForwardInput {
    /// The domain in From.
    pub author: Name,
    /// The address of the host that sends the mail on.
    pub through: IpAddr,
    /// The domain in MAIL FROM; that of From, if left out. `<>` is a bounce.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Option::is_none"))]
    pub mail_from: Option<Name>,
    /// The signatures that the mail has when it is sent: `d=` of each.
    #[cfg_attr(feature = "serde", serde(skip_serializing_if = "Vec::is_empty"))]
    pub signed_by: Vec<Name>,
    /// The stations of the way.
    pub hops: Vec<Hop>,
}

#[cfg(feature = "serde")]
crate::reading::reads! { ForwardInput { needs author, through; takes mail_from, signed_by, hops } }

/// Stations that are looked at; real ways have a few.
const MAX_HOPS: usize = 20;

impl ForwardInput {
    /// Mail of this domain, unsigned and sent on by this host, with no station yet.
    pub fn new(author: Name, through: IpAddr) -> Self {
        Self { author, through, mail_from: None, signed_by: Vec::new(), hops: Vec::new() }
    }

    pub(super) fn check(&self, dns: &Snapshot) -> Step<Report> {
        let mut open = Vec::new();
        let envelope = self.mail_from.as_ref().unwrap_or(&self.author);
        let session = spf::Session::new(self.through, "", &format!("postmaster@{envelope}"));
        let elsewhere = spf::check_host(dns, &session, Timestamp(0)).or_ask(&mut open);
        // Alignment is the same whoever sends the mail on.
        let mut ids = Authenticated::default().spf(envelope.clone(), MethodResult::Pass);
        for domain in &self.signed_by {
            ids = ids.dkim(domain.clone(), MethodResult::Pass);
        }
        let outcome = dmarc::evaluate(dns, &self.author, &ids).or_ask(&mut open);
        let (Some(elsewhere), Some(outcome)) = (elsewhere, outcome) else { return Step::Ask(open) };
        let signature = |alignment: &dmarc::Alignment| Signature {
            aligned: alignment.would_align(),
            relaxed: true,
            partial_body: false,
        };
        let (spf, dkim): (Vec<_>, Vec<_>) =
            outcome.alignments.iter().partition(|alignment| alignment.identifier.is_spf());
        // Without a record that can be used nobody passes, the author's own server neither.
        let spf_pass = !matches!(elsewhere.result, SpfResult::None | SpfResult::Permerror | SpfResult::Temperror);
        let author = Author {
            spf_elsewhere: elsewhere.result,
            spf_pass,
            spf_aligned: spf.iter().any(|alignment| alignment.would_align()),
            null_sender: false,
            signatures: dkim.into_iter().map(signature).collect(),
            policy: outcome.applied.map_or(Policy::None, |applied| applied.policy),
        };
        let has_dmarc = outcome.applied.is_some();
        Step::Done(self.report(dns, &author, has_dmarc))
    }

    fn report(&self, dns: &Snapshot, author: &Author, has_dmarc: bool) -> Report {
        let hops = &self.hops[..self.hops.len().min(MAX_HOPS)];
        let end = predict(author, hops);
        let passed = has_dmarc && end.dmarc == DmarcResult::Pass || !has_dmarc && end.spf == SpfResult::Pass;
        let headline = self.headline(&end, has_dmarc);
        let mut report = Report::new(Input::Forward(self.clone()), passed, headline, dns.clone());
        report.advice = end.advice.iter().map(|advice| Advice::new(advice.actor, advice.text)).collect();
        report.verdicts = vec![self.verdict("spf", end.spf.as_str())];
        if has_dmarc {
            report.verdicts.push(self.verdict("dmarc", end.dmarc.as_str()));
        }
        report.traces = vec![way(author, hops, has_dmarc)];
        let mut out = Findings::default();
        unread::beyond(Label::whole(&Subject::given("")), "stations of the way", self.hops.len(), MAX_HOPS, &mut out);
        report.with_findings(out.into_vec())
    }

    fn headline(&self, end: &Prediction, has_dmarc: bool) -> String {
        let mail = format!("mail from {} that takes this way", self.author);
        match (has_dmarc, end.dmarc) {
            (false, _) => format!("{mail} is judged by SPF alone, which says {}: no DMARC record applies", end.spf),
            (true, DmarcResult::Pass) if !end.shown => {
                format!("{mail} passes DMARC, but Gmail shows it only once: the sender has it already")
            }
            (true, DmarcResult::Pass) => format!("{mail} passes DMARC at its last receiver"),
            (true, _) if end.disposition == Policy::None => {
                format!("{mail} fails DMARC at its last receiver, who is asked to do nothing about it")
            }
            (true, _) => {
                format!("{mail} fails DMARC at its last receiver, who is asked to {} it", end.disposition.as_str())
            }
        }
    }

    fn verdict(&self, method: &'static str, result: &'static str) -> Verdict {
        let domain = self.author.to_string();
        Verdict { method, identity: "", domain, result, because: None, explanation: None }
    }
}

/// What each station leaves of the verdicts.
fn way(author: &Author, hops: &[Hop], has_dmarc: bool) -> Trace {
    let mut branches = vec![station("sent by the author", &predict(author, &[]), has_dmarc)];
    branches.extend((1..=hops.len()).map(|n| station(told(hops[n - 1]), &predict(author, &hops[..n]), has_dmarc)));
    Trace { title: "what a receiver finds after each station".to_owned(), counters: Vec::new(), branches }
}

fn station(text: &str, after: &Prediction, has_dmarc: bool) -> Branch {
    let dmarc = if has_dmarc { after.dmarc } else { DmarcResult::None };
    let spf = match (after.spf, after.spf_aligned) {
        (SpfResult::Pass, true) => " (aligned)",
        (SpfResult::Pass, false) => " (not aligned)",
        // Of what does not pass, alignment is no question.
        _ => "",
    };
    let dkim = if after.dkim_aligned { "pass, aligned" } else { "no aligned pass" };
    Branch {
        text: text.to_owned(),
        outcome: format!("spf={}{spf}, dkim: {dkim}, dmarc={dmarc}", after.spf),
        mark: match dmarc {
            DmarcResult::Pass => Mark::Good,
            DmarcResult::None => Mark::Plain,
            _ => Mark::Bad,
        },
        ..Branch::default()
    }
}

/// A station in words.
fn told(hop: Hop) -> &'static str {
    match hop {
        Hop::Redirect { srs: true } => "redirect with SRS",
        Hop::Redirect { srs: false } => "redirect without SRS",
        Hop::Disclaimer { srs: true, .. } => "redirect with SRS that adds a disclaimer",
        Hop::Disclaimer { srs: false, .. } => "redirect without SRS that adds a disclaimer",
        Hop::List(list) => match (list.munging, list.tag || list.footer) {
            (Munging::From, _) => "mailing list that writes its own address into From",
            (Munging::Wrap, _) => "mailing list that wraps the message",
            (Munging::None, true) => "mailing list that changes the message",
            (Munging::None, false) => "mailing list that changes nothing",
        },
        Hop::Recode => "gateway of the receiver that encodes the body anew",
        Hop::Refold => "gateway of the receiver that folds header fields anew",
        Hop::SameMessageId => "Gmail, where the sender has the message already",
    }
}
