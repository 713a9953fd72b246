//! SRS, bounces and senders.

use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::{in_utf16, read, write};
#[cfg(feature = "psl")]
use crate::dmarc;
use crate::reading::{Tree, reads};
use crate::report::RawMessage;
use crate::report::json::Found;
use crate::sender::{Directory, Entries, Field, Fields, Submission};
use crate::srs::{Address, Caution, Forwarded, Secret, Settings, Srs, Surroundings, Unchanged};
use crate::{Name, Timestamp, bounce, forwarding, sender, srs};

struct SrsInput {
    address: String,
    secrets: Vec<String>,
    forwarder: Option<Name>,
    now: Timestamp,
    settings: Settings,
}
reads! { strict SrsInput { needs address, secrets, now; takes forwarder, settings } }

impl SrsInput {
    fn srs(&self) -> Srs {
        Srs::new(self.secrets.iter().filter_map(|secret| Secret::new(secret.as_bytes()))).with(self.settings.clone())
    }
}

#[derive(Serialize)]
struct Sent {
    address: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    unchanged: Option<Unchanged>,
    cautions: Vec<Caution>,
}

#[derive(Serialize)]
struct Refused {
    error: &'static str,
    message: String,
}

/// The reverse-path with which `forwarder` sends on a message from `address`.
///
/// # Errors
/// For an input of another form.
///
/// ```js
/// import { srsForward } from 'mailproof';
///
/// const asked = { address: 'alice@example.com', forwarder: 'fwd.example', secrets: ['a secret'], now: 1800000000 };
/// const { address } = srsForward(asked);
/// address.startsWith('SRS0='); // true
/// address.endsWith('=example.com=alice@fwd.example'); // true
/// ```
#[wasm_bindgen(js_name = srsForward)]
pub fn srs_forward(input: &str) -> Result<String, JsError> {
    let input: SrsInput = read("input", input)?;
    let forwarder = input.forwarder.as_ref().ok_or_else(|| JsError::new("input: missing field `forwarder`"))?;
    match input.srs().forward(&input.address, forwarder, input.now) {
        Ok(Forwarded::Rewritten { address, cautions }) => write(&Sent { address, unchanged: None, cautions }),
        Ok(Forwarded::Unchanged(reason)) => {
            write(&Sent { address: input.address, unchanged: Some(reason), cautions: Vec::new() })
        }
        Err(error) => write(&Refused { error: error.as_str(), message: error.to_string() }),
    }
}

/// Where a bounce to `address` goes on.
///
/// # Errors
/// For an input of another form.
///
/// ```js
/// import { srsForward, srsReverse } from 'mailproof';
///
/// const own = { secrets: ['a secret'], now: 1800000000 };
/// const { address } = srsForward({ ...own, address: 'alice@example.com', forwarder: 'fwd.example' });
/// srsReverse({ ...own, address }).address; // 'alice@example.com'
/// srsReverse({ ...own, address, secrets: ['another secret'] }).error; // 'bad_hash'
/// ```
#[wasm_bindgen(js_name = srsReverse)]
pub fn srs_reverse(input: &str) -> Result<String, JsError> {
    let input: SrsInput = read("input", input)?;
    match input.srs().reverse(&input.address, input.now) {
        Ok(reversed) => write(&reversed),
        Err(error) => write(&Refused { error: error.as_str(), message: error.to_string() }),
    }
}

/// What an address is, seen as SRS, and what is to be known about it.
///
/// # Errors
/// None.
///
/// ```js
/// import { srsInspect } from 'mailproof';
///
/// srsInspect('SRS0=PGkz=G3=example.com=alice@fwd.example').original; // 'alice@example.com'
/// // A mail program wrote it in lower case, and its hash may have lost its meaning.
/// srsInspect('srs0=PGkz=G3=example.com=alice@fwd.example').findings[0].code; // 'srs-lowercased'
/// ```
#[wasm_bindgen(js_name = srsInspect)]
pub fn srs_inspect(address: &str, now: Option<f64>) -> Result<String, JsError> {
    let address = Address::parse(address);
    let now = now.map(|now| Timestamp(now as u64));
    let found = srs::lint(&address, &Surroundings { now, ..Surroundings::default() });
    #[derive(Serialize)]
    struct Inspected<'a> {
        #[serde(flatten)]
        form: Tree,
        dialect: Tree,
        scheme: Option<&'a str>,
        original: Option<String>,
        #[serde(flatten)]
        found: Found<'a>,
    }
    let original = |(user, host)| format!("{}@{}", address.slice(user), address.slice(host));
    write(&Inspected {
        form: in_utf16(&address.form(), address.source())?,
        dialect: in_utf16(&address.dialect(), address.source())?,
        scheme: address.dialect().map(srs::Dialect::name),
        original: address.form().original().map(original),
        found: Found(&found),
    })
}

struct BounceInput {
    reply: Option<String>,
    message: Option<RawMessage>,
    host: Option<String>,
    mail_from: Option<String>,
}
reads! { strict BounceInput { needs; takes reply, message, host, mail_from } }

