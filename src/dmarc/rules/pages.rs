//! Every block of every page, run through the entry that it is for. A page cannot lie.

// Only tests drive evaluations from here.
#[cfg(test)]
use crate::resolver::{Zone, drive_sync};

use super::lint::{Leg, LintOptions, lint_at, lint_domain, lint_outcome, mended};
use crate::Name;
use crate::dmarc::{Authenticated, Author, MethodResult, Record, Request, Weakness, evaluate};
use crate::dns::Snapshot;
use crate::finding::{Applicability, Diagnostic, Rule, Subject, apply};

/// A fenced block: its words, and its text.
struct Block {
    words: Vec<String>,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut lines = page.lines().map(|line| line.strip_prefix(' ').unwrap_or(line));
    while let Some(line) = lines.next() {
        if let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) {
            let text: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push(Block { words: info.split(' ').map(str::to_owned).collect(), text: text.join("\n") });
        }
    }
    blocks
}

/// `\u{a0}` stands for the character.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\\u{") {
        let (hex, tail) = after.split_once('}').expect("an escape ends");
        out.push_str(before);
        out.push(char::from_u32(u32::from_str_radix(hex, 16).expect("hexadecimal")).expect("a character"));
        rest = tail;
    }
    out + rest
}

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn run(block: &Block) -> Vec<Diagnostic> {
    let option = |key: &str| block.words.iter().find_map(|word| word.strip_prefix(key)?.strip_prefix('='));
    match block.words[0].as_str() {
        "dmarc" => lint_text(&unescaped(&block.text)),
        "zone" => {
            let zone = Zone::parse(&block.text).expect("a zone");
            let leg = |key| match option(key) {
                Some("works") => Leg::Works,
                Some("broken") => Leg::Broken,
                _ => Leg::Unknown,
            };
            let options = LintOptions { spf: leg("spf"), dkim: leg("dkim"), ..LintOptions::default() };
            let domain = name(&block.words[2]);
            drive_sync(&mut Snapshot::new(), |q| zone.answer(q), |dns| lint_domain(dns, &domain, &options))
        }
        "dmarc-eval" => {
            let zone = Zone::parse(&block.text).expect("a zone");
            let author = Author::of(option("from").expect("from").split(','));
            let Some(domain) = author.domain() else { return super::lint_author(&author) };
            let mut ids = Authenticated::default();
            let mut spelling = Vec::new();
            for word in &block.words {
                let Some((method, rest)) = word.split_once('=') else { continue };
                let Some((result, rest)) = rest.split_once(':') else { continue };
                let result: MethodResult = result.parse().expect("a result");
                let (domain, weak) =
                    rest.split_once(':').map_or((rest, None), |(domain, _)| (domain, Some(Weakness::PartialBody)));
                spelling.extend(super::lint_spelling(method, domain));
                ids = match method {
                    "spf" => ids.spf(name(domain), result),
                    "helo" => ids.spf_of_null_path(name(domain), result),
                    _ => ids.dkim_signature(name(domain), name("s"), result, weak),
                };
            }
            let mut dns = Snapshot::new();
            let outcome = drive_sync(&mut dns, |q| zone.answer(q), |dns| evaluate(dns, domain, &ids));
            // What the older receivers ask.
            let options = LintOptions::default();
            if let Some(suffixes) = &options.suffixes {
                drive_sync(&mut dns, |q| zone.answer(q), |dns| crate::dmarc::compare(dns, domain, &ids, suffixes));
            }
            spelling.extend(lint_outcome(&outcome, &dns, &options));
            spelling
        }
        word => panic!("no entry for blocks of `{word}`"),
    }
}

fn lint_text(text: &str) -> Vec<Diagnostic> {
    let domain = name("d.example");
    lint_at(&Record::parse(text), &Subject::given(text), Some(&domain), &LintOptions::default())
}

fn codes(found: &[Diagnostic]) -> Vec<&'static str> {
    found.iter().map(|found| found.code.as_str()).collect()
}

fn rules() -> impl Iterator<Item = &'static Rule> {
    super::OF_TEXTS.iter().chain(super::BEYOND_TEXTS).copied().flatten().copied()
}

