//! Step 6: the message is not authenticated. The change nearest to the failure whose undoing gives a pass.

use super::{Case, copied, dkim, origin, passed, policy, spf, stranger};
use crate::cause::{Cause, Evidence, Found};
use crate::dmarc::{Policy, Relation};
use crate::message::diagnose::facts::{Client, client, covering_include, is_own, list_mark, rewritten, wrote_last_hop};
use crate::message::diagnose::mail::domain_of;
use crate::message::providers::is_consumer;
use crate::spf::SpfResult;
use crate::{Actor, Name};

pub(super) fn cause(case: &Case<'_>) -> Found {
    let found = origin::unless_logged_in(case, origin::undecided(case, nearest(case)));
    match case.trusted_sealer() {
        Some(sealer) => found.and(format!(
            "the ARC chain is intact and {sealer}, who is trusted, saw DMARC pass: the receiver may accept the message all the same"
        )),
        None => found,
    }
}

fn nearest(case: &Case<'_>) -> Found {
    spoofed(case)
        .or_else(|| signature(case))
        .or_else(|| dkim::unreadable(case))
        .or_else(|| origin::handed_in(case))
        .or_else(|| forwarding(case))
        .or_else(|| alias_domain(case))
        .or_else(|| strict(case))
        .or_else(|| passed::divergence(case))
        .or_else(|| neither(case))
        .or_else(|| spf::leg(case))
        .or_else(|| dkim::leg(case))
        .or_else(|| policy::missing(case))
        .unwrap_or_else(|| dkim::not_signed(case))
}

/// The recipient's own name in From, and nothing that relates the sender to it.
pub(super) fn spoofed(case: &Case<'_>) -> Option<Found> {
    let mail = case.mail;
    // Without SPF nobody can be told from the own people.
    case.checks.spf.as_ref()?;
    let author = mail.author_domain()?;
    let address = mail.author_address()?;
    let own = if is_consumer(author) {
        // Others have addresses there too.
        mail.session.rcpt_to.iter().any(|to| to.eq_ignore_ascii_case(address))
    } else {
        is_own(mail, author)
    };
    if !own || is_related(case) {
        return None;
    }
    let ip = case.client_ip();
    let service = case.spf_domain().filter(|_| case.spf_result() == Some(SpfResult::Pass));
    let service = case.unaligned_pass().and_then(|signed| signed.outcome.domain()).or(service);
    let claims = copied::claims(case);
    let (signed, how, rest) = if claims.iter().all(|signed| signed.is_copied()) {
        let how = if claims.is_empty() { "" } else { " with a DKIM signature from another mail" };
        ("was", how.to_owned(), format!("no account of {author} was used"))
    } else {
        let how = format!(" or changed a message that {author} had signed");
        ("is proven to be", how, "the two cannot be told apart".to_owned())
    };
    let unless = service.map(|service| format!(", unless {service} sends for {author}")).unwrap_or_default();
    let mut found =
        Found::new(Cause::SpoofedOwnDomain, format!("From says {address}, an address of the recipient's own domain"))
            .and(format!(
                "{ip} ({}) is no host of {author}, and nothing in the message {signed} signed by it",
                helo(case)
            ))
            .told(format!("somebody at {ip} forged {address}{how}{unless}; {rest}"))
            .and_all(claims.into_iter().map(|signed| copied::evidence(case, signed)));
    let listed =
        mail.recipient().into_iter().flat_map(|recipient| &recipient.allowlist).find(|entry| covers(entry, address));
    if let Some(entry) = listed {
        return Some(
            found
                .and(format!("the allow list has {entry}, so the filter lets it through"))
                .for_actor(Actor::Recipient)
                .advise(format!("Take {entry} off the allow list; no password has to be changed")),
        );
    }
    let asks = case.checks.dmarc.as_ref().map_or(Policy::None, crate::dmarc::Outcome::disposition);
    let more = format!("for more than none in the DMARC record of {author}, so that receivers refuse such mail");
    let applied =
        format!("{author} asks for {} already: see to it that the receiving server applies it", asks.as_str());
    let advice = match (service, asks == Policy::None) {
        (None, true) => format!("Ask {more}"),
        (None, false) => applied,
        (Some(service), true) => {
            format!("If {service} sends for {author}, have it sign with d={author}; otherwise ask {more}")
        }
        (Some(service), false) => {
            format!("If {service} sends for {author}, have it sign with d={author}; if not, {applied}")
        }
    };
    found = found.advise(format!("{advice}; no password has to be changed"));
    Some(found)
}

