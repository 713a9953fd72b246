//! Where the record stands.

use super::evidence::{self, Facts};
use super::record::{VERSION, check, mended};
use crate::Name;
use crate::aliases;
use crate::bimi::Record;
use crate::dns::{Snapshot, Step};
use crate::finding::{Diagnostic, Findings, rules};
use crate::txt_place::{self, Announces, look};

rules! {
    /// # There is no BIMI record
    ///
    /// Mailboxes show no logo for the domain. That is the rule, and no fault.
    ///
    /// ```bimi-zone bad d.example
    /// d.example. MX 10 mx.d.example.
    /// ```
    ///
    /// ```bimi-zone good d.example
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg; a=https://d.example/vmc.pem"
    /// ```
    MISSING = "bimi-missing", Note, NoLogo, ["BIMI draft §4.2"], "no BIMI record stands at `{owner}`";

    /// # There is more than one BIMI record
    ///
    /// Receivers then show no logo.
    ///
    /// ```bimi-zone bad d.example
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/a.svg"
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/b.svg"
    /// ```
    ///
    /// ```bimi-zone good d.example
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/a.svg; a=https://d.example/vmc.pem"
    /// ```
    MULTIPLE = "bimi-multiple", Error, NoLogo, ["BIMI draft §7.2"],
        "{count} BIMI records stand at `{owner}`, and receivers use none of them";

    /// # The record stands at the wrong name
    ///
    /// Receivers look at `default._bimi.` before the domain, unless the message names another selector.
    ///
    /// ```bimi-zone bad d.example
    /// d.example. TXT "v=BIMI1; l=https://d.example/logo.svg"
    /// ```
    ///
    /// ```bimi-zone good d.example
    /// default._bimi.d.example. TXT "v=BIMI1; l=https://d.example/logo.svg; a=https://d.example/vmc.pem"
    /// ```
    MISPLACED = "bimi-wrong-location", Error, NoLogo, ["BIMI draft §4.2"],
        "a BIMI record stands at `{found}`, where no receiver looks; it belongs at `{owner}`";
}

static PLACE: txt_place::Rules = txt_place::Rules {
    missing: &MISSING,
    multiple: &MULTIPLE,
    version: &VERSION,
    misplaced: &MISPLACED,
    spf: None,
    unrelated: None,
    conflict: None,
    publishable: |text| mended(text).or_else(|| Record::is_bimi(text).then(|| text.to_owned())),
};

const ANNOUNCES: Announces = Announces {
    label: "default._bimi",
    mistaken: &["_bimi", "bimi", "default.bimi"],
    is_record: Record::is_bimi,
    is_near,
};

/// Meant as a BIMI record, but for its spelling.
fn is_near(text: &str) -> bool {
    let start: String = text.chars().filter(|c| c.is_ascii_alphanumeric()).take(5).collect();
    let start = start.to_ascii_lowercase();
    start.starts_with("vbimi") || start.starts_with("bimi1")
}

/// What there is to say about BIMI of `domain`, with the default selector. `facts` are about DMARC and the certificate.
///
/// ```
/// use mailproof::{bimi, dns::Snapshot, resolver::{Zone, drive_sync}};
///
/// let zone = Zone::parse("default._bimi.d.example. TXT \"v=BIMI1; l=; a=;\"")?;
/// let (domain, facts) = ("d.example".parse()?, bimi::Facts::default());
/// let found = drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| bimi::lint_domain(dns, &domain, &facts));
/// assert_eq!(found[0].code, "bimi-declined");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn lint_domain(dns: &Snapshot, domain: &Name, facts: &Facts) -> Step<Vec<Diagnostic>> {
    let mut place = match look(dns, domain, ANNOUNCES) {
        Step::Done(Some(place)) => place,
        Step::Done(None) => return Step::Done(Vec::new()),
        Step::Ask(questions) => return Step::Ask(questions),
    };
    // §7.2: without a record of its own, that of the Organizational Domain counts.
    if let Some(above) = facts.org_domain.as_ref().filter(|above| place.is_empty() && *above != domain) {
        match look(dns, above, ANNOUNCES) {
            Step::Done(Some(of_org)) if !of_org.is_empty() => place = of_org,
            Step::Done(_) => {}
            Step::Ask(questions) => return Step::Ask(questions),
        }
    }
    let mut out = Findings::default();
    place.check(&PLACE, None, &mut out);
    aliases::check(dns, &place.owner, &mut out);
    for record in place.record().into_iter().chain(place.elsewhere()) {
        check(record, &mut out);
    }
    if let Some(record) = place.record() {
        evidence::check(domain, record, facts, &mut out);
    }
    Step::Done(out.into_vec())
}
