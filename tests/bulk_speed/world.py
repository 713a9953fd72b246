"""Domains as they are out there: ten kinds, one after the other, each domain a zone of its own."""

RSA_KEY = (
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAztRMuiIHSTQ3p5alpzc92cuNT07+tQ9f9afGD/z7ncgiAB/syD/70nlcB+tjpp2tAtFLCJP8SblR"
    "vj0DkpvtsE8rGGaBWG/AaITUisea/qbKCIWd+9q+U/KUssMiojfrhMhIlfYTSLj5k1QBCARfSMZC1+FOia5J5nelehrnzqPMKlCie1TofFvmfvhHWv713Vqlfga0"
    "ysEk31TU9mmvqh92nPn6dU7g8ZeRB7+JOlaOsPEnPLtXgnP+/cCB+ccM/Brjb3okj/pgNIccFXdRjC3rqFCra8QN//+1mw9DoZjirlebKKTXiEirdAL0+LV9PlF1"
    "DU1IsTygRca+WOZfVQIDAQAB"
)

HEAD = "$TTL 3600\n@ SOA ns.host.test. hostmaster.host.test. 1 7200 3600 1209600 600\n@ NS ns.host.test.\n"

# What the domains share: services that they include, hosts that take their mail, receivers of their reports.
SERVICES = HEAD + """\
ns.host A 192.0.2.53
_spf.mailer TXT "v=spf1 include:_n1.mailer.test include:_n2.mailer.test include:_n3.mailer.test ~all"
_n1.mailer TXT "v=spf1 ip4:198.51.100.0/26 ip4:198.51.100.64/26 ip4:203.0.113.0/28 ~all"
_n2.mailer TXT "v=spf1 ip6:2001:db8:4000::/36 ip6:2001:db8:8000::/36 ~all"
_n3.mailer TXT "v=spf1 ip4:203.0.113.16/28 ip4:203.0.113.32/27 ~all"
mx1.mailer A 198.51.100.1
mx1.mailer AAAA 2001:db8:4000::1
mx2.mailer A 198.51.100.2
mx3.mailer A 198.51.100.3
spf.office TXT "v=spf1 ip4:198.51.100.128/25 ip6:2001:db8:f400::/48 -all"
_spf.news TXT "v=spf1 ip4:203.0.113.64/26 -all"
_spf.crm TXT "v=spf1 exists:%{i}._s.crm.test ip4:203.0.113.128/27 ~all"
_spf.shop TXT "v=spf1 a:out1.shop.test a:out2.shop.test -all"
out1.shop A 203.0.113.161
out2.shop A 203.0.113.162
*._report._dmarc.reports TXT "v=DMARC1"
reports MX 10 mx1.mailer
""" + "".join(f'_spf.w{n}.many TXT "v=spf1 include:_spf.v{n}.many.test -all"\n_spf.v{n}.many TXT "v=spf1 ip4:203.0.113.{n} -all"\n' for n in range(8))

# Above the domains of one part nothing stands but this.
PARENTS = {"test": SERVICES, "example": HEAD, "co.test": HEAD}


def key(selector):
    return f'{selector}._domainkey TXT "v=DKIM1; k=rsa; p={RSA_KEY[:200]}" "{RSA_KEY[200:]}"\n'