/// An entry of an allow list: an address, a domain, or `@domain`.
fn covers(entry: &str, address: &str) -> bool {
    let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
    let plain = entry.trim().trim_start_matches("*@").trim_start_matches('@');
    entry.trim().eq_ignore_ascii_case(address) || plain.eq_ignore_ascii_case(domain)
}

/// Whether something shows that the message has to do with the domain in From.
fn is_related(case: &Case<'_>) -> bool {
    let Some(author) = case.mail.author_domain() else { return false };
    let signed = case.checks.signatures.iter().any(|signed| case.is_aligned(signed) && signed.is_genuine());
    signed
        || case.checks.authorised_hop.is_some() && wrote_last_hop(case.mail)
        || client(case.mail, case.checks, author) == Client::Own
        || covering_include(case.dns, case.mail, author).is_some()
        || rewritten(case.mail).and_then(|(_, domain)| domain).as_ref() == Some(author)
        || is_of_list(case)
}

/// Whether a list sends the message for which SPF passes in its own name.
fn is_of_list(case: &Case<'_>) -> bool {
    let Some((list, sender)) = list_mark(case.mail).zip(case.spf_domain()) else { return false };
    let name = list.name();
    let domain = domain_of(name).or_else(|| Name::parse(name).ok());
    case.spf_result() == Some(SpfResult::Pass) && domain.is_some_and(|domain| case.owners().same(&domain, sender))
}

fn helo<'c>(case: &Case<'c>) -> &'c str {
    match case.mail.session.helo() {
        "" => "without a name",
        helo => helo,
    }
}

/// An aligned signature that fails: what broke it.
fn signature(case: &Case<'_>) -> Option<Found> {
    let signed = case.aligned_failures().into_iter().next()?;
    let broken = dkim::broken(case, signed);
    if dkim::key_removed(case, signed).is_some() {
        let told = format!("nothing is wrong: {}, so that it would fail today", broken.told);
        return Some(Found::new(Cause::NoProblem, told.clone()).and_all(broken.evidence().iter().cloned()).told(told));
    }
    let Some(list) = case.came_over_list(signed).filter(|_| signed.is_altered()) else { return Some(broken) };
    let domain = signed.outcome.domain().map(ToString::to_string).unwrap_or_default();
    let change = dkim::change(case, signed);
    let name = list.name().to_owned();
    Some(
        Found::new(
            Cause::MailingListModified,
            Evidence::at(list.label.clone(), format!("{} names the list {name}", list.field)),
        )
        .and_all(broken.evidence().iter().cloned())
        .told(format!("the mailing list {name} changed a message that {domain} had signed: {change}"))
        .advise(format!("{name} should pass messages on unchanged, or write its own address into From and sign anew")),
    )
}

/// The message was sent on, and SPF cannot pass any more.
fn forwarding(case: &Case<'_>) -> Option<Found> {
    if let Some((scheme, _)) = rewritten(case.mail) {
        let path = case.mail.session.reverse_path().unwrap_or_default();
        return unsigned(
            case,
            &format!("with {scheme}"),
            format!("the return path was rewritten with {scheme}: {path}"),
        );
    }
    if let Some(list) = list_mark(case.mail).filter(|_| !case.spf_is_aligned()) {
        let seen = format!("{} names the list {}", list.field, list.name());
        return unsigned(case, &format!("by the list {}", list.name()), seen);
    }
    let without_srs = spf::forwarded_without_srs(case)?;
    // Undoing it gives an aligned pass only where the return path is the author's.
    let has_policy = case.checks.dmarc.as_ref().is_some_and(|outcome| outcome.applied.is_some());
    (case.spf_is_aligned() || !has_policy).then_some(without_srs)
}

/// Whoever sends on passes SPF by itself: only a signature of the author could have helped. What signed the message on
/// its way does not count.
fn unsigned(case: &Case<'_>, how: &str, seen: String) -> Option<Found> {
    let on_the_way = |domain: &Name| case.is_on_the_way(domain);
    if case.checks.signatures.iter().any(|signed| !signed.outcome.domain().is_some_and(on_the_way)) {
        return None;
    }
    let author = case.author();
    let found = dkim::not_signed(case).and(seen);
    let found = match case.spf_result().unwrap_or(SpfResult::None) {
        SpfResult::Pass => found.told(format!(
            "the message was sent on {how}, so SPF passes for whoever sent it on, and {author} did not sign it with DKIM"
        )),
        result => found.told(format!(
            "the message was sent on {how}, SPF says {result} for whoever sent it on, and {author} did not sign it with DKIM"
        )),
    };
    // A forger can look like a list or a forwarder, and only people know what they wrote.
    let own = case.mail.author_domain().filter(|author| is_own(case.mail, author));
    Some(match own.and(case.mail.author_address()) {
        Some(address) => found.advise(format!(
            "Sign outgoing mail with DKIM and d={author}; if {address} did not write this, it is forged"
        )),
        None => found,
    })
}

