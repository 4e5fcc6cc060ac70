//! Where the platforms part.

#[cfg(not(target_os = "linux"))]
use crate::model::Order;
use crate::model::{Closing, Hold, Outcome, ProcessKey, Target};
use std::collections::HashMap;

#[cfg(target_os = "linux")]
pub(super) use super::linux::{Begun, Pin, begin, finish};

/// The most processes that are held at once: each costs a descriptor.
const MOST_HELD: usize = 512;

/// The processes that are held.
#[derive(Debug, Default)]
pub(super) struct Pins {
    held: HashMap<ProcessKey, Pin>,
}

impl Pins {
    /// Holds on to one more.
    #[cfg(target_os = "linux")]
    pub(super) fn hold(&mut self, target: &Target) -> Hold {
        use super::linux::{Pinned, pin};
        if let Some(pin) = self.held.get(&target.key) {
            return Hold::Held(pin.pidfs);
        }
        if self.held.len() >= MOST_HELD {
            return Hold::Unheld;
        }
        match pin(target) {
            Pinned::Held(pin) => {
                let number = pin.pidfs;
                self.held.insert(target.key, pin);
                Hold::Held(number)
            }
            Pinned::Gone => Hold::Gone,
            Pinned::Unsupported | Pinned::Failed(_) => Hold::Unheld,
        }
    }

    /// Cannot.
    #[cfg(not(target_os = "linux"))]
    pub(super) fn hold(&mut self, _target: &Target) -> Hold {
        Hold::Unheld
    }

    /// The one that is held as `target`.
    pub(super) fn get(&self, target: &Target) -> Option<Pin> {
        self.held.get(&target.key).cloned()
    }
}

/// Our effective user.
#[cfg(target_os = "linux")]
#[expect(clippy::unnecessary_wraps, reason = "elsewhere nobody tells")]
pub(super) fn ourselves() -> Option<u32> {
    Some(rustix::process::geteuid().as_raw())
}

/// Nobody tells.
#[cfg(not(target_os = "linux"))]
pub(super) fn ourselves() -> Option<u32> {
    None
}

/// Closes a connection.
#[cfg(target_os = "linux")]
pub(super) fn close(closing: &Closing) -> Outcome {
    super::linux::close(closing)
}

/// Says that only Linux can.
#[cfg(not(target_os = "linux"))]
pub(super) fn close(_closing: &Closing) -> Outcome {
    Outcome::Failed("only Linux can close a connection and leave its process alone".into())
}

/// Nothing is ever held.
#[cfg(not(target_os = "linux"))]
pub(super) type Pin = ();

/// An order that is under way.
#[cfg(not(target_os = "linux"))]
#[derive(Debug)]
pub(super) enum Begun {
    /// Nothing is left to wait for.
    Done(Outcome),
}

/// Carries the order out; it is waited for at once.
#[cfg(not(target_os = "linux"))]
pub(super) fn begin(order: &Order, _held: Option<Pin>) -> Begun {
    use crate::model::Started;
    Begun::Done(match order.target.key.started {
        Started::Ticks(_) => Outcome::Failed("this process was seen on a Linux machine".into()),
        Started::Epoch(seconds) => super::portable::signal(order, seconds),
    })
}

/// Nothing is left to wait for.
#[cfg(not(target_os = "linux"))]
pub(super) fn finish(_orders: &[Order], begun: Vec<Begun>) -> Vec<Outcome> {
    begun
        .into_iter()
        .map(|Begun::Done(outcome)| outcome)
        .collect()
}
