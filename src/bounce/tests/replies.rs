//! Replies as servers write them.

use crate::actor::Actor;
use crate::bounce::{Cause, Context, diagnose};

/// Replies as they are met, by host: the words before the code, and no word of an address.
#[test]
fn replies_of_many_servers() {
    use Actor::{DomainOwner, Forwarder, Nobody, Recipient, Sender, SendingService};
    use Cause as C;
    #[rustfmt::skip]
    let cases = [
        ("aspmx.l.google.com", "550-5.7.1 [192.0.2.44 19] Gmail has detected that this message is likely suspicious due to the very low reputation of the sending domain.", C::Reputation, SendingService),
        ("aspmx.l.google.com", "550-5.7.1 [192.0.2.44 12] Gmail has detected that this message is likely 550-5.7.1 unsolicited mail.", C::Spam, Sender),
        ("aspmx.l.google.com", "550-5.7.1 Messages missing a valid messageId header are not 550-5.7.1 accepted. 550 5.7.1 https://support.google.com/mail/?p=RfcMessageNonCompliant", C::Format, SendingService),
        ("aspmx.l.google.com", "550-5.7.1 This message is not RFC 5322 compliant, the issue is: 550-5.7.1 Multiple 'From' headers found.", C::FromSyntax, Sender),
        ("aspmx.l.google.com", "452-4.2.1 The user you are trying to contact is receiving mail at a rate that prevents additional messages", C::RateLimit, SendingService),
        ("aspmx.l.google.com", "550-5.2.1 The email account that you tried to reach is inactive.", C::Inactive, Recipient),
        ("outlook-com.olc.protection.outlook.com", "550 5.7.515 Access denied, sending domain D.EXAMPLE does not meet the required authentication level. Spf= Fail , Dkim= Pass , DMARC= Pass", C::Spf, DomainOwner),
        ("x.mail.protection.outlook.com", "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP.", C::AccountBlocked, Sender),
        ("x.mail.protection.outlook.com", "550 5.1.8 Access denied, bad outbound sender AS(42004)", C::AccountBlocked, Sender),
        ("x.mail.protection.outlook.com", "550 5.4.1 Recipient address rejected: Access denied.", C::UnknownUser, Sender),
        ("x.mail.protection.outlook.com", "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient bob@d.example not found by SMTP address lookup", C::UnknownUser, Sender),
        ("x.mail.protection.outlook.com", "550 5.7.520 Access denied, Your organization does not allow external forwarding.", C::NoForwarding, Forwarder),
        ("x.mail.protection.outlook.com", "550 5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; authentication required", C::Restricted, Recipient),
        ("smtp.office365.com", "530 5.7.57 Client not authenticated to send mail.", C::Login, Sender),
        ("mx-ha02.web.de", "550-Requested action not taken: mailbox unavailable 550 For explanation visit https://postmaster.web.de/en/error-messages?ip=192.0.2.44&c=mbun", C::UnknownUser, Sender),
        ("mx-ha02.web.de", "554-web.de Nemesis ESMTP Service not available 554-Bad DNS PTR resource record. 554 For explanation visit https://postmaster.web.de/error-messages?ip=192.0.2.44&c=rdns", C::Ptr, SendingService),
        ("mx00.gmx.net", "421-max number of connections reached 421 For explanation visit https://postmaster.gmx.net/en/error-messages?c=maxconn", C::RateLimit, SendingService),
        ("mta7.am0.yahoodns.net", "552 1 Requested mail action aborted, mailbox not found", C::UnknownUser, Sender),
        ("mx00.t-online.de", "554 IP=192.0.2.44 - A problem occurred. (Ask your postmaster for help or to contact tosa@rx.t-online.de to clarify.)", C::Reputation, SendingService),
        ("smtp.zoho.eu", "550 5.4.6 Unusual sending activity detected. Please try after sometime", C::AccountBlocked, Sender),
        ("", "550 5.1.1 <dmarc@other.example>: Recipient address rejected: User unknown in virtual mailbox table", C::UnknownUser, Sender),
        ("", "550 5.1.1 <bob@spf.other.example>: Recipient address rejected: User unknown", C::UnknownUser, Sender),
        ("", "550 5.1.7 <bounce@d.example>: Sender address rejected: undeliverable address: host mx.d.example[192.0.2.44] said: 550 5.1.1 User unknown", C::SenderAddress, DomainOwner),
        ("", "550 5.7.1 <a@d.example>: Sender address rejected: d.example has no MX or A records", C::SenderDomain, DomainOwner),
        ("", "554 5.7.1 <a@d.example>: Sender address rejected: Access denied", C::Restricted, Recipient),
        ("", "550-Verification failed for <bounces@web.d.example> 550-No Such User Here 550 Sender verify failed", C::SenderAddress, DomainOwner),
        ("", "504 5.5.2 <SERVER01>: Helo command rejected: need fully-qualified hostname", C::Helo, SendingService),
        ("", "554 5.7.1 Client host [192.0.2.44] blocked using zen.spamhaus.org; Error: open resolver", C::Server, Recipient),
        ("", "452 4.3.1 Insufficient system storage", C::Server, Nobody),
        ("", "450 4.1.1 <bob@x.example>: Recipient address rejected: unverified address: Address verification in progress", C::Greylisting, Nobody),
        ("", "554 5.7.0 Reject, id=12345-08 - BANNED: .exe,.exe-ms,invoice.exe", C::Content, Sender),
        ("", "553 sorry, that domain isn't in my list of allowed rcpthosts (#5.7.1)", C::RelayDenied, SendingService),
        ("", "521 5.5.2 mx.other.example Error: bare <LF> received", C::Format, SendingService),
        ("", "550 5.1.1 <SRS0=abcd=XY=d.example=al@fwd.example>: Recipient address rejected: Hash invalid in SRS address", C::Srs, Nobody),
        ("", "4.7.4 TLS is required, but was not offered by host mx.x.example[203.0.113.5]", C::Tls, Recipient),
        ("", "4.7.5 Server certificate not trusted", C::Certificate, Recipient),
        ("", "5.6.7 SMTPUTF8 is required, but was not offered by host mx.other.example[203.0.113.9]", C::Smtputf8, Sender),
        ("", "all relevant MX records point to non-existent hosts", C::UnknownDomain, Sender),
        ("", "Host or domain name not found. Name service error for name=d.example type=MX: Host not found, try again", C::Network, Nobody),
    ];
    let told: Vec<String> = cases
        .iter()
        .filter_map(|&(host, reply, cause, actor)| {
            let context = Context { host: Some(host), mail_from: Some("a@d.example"), ..Context::default() };
            let bounce = diagnose(reply, &context);
            ((bounce.cause, bounce.actor) != (cause, actor))
                .then(|| format!("{reply}: {:?} {:?}, not {cause:?} {actor:?}", bounce.cause, bounce.actor))
        })
        .collect();
    assert!(told.is_empty(), "{told:#?}");
}

