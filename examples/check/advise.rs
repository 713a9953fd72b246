//! `check advise`: which records shall this domain publish?

use std::fmt::Write as _;

use mailproof::Name;
use mailproof::dmarc::Policy;
use mailproof::dns::RecordType;
use mailproof::domain::{self, Advised, Caution, Intent, Panel, Senders};
use mailproof::mta_sts::Mode;
use mailproof::report::json::{FORMAT, Found};
use mailproof::spf;
use serde_json::{Value, json};

use crate::dns::Dns;
use crate::output::{Failure, Format, Output, Status};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The domain.
    domain: Name,
    /// A service that sends in its name, such as "Google Workspace", or the name that the service tells to include.
    #[arg(long = "service", value_name = "NAME")]
    services: Vec<String>,
    /// A network or address of its own that sends.
    #[arg(long = "network", value_name = "ADDR")]
    networks: Vec<String>,
    /// The servers that receive its mail send, too.
    #[arg(long)]
    mx: bool,
    /// Nobody sends as this domain, and nobody receives. Without it or one who sends, a domain that has mail today is refused.
    #[arg(long, conflicts_with_all = ["services", "networks", "mx", "keys"])]
    no_mail: bool,
    /// What receivers are to do with other mail. Left out: reject where nobody sends; else what the domain asks for today, or none.
    #[arg(long)]
    policy: Option<Wanted>,
    /// The address that reports go to.
    #[arg(long, value_name = "ADDRESS")]
    reports: Option<String>,
    /// A DKIM key: its selector, and the RSA public key in base64.
    #[arg(long = "key", value_name = "SELECTOR=KEY")]
    keys: Vec<String>,
    /// Protect mail on its way to it by MTA-STS in testing mode, with this id, such as today's date in digits.
    #[arg(long, value_name = "ID")]
    tls: Option<u64>,
    #[command(flatten)]
    dns: Dns,
}

#[derive(Clone, Copy, clap::ValueEnum)]
enum Wanted {
    None,
    Quarantine,
    Reject,
}

impl Args {
    pub(crate) fn run(self, output: &Output) -> Result<Status, Failure> {
        let mut intent = self.intent()?;
        let advise = |intent: &Intent| self.dns.drive(|dns| domain::advise(dns, intent));
        let mut advised = advise(&intent)??;
        let weaker = advised.cautions.iter().find_map(|caution| match caution {
            Caution::WeakerPolicy { today, .. } => Some(*today),
            _ => None,
        });
        if let Some(today) = weaker.filter(|_| self.policy.is_none()) {
            intent.policy = today;
            advised = advise(&intent)??;
        }
        if let Some(caution) = advised.cautions.iter().find(|caution| matches!(caution, Caution::EndsMail { .. }))
            && !self.no_mail
        {
            let who = "say who sends (--mx, --service, --network), or --no-mail if nobody is to";
            return Err(Failure::new(format!("{}: {caution}: {who}", intent.domain)));
        }
        output.without_sarif()?;
        match output.format() {
            Format::Json => output.json(&as_json(&intent, &advised)?)?,
            Format::Markdown => output.text(|_, out| write_markdown(&intent, &advised, out))?,
            Format::Text | Format::Sarif => output.text(|_, out| write(&intent, &advised, out))?,
        }
        Ok(Status::Pass)
    }

    /// Without a service, a network, or `--mx`, nobody sends.
    fn intent(&self) -> Result<Intent, Failure> {
        let mut intent = Intent::nobody(self.domain.clone());
        intent.reports = self.reports.clone();
        intent.tls = self.tls.map(|id| (Mode::Testing, id));
        for key in &self.keys {
            let (selector, key) = key.split_once('=').ok_or_else(|| Failure::new("a key is `SELECTOR=KEY`"))?;
            intent.keys.push((selector.parse()?, key.to_owned()));
        }
        if self.mx || !self.services.is_empty() || !self.networks.is_empty() {
            let mut includes = Vec::new();
            for service in &self.services {
                includes.push(include(service)?);
            }
            let mut networks = Vec::new();
            for text in &self.networks {
                let network = text.parse().ok().or_else(|| Some(text.parse::<std::net::IpAddr>().ok()?.into()));
                networks.push(network.ok_or_else(|| Failure::new(format!("`{text}` is no address and no network")))?);
            }
            intent.senders = Senders::These { mx: self.mx, includes, networks };
            // RFC 9989 §7.4: first see in reports that all mail passes.
            intent.policy = Policy::None;
        }
        intent.policy = match self.policy {
            None => intent.policy,
            Some(Wanted::None) => Policy::None,
            Some(Wanted::Quarantine) => Policy::Quarantine,
            Some(Wanted::Reject) => Policy::Reject,
        };
        Ok(intent)
    }
}

