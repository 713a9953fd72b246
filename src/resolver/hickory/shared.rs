//! A resolver that the program has anyway.

use std::fmt;

use hickory_resolver::TokioResolver;
use hickory_resolver::proto::rr::RecordType as Type;

use super::read::{self, Chain, Next};
use crate::dns::{Answer, Failure, Question};
use crate::resolver::Resolver;

/// Asks through a `TokioResolver` of the program, with its cache, servers and time-outs.
///
/// It knows less than [`HickoryResolver`](super::HickoryResolver): hickory answers some names by itself (`localhost`), and
/// whether SERVFAIL means that DNSSEC validation failed is not asked.
///
/// ```
/// use mailproof::resolver::{drive, hickory::SharedResolver};
/// use mailproof::{dns::Snapshot, dmarc};
///
/// # async fn example(program: hickory_resolver::TokioResolver) -> Result<(), Box<dyn std::error::Error>> {
/// // `program` is the resolver that the mail server asks anyway.
/// let (resolver, author) = (SharedResolver::new(program), "example.com".parse()?);
/// let found = drive(&mut Snapshot::new(), &resolver, |dns| dmarc::discover(dns, &author)).await;
/// println!("{:?}", found.policy);
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct SharedResolver(TokioResolver);

impl SharedResolver {
    /// Asks through `resolver`.
    pub fn new(resolver: TokioResolver) -> Self {
        Self(resolver)
    }
}

impl Resolver for SharedResolver {
    async fn resolve(&self, question: &Question) -> Answer {
        let Some(mut name) = read::to_wire(&question.name) else {
            return Failure::Other.into();
        };
        let record_type = Type::from(question.record_type.number());
        let mut chain = Chain::new(question);
        loop {
            let lookup = self.0.lookup(name.clone(), record_type).await;
            match chain.read_lookup(lookup, name) {
                Next::Answer(answer) => return answer,
                Next::Ask(target) => name = target,
            }
        }
    }
}

impl fmt::Debug for SharedResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SharedResolver").finish_non_exhaustive()
    }
}
