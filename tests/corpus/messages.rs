//! The messages before anything is done to them: what people and programs write, in several encodings and languages.

use crate::codec::{base64_lines, latin1};
use crate::mail::Mail;

/// Name and message.
pub(crate) fn all() -> Vec<(&'static str, Mail)> {
    let bytes = [
        ("plain English", plain().into_bytes()),
        ("8bit German", german().into_bytes()),
        ("8bit French in Latin-1", latin1(french().as_bytes()).expect("Latin-1")),
        ("quoted-printable French", quoted().into_bytes()),
        ("base64 German", base64_german()),
        ("alternative, 8bit", alternative().into_bytes()),
        ("alternative, quoted-printable", alternative_quoted().into_bytes()),
        ("mixed with attachment", mixed()),
        ("nested with attachment", nested()),
        ("newsletter", newsletter().into_bytes()),
        ("notes", notes().into_bytes()),
    ];
    bytes.into_iter().map(|(name, bytes)| (name, Mail::parse(&bytes))).collect()
}

/// The lines of a text with CRLF.
fn crlf(text: &str) -> String {
    text.replace('\n', "\r\n")
}

/// Octets that look like a file of some kind; always the same.
fn file(octets: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_be_bytes()[3]
    };
    b"%PDF-1.4\n".iter().copied().chain(std::iter::repeat_with(&mut next)).take(octets).collect()
}

fn plain() -> String {
    crlf(
        "From: Alice Example <alice@d.example>
To: Bob Builder <bob@r.example>, Carol <carol@r.example>
Cc: dave@r.example
Subject: Re: Plans for Monday
Date: Sat, 21 Nov 2026 12:00:05 +0100
Message-ID: <20261121120005.1@d.example>
In-Reply-To: <20261120.7@r.example>
References: <20261119.3@d.example> <20261120.7@r.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii; format=flowed
Content-Transfer-Encoding: 7bit
Comments: first remark
Comments: second remark

Hello Bob,

shall we meet on Monday? The agenda is at 
https://www.d.example/agenda?year=2026&id=7 and will be kept there until the 
end of the year.
.profile is attached in words:
\texport EDITOR=vi
        export LANG=C
From here on nothing  is important.


See you,
Alice
-- 
Alice Example, Example Ltd
",
    )
}

fn german() -> String {
    crlf(
        "From: =?UTF-8?B?SsO8cmdlbiBNw7xsbGVy?= <juergen@d.example>
To: Zoe <zoe@r.example>
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe_aus_M=C3=BCnchen?=
Date: Mon, 2 Nov 2026 08:15:42 +0100 (CET)
Message-ID: <c0ffee@d.example>
Reply-To: buero@d.example
MIME-Version: 1.0
Content-Type: text/plain; charset=\"UTF-8\"
Content-Transfer-Encoding: 8bit
X-Mailer: Beispiel 2.1

Liebe Zoe,

schöne Grüße aus München. Die Rechnung über 1.200,00 ist überfällig, bitte prüfe das bis Freitag und gib mir Bescheid, ob alles stimmt.

Siehe auch https://www.d.example/rechnung/2026-11 für Näheres.
> alte Frage
From Jürgen
..und zwei Punkte

Herzlich
Jürgen
",
    )
}

fn french() -> String {
    crlf(
        "From: Zoé Durand <zoe@d.example>
To: Liste <equipe@r.example>
Subject: Réunion déplacée
Date: Tue, 3 Nov 2026 17:45:00 +0100
Message-Id: <7f.zoe@d.example>
Mime-Version: 1.0
Content-Type: text/plain; charset=iso-8859-1
Content-Transfer-Encoding: 8bit

Bonjour,

la réunion est déplacée à jeudi, même salle. Les chiffres du troisième
trimestre sont prêts ; merci de les relire.

À bientôt,
Zoé
",
    )
    .replace("Zoé Durand", "=?iso-8859-1?q?Zo=E9?= Durand")
    .replace("Réunion déplacée", "=?iso-8859-1?q?R=E9union_d=E9plac=E9e?=")
}

fn quoted() -> String {
    crlf(
        "From: \"Durand, Zoe\" <zoe@d.example>
To: bob@r.example
Subject: =?utf-8?Q?Facture_n=C2=B0_2026-117?=
Date: Wed, 04 Nov 2026 09:00:00 GMT
Message-ID: <facture-117@d.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: quoted-printable

Bonjour,

Nous vous remercions de votre commande. Vous trouverez la facture n=C2=B0 2=
026-117 dans votre espace, =C3=A0 l'adresse https://www.d.example/?facture=
=3D117 et cela pendant toute l'ann=C3=A9e.

Prix =3D 120,00 =E2=82=AC

Cordialement
Zo=C3=A9
",
    )
}

fn base64_german() -> Vec<u8> {
    let header = crlf(
        "From: Shop <shop@d.example>
To: =?utf-8?Q?J=C3=B6rg?= <joerg@r.example>
Subject: Ihre Bestellung 4711
Date: Thu, 05 Nov 2026 10:11:12 +0000
Message-ID: <order.4711@d.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: base64

",
    );
    let text = crlf(
        "Guten Tag Jörg,

vielen Dank für Ihre Bestellung. Sie wird übermorgen geliefert; die Sendung können Sie unter
https://www.d.example/sendung/4711 verfolgen.

Ihr Shop
",
    );
    [header.into_bytes(), base64_lines(text.as_bytes(), 76)].concat()
}