/// The domain in From is an alias with a zone of its own.
fn alias_domain(case: &Case<'_>) -> Option<Found> {
    let input = case.mail.input;
    let author = case.mail.author_domain()?;
    let maps = input.submission.iter().map(|account| &account.alias_domains);
    let maps = maps.chain(input.recipient.iter().map(|recipient| &recipient.alias_domains));
    let mut pairs = maps.flatten().filter(|(alias, _)| Name::parse(alias).is_ok_and(|alias| alias == *author));
    let (_, main) = pairs.next()?;
    let why: Vec<Evidence> = case.checks.rows.iter().map(|row| Evidence::from(row.why.clone())).collect();
    let mut found =
        Found::new(Cause::AliasDomainNotConfigured, format!("{author} is an alias domain of {main}")).and_all(why);
    if case.spf_is_aligned()
        && let Some(leg) = spf::leg(case)
    {
        found = found.and_all(leg.evidence().iter().cloned());
    }
    Some(
        found
            .told(format!("{author} stands for {main} but has a DNS zone of its own, without the SPF and DKIM that {main} sends with"))
            .advise(format!("Publish in the zone of {author} the SPF record and the DKIM keys of {main}, and sign with d={author}")),
    )
}

/// Relaxed alignment would do.
fn strict(case: &Case<'_>) -> Option<Found> {
    let outcome = case.checks.dmarc.as_ref()?;
    let passed =
        |one: &&crate::dmarc::Alignment| one.identifier.passed() && matches!(one.relation, Relation::StrictNotSame(_));
    let one = outcome.alignments.iter().find(passed)?;
    let tag = if one.identifier.is_spf() { "aspf=s" } else { "adkim=s" };
    let author = &outcome.author;
    let record = outcome.policy_record()?;
    Some(
        Found::new(Cause::DmarcStrictAlignment, crate::dmarc::explain::alignment(one, author))
            .and(format!("the record at _dmarc.{} says {tag}", record.domain))
            .told(format!(
                "{} passes and would be aligned with {author}, but {tag} wants exactly that domain",
                one.identifier
            ))
            .advise(format!("Take {tag} out of the record at _dmarc.{}, or sign with d={author}", record.domain)),
    )
}

/// SPF and DKIM pass, both for others than the author: the signature is the nearer remedy.
fn neither(case: &Case<'_>) -> Option<Found> {
    let signer = case.unaligned_pass().and_then(|signed| signed.outcome.domain())?;
    let domain = case.spf_domain().filter(|_| case.spf_result() == Some(SpfResult::Pass))?;
    let author = case.author();
    let leg = dkim::leg(case)?;
    Some(leg.told(format!("SPF passes for {domain} and DKIM for {signer}, but neither is aligned with {author}")))
}

/// Somebody else's server in the name of the author.
pub(super) fn third_party(case: &Case<'_>) -> Found {
    let (author, ip) = (case.author(), case.client_ip());
    let who = match case.unaligned_pass().and_then(|signed| signed.outcome.domain()) {
        Some(domain) => format!("{domain} ({ip})"),
        None => format!("{} ({ip})", helo(case)),
    };
    let envelope = case.mail.session.reverse_path().and_then(domain_of);
    let spf = case.spf_result().unwrap_or(SpfResult::None);
    let mut found = Found::new(
        Cause::ThirdPartySenderNotAuthorized,
        format!(
            "SPF of {} says {spf} for {ip}",
            envelope.map_or_else(|| author.to_owned(), |domain| domain.to_string())
        ),
    );
    if let Some(signed) = case.unaligned_pass().and_then(|signed| signed.outcome.domain()) {
        found = found.and(format!("the only signature that passes is that of {signed}"));
    }
    let told = format!("{who} sends in the name of {author}, which authorised it neither by SPF nor by DKIM");
    if case.mail.author_domain().is_some_and(is_consumer) {
        return stranger::own_address(case, found.told(told), &who);
    }
    found
        .told(told)
        .advise(format!(
            "If {who} sends for {author}, authorise it in its SPF record and let it sign with d={author}, or send through the server of \
             {author}; if nobody knows it, the mail is forged and nothing has to be published"
        ))
}