/// Without a host: what anybody who pastes a reply gets told.
#[test]
fn replies_alone() {
    use Cause as C;
    #[rustfmt::skip]
    let cases = [
        (C::UnknownUser, "550 5.1.1 <bob@d.example>: user does not exist"),
        (C::UnknownUser, "550 5.7.1 No such user!"),
        (C::UnknownUser, "550 Unknown local part bob in <bob@d.example>"),
        (C::UnknownUser, "550 unknown local-part \"bob\" in domain \"d.example\""),
        (C::UnknownUser, "550 Message was not accepted -- invalid mailbox. Local mailbox bob@d.example is unavailable: user not found"),
        (C::UnknownUser, "550 bob.d.example not listed in Domino Directory"),
        (C::UnknownUser, "550 The recipient may contain a non-existent account, please check the recipient address."),
        (C::UnknownUser, "550 Address bob@d.example not found"),
        (C::UnknownUser, "550 Address not found: <bob@d.example>"),
        (C::UnknownUser, "550 Address <bob@d.example> in RCPT not found"),
        (C::UnknownUser, "550 Address for bob@d.example not found"),
        (C::UnknownUser, "550 To address bob@d.example was not found in the directory"),
        (C::UnknownUser, "550 The address you specified was not found"),
        (C::UnknownUser, "550 The email address <bob@d.example> you wrote to was not found"),
        (C::UnknownUser, "550 5.1.1 User bob (of d.example) not found"),
        (C::UnknownUser, "550 Empf\u{e4}nger unbekannt"),
        (C::UnknownUser, "Der Empf\u{fffd}nger ist unbekannt"),
        (C::UnknownUser, "550 Benutzer nicht bekannt/User unknown"),
        (C::UnknownUser, "550 Destinataire inconnu"),
        (C::UnknownUser, "550 Destinatario sconosciuto"),
        (C::UnknownUser, "550 Usuario desconocido"),
        (C::UnknownDomain, "550 Domain d.example does not exist"),
        (C::UnknownDomain, "550 5.4.4 SMTPSEND.DNS.NonExistentDomain; nonexistent domain"),
        (C::UnknownDomain, "550 5.4.310 DNS domain d.example does not exist [Message=InfoDomainNonexistent]"),
        (C::UnknownDomain, "DNS Error: DNS type 'mx' lookup of d.example responded with code NXDOMAIN Domain name not found: d.example"),
        (C::UnknownDomain, "an MX or SRV record indicated no SMTP service"),
        (C::UnknownDomain, "550 5.1.2 hostname of your recipient does not exist"),
        (C::UnknownDomain, "550 5.1.2 Hostname for your recipient address not found"),
        (C::UnknownUser, "550 5.1.1 the hostname for your recipient's mailbox is not known here, user unknown"),
        (C::Ptr, "550 5.7.1 Cannot find the hostname for your IP address"),
        (C::Ptr, "550 no host name of your server [192.0.2.1]"),
        (C::Ptr, "550 there is no hostname for your address"),
        (C::Ptr, "550 The hostname for your mail server is not valid"),
        (C::Ptr, "550 5.7.1 no host name for your sending IP"),
        (C::Policy, "550 address [192.0.2.1] not found in whitelist"),
        (C::MailboxFull, "550 mailbox quota: size exceeds"),
        (C::UnknownUser, "550 Recipient address [x] not found, ip address 192.0.2.1"),
        (C::MailboxFull, "552 5.2.2 The recipient's mailbox has exceeded the storage limit"),
        (C::MailboxFull, "552 This person's account is exceeding their quota."),
        (C::MailboxFull, "452 4.2.2 Mailbox size limit exceeded"),
        (C::MailboxFull, "550 User has too many messages on the server."),
        (C::MailboxFull, "Das Postfach des Empf\u{e4}ngers ist voll"),
        (C::MailboxFull, "La bo\u{ee}te aux lettres du destinataire est pleine"),
        (C::MailboxFull, "La casella di posta del destinatario \u{e8} piena"),
        (C::MailboxFull, "El buz\u{f3}n del destinatario est\u{e1} lleno"),
        (C::Inactive, "550 account has been disabled"),
        (C::Inactive, "553 Mailbox has been blocked due to inactivity"),
        (C::SenderDomain, "553 5.1.8 <a@d.example>... Domain of sender address a@d.example does not exist"),
        (C::SenderDomain, "553 5.1.8 The address does not exist"),
        (C::SenderDomain, "550 Sender domain does not exist"),
        (C::SenderDomain, "550 5.7.1 sender domain must resolve"),
        (C::SenderDomain, "553 5.5.4 <root@localhost>... Real domain name required for sender address"),
        (C::SenderAddress, "550 5.1.0 sender rejected"),
        (C::SenderAddress, "550 5.1.7 The address does not exist"),
        (C::Spf, "550 Sender address rejected: SPF fail"),
        (C::Spf, "550 5.7.1 SPF check failed for sender domain d.example"),
        (C::Dmarc, "550 5.7.1 DMARC policy of sender domain d.example: the record was not found to pass"),
        (C::Login, "530 5.7.0 Authentication required"),
        (C::Login, "530 5.7.1 Client was not authenticated"),
        (C::Login, "535 5.7.1 Authentication failed"),
        (C::Login, "550-Please turn on SMTP Authentication in your mail client."),
        (C::Login, "530 5.7.1 Relaying denied, authentication required"),
        (C::Login, "530 5.7.1 User is not authenticated"),
        (C::Login, "530 5.7.1 Access denied by policy"),
        (C::Login, "535 5.7.8 Authentication failed: no such user"),
        (C::Login, "530 5.7.0 Sender address rejected: authentication required"),
        (C::Login, "535 5.7.8 Error: authentication failed: quota exceeded"),
        (C::Login, "535 5.7.8 Error: authentication failed: mailbox is full"),
        (C::Login, "535 5.7.0 authentication rejected: rate limit"),
        (C::Login, "530 5.7.1 relaying denied. Please log in first"),
        // Said with the digits of logins, and of something else.
        (C::RateLimit, "530 5.7.1 Sending quota of your account exceeded"),
        (C::Spf, "530 5.7.1 SPF check failed"),
        (C::RelayDenied, "530 relay not permitted"),
        (C::RelayDenied, "530 5.7.1 <bob@d.example>: Relay access denied"),
        (C::AccountBlocked, "535 5.7.8 Authentication failed: account is suspended"),
        (C::Tls, "530 5.7.0 Must issue a STARTTLS command first"),
        (C::SenderMismatch, "530 5.7.1 <a@d.example>: Sender address rejected: not owned by user bob"),
        (C::SenderMismatch, "553 Mail from must equal authorized user"),
        (C::AccountBlocked, "550 message sending for this account is disabled"),
        (C::Restricted, "550 5.7.1 RESOLVER.RST.AuthRequired; authentication required"),
        (C::RelayDenied, "550-Please turn on SMTP Authentication in your mail client.\n550-mx.d.example [192.0.2.1]:5533 is not permitted to relay through this server"),
        (C::RelayDenied, "550 relaying not allowed"),
        // Sendmail has 5.3.0 where its tables refuse a recipient.
        (C::UnknownUser, "550 5.3.0 User bob@d.example not found"),
        (C::UnknownUser, "550 5.3.0 User bob not found in local table"),
        (C::UnknownUser, "550 5.4.4 User bob@d.example not found"),
        (C::UnknownUser, "550 Address lookup failed: user bob@d.example not found"),
        (C::Server, "451 4.3.0 LDAP user lookup: server not found"),
        (C::Server, "451 4.3.0 Temporary failure: user database not found"),
        (C::Ptr, "554 5.7.1 Client host rejected: hostname of address 192.0.2.1 not found"),
        (C::Ptr, "554 host name for your IP address not found"),
        (C::Policy, "550 IP address 192.0.2.1 not found in allow list"),
        (C::Policy, "550 Client address 192.0.2.1 not found in allow list"),
        (C::Policy, "550 Your address [192.0.2.1] was not found in allow list"),
        (C::TooLarge, "552 Message exceeds maximum fixed size"),
        (C::TooLarge, "552 The size exceeds maximum"),
        (C::TooLarge, "552 Your mail with size 123 exceeds maximum"),
        (C::TooLarge, "552 exceeds maximum"),
        (C::TooLarge, "552 5.3.4 Attachment exceeds maximum"),
        (C::MailboxFull, "552 5.2.2 mailbox size exceeds maximum"),
        (C::Loop, "554 Hop count exceeds maximum"),
        (C::Spam, "554 The spam score exceeds maximum"),
        (C::RateLimit, "554 number of recipients exceeds maximum"),
        (C::RateLimit, "452 too many recipients, exceeds maximum allowed"),
        (C::RateLimit, "421 4.7.0 connection rate exceeds maximum"),
        // Of complaints and bounces there is no more because mail comes too fast.
        (C::Spam, "421 4.7.0 Your spam complaint rate exceeds our threshold"),
        (C::Policy, "550 5.7.1 Complaint rate exceeds limit"),
        (C::Unknown, "550 Bounce rate exceeds allowed"),
        (C::RateLimit, "451 4.7.500 Server busy. Please try again later from [192.0.2.1]. (S77719)"),
        (C::RateLimit, "421 RP-001 (SNT004-MC1F43) Unfortunately, some messages from 192.0.2.1 weren't sent. We have limits for how many messages can be sent per hour and per day."),
        (C::RateLimit, "554 5.2.0 STOREDRV.Submission.Exception; The message can't be submitted because the sender's submission quota was exceeded."),
        (C::RateLimit, "421-4.7.28 Gmail has detected an unusual rate of email originating from your SPF domain [d.example 36]. gsmtp"),
        (C::RateLimit, "451 4.5.1 The recipient has exceeded their message rate limit. Try again later."),
        (C::RateLimit, "550 Domain d.example has exceeded the max emails per hour (160/150) allowed. Message will be reattempted later"),
        (C::Reputation, "550-5.7.1 [192.0.2.1] The IP you're using to send mail is not authorized to send email directly to our servers. gsmtp"),
        (C::Reputation, "554 IP=192.0.2.1 - Dialup/transient IP not allowed. Use a mailgateway/smarthost."),
        (C::Reputation, "554 192.0.2.1 found on one or more DNSBLs"),
        (C::Ptr, "554-kundenserver.de (mxeu011) Nemesis ESMTP Service not available 554-Bad DNS PTR resource record."),
        (C::Spam, "554 5.7.1 rejected: spam score 9.1 tests=[SPF_PASS,DKIM_VALID,RDNS_NONE]"),
        (C::Spam, "550 Mail content denied."),
        (C::Content, "552 5.7.0 Our system detected an illegal attachment on your message"),
        (C::Loop, "lowest numbered MX record points to local host"),
        (C::Server, "451 Temporary local problem - please try later"),
        (C::Server, "421 Server too busy"),
        (C::Network, "bob@d.example R=dkim_lookuphost T=dkim_remote_smtp: retry timeout exceeded"),
        (C::Network, "retry time not reached for any host after a long failure period"),
        (C::Network, "all hosts for 'd.example' have been failing for a long time (and retry time not reached)"),
        (C::Network, "host lookup did not complete"),
        (C::UnknownUser, "550 no such person at this address"),
        (C::UnknownUser, "550 user bob was not found"),
        (C::UnknownUser, "550 The email address you entered couldn't be found"),
        (C::UnknownDomain, "550 unrouteable mail domain d.example"),
        (C::MailboxFull, "452 not enough storage space in mailbox"),
        (C::Inactive, "550 mailbox currently suspended"),
        (C::RelayDenied, "550 you are not allowed to relay through this machine"),
        (C::Login, "503 This mail server requires authentication"),
        (C::RateLimit, "451 MI:DMC 163 mx2,x http://mail.163.com/help/help_spam_16.htm"),
        (C::Spam, "554 DT:SPM 163 mx1,x,x please see http://mail.163.com/help/help_spam_16.htm?ip=192.0.2.1"),
        (C::Reputation, "550 Too many spams from your IP (192.0.2.1), please visit http://postmaster.free.fr/"),
        (C::Ptr, "550 cannot resolve your address"),
        (C::Greylisting, "451 4.7.1 Try again later"),
        (C::TooLarge, "552 message is too big"),
        (C::Server, "454 4.7.0 TLS not available due to local problem"),
        (C::Server, "454 4.7.0 Temporary authentication failure"),
        (C::Network, "451 4.7.324 dnssec-invalid: Destination domain returned invalid DNSSEC records"),
        (C::Restricted, "550 5.7.134 RESOLVER.RST.SenderNotAuthenticatedForMailbox; authentication required; Delivery restriction check failed because the sender was not authenticated when sending to this mailbox"),
        (C::Restricted, "550 5.7.193 UnifiedGroupAgent; Delivery failed because the sender isn't a group member"),
        (C::Restricted, "550 5.7.129 The recipient only accepts messages from senders on its list"),
        (C::Restricted, "550 5.7.1 You are not allowed to post to this mailing list"),
        (C::Restricted, "554 5.7.1 <bob@d.example>: Recipient address rejected: BLOCK-SEND-ER."),
        (C::Restricted, "550 Envelope blocked - User Entry - https://community.mimecast.com/docs/DOC-1369#550"),
        (C::Inactive, "550 5.5.0 Le compte du destinataire est bloque. The recipient account isblocked. LPN007_426"),
        (C::Policy, "550 5.5.0 Service refuse. Service refused, please try later. LPN005_510"),
        (C::Spf, "550 5.5.0 SPF: d.example is not allowed to send mail. LPN004_401"),
        (C::Spf, "550 5.7.1 SPF Authentication Failed"),
        (C::Unauthenticated, "421 4.7.0 message is neither SPF authenticated nor DKIM signed"),
        (C::SenderDomain, "550-Requested action not taken: mailbox unavailable\n550 invalid DNS MX or A/AAAA resource record"),
        (C::SenderDomain, "553 mybox.d.example does not exist (in reply to MAIL FROM command)"),
        (C::SenderDomain, "550 no such domain (in reply to MAIL FROM command)"),
        (C::SenderAddress, "550 <a@d.example>: user unknown (in reply to MAIL FROM command)"),
        (C::SenderAddress, "550-Requested action not taken: mailbox unavailable\n550 Sender address does not exist"),
        (C::SenderAddress, "550 unroutable sender address"),
        (C::UnknownUser, "553 5.1.2 The recipient address <.@d.example> is not a valid RFC-5321 address."),
        (C::SenderMismatch, "440 mail from account doesn't conform with authentication"),
        (C::SenderMismatch, "550 5.7.1 Unconfigured Sending Domain <d.example>"),
        (C::SenderMismatch, "550 5.7.0 From address is not one of your addresses"),
        (C::SenderMismatch, "554 5.7.1 <a@d.example>: Sender address rejected: Access denied, sender does not match login"),
        (C::SenderMismatch, "550 5.7.1 Sender not authorised: a@d.example"),
        (C::Spf, "550 5.7.1 SPF: sender not authorised"),
        (C::RelayDenied, "554 Open relay not allowed"),
        (C::Login, "550 SMTP AUTH is required for message submission on port 587"),
        (C::RateLimit, "421 4.7.28 unusual rate of mail originating from your DKIM domain"),
        (C::RateLimit, "450 4.7.1 Error: too much mail from 192.0.2.1"),
        (C::RateLimit, "550 5.4.5 Daily SMTP relay limit exceeded for user"),
        (C::Policy, "541 5.4.1 Mail rejected by destination domain"),
        (C::Content, "554 rejecting banned content"),
        (C::Format, "554 Transaction failed: Duplicate header 'DKIM-Signature'."),
        (C::FromSyntax, "554 Transaction failed: Duplicate header 'From'."),
        (C::Format, "554 Message not allowed - Headers are not RFC compliant[291]"),
        (C::Format, "550 5.6.11 SMTPSEND.BareLinefeedsAreIllegal; message contains bare linefeeds"),
        (C::Certificate, "550 5.4.8 MX hosts of d.example failed MTA-STS validation"),
        (C::Certificate, "450 4.7.323 tlsa-invalid: The domain failed DANE validation."),
        (C::Tls, "553 This route requires encryption (TLS)"),
        (C::Helo, "550 5.7.506 Access Denied, Bad HELO"),
        (C::Helo, "501 5.5.4 HELO/EHLO argument \"x\" invalid, closing connection."),
        (C::AccountBlocked, "550 5.7.705 Access denied, tenant has exceeded threshold"),
        (C::Reputation, "554 mx.comcast.net comcast 192.0.2.1 Comcast block for spam."),
        (C::Reputation, "550 Client host blocked for spamming issues."),
        (C::Network, "connection reset by peer"),
    ];
    let told: Vec<String> = cases
        .iter()
        .map(|&(cause, reply)| (cause, reply, diagnose(reply, &Context::default()).cause))
        .filter(|(cause, _, told)| cause != told)
        .map(|(cause, reply, told)| format!("{reply}: {told:?}, not {cause:?}"))
        .collect();
    assert!(told.is_empty(), "{told:#?}");
}

