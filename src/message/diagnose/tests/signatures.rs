//! Signatures that fail, or are none of the author's.

use super::*;

/// Anybody who got one mail of a domain has a signature that its key made.
#[test]
fn a_copied_signature_makes_no_forgery_genuine() {
    let old = "From: Boss <boss@d.example>\r\nTo: x@y.example\r\nSubject: News\r\n\r\nThe summer party is in July.\r\n";
    let signature = signed(old).split("From:").next().unwrap().to_owned();
    let forged = "From: Boss <boss@d.example>\r\nTo: ann@d.example\r\nSubject: Urgent\r\n\r\nPay this bill now.\r\n";
    let eve =
        || Connection::new("203.0.113.99".parse().unwrap(), "x.bad.example", "boss@d.example").to("ann@d.example");
    let found = cause("", &format!("{signature}{forged}"), eve(), Cause::SpoofedOwnDomain);
    let told = |found: &Diagnosis| found.primary.evidence().iter().any(|seen| seen.text.contains("can copy it"));
    assert!(told(&found), "{:?}", found.primary);
    assert!(!told(&cause("", forged, eve(), Cause::SpoofedOwnDomain)));
    // A message of the domain that was changed and sent on is no forgery.
    let changed = signed(old).replace("\r\n\r\nThe", "\r\n\r\nCAUTION\r\n\r\nThe");
    cause("", &changed, eve(), Cause::DkimBodyModifiedBanner);
    cause("", &signed(old).replace("News", "[x] News"), eve(), Cause::DkimHeaderModifiedSubject);
}

/// The header of a signed mail on another body: as likely a changed body, and neither is repaired in the DNS.
#[test]
fn a_copied_header_is_told_apart_from_no_changed_body() {
    let old = "From: Boss <boss@d.example>\r\nTo: x@y.example\r\nSubject: News\r\n\r\nThe summer party is in July.\r\n";
    let forged = signed(old).replace("The summer party is in July.", "Pay this bill\r\nnow.");
    let eve = |to: &str| connection("203.0.113.99", "x.bad.example", "boss@d.example").to(to);
    for to in ["bob@r.example", "ann@d.example"] {
        let found = cause("", &forged, eve(to), Cause::DkimBodyContentChanged);
        assert_eq!(
            found.primary.told,
            "the DKIM signature of d.example (selector s) fails: the body was changed after signing, or the signed header was put on \
             another text: the two cannot be told apart"
        );
        assert!(found.primary.advice.ends_with("the mail is forged and nothing has to be published"));
        let [leg] = found.secondary.as_slice() else { panic!("{:?}", found.secondary) };
        assert_eq!(leg.cause, Cause::SpfSenderIpNotAuthorized);
        assert!(leg.advice.contains("only if it is a server of d.example"), "{}", leg.advice);
    }
    // Without the signed header it fits nothing.
    let other = forged.replace("Subject: News", "Subject: Urgent");
    let told = cause("", &other, eve("bob@r.example"), Cause::DkimBodyContentChanged).primary.told;
    assert!(told.ends_with("or the signature was taken from another mail: it fits nothing of this one"), "{told}");
    // Whoever passed it on is known, or it is the author's own host.
    let over_list = format!("List-Id: <l.esp.example>\r\n{forged}");
    for (mail, client) in [(&over_list, esp()), (&forged, connection("192.0.2.99", "new.d.example", "boss@d.example"))]
    {
        let found = diagnosed("", &Input::new(mail.as_bytes(), NOW).connection(client)).primary;
        assert!(!found.told.contains("put on another text"), "{}", found.told);
    }
}

