// Signed messages, and what became of them on the way. Their key was made for them and then thrown away.

export const LIST_FOOTER = `Return-Path: <parents-bounces@lists.school.example>
Received: from lists.school.example (lists.school.example [198.51.100.7])
	by mx.mailhost.example with ESMTPS; Sat, 21 Nov 2026 10:01:40 +0000
List-Id: Parents <parents.lists.school.example>
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=papershop.example; s=s2026;
 t=1795255200; h=from:to:subject:date:message-id:mime-version:content-type;
 bh=SK8t3IBh7DtnrOvtwlhpPwz27I31EvzEcAUwf5pzOyY=;
 b=BKNW6Paxmg5YUs1sFM/xc4OpVseho7qpduRQ73onVy4PO6pw6qxBrvdsUyLJnwq0alt8ZccK
  n+w1X69vQ+p4roCzlubXeADjszNGJ0c/XYR6OTu2q7doPm90thqxpQvYPn/5CbpVmslVMd6H
  0Dv6R9BUMfwBe7lAuUvRZ83pyPeuImW10MvT+nFgEgu8dNAoCRN4K+av44IIAnwvC2mT3b0Q
  9waPP4F9Z2UMbPV8duo1vutWYXqL140FIYzLmzIg1XQCvf2j0M6HoFGgSpiQOa/ttva1eZDW
  FIRleun8idAdBrQZcrNjqcwXCf0gZIHesBf1C5DK9IW1LAxEmRaR1g==
From: Papershop <news@papershop.example>
To: john@school.example
Subject: Your order 1042 is on its way
Date: Sat, 21 Nov 2026 10:00:00 +0000
Message-ID: <1042@papershop.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

Hello John,

your order 1042 left our house this morning.

Papershop
_______________________________________________
parents mailing list
parents@lists.school.example
`;

export const SUBJECT_TAG = `Return-Path: <parents-bounces@lists.school.example>
Received: from lists.school.example (lists.school.example [198.51.100.7])
	by mx.mailhost.example with ESMTPS; Sat, 21 Nov 2026 10:01:40 +0000
List-Id: Parents <parents.lists.school.example>
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=papershop.example; s=s2026;
 t=1795255200; h=from:to:subject:date:message-id:mime-version:content-type;
 bh=SK8t3IBh7DtnrOvtwlhpPwz27I31EvzEcAUwf5pzOyY=;
 b=BKNW6Paxmg5YUs1sFM/xc4OpVseho7qpduRQ73onVy4PO6pw6qxBrvdsUyLJnwq0alt8ZccK
  n+w1X69vQ+p4roCzlubXeADjszNGJ0c/XYR6OTu2q7doPm90thqxpQvYPn/5CbpVmslVMd6H
  0Dv6R9BUMfwBe7lAuUvRZ83pyPeuImW10MvT+nFgEgu8dNAoCRN4K+av44IIAnwvC2mT3b0Q
  9waPP4F9Z2UMbPV8duo1vutWYXqL140FIYzLmzIg1XQCvf2j0M6HoFGgSpiQOa/ttva1eZDW
  FIRleun8idAdBrQZcrNjqcwXCf0gZIHesBf1C5DK9IW1LAxEmRaR1g==
From: Papershop <news@papershop.example>
To: john@school.example
Subject: [parents] Your order 1042 is on its way
Date: Sat, 21 Nov 2026 10:00:00 +0000
Message-ID: <1042@papershop.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

Hello John,

your order 1042 left our house this morning.

Papershop
`;

export const KEY_MISSING = `Return-Path: <bounce@papershop.example>
Received: from out.papershop.example (out.papershop.example [192.0.2.25])
	by mx.school.example with ESMTPS; Sat, 21 Nov 2026 10:00:02 +0000
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=papershop.example; s=s2024;
 t=1795255200; h=from:to:subject:date:message-id:mime-version:content-type;
 bh=SK8t3IBh7DtnrOvtwlhpPwz27I31EvzEcAUwf5pzOyY=;
 b=BXTJUBKzEWAOpdVRq2foE0vCn2qUwf0lIop3A+O2E3t16KgkNs6p+y85p6KIEwpdnAfhQGlS
  mnonT1wj0SW1uXdo4EWwiK9wK5KU8py2WLgAgcNtSZXa00qXHps72KC+1AkjbBQNeUe7aIw2
  6egCgO6UwpsUel5sOpDkVYt1PoDGd8HMqnurWL6QPwnJ/xPkH3zck5xzWQeu4KAcSBOgcchY
  2W8i65LyvSXrOfFWqViZaXAMlIc29Rnu8nqYTsfegmsFR5hR6ckkb2TzJBzxH57VDPUo+thv
  6UXTQInBjOMmXBPvmOqkYqtMEcWyg0psw0SqLEKfHx8Nn6fPxvwB1A==
From: Papershop <news@papershop.example>
To: john@school.example
Subject: Your order 1042 is on its way
Date: Sat, 21 Nov 2026 10:00:00 +0000
Message-ID: <1042@papershop.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

Hello John,

your order 1042 left our house this morning.

Papershop
`;

