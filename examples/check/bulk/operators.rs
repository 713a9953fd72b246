//! Who serves the domains: what one operator has to answer at the same time is bounded, through whichever server it is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use mailproof::Name;
use mailproof::dns::{Failure, Question, RecordType, Records, Snapshot};
use mailproof::resolver::Resolver;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The operators of the domains that are looked at.
pub(super) struct Operators {
    limit: usize,
    known: Mutex<HashMap<Name, Arc<Operator>>>,
}

/// Everybody whose name servers lie below one registered domain.
pub(super) struct Operator {
    name: Name,
    places: Arc<Semaphore>,
    /// How many domains it may have now: the limit, or fewer after failures.
    allowed: Mutex<usize>,
}

impl Operators {
    pub(super) fn new(limit: usize) -> Self {
        Self { limit, known: Mutex::default() }
    }

    /// Who serves `domain`; `None` if the DNS does not say. What is asked for that the check of the domain asks too, mostly.
    pub(super) async fn of(&self, domain: &Name, dns: &impl Resolver) -> Option<Arc<Operator>> {
        let answer = dns.resolve(&Question::new(registered(domain), RecordType::Ns)).await;
        let Some(Records::Ns(servers)) = answer.records() else { return None };
        let name = servers.iter().map(registered).min()?;
        let operator =
            self.known().entry(name).or_insert_with_key(|name| Arc::new(Operator::new(name, self.limit))).clone();
        Some(operator)
    }

    /// After a domain of this operator was looked at.
    pub(super) fn told(&self, operator: Arc<Operator>, place: OwnedSemaphorePermit, failed: bool) {
        operator.told(place, failed, self.limit);
        let mut known = self.known();
        // Nobody else has it but the table.
        if Arc::strong_count(&operator) == 2 {
            known.remove(&operator.name);
        }
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Name, Arc<Operator>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Operator {
    fn new(name: &Name, limit: usize) -> Self {
        Self { name: name.clone(), places: Arc::new(Semaphore::new(limit)), allowed: Mutex::new(limit) }
    }

    pub(super) fn places(&self) -> Arc<Semaphore> {
        Arc::clone(&self.places)
    }

    /// Each domain that failed takes its place with it, down to a quarter of all; each that did not brings one back.
    fn told(&self, place: OwnedSemaphorePermit, failed: bool, limit: usize) {
        let mut allowed = self.allowed.lock().unwrap_or_else(PoisonError::into_inner);
        if failed && *allowed > limit.div_ceil(4) {
            *allowed -= 1;
            place.forget();
        } else if !failed && *allowed < limit {
            *allowed += 1;
            self.places.add_permits(1);
        }
    }
}

/// Whether the name servers of `domain` did not answer something. A server that is asked for them says SERVFAIL, too.
pub(super) fn failed(domain: &Name, dns: &Snapshot) -> bool {
    dns.iter().any(|(question, answer)| {
        matches!(answer.failure(), Some(Failure::Timeout | Failure::ServFail)) && question.name.is_within(domain)
    })
}

/// The domain that was registered, in which the name lies.
#[cfg(feature = "psl")]
fn registered(name: &Name) -> Name {
    use mailproof::dmarc::{PublicSuffixes, Section};
    PublicSuffixes::built_in().org_domain(name, Section::All).unwrap_or_else(|| name.clone())
}

/// Without the list of public suffixes it is mostly this.
#[cfg(not(feature = "psl"))]
fn registered(name: &Name) -> Name {
    name.suffix(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use mailproof::resolver::Zone;

    fn name(text: &str) -> Name {
        text.parse().unwrap()
    }

    #[tokio::test]
    async fn whose_name_servers_are_neighbours() {
        let zone = Zone::parse(
            "a.example. NS ns1.host.example.\na.example. NS ns2.host.example.\nb.example. NS ns9.eu.host.example.\n\
             c.example. NS ns.c.example.",
        );
        let (zone, operators) = (zone.unwrap(), Operators::new(4));
        let of = async |domain: &str| operators.of(&name(domain), &zone).await.map(|operator| operator.name.clone());
        assert_eq!(of("a.example").await, Some(name("host.example")));
        assert_eq!(of("www.b.example").await, Some(name("host.example")));
        assert_eq!(of("c.example").await, Some(name("c.example")));
        assert_eq!(of("gone.example").await, None);
    }

    #[tokio::test]
    async fn failures_take_places_and_answers_bring_them_back() {
        let zone = Zone::parse("a.example. NS ns1.host.example.").unwrap();
        let operators = Operators::new(8);
        let held = operators.of(&name("a.example"), &zone).await.unwrap();
        let mut free = Vec::new();
        for failed in [true; 10].into_iter().chain([false; 10]) {
            let operator = operators.of(&name("a.example"), &zone).await.unwrap();
            let place = operator.places().acquire_owned().await.unwrap();
            operators.told(operator, place, failed);
            free.push(held.places.available_permits());
        }
        assert_eq!(free, [7, 6, 5, 4, 3, 2, 2, 2, 2, 2, 3, 4, 5, 6, 7, 8, 8, 8, 8, 8]);
        drop(held);
        let operator = operators.of(&name("a.example"), &zone).await.unwrap();
        let place = operator.places().acquire_owned().await.unwrap();
        operators.told(operator, place, false);
        assert!(operators.known().is_empty());
    }
}