#[cfg(feature = "psl")]
#[test]
fn every_block_tells_what_its_page_says() {
    let mut wrong = Vec::new();
    for rule in rules() {
        let blocks = blocks(rule.page);
        // Two records of different types at one name, and DNSSEC, cannot be written in a zone.
        let unwritable = ["dmarc-cname-conflict", "dmarc-lookup-insecure"].contains(&rule.code);
        for kind in ["good", "bad"] {
            let has = blocks.iter().any(|block| block.words[1] == kind);
            assert!(has || (unwritable && kind == "bad"), "{}: no {kind} block", rule.code);
        }
        for block in &blocks {
            let found = run(block);
            let told = found.iter().any(|found| found.code == rule.code);
            if told != (block.words[1] == "bad") {
                wrong.push(format!("{} {:?}\n{}\n{:?}", rule.code, block.words, block.text, codes(&found)));
            }
            wrong.extend(
                found
                    .iter()
                    .filter(|found| !is_well_told(found))
                    .map(|found| format!("{}: {}", found.code, found.message())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Every value of the message is there, it is one line without a full stop, and the place is in the text.
fn is_well_told(found: &Diagnostic) -> bool {
    let keys =
        found.code.rule().template.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(key, _)| key);
    let text = found.primary.subject.source().text();
    keys.into_iter().all(|key| found.params.get(key).is_some())
        && !found.message().ends_with('.')
        && !found.message().contains('\n')
        && found.primary.span.end as usize <= text.len()
}

#[test]
fn codes_are_unique() {
    let mut codes: Vec<&str> = rules().map(|rule| rule.code).collect();
    let all = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), all);
}

/// Applied alone, a fix makes its finding go away, and brings no new error or warning.
#[test]
fn fixes_mend() {
    let mut wrong = Vec::new();
    for rule in rules() {
        for block in blocks(rule.page).iter().filter(|block| block.words[0] == "dmarc" && block.words[1] == "bad") {
            let text = unescaped(&block.text);
            let before = lint_text(&text);
            // What a broken version or a disarmed policy hides comes to light when it is mended.
            let hidden = !matches!(Record::parse(text.as_str()).request(), Request::Policies(_))
                || !Record::parse(text.as_str()).is_dmarc();
            for found in &before {
                // A record to publish elsewhere is no edit of this one.
                let edits = found.fixes.iter().filter(|fix| !fix.edits().is_empty());
                for fix in edits.filter(|fix| fix.applicability != Applicability::HasPlaceholders) {
                    let mended = apply(&text, fix.edits()).expect("edits apply");
                    let after = lint_text(&mended);
                    let count = |list: &[Diagnostic]| list.iter().filter(|other| other.code == found.code).count();
                    if count(&after) >= count(&before) {
                        wrong.push(format!("{}: {text:?} became {mended:?}", found.code));
                    }
                    let machine = fix.applicability == Applicability::MachineApplicable;
                    for new in after.iter().filter(|new| machine && !codes(&before).contains(&new.code.as_str())) {
                        let mild = new.severity == crate::finding::Severity::Note;
                        if !hidden && !mild {
                            wrong.push(format!("{} brought {}: {mended:?}", found.code, new.code));
                        }
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn mending_reaches_a_good_record() {
    let options = LintOptions::default();
    for (text, expected) in [
        (
            "\"v=dmarc1 p=rejct, sp=non; RUA=a@d.example mailto:b@d.example\"",
            "v=DMARC1; p=reject; sp=none; rua=mailto:a@d.example,mailto:b@d.example",
        ),
        (
            "v=DMARC1\\; p=reject\\; rua=mailto:a@d.example;mailto:b@d.example",
            "v=DMARC1; p=reject; rua=mailto:a@d.example,mailto:b@d.example",
        ),
        ("v=DMARC1; p=reject rua=mailto:a@d.example", "v=DMARC1; p=reject; rua=mailto:a@d.example"),
        ("v=DMARC1; p=none; rua=mailto:a@d.example!10m; ri=86400", "v=DMARC1; p=none; rua=mailto:a@d.example"),
    ] {
        let mended = mended(&Record::parse(text), Some(&name("d.example")), &options);
        assert_eq!(mended.as_deref(), Some(expected), "{text}");
    }
}
