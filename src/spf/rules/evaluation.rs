//! What is told about the outcome of an evaluation.

use crate::finding::rules;

rules! {
    /// # SPF passes
    ///
    /// A term of the domain's record matched the client's address, so the domain takes responsibility for mail from it.
    /// Pass says nothing about the From that the reader sees: for DMARC the domain must be aligned with it.
    ///
    /// ```session bad ip=192.0.2.10 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// ```
    ///
    /// From another address it does not pass:
    ///
    /// ```session good ip=198.51.100.250 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// ```
    PASS = "spf-eval-pass", Note, Ok, ["RFC 7208 §8.3"],
        "`{ip}` may send for `{domain}`: `{term}` matched";

    /// # SPF fails
    ///
    /// The domain says that the client's address may not send for it. Many receivers reject such mail at once (550 5.7.23),
    /// before they look at DKIM.
    ///
    /// If the client is a server of the domain's own or of a service that it uses, the domain owner adds it to the record.
    /// If the client forwards mail for others, the forwarder rewrites the return path (SRS): the domain owner cannot know all
    /// forwarders.
    ///
    /// ```session bad ip=198.51.100.250 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 -all"
    /// ```
    ///
    /// With the address in the record:
    ///
    /// ```session good ip=198.51.100.250 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.250 -all"
    /// ```
    FAIL = "spf-eval-fail", Error, Fail, ["RFC 7208 §8.4", "RFC 7372 §3.2"],
        "`{ip}` may not send for `{domain}`: no term authorises it and `{term}` matched";

    /// # SPF softfails
    ///
    /// The domain says that the client's address probably may not send for it. Receivers should not reject mail for
    /// that alone, but it counts against the message, and for DMARC it is no pass.
    ///
    /// ```session bad ip=198.51.100.250 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 ~all"
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 ~all"
    /// ```
    SOFTFAIL = "spf-eval-softfail", Warning, Ok, ["RFC 7208 §8.5"],
        "`{ip}` probably may not send for `{domain}`: no term authorises it and `{term}` matched";

    /// # SPF is neutral
    ///
    /// The domain says nothing about the client's address: either `?` stands before the term that matched, or no term
    /// matched and the record has neither `all` nor `redirect`. Receivers treat it as if there were no record.
    ///
    /// ```session bad ip=198.51.100.250 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24"
    /// ```
    ///
    /// ```session good ip=198.51.100.250 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/24 ~all"
    /// ```
    NEUTRAL = "spf-eval-neutral", Note, Neutral, ["RFC 7208 §8.2", "RFC 7208 §4.7"],
        "`{domain}` says nothing about `{ip}`: {reason}";

    /// # There is no SPF record to check
    ///
    /// The domain publishes no SPF record, so receivers know nothing about the client from SPF. For DMARC this is no pass.
    ///
    /// ```session bad ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "google-site-verification=x"
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    NONE = "spf-eval-none", Warning, None, ["RFC 7208 §8.1", "RFC 7208 §4.5"],
        "`{domain}` {reason}";

    /// # The SPF record cannot be interpreted
    ///
    /// Something in the domain's records is broken, so receivers get no verdict: permerror. Some reject such mail
    /// (550 5.5.2 or 5.7.24), and for DMARC it is no pass. Only the domain owner, or the owner of an included record, can mend it.
    ///
    /// ```session bad ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ipv4:192.0.2.1 -all"
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    PERMERROR = "spf-eval-permerror", Error, Permerror, ["RFC 7208 §8.7", "RFC 7208 §4.6"],
        "receivers cannot interpret the SPF records of `{domain}`: {reason}";

    /// # The DNS did not answer
    ///
    /// A name server that was needed did not give an answer. This is no verdict about the record: receivers ask the
    /// sender to try again later (451 4.4.3), and so should whoever reads this.
    ///
    /// ```session bad ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. SERVFAIL TXT
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    TEMPERROR = "spf-eval-temperror", Warning, Temperror, ["RFC 7208 §8.6", "RFC 7208 §4.4"],
        "no verdict yet: the DNS answers `{question}` with {failure}";

    /// # The client is near a network that is authorised
    ///
    /// The client's address was not matched, but it is in the same /24 (IPv6: /64) as an authorised network, or a term
    /// names it that is never reached. Often a typing mistake, or a new server beside the old ones.
    ///
    /// ```session bad ip=192.0.2.77 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/28 -all"
    /// ```
    ///
    /// ```session good ip=203.0.113.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.0/28 -all"
    /// ```
    NEAR_MISS = "spf-eval-near-miss", Note, Ok, ["RFC 7208 §5.6"],
        "`{term}` at `{domain}` nearly authorises `{ip}`: {reason}";

    /// # The networks are of the other address family
    ///
    /// The client connected over IPv6 and the record names IPv4 networks only, or the other way round. A server that has both
    /// kinds of address sends over either, as the operating system decides.
    ///
    /// ```session bad ip=2001:db8::1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    ///
    /// With both kinds in the record:
    ///
    /// ```session good ip=2001:db8::1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"
    /// ```
    FAMILY = "spf-ip-family-mismatch-note", Note, Ok, ["RFC 7208 §5.6"],
        "`{ip}` cannot match `{term}` at `{domain}`: {family} networks are all that was found";

    /// # The sender's domain cannot be checked
    ///
    /// What stands after the `@` is no domain of at least two labels, so SPF gives none without asking the DNS.
    /// Receivers may refuse such a sender for that alone.
    ///
    /// ```session bad ip=192.0.2.1 mail-from=user@localhost helo=mx.d.example
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=user@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    DOMAIN_INVALID = "spf-eval-domain-invalid", Error, None, ["RFC 7208 §4.3"],
        "SPF cannot check `{text}`: {reason}";

    /// # The return path is null
    ///
    /// Bounces and automatic answers have the return path `<>`. SPF then checks `postmaster` at the HELO name, so each mail
    /// host needs an SPF record at its own name, such as `v=spf1 a -all`.
    ///
    /// ```session bad ip=192.0.2.1 mail-from= helo=mx.d.example
    /// mx.d.example. TXT "v=spf1 a -all"
    /// mx.d.example. A 192.0.2.1
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    NULL_MAIL_FROM = "spf-eval-null-mailfrom", Note, Ok, ["RFC 7208 §2.4"],
        "the return path is null, so SPF checks `postmaster@{helo}`";

    /// # The HELO name is an address literal
    ///
    /// A literal such as `[192.0.2.1]` is no domain, so there is no HELO identity to check.
    ///
    /// ```session bad ip=192.0.2.1 mail-from=a@d.example helo=[192.0.2.1]
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    HELO_LITERAL = "spf-eval-helo-literal", Note, Ok, ["RFC 7208 §2.3"],
        "the client says HELO with the address literal `{helo}`, which has no SPF record";

    /// # The client's address is an IPv4 address written as IPv6
    ///
    /// An IPv4-mapped address (`::ffff:192.0.2.1`) is treated as the IPv4 address in it: only `ip4` terms and A records match it.
    ///
    /// ```session bad ip=::ffff:192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    ///
    /// ```session good ip=2001:db8::1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    IPV4_MAPPED = "spf-eval-ipv4-mapped", Note, Ok, ["RFC 7208 §5"],
        "`{ip}` is treated as the IPv4 address `{v4}`";

    /// # The client's address is private
    ///
    /// SPF is about the host that hands mail over to the receiving organisation. A private or loopback address is a
    /// host inside an organisation: the check was made at the wrong hop. Take the address from the Received field of the
    /// border server.
    ///
    /// ```session bad ip=10.0.0.5 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    PRIVATE_CLIENT = "spf-eval-private-client", Warning, Ok, ["RFC 7208 §2.5", "RFC 7208 §9.1"],
        covers ["spf-eval-wrong-hop"],
        "`{ip}` is {kind}, so SPF was checked at an internal hop and says nothing about the sender";

    /// # The client has more than ten names
    ///
    /// Receivers look at the first ten names of the client's address (its PTR records) and ignore the rest, so whether a
    /// `ptr` term matches may depend on the order in which they come. Another reason not to publish `ptr`.
    ///
    /// ```session bad ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ptr -all"
    /// 1.2.0.192.in-addr.arpa. PTR a1.example.
    /// 1.2.0.192.in-addr.arpa. PTR a2.example.
    /// 1.2.0.192.in-addr.arpa. PTR a3.example.
    /// 1.2.0.192.in-addr.arpa. PTR a4.example.
    /// 1.2.0.192.in-addr.arpa. PTR a5.example.
    /// 1.2.0.192.in-addr.arpa. PTR a6.example.
    /// 1.2.0.192.in-addr.arpa. PTR a7.example.
    /// 1.2.0.192.in-addr.arpa. PTR a8.example.
    /// 1.2.0.192.in-addr.arpa. PTR a9.example.
    /// 1.2.0.192.in-addr.arpa. PTR a10.example.
    /// 1.2.0.192.in-addr.arpa. PTR a11.example.
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example
    /// d.example. TXT "v=spf1 ptr -all"
    /// 1.2.0.192.in-addr.arpa. PTR mail.d.example.
    /// mail.d.example. A 192.0.2.1
    /// ```
    MANY_NAMES = "spf-ptr-over-10", Note, PartIgnored, ["RFC 7208 §4.6.4"],
        "`{ip}` has {count} names, and receivers ignore all but the first {limit}";

    /// # The reported SPF result is another one
    ///
    /// The header says another result than the evaluation gives now. The record may have changed since, the receiver may have
    /// other limits, or it checked another address or another identity.
    ///
    /// ```session bad ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example reported=pass
    /// d.example. TXT "v=spf1 ipv4:192.0.2.1 -all"
    /// ```
    ///
    /// ```session good ip=192.0.2.1 mail-from=a@d.example helo=mx.d.example reported=pass
    /// d.example. TXT "v=spf1 ip4:192.0.2.1 -all"
    /// ```
    DISAGREES = "spf-result-disagrees", Warning, Differs, ["RFC 7208 §4.6.4", "RFC 7208 §9"],
        "the receiver reported `{reported}`, the evaluation gives `{result}`";
}
