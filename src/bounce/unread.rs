//! What is left out of a notification that is longer than what is looked at.

/// What was not looked at of a notification (RFC 3464), since it has more than anybody sends. All of it is 0 of any usual one.
///
/// ```
/// use mailproof::bounce::Dsn;
///
/// let recipient = "Final-Recipient: rfc822; bob@example.net\r\nAction: failed\r\nStatus: 5.1.1\r\n\r\n";
/// let status = format!("Reporting-MTA: dns; mx.example.com\r\n\r\n{}", recipient.repeat(1_003));
/// let dsn = Dsn::parse(status.as_bytes()).unwrap();
/// assert_eq!((dsn.recipients.len(), dsn.unread.recipients), (1_000, 3));
/// assert!(!dsn.unread.is_empty());
/// ```
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Unread {
    /// Recipients behind the first 1,000 (RFC 5321 §4.5.3.1.8 asks servers for 100).
    pub recipients: usize,
    /// Parts behind the first 200 (RFC 2046 §5.1). What is in them is not counted.
    pub parts: usize,
    /// Parts more than six levels deep. What is in them is not counted.
    pub deep: usize,
    /// Octets behind the first 32 MiB.
    pub octets: usize,
}

impl Unread {
    /// Whether all of the notification was looked at.
    ///
    /// ```
    /// use mailproof::bounce::Dsn;
    ///
    /// let dsn = Dsn::parse(b"Reporting-MTA: dns; mx.example.com\r\n\r\nFinal-Recipient: rfc822; bob@example.net\r\n").unwrap();
    /// assert!(dsn.unread.is_empty());
    /// ```
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

#[cfg(test)]
mod tests {
    use crate::bounce::{Dsn, Unread};

    fn unread(text: &str) -> (usize, Unread) {
        let dsn = Dsn::parse(text.as_bytes()).unwrap();
        (dsn.recipients.len(), dsn.unread)
    }

    fn recipients(count: usize) -> Unread {
        Unread { recipients: count, ..Unread::default() }
    }

    #[test]
    fn recipients_are_counted() {
        let groups = |count: usize| -> String {
            (0..count).map(|n| format!("Final-Recipient: rfc822; r{n}@d.example\nAction: failed\n\n")).collect()
        };
        let status = |count| unread(&format!("Reporting-MTA: dns; x.example\n\n{}", groups(count)));
        assert_eq!(status(1_000), (1_000, recipients(0)));
        assert_eq!(status(1_007), (1_000, recipients(7)));
        // A mailer that names them in a field, and one that begins a paragraph with each; none is counted twice.
        let addresses =
            |count: usize, mark: &str| -> Vec<String> { (0..count).map(|n| format!("r{n}@d.example{mark}")).collect() };
        let exim = |count| format!("X-Failed-Recipients: {}\n\nIt failed.\n", addresses(count, "").join(",\n "));
        assert_eq!(unread(&exim(1_000)), (1_000, recipients(0)));
        assert_eq!(unread(&exim(1_003)), (1_000, recipients(3)));
        let qmail = |count| {
            let paragraphs: String =
                addresses(count, ">:\nNo mailbox here.\n\n").iter().map(|to| format!("<{to}")).collect();
            format!("From: MAILER-DAEMON@d.example\n\n{paragraphs}{paragraphs}")
        };
        assert_eq!(unread(&qmail(1_000)), (1_000, recipients(0)));
        assert_eq!(unread(&qmail(1_002)), (1_000, recipients(2)));
    }

    #[test]
    fn parts_and_octets_are_counted() {
        let status = "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\nFinal-Recipient: rfc822; r@d.example\n\n";
        let head = "From: MAILER-DAEMON@d.example\nContent-Type: multipart/report; boundary=b\n\n";
        // The whole is a part too, and the one for machines.
        let with =
            |more: usize| format!("{head}{status}{}--b--\n", "--b\nContent-Type: text/plain\n\nx\n".repeat(more));
        assert_eq!(unread(&with(198)), (1, Unread::default()));
        assert_eq!(unread(&with(202)), (1, Unread { parts: 4, ..Unread::default() }));
        let deep = |levels: usize| {
            let nested =
                "--b\nContent-Type: message/rfc822\n\n".to_owned() + &"Content-Type: message/rfc822\n\n".repeat(levels);
            format!("{head}{nested}Content-Type: text/plain\n\nx\n{status}--b--\n")
        };
        assert_eq!(unread(&deep(3)), (1, Unread::default()));
        assert_eq!(unread(&deep(4)), (1, Unread { deep: 1, ..Unread::default() }));
        let long = format!("{head}{status}--b--\n{}", "x".repeat(32 << 20));
        let over = head.len() + status.len() + "--b--\n".len();
        assert_eq!(unread(&long), (1, Unread { octets: over, ..Unread::default() }));
    }
}