/// What a list changed beyond proof is no sign that a signature was made for another message.
#[test]
fn changes_that_are_likely_are_no_copy() {
    let old = "From: Boss <boss@d.example>\r\nTo: party@lists.example\r\nSubject: News\r\nDate: Mon, 2 Nov 2026 10:00:00 +0000\r\n\r\nThe summer party is in July.\r\n\
               See https://d.example/party for more.\r\n";
    let mail = signed(old)
        .replace("Subject: News", "Subject: [Party 12] News (via lists.example)")
        .replace("https://d.example/party", "https://click.lists.example/?u=d.example/party ");
    let list =
        || Connection::new("203.0.113.99".parse().unwrap(), "x.lists.example", "boss@d.example").to("ann@d.example");
    let found = diagnosed("", &Input::new(mail.as_bytes(), NOW).connection(list()));
    let told = found.primary.evidence().iter().any(|seen| seen.text.contains("can copy it"));
    assert!(!told, "{:?}", found.primary);
    let changed = |seen: &crate::cause::Evidence| seen.text.contains("perhaps a message of that domain was changed");
    assert!(found.primary.evidence().iter().any(changed), "{:?}", found.primary);
    assert_eq!(
        found.primary.told,
        "somebody at 203.0.113.99 forged boss@d.example or changed a message that d.example had signed; the two cannot be told apart"
    );
    // Nor where it has a second signature that fits nothing, as a list leaves one there.
    let other =
        "From: Boss <boss@d.example>\r\nTo: x@y.example\r\nSubject: Invoice\r\n\r\nSomething else, of many words.\r\n";
    let old = Signer { h: "from:to", ..Signer::new(TestKey::Rsa2048, Relaxed) }.sign(other.as_bytes());
    let old = String::from_utf8(old).unwrap().split("From:").next().unwrap().to_owned();
    let (signature, rest) = mail.split_at(mail.find("From:").unwrap());
    for mail in [format!("{old}{mail}"), format!("{signature}{old}{rest}")] {
        let both = diagnosed("", &Input::new(mail.as_bytes(), NOW).connection(list()));
        assert_eq!(both.primary.told, found.primary.told);
        let evidence = both.primary.evidence();
        assert!(evidence.iter().any(changed), "{evidence:?}");
        assert!(evidence.iter().any(|seen| seen.text.contains("can copy it")), "{evidence:?}");
    }
}

/// The signature that decides is searched first; of one that was not searched nothing is said about its key.
#[test]
fn signatures_of_the_author_are_searched_first() {
    let tagged = |mail: String| mail.replace("Subject: Hi", "Subject: [x] Hi");
    let others = signed(MAIL).split("From:").next().unwrap().replace("d=d.example", "d=e.example");
    let mail = tagged(format!("{}{}", others.repeat(5), signed(MAIL)));
    let keys = KEY.replace("d.example", "e.example");
    let found = diagnosed(&keys, &Input::new(mail.as_bytes(), NOW).connection(esp()));
    let leg = [&found.primary]
        .into_iter()
        .chain(&found.secondary)
        .find(|found| found.cause == Cause::DkimHeaderModifiedSubject || found.cause == Cause::DkimKeyMismatch);
    assert_eq!(leg.unwrap().cause, Cause::DkimHeaderModifiedSubject);
    assert_eq!(found.signatures.iter().filter(|signed| signed.is_left_out()).count(), 2);
    assert!(found.signatures.iter().all(|signed| !signed.is_left_out() || !signed.key_is_another()));
}

#[test]
fn a_signature_that_no_limit_left_room_for_is_not_broken() {
    let others = signed(MAIL).split("From:").next().unwrap().replace("d=d.example", "d=e.example");
    let mail = format!("{}{}", others.repeat(10), signed(MAIL));
    let found = cause("", &mail, esp(), Cause::DkimSignatureInvalid).primary;
    assert_eq!(found.advice, "Send with fewer DKIM signatures: of one message the first 10 are looked at");
    let many = signed(MAIL).replacen("\r\n\r\n", &format!("\r\n{}\r\n", "X-A: b\r\n".repeat(20_000)), 1);
    let found = cause("", &many, esp(), Cause::DkimSignatureInvalid).primary;
    assert_eq!(found.advice, "Send with fewer or shorter header fields");
}

#[test]
fn keys() {
    let mail = signed(MAIL);
    cause("s._domainkey.d.example. -", &mail, esp(), Cause::DkimKeyMissing);
    cause("s._domainkey.d.example. TXT \"v=DKIM1; p=\"", &mail, esp(), Cause::DkimKeyRevoked);
    cause("s._domainkey.d.example. TXT \"v=DKIM1; p=MIIB\"", &mail, esp(), Cause::DkimKeyInvalid);
    let other = format!("s._domainkey.d.example. TXT \"{}\"", TestKey::Rsa1024.record());
    let found = cause(&other, &mail, esp(), Cause::DkimKeyMismatch);
    assert_eq!(found.primary.actor, Actor::DomainOwner);
    // A list has no part in it.
    cause(&other, &format!("List-Id: <l.esp.example>\r\n{mail}"), esp(), Cause::DkimKeyMismatch);
}

#[test]
fn a_signature_without_a_domain_is_repaired_by_who_signs() {
    let mail = signed(MAIL).replacen("d=d.example;", "", 1);
    cause("", &mail, esp(), Cause::DkimSignatureInvalid);
    // From anywhere else it may be anything.
    cause("", &mail, connection("203.0.113.9", "x.bad.example", "x@d.example"), Cause::ThirdPartySenderNotAuthorized);
}
