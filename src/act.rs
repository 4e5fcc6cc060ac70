//! The only code that changes the machine. Proves the identity of its target again just before.
//!
//! On Linux the process is held by a pidfd before it is looked at, so what was compared is what
//! gets the signal, whatever happens to its number meanwhile.

mod guard;
mod linux;
mod linux_or_not;
mod portable;

use crate::model::{Order, Outcome, Started};

/// What can be done to the machine.
pub trait Actions: Send + Sync {
    /// Carries `order` out and says what came of it. Blocks for up to the order's patience.
    fn signal(&self, order: &Order) -> Outcome;
}

/// The machine itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Actions for System {
    fn signal(&self, order: &Order) -> Outcome {
        if let Some(why) = guard::refusal(order, std::process::id(), portable::parent_of) {
            return Outcome::Refused(why);
        }
        match order.target.started {
            Started::Ticks(ticks) => linux_or_not::signal(order, ticks),
            Started::Epoch(seconds) => linux_or_not::signal_by_epoch(order, seconds),
        }
    }
}

#[cfg(test)]
mod tests;