export const PASSES = `Return-Path: <bounce@papershop.example>
Received: from out.papershop.example (out.papershop.example [192.0.2.25])
	by mx.school.example with ESMTPS; Sat, 21 Nov 2026 10:00:02 +0000
DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=papershop.example; s=s2026;
 t=1795255200; h=from:to:subject:date:message-id:mime-version:content-type;
 bh=SK8t3IBh7DtnrOvtwlhpPwz27I31EvzEcAUwf5pzOyY=;
 b=BKNW6Paxmg5YUs1sFM/xc4OpVseho7qpduRQ73onVy4PO6pw6qxBrvdsUyLJnwq0alt8ZccK
  n+w1X69vQ+p4roCzlubXeADjszNGJ0c/XYR6OTu2q7doPm90thqxpQvYPn/5CbpVmslVMd6H
  0Dv6R9BUMfwBe7lAuUvRZ83pyPeuImW10MvT+nFgEgu8dNAoCRN4K+av44IIAnwvC2mT3b0Q
  9waPP4F9Z2UMbPV8duo1vutWYXqL140FIYzLmzIg1XQCvf2j0M6HoFGgSpiQOa/ttva1eZDW
  FIRleun8idAdBrQZcrNjqcwXCf0gZIHesBf1C5DK9IW1LAxEmRaR1g==
From: Papershop <news@papershop.example>
To: john@school.example
Subject: Your order 1042 is on its way
Date: Sat, 21 Nov 2026 10:00:00 +0000
Message-ID: <1042@papershop.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

Hello John,

your order 1042 left our house this morning.

Papershop
`;

export const REDIRECTED = `Return-Path: <anna@bakery.example>
Delivered-To: carol@mailhost.example
Received: from mx.club.example (mx.club.example [198.51.100.20])
	by mx.mailhost.example with ESMTPS for <carol@mailhost.example>; Sat, 21 Nov 2026 10:00:09 +0000
Received: from mail.bakery.example (mail.bakery.example [192.0.2.10])
	by mx.club.example with ESMTPS for <treasurer@club.example>; Sat, 21 Nov 2026 10:00:04 +0000
From: Anna <anna@bakery.example>
To: treasurer@club.example
Subject: The bill for the cake
Date: Sat, 21 Nov 2026 10:00:00 +0000
Message-ID: <cake-7@bakery.example>
MIME-Version: 1.0
Content-Type: text/plain; charset=us-ascii

Dear treasurer,

the bill for the cake is 42.

Anna
`;

/** The DNS of papershop.example, and of the list that passes its mail on. */
export const PAPERSHOP = `
papershop.example TXT "v=spf1 ip4:192.0.2.0/26 -all"
_dmarc.papershop.example TXT "v=DMARC1; p=quarantine; rua=mailto:dmarc@papershop.example"
s2026._domainkey.papershop.example TXT "v=DKIM1; k=rsa; p=" "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAqmUR8Eh2Z4TDH9ClrSxxmoW+fRSXfbzgakAxkwkaoQQthPe0WgtwBCr+zbi+DCpplRzfObR3PEl4SUdWX908V3zVhhWZ4JtIMH6r3M4zMXwSK3wLfnoFj+x722WHRxVOM7zV5OFlKzLc+ylVqkeNI4ox0b7p" "pVrPnJxIzFw2gToXj+Q0dyVr/vFRHCnixmH4QOCXhLVA4wa2RG/jEASLGV50l7lftD/pkz4Y9Rf2w/A8uaYS2TKZh3N5FT59caEMHDjVa3eoj7u7D3n0U0VdkozuY6CY8RsVzmvBa3kRMEZ0a80pwCB9s4T6ASOA7EjGeBWuc0zbyuqmBeIzCAVWuwIDAQAB"
lists.school.example TXT "v=spf1 ip4:198.51.100.7 -all"
`;