fn alternative() -> String {
    crlf(
        "From: Lea Dubois <lea@d.example>
To: Bob <bob@r.example>
Subject: Votre visite au musee et quelques informations utiles sur les horaires
 de cet hiver
Date: Fri, 06 Nov 2026 14:30:00 +0100
Message-ID: <visite@d.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=\"b1_alternative\"

This is a multi-part message in MIME format.

--b1_alternative
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Bonjour,

le musée est fermé le lundi en hiver. Il reste quatre places pour la visite
de l'après-midi : https://www.d.example/visite?jour=6

Léa

--b1_alternative
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

<!DOCTYPE html>
<html><head><title>Visite</title></head>
<body style=\"margin: 0\">
<p>Bonjour,</p>
<p>le musée est fermé le lundi en hiver.  Il reste <b>quatre places</b> pour la
<a href=\"https://www.d.example/visite?jour=6\">visite de l'après-midi</a>.</p>
<p>Léa</p>
</body>
</html>

--b1_alternative--
",
    )
}

fn alternative_quoted() -> String {
    crlf(
        "From: News <news@d.example>
To: bob@r.example
Subject: Neue Preisliste
Date: Sun, 08 Nov 2026 06:00:00 -0500
Message-ID: <preise-8@d.example>
Reply-To: \"Vertrieb\" <vertrieb@d.example>
MIME-Version: 1.0
Content-Type: multipart/alternative; boundary=nextPart_8

--nextPart_8
Content-Type: text/plain; charset=UTF-8
Content-Transfer-Encoding: quoted-printable

Guten Tag,

die neue Preisliste gilt ab dem 1. Dezember. Gr=C3=B6=C3=9Fere Mengen erhal=
ten Sie auf Anfrage.

Mit freundlichen Gr=C3=BC=C3=9Fen
--nextPart_8
Content-Type: text/html; charset=UTF-8
Content-Transfer-Encoding: quoted-printable

<html><body bgcolor=3D\"white\">
<p>Guten Tag,</p><p>die neue Preisliste gilt ab dem 1. Dezember. Gr=C3=B6=
=C3=9Fere Mengen erhalten Sie auf Anfrage.</p>
<p>Mit freundlichen Gr=C3=BC=C3=9Fen</p></body></html>
--nextPart_8--
",
    )
}

fn mixed() -> Vec<u8> {
    let head = crlf(
        "From: Bob Builder <bob@d.example>
To: alice@r.example
Cc: Carol <carol@r.example>
Subject: Angebot
Date: Mon, 09 Nov 2026 11:59:59 +0100
Message-ID: <angebot.1@d.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=\"=-=mixed=-=\"

--=-=mixed=-=
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

Sehr geehrte Frau Müller,

anbei unser Angebot.

Bob

--=-=mixed=-=
Content-Type: application/pdf; name=angebot.pdf
Content-Disposition: attachment; filename=angebot.pdf
Content-Transfer-Encoding: base64

",
    );
    [head.into_bytes(), base64_lines(&file(6_000), 76), b"--=-=mixed=-=--\r\n".to_vec()].concat()
}

fn nested() -> Vec<u8> {
    let head = crlf(
        "Received: from client.d.example by mail.d.example; Tue, 10 Nov 2026 07:08:09 +0000
From: \"Carol\" <carol@d.example>
To: bob@r.example
Subject: [Team] Minutes
Date: Tue, 10 Nov 2026 07:08:09 +0000
Message-ID: <minutes@d.example>
In-Reply-To: <agenda@d.example>
References: <agenda@d.example>
MIME-Version: 1.0
Content-Type: multipart/mixed;
\tboundary=\"outer\"

This is a multi-part message in MIME format.
--outer
Content-Type: multipart/alternative;
\tboundary=\"inner\"

--inner
Content-Type: text/plain; charset=\"us-ascii\"
Content-Transfer-Encoding: 7bit

Dear all,

the minutes are attached.

Carol
--inner
Content-Type: text/html; charset=\"us-ascii\"
Content-Transfer-Encoding: 7bit

<html>
<body>
<p>Dear all,</p>
<p>the minutes are attached.</p>
<p>Carol</p>
</body>
</html>
--inner--

--outer
Content-Type: application/octet-stream; name=\"minutes.bin\"
Content-Transfer-Encoding: base64
Content-Disposition: attachment; filename=\"minutes.bin\"

",
    );
    [head.into_bytes(), base64_lines(&file(2_000), 72), b"\r\n--outer--\r\n".to_vec()].concat()
}

/// Lines of more than 1,000 octets, as templates make them.
fn newsletter() -> String {
    let item = |number: usize| {
        format!(
            "<tr><td><a href=\"https://www.d.example/n?i={number}\">Item {number}</a> costs less this week &mdash; \
             order before Friday</td></tr>"
        )
    };
    let table: String = (1..=20).map(item).collect();
    let head = crlf(
        "From: Papershop <news@d.example>
To: bob@r.example
Subject: Offers of the week
Date: Wed, 11 Nov 2026 05:00:00 +0000
Message-ID: <n.45@d.example>
List-Unsubscribe: <https://www.d.example/u?7>
MIME-Version: 1.0
Content-Type: text/html; charset=utf-8
Content-Transfer-Encoding: 8bit

",
    );
    format!(
        "{head}<html><body><h1>Offers – this week</h1>\r\n<table>{table}</table>\r\n<p>Papershop</p></body></html>\r\n"
    )
}

/// White space that says something: TABs between columns, two spaces after a sentence, hard line breaks of Markdown.
fn notes() -> String {
    crlf(
        "From: Carol Carpenter <carol@d.example>
To: bob@r.example
Subject: Notes
Date: Thu, 12 Nov 2026 09:30:00 -0000
Message-ID: <notes.3@d.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

Dear Bob.  Here is all of it.
\x20
Item\tPrice\tNumber
Chair\t12\t4
Table\t130\t15

From next week on write to

12 Long Road \x20
Longtown \x20

Carol
",
    )
}
