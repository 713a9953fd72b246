//! What stands in the text of a record, whether receivers can read it or not: mending must not lose it.

use super::other;
use crate::dmarc::{Mode, Policy, Psd, Record, Request, Tag, Testing, Uri};
use crate::tag_list::SIGNS;

/// What a text says, and what it was probably meant to say.
pub(super) struct Standing {
    is_dmarc: bool,
    /// The policy that receivers read for the domain.
    p: Option<Policy>,
    /// What receivers do with mail of the domain, of its sub-domains, and of those that do not exist.
    asked: [u8; 3],
    /// The weakest policy that is written behind each name.
    policies: [Option<Policy>; 3],
    /// The stricter policies that are written anywhere, and whether one stands behind something else than the name of a policy.
    words: Vec<(Policy, bool)>,
    /// The other tags that are written with a value that they may have.
    tags: Vec<Tag>,
    addresses: Vec<String>,
    /// The destinations that receivers read.
    read: Vec<String>,
}

const POLICIES: [Tag; 3] = [Tag::P, Tag::Sp, Tag::Np];

/// Addresses of one text that are compared. A record has fewer than twenty; the cost grows with the square.
const MAX_STANDING: usize = 100;

/// Octets of a text that is searched for what is written in it; the record of a longer one is compared by what receivers read. Every
/// repair is a text of its own, and records have a few hundred octets.
pub(super) const MAX_SEARCHED: usize = 2_048;

/// Whether the second text says all that the first one says, or was meant to say.
pub(crate) fn keeps(before: &str, after: &str) -> bool {
    !Standing::of(before).is_lost_in(&Standing::of(after))
}

impl Standing {
    pub(super) fn of(text: &str) -> Self {
        let record = Record::parse(text);
        // What is of another record goes with it.
        let other = if text.len() <= MAX_SEARCHED { other::span(text) } else { None };
        let is_own = |uri: &Uri| other.is_none_or(|other| !other.contains(uri.span));
        let uris = || record.rua().iter().chain(record.ruf()).filter(|uri| uri.is_valid() && is_own(uri));
        let name = |uri: &Uri| {
            // A scheme that was to be `mailto:` is mended, and slashes behind it are taken away.
            let (_, rest) = text[uri.uri].split_once(':').unwrap_or_default();
            rest.trim_start_matches('/').to_ascii_lowercase()
        };
        let mut standing = Self {
            is_dmarc: record.is_dmarc(),
            p: record.p().value().filter(|_| record.is_dmarc()),
            asked: asked(&record),
            policies: [None; 3],
            words: Vec::new(),
            tags: Vec::new(),
            addresses: Vec::new(),
            read: if record.is_dmarc() { uris().map(name).collect() } else { Vec::new() },
        };
        let around = other.map_or([text, ""], |other| [&text[..other.start as usize], &text[other.end as usize..]]);
        for text in around.into_iter().filter(|_| text.len() <= MAX_SEARCHED) {
            standing.look(text);
        }
        standing
    }

