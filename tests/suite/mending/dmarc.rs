//! Sound records, damaged as people damage them: what is offered in their place is sound again, and nothing of them is lost.

use mailproof::dmarc::{LintOptions, Policy, Record, Uri, lint, mended};
use mailproof::finding::{Applicability, Severity, apply_all};
use mailproof::report::Kind;

use super::advised;

const SOUND: &[&str] = &[
    "v=DMARC1; p=reject; rua=mailto:dmarc@kastanie.example",
    "v=DMARC1; p=quarantine; sp=reject; rua=mailto:a@kastanie.example,mailto:b@linde.example",
    "v=DMARC1;p=none;sp=none;np=reject;adkim=s;aspf=s;rua=mailto:a-b@kastanie.example;ruf=mailto:f@kastanie.example;fo=1",
    "v=DMARC1; rua=mailto:a@kastanie.example; p=reject; np=quarantine",
    "v=DMARC1; p=reject; ruf=mailto:f.g@kastanie.example; rua=mailto:r@kastanie.example, mailto:s@kastanie.example",
    "v=DMARC1; p=quarantine; t=y; adkim=r; rua=mailto:dmarc+r@kastanie.example;",
    "v=DMARC1; p=reject",
];

/// One sort of damage at every place where it can be done.
type Damage = fn(&str) -> Vec<String>;

/// Puts `with` in the place of each `what`, one at a time.
fn each(text: &str, what: &str, with: &str) -> Vec<String> {
    let places = text.match_indices(what);
    places.map(|(at, _)| format!("{}{with}{}", &text[..at], &text[at + what.len()..])).collect()
}

/// The same behind the version, which has damages of its own.
fn each_behind_version(text: &str, what: &str, with: &str) -> Vec<String> {
    let (version, rest) = text.split_at("v=DMARC1".len());
    each(rest, what, with).into_iter().map(|rest| format!("{version}{rest}")).collect()
}

