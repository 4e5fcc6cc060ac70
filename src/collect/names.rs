//! Asks the system's resolver what addresses are called, on threads of its own.
//!
//! A lookup cannot be given up: it takes as long as the resolver waits for its servers. So nobody waits for a
//! thread, neither while it asks nor at the end.

#![expect(
    clippy::disallowed_methods,
    reason = "answers grow old, and waiting has an end"
)]

use crate::model::{
    Names, Text,
    names::{host_name, may_have_name, pop_unwanted},
};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    net::IpAddr,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc},
    thread,
    time::{Duration, Instant},
};

/// How many addresses are asked for at once.
const THREADS: usize = 8;

/// The most addresses that wait for a thread.
const MOST_WAITING: usize = 4096;

/// For how long a name holds.
const NAMED: Duration = Duration::from_mins(10);

/// For how long it holds that there is none; it may be the network that is missing.
const UNNAMED: Duration = Duration::from_mins(1);

/// Says what an address is called, as it is asked on one of our threads; `None` for nothing or no answer.
pub type Lookup = fn(IpAddr) -> Option<String>;

/// Asks the system: its hosts file, then DNS or whatever else it is set to.
pub fn of_system(address: IpAddr) -> Option<String> {
    dns_lookup::lookup_addr(&address).ok()
}

/// Threads that ask for names. They end after the lookup they are at when this is dropped.
#[derive(Debug)]
pub struct Resolver(Arc<Shared>);

struct Shared {
    lookup: Box<dyn Fn(IpAddr) -> Option<String> + Send + Sync>,
    tell: Box<dyn Fn(IpAddr, Option<Text>) + Send + Sync>,
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<IpAddr>,
    /// What was asked for the last time.
    wanted: HashSet<IpAddr>,
    /// Until when what is known of an address holds; `None` while it is asked for.
    asked: HashMap<IpAddr, Option<Instant>>,
    /// The addresses of `asked`, the oldest first.
    order: VecDeque<IpAddr>,
    started: bool,
    ended: bool,
}

impl Resolver {
    /// Will ask `lookup` and hand each answer to `tell`, on a thread of its own. No thread runs until there is
    /// something to ask.
    pub fn new(
        lookup: impl Fn(IpAddr) -> Option<String> + Send + Sync + 'static,
        tell: impl Fn(IpAddr, Option<Text>) + Send + Sync + 'static,
    ) -> Self {
        Self(Arc::new(Shared {
            lookup: Box::new(lookup),
            tell: Box::new(tell),
            state: Mutex::default(),
            changed: Condvar::new(),
        }))
    }

    /// Asks for these addresses, in their order, and no more for others that still wait. Returns how many answers
    /// will come of it.
    ///
    /// What was asked for a while ago is not asked again, nor what has no name for anybody else.
    pub fn ask(&self, addresses: &[IpAddr]) -> usize {
        let mut state = self.0.lock();
        let now = Instant::now();
        state.waiting.clear();
        state.wanted.clear();
        for address in addresses {
            let address = address.to_canonical();
            let holds = |until: &Option<Instant>| until.is_none_or(|until| now < until);
            let known = state.asked.get(&address).is_some_and(holds);
            if may_have_name(address) && state.wanted.insert(address) && !known {
                state.waiting.push_back(address);
            }
            if state.waiting.len() == MOST_WAITING {
                break;
            }
        }
        let wanted = state.waiting.len();
        if wanted > 0 && !state.started {
            state.started = true;
            self.start();
        }
        drop(state);
        self.0.changed.notify_all();
        wanted
    }

    fn start(&self) {
        for number in 0..THREADS {
            let shared = Arc::clone(&self.0);
            let thread = thread::Builder::new().name(format!("names-{number}"));
            // With fewer threads, or none, names come later, or not at all; nothing else depends on them.
            if let Err(error) = thread.spawn(move || shared.work()) {
                tracing::warn!("could not start a thread that asks for names: {error}");
            }
        }
    }
}

impl Drop for Resolver {
    fn drop(&mut self) {
        self.0.lock().ended = true;
        self.0.changed.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self) {
        while let Some(address) = self.next() {
            let name = (self.lookup)(address).and_then(|answer| host_name(&answer));
            self.lock().answered(address, name.is_some());
            (self.tell)(address, name);
        }
    }

    /// Waits for an address to ask for; `None` at the end.
    fn next(&self) -> Option<IpAddr> {
        let idle = |state: &mut State| !state.ended && state.waiting.is_empty();
        let waited = self.changed.wait_while(self.lock(), idle);
        let mut state = waited.unwrap_or_else(PoisonError::into_inner);
        if state.ended {
            return None;
        }
        let address = state.waiting.pop_front()?;
        state.remember(address);
        Some(address)
    }
}

impl State {
    /// Notes that `address` is being asked for; of too many, forgets the oldest that is not wanted.
    fn remember(&mut self, address: IpAddr) {
        if self.asked.insert(address, None).is_none() {
            self.order.push_back(address);
        }
        let wanted = &self.wanted;
        if self.order.len() > Names::MOST
            && let Some(oldest) = pop_unwanted(&mut self.order, |one| wanted.contains(&one))
        {
            self.asked.remove(&oldest);
        }
    }

    fn answered(&mut self, address: IpAddr, named: bool) {
        let span = if named { NAMED } else { UNNAMED };
        if let Some(until) = self.asked.get_mut(&address) {
            *until = Some(Instant::now() + span);
        }
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared")
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

/// Asks the system for the names of these addresses and waits for the answers, at most until `within` has passed.
/// Returns them, and for how many addresses there was no answer in time.
pub fn names_of(addresses: &[IpAddr], within: Duration) -> (Names, usize) {
    names_by(of_system, addresses, within)
}

fn names_by(
    lookup: impl Fn(IpAddr) -> Option<String> + Send + Sync + 'static,
    addresses: &[IpAddr],
    within: Duration,
) -> (Names, usize) {
    let (told, answers) = mpsc::channel();
    // Nobody listens any more when the time is over.
    let tell = move |address, name| drop(told.send((address, name)));
    let resolver = Resolver::new(lookup, tell);
    let end = Instant::now() + within;
    let mut missing = resolver.ask(addresses);
    let mut names = Names::default();
    while missing > 0 {
        let left = end.saturating_duration_since(Instant::now());
        let Ok((address, name)) = answers.recv_timeout(left) else {
            break;
        };
        names.learn(address, name);
        missing -= 1;
    }
    (names, missing)
}

#[cfg(test)]
mod tests;
