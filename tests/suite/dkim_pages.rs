//! What runs the blocks of pages about DKIM.

use mailproof::dkim;
use mailproof::dns::{Answer, Question, RecordType, Records, Snapshot};
use mailproof::finding::Diagnostic;
use mailproof::message::Message;
use mailproof::resolver::{Zone, drive_sync};
use mailproof::text::Source;
use mailproof::{Name, Timestamp};

use crate::pages::Block;
use crate::world::{self, NOW};

/// The text of a key record.
pub fn key(block: &Block) -> Vec<Diagnostic> {
    dkim::lint_key(&Source::new(&block.text))
}

/// The body of a DKIM-Signature field, and what is known beside it: `now=` and `key=`.
pub fn signature(block: &Block) -> Vec<Diagnostic> {
    let word = |key: &str| block.words.iter().find_map(|word| word.strip_prefix(key));
    let key = word("key=").map(|text| dkim::Key::parse(&text.into()));
    let mut facts = dkim::SignatureFacts::default();
    if let Some(key) = &key {
        facts = facts.key(key);
    }
    if let Some(now) = word("now=") {
        facts = facts.received(Timestamp(now.parse().expect("a time")));
    }
    dkim::lint_signature(&Source::new(&block.text), &facts)
}

/// A message, or its header only.
pub fn message(block: &Block) -> Vec<Diagnostic> {
    let text = format!("{}\r\n", block.text.lines().collect::<Vec<_>>().join("\r\n"));
    dkim::lint_message(&Message::parse(text.as_bytes()), Some(NOW))
}

/// A zone, the name of a key in it, and what is known beside it.
pub fn zone(block: &Block) -> Vec<Diagnostic> {
    let mut options = dkim::LintOptions::default();
    for word in block.words.iter().skip(1) {
        let (key, value) = word.split_once('=').unwrap_or((word, ""));
        options = match key {
            "guessed" => options.guessed(true),
            "other" => options.other_key(value.parse().expect("a name")),
            "since" => options.in_use(Timestamp(value.parse().expect("a time")), NOW),
            "signing-key" => options.signing_key(dkim::Key::parse(&value.into()).data),
            "signs-with" => options.signs_with(if value == "ed25519-sha256" {
                dkim::Algorithm::Ed25519Sha256
            } else {
                dkim::Algorithm::RsaSha256
            }),
            _ => panic!("{}: `{word}`?", block.rule.code),
        };
    }
    at(&world::zone(&block.text), Snapshot::new(), &block.domain(), &options)
}

/// The character-strings of one key record, each on a line of its own.
pub fn strings(block: &Block) -> Vec<Diagnostic> {
    let name = block.domain();
    let mut dns = Snapshot::new();
    let record = Answer::from(Records::Txt(vec![Source::from_strings(block.text.lines())]));
    dns.insert(Question::new(name.clone(), RecordType::Txt), record);
    at(&Zone::new(), dns, &name, &dkim::LintOptions::default())
}

fn at(zone: &Zone, mut dns: Snapshot, name: &Name, options: &dkim::LintOptions) -> Vec<Diagnostic> {
    drive_sync(&mut dns, |question| zone.answer(question), |dns| dkim::lint_key_at(dns, name, options))
}