const DAMAGES: &[(&str, Damage)] = &[
    ("a comma for a semicolon", |text| each(text, ";", ",")),
    ("a colon for a semicolon", |text| each(text, ";", ":")),
    ("a bar for a semicolon", |text| each(text, "; ", " | ")),
    ("a space for a semicolon", |text| each(text, "; ", " ")),
    ("no semicolon", |text| each(text, "; ", "")),
    ("two semicolons", |text| each(text, ";", ";;")),
    ("a backslash", |text| each(text, ";", "\\;")),
    ("backslashes", |text| vec![text.replace(';', "\\;")]),
    ("a full-width semicolon", |text| each(text, ";", "\u{ff1b}")),
    ("nothing before the value", |text| each_behind_version(text, "=", "=;")),
    ("nothing and a space before the value", |text| each_behind_version(text, "=", "= ; ")),
    ("a comma before the value", |text| each_behind_version(text, "=", "=,")),
    ("a comma behind the address", |text| each(text, ".example", ".example,")),
    ("two commas", |text| each(text, ",", ",,")),
    ("a semicolon in a list", |text| each(text, ",", ";")),
    ("a space in a list", |text| each(text, ",", " ")),
    ("quotation marks around it all", |text| vec![format!("\"{text}\""), format!("'{text}'"), format!("\"{text}")]),
    ("quotation marks around a value", |text| {
        let values = text.split(';').skip(1).filter_map(|part| part.split_once('=')).map(|(_, value)| value);
        values.map(|value| text.replacen(value, &format!("\"{value}\""), 1)).collect()
    }),
    ("typographic quotation marks", |text| vec![format!("\u{201c}{text}\u{201d}")]),
    ("large letters in the version", |text| vec![text.replacen("v=", "V=", 1), text.to_ascii_uppercase()]),
    ("small letters in the version", |text| vec![text.replacen("DMARC1", "dmarc1", 1)]),
    ("large letters in a tag", |text| {
        ["p=", "sp=", "rua=", "ruf="].iter().flat_map(|tag| each(text, tag, &tag.to_uppercase())).collect()
    }),
    ("no scheme", |text| each(text, "mailto:", "")),
    ("half a scheme", |text| each(text, "mailto:", "mailto")),
    ("a scheme with another sign", |text| {
        ["mailto=", "mailto;", "mailto ", "mailto : ", "mailto://", "mail:", "mailto:mailto:"]
            .iter()
            .flat_map(|scheme| each(text, "mailto:", scheme))
            .collect()
    }),
    ("a space in the address", |text| {
        ["@", "mailto:"].iter().flat_map(|at| each(text, at, &format!("{at} "))).chain(each(text, "@", " @")).collect()
    }),
    ("a name before the address", |text| each(text, "mailto:", "mailto:A B <")),
    ("angle brackets", |text| {
        each(text, ".example", ".example>").iter().flat_map(|text| each(text, "mailto:", "mailto:<")).collect()
    }),
    ("a colon for the equals sign", |text| each_behind_version(text, "=", ":")),
    ("a space for the equals sign", |text| each_behind_version(text, "=", " ")),
    ("two equals signs", |text| each(text, "=", "==")),
    ("spaces around the equals sign", |text| each(text, "=", " = ")),
    ("strange white space", |text| {
        ["\u{a0}", "\t", "\r\n", " \u{200b}"].iter().flat_map(|space| each(text, " ", space)).collect()
    }),
    ("the version elsewhere", |text| {
        let rest = text.trim_start_matches("v=DMARC1").trim_start_matches([';', ' ']);
        ["", "DMARC1; ", "v=DMARC; ", "v=DMARC1.0; ", "v=DMARC1: ", "v=DMARC1 ", "v=DMARC1", "v DMARC1; "]
            .iter()
            .map(|version| format!("{version}{rest}"))
            .chain([format!("{}; v=DMARC1", rest.trim_end_matches(';')), format!("v=DMARC1; {text}")])
            .collect()
    }),
    ("something before it", |text| {
        ["; ", ";", ", ", " ", "  ;; ", ".", "- ", "\u{feff}", "_dmarc ", "_dmarc.kastanie.example. IN TXT "]
            .iter()
            .map(|before| format!("{before}{text}"))
            .collect()
    }),
    ("something behind it", |text| {
        [
            ";",
            ";;",
            ",",
            " ;",
            ".",
            "\"",
            "\\",
            " end",
            "; end",
            "; v=spf1 -all",
            "; foo=bar",
            ";;;mailto:z@linde.example",
        ]
        .iter()
        .map(|behind| format!("{text}{behind}"))
        .collect()
    }),
    ("a misspelt policy", |text| {
        each(text, "reject", "rejct").into_iter().chain(each(text, "quarantine", "quarentine")).collect()
    }),
    ("a misspelt tag", |text| each(text, "rua=", "ruaa=").into_iter().chain(each(text, "; p=", "; policy=")).collect()),
    ("a size", |text| {
        each(text, ".example", ".example!10m").into_iter().chain(each(text, ".example", ".example!x")).collect()
    }),
    ("HTML", |text| vec![text.replace("; ", ";&nbsp;"), format!("&quot;{text}&quot;"), text.replace("; ", "<br>")]),
    ("a tag twice", |text| {
        text.split("; ").skip(1).map(|part| format!("{}; {part}", text.trim_end_matches(';'))).collect()
    }),
];

/// What stands in a record, apart from how.
#[derive(Debug, PartialEq)]
struct Said {
    policies: [Option<Policy>; 3],
    destinations: [Vec<String>; 2],
}

impl Said {
    fn of(record: &Record) -> Self {
        let text = record.source().text();
        let name = |uri: &Uri| text[uri.uri].replace("://", ":").to_ascii_lowercase();
        let all = |uris: &[Uri]| uris.iter().filter(|uri| uri.is_valid()).map(name).collect();
        Self {
            policies: [record.p(), record.sp(), record.np()].map(|stated| stated.value()),
            destinations: [record.rua(), record.ruf()].map(all),
        }
    }

    /// A destination may have stood in the wrong list.
    fn in_one_list(self) -> Self {
        Self { destinations: [self.destinations.concat(), Vec::new()], ..self }
    }

    fn lost_in(&self, after: &Self) -> Option<String> {
        let policy = self.policies.iter().zip(after.policies).find(|(was, is)| was.is_some() && *was > is);
        let gone = |was: &[String], is: &[String]| was.iter().find(|uri| !is.contains(uri)).cloned();
        let policy = policy.map(|(was, is)| format!("{was:?} became {is:?}"));
        let mut lists = self.destinations.iter().zip(&after.destinations);
        policy.or_else(|| lists.find_map(|(was, is)| gone(was, is)))
    }
}

