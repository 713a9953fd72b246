//! What the sealers say that they saw (RFC 8617 §4.1.1).

use super::tell::{Validated, sealer};
use crate::arc::{ArcResult, DefectKind, Set};
use crate::finding::{Findings, Label, rules};
use crate::message::{AuthResults, FaultKind, MethodResult};

rules! {
    /// # The instance does not stand first
    ///
    /// ARC-Authentication-Results begins with `i`, before the name of who checked. Some programs do not find it elsewhere.
    ///
    /// ```message bad
    /// ARC-Authentication-Results: list.example; i=1; dkim=pass header.d=d.example
    /// ```
    ///
    /// ```message good
    /// ARC-Authentication-Results: i=1; list.example; dkim=pass header.d=d.example
    /// ```
    NOT_FIRST = "arc-aar-instance-not-first", Warning, Differs, ["RFC 8617 §4.1.1"],
        "`i` does not stand first in the results of set {instance}";

    /// # The results of a set break the grammar
    ///
    /// They should be written like Authentication-Results. Programs that go by them may not read them as they were meant;
    /// the chain itself is valid all the same.
    ///
    /// ```message bad
    /// ARC-Authentication-Results: i=1; spf=pass smtp.mailfrom=d.example; compauth=pass reason=100
    /// ```
    ///
    /// ```message good
    /// ARC-Authentication-Results: i=1; mx.list.example; spf=pass smtp.mailfrom=d.example
    /// ```
    UNPARSABLE = "arc-aar-unparsable", Warning, Differs, ["RFC 8601 §2.2", "RFC 8617 §4.1.1"],
        "the results of set {instance}, of `{domain}`, break the grammar at `{text}`";

    /// # What the first sealer says that it saw
    ///
    /// The first set holds the results of the server that saw the message first. Who trusts that server can go by them
    /// where SPF and DKIM fail now; they are its word, and no proof.
    ///
    /// ```sealed bad
    ///   Authentication-Results: mx.l.example; dmarc=pass header.from=d.example
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ///
    /// ```sealed good
    ///   From: alice@d.example
    ///
    ///   Lunch at twelve?
    /// ```
    ORIGINAL = "arc-original-auth", Note, Ok, ["RFC 8617 §7.2"],
        "`{domain}` says that the message came to it with {results}";
}

pub(super) fn check(cx: &Validated<'_>, out: &mut Findings) {
    for defect in cx.chain().defects.iter().filter(|defect| defect.kind == DefectKind::InstanceNotFirst) {
        if let (Some((index, _)), Some(instance)) = (defect.place, defect.instance) {
            out.report(&NOT_FIRST, cx.whole(index)).arg("instance", instance);
        }
    }
    for set in &cx.chain().sets {
        let Some(results) = &set.results else { continue };
        let read = AuthResults::parse_arc(results.source.text());
        let harmless = |kind: FaultKind| matches!(kind, FaultKind::Instance | FaultKind::Utf8);
        if let Some(fault) = read.faults().iter().find(|fault| !harmless(fault.kind)) {
            let found = out.report(&UNPARSABLE, cx.at((results.field, fault.span)));
            found.arg("instance", set.instance).arg("domain", sealer(set)).quote("text");
        }
        // A broken chain says nothing about what was.
        if set.instance == 1 && cx.outcome.result == ArcResult::Pass {
            original(set, &read, cx.whole(results.field), out);
        }
    }
}

fn original(set: &Set, read: &AuthResults, at: Label, out: &mut Findings) {
    let dmarc: Vec<&MethodResult> = read.of_method("dmarc").collect();
    let results: Vec<&MethodResult> = if dmarc.is_empty() {
        ["spf", "dkim"].into_iter().flat_map(|method| read.of_method(method)).collect()
    } else {
        dmarc
    };
    let mut shown: Vec<String> = results.iter().take(MAX_SHOWN).map(|result| told(result)).collect();
    if results.len() > MAX_SHOWN {
        shown.push(format!("{} more", results.len() - MAX_SHOWN));
    }
    if !shown.is_empty() {
        out.report(&ORIGINAL, at).arg("domain", sealer(set)).arg("results", shown.join(" and "));
    }
}

/// Results that are told of one set, with how many more there are.
const MAX_SHOWN: usize = 4;

fn told(result: &MethodResult) -> String {
    let properties = [("header", "from"), ("header", "d"), ("header", "i"), ("smtp", "mailfrom")];
    let subject = properties.into_iter().find_map(|(ptype, name)| result.property(ptype, name));
    match subject {
        Some(subject) => format!("`{}={}` for `{subject}`", result.method, result.result),
        None => format!("`{}={}`", result.method, result.result),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arc::Chain;
    use crate::finding::Subject;
    use crate::message::Message;

    #[test]
    fn results_that_are_not_shown_are_counted() {
        let told = |count: usize| {
            let results = "; dkim=pass header.d=d.example".repeat(count);
            let text = format!("ARC-Authentication-Results: i=1; mx.r.example{results}\r\n\r\n");
            let chain = Chain::of(&Message::parse(text.as_bytes()));
            let set = &chain.sets[0];
            let read = AuthResults::parse_arc(set.results.as_ref().unwrap().source.text());
            let mut out = Findings::default();
            original(set, &read, Label::whole(&Subject::given("")), &mut out);
            out.into_vec()[0].params.get("results").unwrap().to_owned()
        };
        let four = ["`dkim=pass` for `d.example`"; 4].join(" and ");
        assert_eq!((told(4), told(9)), (four.clone(), format!("{four} and 5 more")));
    }
}
