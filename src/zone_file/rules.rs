//! Entries of a zone file that are not read here.

use crate::finding::{Diagnostic, Evidence, Label, Rule, Subject, rules};
use crate::resolver::ZoneError;
use crate::resolver::zone::Reason;

rules! {
    /// # A file is included that is not read
    ///
    /// `$INCLUDE` puts the records of another file here. This check reads one file, so it does not know them, and says of no record
    /// that it is missing.
    ///
    /// ```zone-file bad
    /// d.example. TXT "v=spf1 mx -all"
    /// $INCLUDE dkim.inc
    /// ```
    ///
    /// Put the records in its place, or give the file as the server gives it out (a zone transfer, `named-compilezone`):
    ///
    /// ```zone-file good
    /// d.example. TXT "v=spf1 mx -all"
    /// s1._domainkey.d.example. TXT "v=DKIM1; p="
    /// ```
    INCLUDE = "zone-include", Warning, Ok, ["RFC 1035 §5.1"],
        "`{text}` is not followed, so what the other file holds is not looked at";

    /// # Generated records that are not read
    ///
    /// `$GENERATE` writes a line once for each number of a range. This one cannot be followed: a `${…}` in it is not written right,
    /// or it stands for more lines than are written here. Of no record is said that it is missing.
    ///
    /// ```zone-file bad
    /// d.example. TXT "v=spf1 a:host1.d.example -all"
    /// $GENERATE 1-9 host${0,1,q}.d.example. A 192.0.2.$
    /// ```
    ///
    /// ```zone-file good
    /// d.example. TXT "v=spf1 a:host1.d.example -all"
    /// $GENERATE 1-9 host${0,1,d}.d.example. A 192.0.2.$
    /// ```
    GENERATE = "zone-generate", Warning, Ok, ["RFC 1035 §5.1"],
        "`{text}` is not followed, so its records are not looked at";

    /// # A record of another class
    ///
    /// Mail asks for records of the class IN. Those of CH, CS and HS say nothing about it.
    ///
    /// ```zone-file bad
    /// version.bind. CH TXT "9.20"
    /// ```
    ///
    /// ```zone-file good
    /// d.example. IN TXT "v=spf1 mx -all"
    /// ```
    CLASS = "zone-class", Note, Ok, ["RFC 1035 §3.2.4", "RFC 1035 §5.1"],
        "`{text}` is of a class that mail does not use, so it is not looked at";
}

/// Every rule about zone files.
pub(crate) static ALL: &[&[&Rule]] = &[RULES];

/// Whether an entry that is not read may stand for records that mail asks for.
pub(super) fn may_hold_more(error: &ZoneError) -> bool {
    !matches!(error.reason, Reason::Class { .. })
}

/// What is told about an entry that is not read.
pub(super) fn not_read(file: &str, error: &ZoneError) -> Diagnostic {
    let rule = match error.reason {
        Reason::Class { .. } => &CLASS,
        Reason::Generate => &GENERATE,
        _ => &INCLUDE,
    };
    let line = file.lines().nth(error.line.saturating_sub(1) as usize).unwrap_or_default().trim();
    let mut found = Diagnostic::new(rule, Label::whole(&Subject::given(line)));
    found.arg("text", shown(line)).evidence(Evidence::NotChecked);
    found
}

/// Characters of a line that a message shows; it is there as a whole below it.
const MAX_SHOWN: usize = 80;

fn shown(line: &str) -> String {
    let mut shown: String = line.chars().take(MAX_SHOWN).collect();
    if shown.len() < line.len() {
        shown.push('…');
    }
    shown
}
