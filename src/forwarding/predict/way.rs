//! Each hop in its turn, as RFC 7960 §3 describes them.

use super::{Advice, Author, Hop, List, Munging, Prediction, Signature, Trust};
use crate::Actor;
use crate::dmarc::{DmarcResult, Policy};
use crate::spf::SpfResult;

/// The state of the message between two hops.
pub(super) struct Way<'a> {
    author: &'a Author,
    spf: SpfResult,
    spf_aligned: bool,
    /// MAIL FROM is that of a forwarder or list.
    rewritten: bool,
    intact: Vec<bool>,
    /// From is the list's, and so is DMARC's question.
    munged: bool,
    list_signed: bool,
    sealed: Option<Trust>,
    forwarded: bool,
    changed: Option<Actor>,
    shown: bool,
}

impl<'a> Way<'a> {
    pub(super) fn new(author: &'a Author) -> Self {
        Self {
            author,
            spf: if author.spf_pass { SpfResult::Pass } else { author.spf_elsewhere },
            spf_aligned: author.spf_aligned,
            rewritten: false,
            intact: vec![true; author.signatures.len()],
            munged: false,
            list_signed: false,
            sealed: None,
            forwarded: false,
            changed: None,
            shown: true,
        }
    }

    pub(super) fn pass(&mut self, hop: Hop) {
        match hop {
            Hop::Redirect { srs } => self.redirect(srs),
            Hop::Disclaimer { srs, signs: _ } => {
                self.redirect(srs);
                // The forwarder's own signature passes, but is not aligned with the author.
                self.append(Actor::Forwarder);
            }
            Hop::List(list) => self.list(list),
            Hop::Recode => self.break_where(Actor::Forwarder, |_| true),
            Hop::Refold => self.break_where(Actor::Forwarder, |signature| !signature.relaxed),
            Hop::SameMessageId => self.shown = false,
        }
    }

    /// RFC 7208 §10.3, RFC 7960 §3.2.1: the address is another one, and with SRS the domain too.
    fn redirect(&mut self, srs: bool) {
        self.forwarded = true;
        if self.author.null_sender && !self.rewritten {
            // RFC 7208 §2.4: the HELO identity is that of the host that sends now. There is nothing to rewrite.
            (self.spf, self.spf_aligned) = (SpfResult::Pass, false);
        } else if srs {
            (self.spf, self.spf_aligned, self.rewritten) = (SpfResult::Pass, false, true);
        } else {
            // A list or forwarder lists its own hosts only, too; what it says of others is not known, so as the author.
            self.spf = self.author.spf_elsewhere;
        }
    }

    fn list(&mut self, list: List) {
        self.forwarded = true;
        // A list always sends with its own MAIL FROM.
        (self.spf, self.spf_aligned, self.rewritten) = (SpfResult::Pass, false, true);
        if list.tag {
            self.break_where(Actor::ListOperator, |_| true);
        }
        if list.footer {
            self.append(Actor::ListOperator);
        }
        match list.munging {
            Munging::None => {}
            // From is signed always (RFC 6376 §5.4), so the author's signatures go.
            Munging::From | Munging::Wrap => {
                self.intact.fill(false);
                self.sealed = None;
                (self.munged, self.spf_aligned, self.list_signed) = (true, true, list.signs);
            }
        }
        // A seal of before holds where nothing was changed since.
        self.sealed = list.arc.or(self.sealed);
    }

    fn append(&mut self, actor: Actor) {
        self.break_where(actor, |signature| !signature.partial_body);
    }

    /// Breaks the signatures of which it is true; those of a list that munged as well.
    fn break_where(&mut self, actor: Actor, is_broken: impl Fn(&Signature) -> bool) {
        for (intact, signature) in self.intact.iter_mut().zip(&self.author.signatures) {
            if *intact && is_broken(signature) {
                *intact = false;
                self.changed = Some(actor);
            }
        }
        let list = Signature { aligned: true, relaxed: true, partial_body: false };
        // What was changed after sealing breaks the seal (RFC 8617 §5.1.2); a list seals last, so this is a later hop. Seals are relaxed.
        if is_broken(&list) {
            self.list_signed = false;
            self.sealed = None;
        }
    }

    pub(super) fn end(self) -> Prediction {
        let spf_aligned = self.spf_aligned && self.spf == SpfResult::Pass;
        let survives = self.intact.iter().zip(&self.author.signatures).any(|(intact, s)| *intact && s.aligned);
        let dkim_aligned = if self.munged { self.list_signed } else { survives };
        let dmarc = if spf_aligned || dkim_aligned { DmarcResult::Pass } else { DmarcResult::Fail };
        // The policy of a list's domain is not known: it passes or the list is misconfigured.
        let disposition = if dmarc == DmarcResult::Pass { Policy::None } else { self.author.policy };
        let mut advice = Vec::new();
        self.advise(dmarc, dkim_aligned, &mut advice);
        Prediction {
            spf: self.spf,
            spf_aligned,
            author_dkim: self.intact,
            dkim_aligned,
            dmarc,
            disposition,
            arc_override: dmarc == DmarcResult::Fail && self.sealed == Some(Trust::Trusted),
            shown: self.shown,
            advice,
        }
    }

    fn advise(&self, dmarc: DmarcResult, dkim_aligned: bool, advice: &mut Vec<Advice>) {
        let mut tell = |actor, text| advice.push(Advice { actor, text });
        let aligned = self.author.signatures.iter().any(|signature| signature.aligned);
        if !aligned && !self.munged {
            if self.author.signatures.is_empty() {
                tell(
                    Actor::SendingService,
                    "sign with DKIM in the name of the author's domain: SPF alone breaks at every redirect",
                );
            } else {
                tell(
                    Actor::SendingService,
                    "sign with a `d=` that is aligned with From: only such a signature counts for DMARC",
                );
            }
        }
        match self.changed {
            Some(Actor::ListOperator) if !self.munged && dmarc == DmarcResult::Fail => {
                tell(
                    Actor::ListOperator,
                    "put the list's address into From (Mailman: munge_from), or send without tag and footer",
                );
            }
            Some(Actor::Forwarder) if dmarc == DmarcResult::Fail => {
                tell(
                    Actor::Forwarder,
                    "pass the message on without changing it: no disclaimer, no other encoding or folding",
                );
            }
            _ => {}
        }
        if self.munged && !dkim_aligned {
            tell(
                Actor::ListOperator,
                "sign with DKIM in the name of the list: its own SPF breaks at the next redirect",
            );
        }
        if self.forwarded && self.spf != SpfResult::Pass {
            tell(Actor::Forwarder, "rewrite MAIL FROM by SRS: some receivers reject by SPF before they look at DKIM");
        }
        if self.author.signatures.iter().any(|signature| signature.partial_body) {
            tell(Actor::SendingService, "sign without `l=`: anybody can add text to the message, and it passes");
        }
        if self.author.signatures.iter().any(|signature| !signature.relaxed) {
            tell(Actor::SendingService, "sign with relaxed header canonicalization: folding on the way breaks simple");
        }
        if dmarc == DmarcResult::Fail && self.sealed.is_some() {
            tell(Actor::Recipient, "a receiver may trust the ARC seal of the list, but none must: do not rely on it");
        }
        if !self.shown {
            tell(Actor::Nobody, "the message is there already: Gmail shows messages with one Message-ID once");
        }
    }
}