    fn look(&mut self, text: &str) {
        let mut name = "";
        for word in text.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()) {
            let policy = [Policy::Quarantine, Policy::Reject]
                .into_iter()
                .find(|policy| word.eq_ignore_ascii_case(policy.as_str()));
            let word_at = policy.map(|policy| (policy, !POLICIES.contains(&Tag::of(name))));
            self.words.extend(word_at.filter(|word| !self.words.contains(word)));
            name = word;
        }
        for (at, _) in text.match_indices(['=', ':']) {
            self.keep_tag(&text[..at], &text[at + 1..]);
        }
        let addresses = text.match_indices('@').filter_map(|(at, _)| address(&text[..at], &text[at + 1..]));
        let links = text.match_indices("://").filter_map(|(at, _)| link(&text[..at], &text[at..]));
        self.addresses.extend(addresses.chain(links).take(MAX_STANDING.saturating_sub(self.addresses.len())));
    }

    /// What stands before and behind a sign that may be an equals sign.
    fn keep_tag(&mut self, before: &str, behind: &str) {
        let before = before.trim_end_matches([' ', '\t']);
        let name = &before[before.trim_end_matches(|c: char| c.is_ascii_alphanumeric()).len()..];
        let tag = Tag::of(name);
        let value = behind.trim_start_matches([' ', '\t', ';', '"', '\'', '\\']);
        let value = &value[..value.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(value.len())];
        if let Some(place) = POLICIES.iter().position(|policy| *policy == tag) {
            let written = Policy::ALL.into_iter().find(|policy| is_policy(value, policy.as_str()));
            let weakest =
                self.policies[place].map_or(written, |other| Some(written.map_or(other, |one| one.min(other))));
            self.policies[place] = weakest;
        } else if is_setting(tag, value) && !self.tags.contains(&tag) {
            self.tags.push(tag);
        }
    }

    /// Whether receivers would do less for any mail by the other text.
    pub(super) fn is_more_than(&self, after: &Self) -> bool {
        self.asked.iter().zip(after.asked).any(|(before, after)| *before > after)
    }

    /// Whether the other text does without anything of this one.
    pub(super) fn is_lost_in(&self, after: &Self) -> bool {
        let weaker = |(before, after): (&Option<Policy>, &Option<Policy>)| before.is_some() && before > after;
        // A word that stands alone may be the policy that is meant.
        let is_passed_over = |&(word, is_alone): &(Policy, bool)| {
            let is_weaker = is_alone && self.p.is_none() && after.p.is_some_and(|p| p < word);
            let is_gone = (is_alone || self.p.is_none()) && !after.words.iter().any(|(other, _)| *other == word);
            is_weaker || is_gone
        };
        self.is_dmarc && !after.is_dmarc
            || self.p > after.p
            || self.words.iter().any(is_passed_over)
            || self.policies.iter().zip(&after.policies).any(weaker)
            || self.tags.iter().any(|tag| !after.tags.contains(tag))
            || self.read.iter().any(|read| !after.read.contains(read))
            || self.has_other_addresses_than(after)
    }

    /// What was torn or encoded is the end of an address that did not stand there before, or its begin up to a dot of the domain.
    fn has_other_addresses_than(&self, after: &Self) -> bool {
        let mut new: Vec<&String> = after.addresses.iter().filter(|other| !self.addresses.contains(other)).collect();
        let mut gone = self.addresses.iter().filter(|address| !after.addresses.contains(address));
        let is_part = |address: &str, whole: &str| {
            whole.ends_with(address) || whole.strip_prefix(address).is_some_and(|rest| rest.starts_with('.'))
        };
        gone.any(|address| match new.iter().position(|other| is_part(address, other)) {
            Some(at) => {
                new.swap_remove(at);
                false
            }
            None => true,
        })
    }
}

/// `reject`, and `rejectrua` of `p=rejectrua=…`.
fn is_policy(value: &str, policy: &str) -> bool {
    let (word, rest) = value.split_at_checked(policy.len()).unwrap_or_default();
    word.eq_ignore_ascii_case(policy) && (rest.is_empty() || Tag::of(rest) != Tag::Unknown)
}

/// Whether the tag has one of the words that it may have. The historic ones may go.
fn is_setting(tag: Tag, value: &str) -> bool {
    match tag {
        Tag::Adkim | Tag::Aspf => Mode::read(value).is_some(),
        Tag::T => Testing::read(value).is_some(),
        Tag::Psd => Psd::read(value).is_some(),
        Tag::Fo => matches!(value, "0" | "1" | "d" | "s"),
        _ => false,
    }
}

/// The address around an `@`, as far as its letters leave no doubt.
fn address(before: &str, behind: &str) -> Option<String> {
    let is_letter = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%');
    let local = &before[before.trim_end_matches(is_letter).len()..];
    let (domain, rest) = behind.split_at(behind.find(|c| !is_letter(c)).unwrap_or(behind.len()));
    // `a@d.examplep=reject`
    let names =
        Tag::KNOWN.iter().map(|tag| tag.as_str()).filter(|name| rest.starts_with('=') && domain.ends_with(name));
    let name = names.map(str::len).max().unwrap_or_default();
    let domain = domain[..domain.len() - name].trim_end_matches(SIGNS);
    // `mailtoa@d.example`, which gets its colon.
    let local = local.strip_prefix("mailto").unwrap_or(local);
    (!local.is_empty() && !domain.is_empty()).then(|| [local, "@", domain].concat().to_ascii_lowercase())
}

/// A web address without its scheme and without a limit of size.
fn link(before: &str, behind: &str) -> Option<String> {
    let is_web = before.ends_with("http") || before.ends_with("https");
    let end = behind.find([' ', '\t', ';', ',', '!', '"', '\'', '<', '>', ')']).unwrap_or(behind.len());
    is_web.then(|| behind[..end].to_ascii_lowercase())
}

/// What is asked for with mail of the domain, of its sub-domains, and of those that do not exist; §4.7: less in test mode.
fn asked(record: &Record) -> [u8; 3] {
    let Request::Policies(policies) = record.request() else { return [0; 3] };
    if !record.is_dmarc() {
        return [0; 3];
    }
    let less = u8::from(record.t().value() == Some(Testing::Yes));
    [policies.p, policies.sp, policies.np].map(|policy| {
        let level: u8 = match policy {
            Policy::None => 0,
            Policy::Quarantine => 1,
            Policy::Reject => 2,
        };
        level.saturating_sub(less)
    })
}