fn errors(text: &str) -> Vec<&'static str> {
    let found = lint(&Record::parse(text));
    found.iter().filter(|found| found.severity == Severity::Error).map(|found| found.code.as_str()).collect()
}

/// What is wrong with what is offered in the place of the damaged text.
fn harm(sound: &str, damaged: &str) -> Option<String> {
    let again = |text: &str| mended(&Record::parse(text), None, &LintOptions::default());
    let offered = again(damaged);
    let by_machine = apply_all(damaged, Applicability::MachineApplicable, |text| lint(&Record::parse(text))).text;
    let lost = |text: &str| {
        let (before, after) = (Record::parse(damaged), Record::parse(text));
        // Receivers must not lose what they read; and of an offer, nothing may be missing that was in the sound record.
        let (before_all, after_all) = (Said::of(&before).in_one_list(), Said::of(&after).in_one_list());
        let read = if before.is_dmarc() { before_all.lost_in(&after_all) } else { None };
        read.map(|lost| format!("{text:?} has lost {lost}, which was read"))
    };
    let whole = |text: &String| {
        let lost = Said::of(&Record::parse(sound)).lost_in(&Said::of(&Record::parse(text.as_str())));
        let errors = errors(text);
        match lost {
            Some(lost) => Some(format!("{text:?} is offered without {lost}")),
            None if !Record::parse(text.as_str()).is_dmarc() => Some(format!("{text:?} is offered and no record")),
            None if !errors.is_empty() => Some(format!("{text:?} is offered with {errors:?}")),
            None => None,
        }
    };
    // A tag that is misspelt is no error: it may be mended in a second step.
    let whole_at_last = |text: String| whole(&again(&text).unwrap_or(text));
    let advised = || advised(Kind::Dmarc, damaged).and_then(whole_at_last).map(|harm| format!("advice: {harm}"));
    offered.as_ref().and_then(whole).or_else(advised).or_else(|| lost(&by_machine))
}

