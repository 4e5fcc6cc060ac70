//! The only code that changes the machine. Proves the identity of its target again just before.
//!
//! On Linux a process is held by a pidfd before it is looked at, so what was compared is what gets
//! the signal, whatever happens to its number meanwhile. Who shows a process and asks holds it
//! from then on ([`Actions::hold`]). A connection is named by the kernel's own number for it.

mod guard;
mod linux;
mod linux_or_not;
mod manager;
mod portable;

use crate::model::{Closing, Hold, Manager, Order, Outcome, Target};
use guard::Guard;
use linux_or_not::Pins;
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What can be done to the machine.
pub trait Actions: Send + Sync {
    /// Holds on to these processes, in place of what was held before; says for each how that went.
    fn hold(&self, targets: &[Target]) -> Vec<Hold>;

    /// Carries the orders out and says of each what came of it, in their order. All signals are sent
    /// before the first is waited for. Blocks for up to the longest patience, twice where `KILL` follows.
    fn signal(&self, orders: &[Order]) -> Vec<Outcome>;

    /// Closes one TCP connection.
    fn close(&self, closing: &Closing) -> Outcome;

    /// Lets the manager of a process stop it, which may take up to `patience`.
    fn stop(&self, manager: &Manager, patience: Duration) -> Outcome;
}

/// The processes that this one was started from, the nearest first.
pub fn our_ancestors() -> Vec<u32> {
    guard::ancestors(std::process::id(), portable::parent_of)
}

/// The machine itself.
#[derive(Debug, Default)]
pub struct System {
    protected: Vec<String>,
    pins: Mutex<Pins>,
}

impl System {
    /// The machine, where programs with these file names are ended only by force.
    pub fn protecting(names: &[String]) -> Self {
        Self {
            protected: names.to_vec(),
            pins: Mutex::default(),
        }
    }
}

impl Actions for System {
    fn hold(&self, targets: &[Target]) -> Vec<Hold> {
        // A poisoned lock would mean that a thread broke off in the middle: what it held is still right.
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        *pins = Pins::default();
        targets.iter().map(|target| pins.hold(target)).collect()
    }

    fn signal(&self, orders: &[Order]) -> Vec<Outcome> {
        let guard = Guard::new(std::process::id(), portable::parent_of, &self.protected);
        let pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        let held: Vec<_> = orders.iter().map(|order| pins.get(&order.target)).collect();
        // Others may be asked to hold on while this waits.
        drop(pins);
        let begun: Vec<_> = orders
            .iter()
            .zip(held)
            .map(|(order, held)| match guard.refusal(order) {
                Some(why) => linux_or_not::Begun::Done(Outcome::Refused(why)),
                None => linux_or_not::begin(order, held),
            })
            .collect();
        linux_or_not::finish(orders, begun)
    }

    fn close(&self, closing: &Closing) -> Outcome {
        linux_or_not::close(closing)
    }

    fn stop(&self, manager: &Manager, patience: Duration) -> Outcome {
        manager::stop(manager, patience, &manager::PLACES)
    }
}

#[cfg(test)]
mod tests;