/// What an SMTP reply or a delivery status notification says.
///
/// # Errors
/// For an input of another form.
///
/// ```js
/// import { bounce } from 'mailproof';
///
/// const reply = '550-5.7.26 Gmail requires all senders to authenticate with either SPF or DKIM. gsmtp';
/// const { bounces } = bounce({ reply });
/// bounces[0].provider; // 'Gmail'
/// bounces[0].cause; // 'unauthenticated'
/// bounces[0].permanent; // true
/// ```
#[wasm_bindgen(js_name = bounce)]
pub fn read_bounce(input: &str) -> Result<String, JsError> {
    let input: BounceInput = read("input", input)?;
    let context =
        bounce::Context { host: input.host.as_deref(), mail_from: input.mail_from.as_deref(), ..Default::default() };
    let notification = input.message.and_then(|message| bounce::Dsn::parse(&message.0));
    let mut bounces = notification.as_ref().map(bounce::Dsn::bounces).unwrap_or_default();
    bounces.extend(input.reply.map(|reply| bounce::diagnose(&reply, &context)));
    #[derive(Serialize)]
    struct Told<'a> {
        #[serde(flatten)]
        bounce: &'a bounce::Bounce,
        advice: Vec<bounce::Advice>,
    }
    #[derive(Serialize)]
    struct All<'a> {
        notification: Option<&'a bounce::Dsn>,
        bounces: Vec<Told<'a>>,
    }
    let bounces = bounces.iter().map(|bounce| Told { bounce, advice: bounce.advice() }).collect();
    write(&All { notification: notification.as_ref(), bounces })
}

struct SenderInput {
    directory: Entries,
    login: Option<String>,
    mail_from: Option<String>,
    header: Option<HeaderInput>,
}
reads! { strict SenderInput { needs directory; takes login, mail_from, header } }

struct HeaderInput {
    from: Vec<String>,
    sender: Option<String>,
    reply_to: Option<String>,
}
reads! { strict HeaderInput { needs; takes from, sender, reply_to } }

/// Who may write as whom.
///
/// # Errors
/// For an input of another form.
///
/// ```js
/// import { sender } from 'mailproof';
///
/// const logins = { 'alice@example.com': 'alice@example.com', 'bob@example.com': 'bob@example.com' };
/// const header = { from: ['Bob <bob@example.com>'] };
/// sender({ directory: { logins }, login: 'alice@example.com', header }).verdict; // 'reject'
/// ```
#[wasm_bindgen(js_name = sender)]
pub fn check_sender(input: &str) -> Result<String, JsError> {
    let input: SenderInput = read("input", input)?;
    let directory = Directory::new(&input.directory)?;
    let field = |body: &String| Field::from(body.as_str());
    let submission = Submission {
        login: input.login.as_deref(),
        mail_from: input.mail_from.as_deref(),
        fields: input.header.map(|header| Fields {
            from: header.from.iter().map(field).collect(),
            sender: header.sender.as_ref().map(field),
            reply_to: header.reply_to.as_ref().map(field),
        }),
    };
    let outcome = sender::check(&directory, &submission, organizational_domain);
    #[derive(Serialize)]
    struct Told<'a> {
        verdict: sender::Verdict,
        login: Option<&'a str>,
        mailbox: Option<&'a str>,
        mail_from: Option<&'a sender::Author>,
        from: &'a [sender::Author],
        sender: Option<&'a sender::Author>,
        advice: Vec<sender::Advice>,
        #[serde(flatten)]
        found: Found<'a>,
    }
    write(&Told {
        verdict: outcome.verdict,
        login: outcome.login.as_deref(),
        mailbox: outcome.mailbox.as_deref(),
        mail_from: outcome.mail_from.as_ref(),
        from: &outcome.from,
        sender: outcome.sender.as_ref(),
        advice: outcome.advice(),
        found: Found(&outcome.findings),
    })
}

struct WayInput {
    author: forwarding::Author,
    hops: Vec<forwarding::Hop>,
}
reads! { strict WayInput { needs author, hops; takes  } }

/// What the last receiver finds after all hops.
///
/// # Errors
/// For an input of another form.
///
/// ```js
/// import { predict } from 'mailproof';
///
/// const signatures = [{ aligned: true, relaxed: true, partial_body: false }];
/// const spf = { spf_elsewhere: 'fail', spf_pass: true, spf_aligned: true };
/// const author = { ...spf, null_sender: false, signatures, policy: 'reject' };
/// predict({ author, hops: [{ redirect: { srs: false } }] }).dmarc; // 'pass'
/// predict({ author, hops: [{ list: { footer: true } }] }).dmarc; // 'fail'
/// ```
#[wasm_bindgen(js_name = predict)]
pub fn predict_way(input: &str) -> Result<String, JsError> {
    let input: WayInput = read("input", input)?;
    write(&forwarding::predict(&input.author, &input.hops))
}

#[cfg(feature = "psl")]
fn organizational_domain(name: &Name) -> Name {
    let found = dmarc::PublicSuffixes::built_in().org_domain(name, dmarc::Section::All);
    found.unwrap_or_else(|| name.clone())
}

/// Without the list: the last two labels.
#[cfg(not(feature = "psl"))]
fn organizational_domain(name: &Name) -> Name {
    name.suffix(2)
}