/// Judges the cases: how many do not say what was meant, and how many of those are mended.
fn judge(cases: impl Iterator<Item = (&'static str, String, String)>) -> (usize, usize) {
    let (mut broken, mut again) = (0, 0);
    let mut harms = Vec::new();
    for (sound, damage, damaged) in cases {
        harms.extend(harm(sound, &damaged).map(|harm| format!("{damage}: {damaged:?}: {harm}")));
        let record = Record::parse(damaged.as_str());
        if !record.is_dmarc() || Said::of(&record) != Said::of(&Record::parse(sound)) {
            broken += 1;
            again += usize::from(mended(&record, None, &LintOptions::default()).is_some());
        }
    }
    assert!(harms.is_empty(), "{} of them do harm:\n{}", harms.len(), harms.join("\n"));
    (broken, again)
}

#[test]
fn one_damage() {
    let cases = SOUND.iter().flat_map(|sound| {
        DAMAGES.iter().flat_map(move |(name, damage)| {
            damage(sound).into_iter().map(move |damaged| (*sound, (*name).to_owned(), damaged))
        })
    });
    let (broken, mended) = judge(cases);
    // Those that are not lack the border of an address, or may be meant in two ways.
    assert!(broken > 600 && mended * 100 >= broken * 99, "{mended} of {broken} are mended");
}

#[test]
fn two_damages() {
    let mut state = 1_u64;
    let mut random = move |below: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut cases = Vec::new();
    while cases.len() < 1_500 {
        let sound = SOUND[random(SOUND.len())];
        let (mut text, mut names) = (sound.to_owned(), Vec::new());
        for _ in 0..2 {
            let (name, damage) = DAMAGES[random(DAMAGES.len())];
            if !text.is_char_boundary("v=DMARC1".len()) {
                continue;
            }
            let mut damaged = damage(&text);
            if !damaged.is_empty() {
                text = damaged.swap_remove(random(damaged.len()));
                names.push(name);
            }
        }
        cases.push((sound, names.join(", "), text));
    }
    let (broken, mended) = judge(cases.into_iter());
    assert!(broken > 1_000 && mended * 100 >= broken * 95, "{mended} of {broken} are mended");
}

/// What was not made by a damage of a sound record, with what is offered for it; the rest says too little of what is meant.
const WRITTEN: &[(&str, Option<&str>)] = &[
    ("v=DMARC1; reject; rua=mailto:a@d.example", None),
    ("v=DMARC1; p=none|quarantine|reject; rua=mailto:a@d.example", None),
    ("v=DMARC1; p=please reject; rua=mailto:a@d.example", None),
    ("v=DMARC1; p=none;reject", None),
    ("v=DMARC1; rua=mailto:a@kastanie.example!xp=reject; np=quarantine", None),
    // Signs for a semicolon.
    ("v=DMARC1; p=reject-rua=mailto:a@d.example", Some("v=DMARC1; p=reject; rua=mailto:a@d.example")),
    ("v=DMARC1; p=reject)rua=mailto:a@d.example", Some("v=DMARC1; p=reject; rua=mailto:a@d.example")),
    (
        "v=DMARC1; p=reject'rua=mailto:a@d.example; ruf=mailto:b@d.example",
        Some("v=DMARC1; p=reject; rua=mailto:a@d.example; ruf=mailto:b@d.example"),
    ),
    (
        "v=DMARC1; p=quarantine\\sp=reject; rua=mailto:a@d.example",
        Some("v=DMARC1; p=quarantine; sp=reject; rua=mailto:a@d.example"),
    ),
    (
        "v=DMARC1; p=reject. sp=none. rua=mailto:a@d.example",
        Some("v=DMARC1; p=reject; sp=none; rua=mailto:a@d.example"),
    ),
    ("v=DMARC1&p=reject&rua=mailto:a@d.example", Some("v=DMARC1; p=reject; rua=mailto:a@d.example")),
    ("v=DMARC1; p=reject; rua=mailto:a@d.example-sp=none", Some("v=DMARC1; p=reject; rua=mailto:a@d.example; sp=none")),
    // Words around an address are no part of it.
    ("v=DMARC1; p=none; rua=mailto:ab@d.example; see b@d.example for help", None),
    ("v=DMARC1; p=none; rua=mailto:ab@d.example; see c@d.example for help", None),
    ("v=DMARC1; p=none; rua=a@d.example see b", Some("v=DMARC1; p=none; rua=mailto:a@d.example")),
    ("v=DMARC1; p=none; rua=mail a@d.example for help", Some("v=DMARC1; p=none; rua=mailto:a@d.example")),
    ("v=DMARC1; p=none; rua=mailto:a@d example", None),
    // Values that a semicolon has torn from their tags.
    ("v=DMARC1; p=reject; adkim=;strict", Some("v=DMARC1; p=reject; adkim=s")),
    ("v=DMARC1; p=reject; t=;yes", Some("v=DMARC1; p=reject; t=y")),
    ("v=DMARC1; p=none; rua=;https://d.example/x", Some("v=DMARC1; p=none; rua=https://d.example/x")),
    ("v=DMARC1; p=none; rua=https://d.example/x;https://d.example/y", None),
    // Tags that a tag has swallowed which receivers ignore.
    (
        "v=DMARC1; p=reject; ri=86400.rua=mailto:a@d.example",
        Some("v=DMARC1; p=reject; ri=86400; rua=mailto:a@d.example"),
    ),
    ("v=DMARC1; foo=bar rua=mailto:a@d.example; p=reject", Some("v=DMARC1; foo=bar; rua=mailto:a@d.example; p=reject")),
    ("v=DMARC1; pct=100 p=reject; rua=mailto:a@d.example", Some("v=DMARC1; pct=100; p=reject; rua=mailto:a@d.example")),
];

#[test]
fn what_says_too_little_is_not_guessed() {
    let mut wrong = Vec::new();
    for (text, good) in WRITTEN {
        let offered = mended(&Record::parse(*text), None, &LintOptions::default());
        if offered.as_deref() != *good {
            wrong.push(format!("{text} → {offered:?}"));
        }
        let advised = advised(Kind::Dmarc, text);
        if advised.is_some() && advised.as_deref() != *good {
            wrong.push(format!("{text} → advice {advised:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
