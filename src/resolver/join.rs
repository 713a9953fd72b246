//! Waits for several futures at once.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

/// The outputs of all `futures`, in their order. No executor is needed, and it is as `Send` as they are.
///
/// Only those are polled that were woken: a round may have a hundred questions, answered one by one.
pub(super) async fn all<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut slots: Vec<Slot<F>> = futures.into_iter().map(|future| Slot::Waiting(Box::pin(future))).collect();
    let woken = Arc::new(Woken::default());
    woken.lock().numbers.extend(0..slots.len());
    let waker = |number| Waker::from(Arc::new(One { number, woken: Arc::clone(&woken) }));
    let wakers: Vec<Waker> = (0..slots.len()).map(waker).collect();
    let mut waiting = slots.len();
    poll_fn(|context| {
        // Who wakes itself is polled again in the next turn, so that others have theirs.
        let numbers = {
            let mut state = woken.lock();
            state.parent = Some(context.waker().clone());
            std::mem::take(&mut state.numbers)
        };
        for number in numbers {
            if let Slot::Waiting(future) = &mut slots[number]
                && let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&wakers[number]))
            {
                slots[number] = Slot::Ready(output);
                waiting -= 1;
            }
        }
        if waiting > 0 { Poll::Pending } else { Poll::Ready(()) }
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

/// The futures that want to be polled, and who polls them all.
#[derive(Default)]
struct Woken(Mutex<State>);

#[derive(Default)]
struct State {
    numbers: Vec<usize>,
    parent: Option<Waker>,
}

impl Woken {
    /// The state is whole between any two statements.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct One {
    number: usize,
    woken: Arc<Woken>,
}

impl Wake for One {
    fn wake(self: Arc<Self>) {
        let parent = {
            let mut state = self.woken.lock();
            state.numbers.push(self.number);
            state.parent.take()
        };
        // Only the first needs to: the parent polls all that were woken until then.
        if let Some(parent) = parent {
            parent.wake();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    /// Ready after it has been polled `left` times; wakes itself each time.
    struct Countdown<'a> {
        left: usize,
        polls: &'a Cell<usize>,
    }

    impl Future for Countdown<'_> {
        type Output = usize;

        fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<usize> {
            self.polls.set(self.polls.get() + 1);
            if self.left == 0 {
                return Poll::Ready(7);
            }
            self.left -= 1;
            context.waker().wake_by_ref();
            Poll::Pending
        }
    }

    #[test]
    fn each_is_polled_as_often_as_it_was_woken() {
        let polls = Cell::new(0);
        let futures = (0..50).map(|left| Countdown { left, polls: &polls });
        let outputs = pollster(all(futures));
        assert_eq!(outputs, [7; 50]);
        assert_eq!(polls.get(), (1..=50).sum::<usize>());
        assert_eq!(pollster(all(Vec::<Countdown<'_>>::new())), [0; 0]);
    }

    fn pollster<F: Future>(future: F) -> F::Output {
        let mut future = Box::pin(future);
        loop {
            if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
                return output;
            }
        }
    }
}