/// RFC 3463 §3.2: how the sender's address is written is refused, and it is an SRS one.
#[test]
fn an_srs_address_that_is_not_taken() {
    let cause = |reply, mail_from| diagnose(reply, &Context { mail_from: Some(mail_from), ..Context::default() }).cause;
    let srs = "SRS0=Kx7d=V4=x.example=ann@fwd.example";
    assert_eq!(cause("501 5.1.7 Invalid address", srs), Cause::Srs);
    assert_eq!(cause("501 5.1.7 Bad sender address syntax", srs), Cause::Srs);
    assert_eq!(cause("501 5.1.7 Invalid address", "ann@x.example"), Cause::SenderAddress);
    // It is told what else is wrong with it.
    let unknown = "550 5.1.7 Sender address rejected: undeliverable address: User unknown";
    assert_eq!(cause(unknown, srs), Cause::SenderAddress);
}

/// Its own proxy or NAT stands between the client and the server that checks.
#[test]
fn spf_of_an_address_that_no_client_has() {
    let actor = |ip: &str| {
        let reply =
            format!("550 5.7.1 SPF fail. Please see http://www.openspf.net/Why?s=mfrom;id=a@d.example;ip={ip};r=x");
        let bounce = diagnose(&reply, &Context::default());
        assert_eq!(bounce.cause, Cause::Spf);
        bounce.actor
    };
    assert_eq!(actor("172.21.0.1"), Actor::Recipient);
    assert_eq!(actor("fd00::1"), Actor::Recipient);
    assert_eq!(actor("192.0.2.1"), Actor::DomainOwner);
    assert_eq!(actor("172.21.0"), Actor::DomainOwner);
}