/// The form `advised` of the schema.
fn as_json(intent: &Intent, advised: &Advised) -> Result<Value, Failure> {
    let records = advised.records.iter().map(|record| {
        let panel = Panel::text(&record.owner, &intent.domain, &record.value);
        json!({
            "owner": record.owner, "record_type": record.record_type, "value": record.value, "replaces": record.replaces,
            "host": panel.host, "quoted": panel.quoted, "split": panel.split,
        })
    });
    let mut told = serde_json::to_value(Found(&advised.assessment.findings))?;
    told["mailproof"] = env!("CARGO_PKG_VERSION").into();
    told["format"] = FORMAT.into();
    told["domain"] = json!(intent.domain);
    told["records"] = records.collect();
    told["cautions"] = advised.cautions.iter().map(ToString::to_string).collect();
    told["policy_file"] = json!(advised.policy_file);
    Ok(told)
}

fn write_markdown(intent: &Intent, advised: &Advised, out: &mut String) -> std::fmt::Result {
    writeln!(out, "**What to publish for `{}`**\n\n| host | type | value |\n|---|---|---|", intent.domain)?;
    for record in &advised.records {
        let panel = Panel::text(&record.owner, &intent.domain, &record.value);
        writeln!(out, "| `{}` | {} | `{}` |", panel.host, record.record_type, panel.plain)?;
    }
    let old = advised.records.iter().flat_map(|record| record.replaces.iter().map(move |old| (record, old)));
    for (i, (record, old)) in old.enumerate() {
        let before = if i == 0 { "\n" } else { "" };
        writeln!(out, "{before}- instead of `{old}` at `{}`", record.owner)?;
    }
    for caution in &advised.cautions {
        writeln!(out, "\n**Before that:** {caution}.")?;
    }
    match &advised.policy_file {
        Some(file) => writeln!(
            out,
            "\nAnd at `https://mta-sts.{}/.well-known/mta-sts.txt` this file:\n\n```text\n{}\n```",
            intent.domain,
            file.trim_end()
        ),
        None => Ok(()),
    }
}

/// What a service tells its customers to include; or the text itself, if it can be such a name.
fn include(service: &str) -> Result<Name, Failure> {
    // As services write it in their help pages.
    let service = service.strip_prefix("include:").unwrap_or(service);
    let known = spf::services().find(|(name, _)| name.eq_ignore_ascii_case(service));
    if known.is_none() && (service.contains(' ') || !service.contains('.')) {
        let why = format!("`{service}` is no service that is known here: give the name that it tells to include");
        return Err(Failure::new(why));
    }
    Ok(known.map_or(service, |(_, include)| include).parse()?)
}

fn write(intent: &Intent, advised: &Advised, out: &mut String) -> std::fmt::Result {
    for record in &advised.records {
        let panel = Panel::text(&record.owner, &intent.domain, &record.value);
        writeln!(out, "{} {}   (host: {})", record.owner, record.record_type, panel.host)?;
        for old in &record.replaces {
            writeln!(out, "  instead of   {old}")?;
        }
        writeln!(out, "  plain        {}", panel.plain)?;
        if record.record_type == RecordType::Txt {
            writeln!(out, "  quoted       {}\n  split at 255 {}", panel.quoted, panel.split)?;
        }
        out.push('\n');
    }
    if let Some(file) = &advised.policy_file {
        writeln!(out, "https://mta-sts.{}/.well-known/mta-sts.txt\n{file}", intent.domain)?;
    }
    for caution in &advised.cautions {
        writeln!(out, "before that: {caution}\n")?;
    }
    let findings = advised.assessment.findings.iter();
    let left: Vec<_> = findings.filter(|found| found.severity < mailproof::finding::Severity::Note).collect();
    writeln!(
        out,
        "looked at as if they were published: no errors in them, {} other findings about the domain",
        left.len()
    )?;
    left.iter().try_for_each(|found| writeln!(out, "  {}[{}]: {}", found.severity, found.code, found.message()))
}