def domain(n):
    """The name, the DKIM selectors that are known of it, and its zone; no zone where nobody has registered it."""
    name = f"d{n}." + ["example", "co.test", "example", "test"][n % 4]
    address = f"192.0.2.{n % 250 + 1}"
    home = HEAD + f"@ A {address}\nwww CNAME @\n"
    kind = n % 10
    if kind == 0:  # with a large mailbox provider
        return name, ["google"], home + (
            "@ MX 1 mx1.mailer.test.\n@ MX 5 mx2.mailer.test.\n@ MX 10 mx3.mailer.test.\n"
            '@ TXT "v=spf1 include:_spf.mailer.test ~all"\n@ TXT "site-verification=0123456789abcdef"\n'
            f'_dmarc TXT "v=DMARC1; p=none; rua=mailto:d{n}@reports.test"\n' + key("google"))
    if kind == 1:  # with a large office suite
        return name, ["selector1", "selector2"], home + (
            f"@ MX 0 mx.in\nmx.in A {address}\n"
            '@ TXT "v=spf1 include:spf.office.test -all"\n'
            f'_dmarc TXT "v=DMARC1; p=quarantine; pct=50; rua=mailto:dmarc@{name}; ruf=mailto:dmarc@{name}; fo=1"\n'
            + key("selector1") + key("selector2"))
    if kind == 2:  # a server of its own, well kept
        return name, ["mail"], home + (
            f"@ MX 10 mail\nmail A {address}\nmail AAAA 2001:db8::{n % 65536:x}\n"
            f'@ TXT "v=spf1 mx a:mail.{name} ip4:{address} -all"\n'
            f'_dmarc TXT "v=DMARC1; p=reject; sp=reject; adkim=s; aspf=s; rua=mailto:dmarc@{name}"\n'
            '_mta-sts TXT "v=STSv1; id=20260101T000000;"\n'
            f'_smtp._tls TXT "v=TLSRPTv1; rua=mailto:tls@{name}"\n'
            "_25._tcp.mail TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n" + key("mail"))
    if kind == 3:  # many services
        return name, [], home + (
            "@ MX 1 mx1.mailer.test.\n@ MX 5 mx2.mailer.test.\n"
            '@ TXT "v=spf1 include:_spf.mailer.test include:_spf.news.test include:_spf.crm.test include:_spf.shop.test ~all"\n'
            f'_dmarc TXT "v=DMARC1; p=quarantine; rua=mailto:d{n}@reports.test,mailto:dmarc@{name}"\n')
    if kind == 4:  # parked
        return name, [], HEAD + '@ MX 0 .\n@ TXT "v=spf1 -all"\n_dmarc TXT "v=DMARC1; p=reject"\n'
    if kind == 5:  # nothing was done
        return name, [], home + f"@ MX 10 mail\nmail A {address}\n"
    if kind == 6:  # SPF broken in some way
        spf = [
            '@ TXT "v=spf1 ipv4:192.0.2.1 include:_spf.news.test ~all"\n',
            '@ TXT "v=spf1 mx -all"\n@ TXT "v=spf1 include:_spf.news.test -all"\n',
            '@ TXT "v=spf1 ' + " ".join(f"include:_spf.w{i}.many.test" for i in range(8)) + ' -all"\n',
            '@ TXT "v=spf1 +all"\n',
            '@ TXT "v=spf1 include:_spf.gone.test ip4:192.0.2.300 -all"\n',
        ][n // 10 % 5]
        return name, [], home + f"@ MX 10 mail\nmail A {address}\n" + spf + '_dmarc TXT "v=DMARC1; p=none"\n'
    if kind == 7:  # DMARC broken in some way
        dmarc = [
            '_dmarc TXT "v=DMARC1; p=rejct"\n',
            '_dmarc TXT "v=DMARC1 p=reject"\n',
            '_dmarc TXT "v=DMARC1; p=none"\n_dmarc TXT "v=DMARC1; p=reject"\n',
            '@ TXT "v=DMARC1; p=reject"\n',
            '_dmarc TXT "v=DMARC1; p=reject; rua=dmarc@gone.test"\n',
        ][n // 10 % 5]
        return name, ["mail", "old"], home + (
            f'@ MX 10 mail\nmail A {address}\n@ TXT "v=spf1 mx ~all"\n' + dmarc
            + 'mail._domainkey TXT "v=DKIM1; p=MIGfMA0GCSqGSIb3DQEBAQUAA"\nold._domainkey TXT "v=DKIM1; p="\n')
    if kind == 8:  # mail servers that are not there, and a redirect
        return name, [], home + (
            "@ MX 10 gone\n@ MX 20 alias\nalias CNAME www\n"
            '@ TXT "v=spf1 redirect=_spf.mailer.test"\n'
            f'_dmarc TXT "v=DMARC1; p=none; rua=mailto:dmarc@{name}"\n')
    return name, [], None  # nobody has registered it
