//! The only code that changes the machine. Proves the identity of its target again just before.
//!
//! On Linux a process is held by a pidfd before it is looked at, so what was compared is what gets
//! the signal, whatever happens to its number meanwhile. Who shows a process and asks holds it
//! from then on ([`Actions::hold`]). A connection is named by the kernel's own number for it.

mod elevate;
mod guard;
mod linux;
mod linux_or_not;
mod manager;
mod portable;

use crate::model::{Closing, Elevator, Hold, Manager, Order, Outcome, Request, Target};
use guard::Guard;
use linux_or_not::Pins;
use std::{
    collections::HashSet,
    io,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// What can be done to the machine.
pub trait Actions: Send + Sync {
    /// Holds on to these processes, in place of what was held before; says for each how that went.
    fn hold(&self, targets: &[Target]) -> Vec<Hold>;

    /// Holds on to these processes, too.
    fn hold_also(&self, targets: &[Target]) -> Vec<Hold>;

    /// Says of each process why an order without force would be refused, if it would.
    fn protection(&self, targets: &[Target]) -> Vec<Option<String>>;

    /// The processes that are [ours].
    fn ours(&self) -> HashSet<u32> {
        ours()
    }

    /// Carries the orders out and says of each what came of it, in their order. All signals are sent
    /// before the first is waited for. Blocks for up to the longest patience, twice where `KILL` follows.
    fn signal(&self, orders: &[Order]) -> Vec<Outcome>;

    /// Closes one TCP connection.
    fn close(&self, closing: &Closing) -> Outcome;

    /// Lets the manager of a process stop it, which may take up to `patience`.
    fn stop(&self, manager: &Manager, patience: Duration) -> Outcome;

    /// The programs that could run a request with more privilege, the best known first; none when there is
    /// no more privilege to be had.
    fn elevators(&self) -> Vec<Elevator>;

    /// The whole command that carries `request` out through `elevator`, word by word.
    ///
    /// # Errors
    ///
    /// Says why there is none.
    fn elevated(&self, request: &Request, elevator: Elevator) -> Result<Vec<String>, String>;

    /// Runs that command on this terminal, where it may ask for a password, and says of each target what
    /// came of it. What is complained about goes to `complaints`, too. Blocks until it is over.
    fn elevate(
        &self,
        request: &Request,
        elevator: Elevator,
        complaints: &mut (dyn io::Write + Send),
    ) -> Vec<Outcome>;

    /// Carries a request out and says of each target what came of it.
    fn carry_out(&self, request: &Request) -> Vec<Outcome> {
        match request {
            Request::Signal(orders) => self.signal(orders),
            Request::Close(all) => all.iter().map(|closing| self.close(closing)).collect(),
            Request::Stop(manager, patience) => vec![self.stop(manager, *patience)],
        }
    }
}

/// The first process of all, this one, and those that this one was started from: none of them starts again what
/// has ended.
pub fn ours() -> HashSet<u32> {
    let ourselves = std::process::id();
    let ancestors = guard::ancestors(ourselves, portable::parent_of);
    ancestors.into_iter().chain([1, ourselves]).collect()
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

    fn guard(&self) -> Guard<'_> {
        Guard::new(std::process::id(), portable::parent_of, &self.protected)
    }
}

impl Actions for System {
    fn hold(&self, targets: &[Target]) -> Vec<Hold> {
        // A poisoned lock would mean that a thread broke off in the middle: what it held is still right.
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        *pins = Pins::default();
        targets.iter().map(|target| pins.hold(target)).collect()
    }

    fn hold_also(&self, targets: &[Target]) -> Vec<Hold> {
        let mut pins = self.pins.lock().unwrap_or_else(PoisonError::into_inner);
        targets.iter().map(|target| pins.hold(target)).collect()
    }

    fn protection(&self, targets: &[Target]) -> Vec<Option<String>> {
        let guard = self.guard();
        targets
            .iter()
            .map(|target| guard.protects(target))
            .collect()
    }

    fn signal(&self, orders: &[Order]) -> Vec<Outcome> {
        let guard = self.guard();
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

    fn elevators(&self) -> Vec<Elevator> {
        elevate::elevators(linux_or_not::ourselves(), &elevate::PLACES)
    }

    fn elevated(&self, request: &Request, elevator: Elevator) -> Result<Vec<String>, String> {
        elevate::command(request, elevator, &elevate::PLACES)
    }

    fn elevate(
        &self,
        request: &Request,
        elevator: Elevator,
        complaints: &mut (dyn io::Write + Send),
    ) -> Vec<Outcome> {
        elevate::run(request, elevator, &elevate::PLACES, complaints)
    }
}

#[cfg(test)]
mod tests;
