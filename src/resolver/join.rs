//! Waits for several futures at once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// The outputs of all `futures`, in their order. No executor is needed, and it is as `Send` as they are.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut slots: Vec<Slot<F>> = futures.into_iter().map(|future| Slot::Waiting(Box::pin(future))).collect();
    poll_fn(|context| {
        let mut pending = false;
        for slot in &mut slots {
            if let Slot::Waiting(future) = slot {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *slot = Slot::Ready(output),
                    Poll::Pending => pending = true,
                }
            }
        }
        if pending { Poll::Pending } else { Poll::Ready(()) }
    })
    .await;
    slots.into_iter().filter_map(Slot::output).collect()
}

enum Slot<F: Future> {
    Waiting(Pin<Box<F>>),
    Ready(F::Output),
}

impl<F: Future> Slot<F> {
    fn output(self) -> Option<F::Output> {
        match self {
            Self::Ready(output) => Some(output),
            Self::Waiting(_) => None,
        }
    }
}
