use mailproof::dkim::{self, forensics};
use mailproof::dns::Snapshot;
use mailproof::message::Message;
use mailproof::resolver::drive_sync;
use serde_json::Value;
#[path = "conformance/zone.rs"]
mod zone;
pub fn latin1(text: &str) -> Vec<u8> { text.chars().map(|c| u32::from(c) as u8).collect() }
fn main() {
    for line in std::io::stdin().lines() {
        let case: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let alt = &case["expect"]["alteration"];
        if alt.is_null() { continue; }
        let bytes = match case["message_text"].as_str() { Some(t) => t.as_bytes().to_vec(), None => { println!("{} b64", case["id"]); continue } };
        let message = Message::parse(&bytes);
        let z = zone::zone(&case["zone"]);
        let mut dns = Snapshot::new();
        let outs = drive_sync(&mut dns, |q| z.answer(q), |d| dkim::verify(d, &message, mailproof::Timestamp(case["now"].as_u64().or(case["received_at"].as_u64()).unwrap_or(1790000000))));
        for o in &outs {
            let t = std::time::Instant::now();
            let e = forensics::investigate(&dns, &message, o, &forensics::Budget::default());
            println!("{} {} {:?}\n  expect {}\n  key {:?} spent {:?} {:?}", case["id"], o.result, o.cause, alt, e.key, e.spent, t.elapsed());
            for a in e.body.iter().chain(&e.header) {
                println!("  {:?} {} {:?} at {:?} {:?} len {} scope {:?} {:?} edits {:?} {:?} tried {}", a.part, a.what.as_str(), a.header, a.at, a.at_range, a.length, a.scope, a.original.as_ref().map(|o| String::from_utf8_lossy(&o[..o.len().min(300)]).into_owned()), a.edits, a.certainty, a.tried);
            }
        }
    }
}
