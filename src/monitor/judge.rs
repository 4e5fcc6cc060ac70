//! Makes the sockets of a snapshot: describes and judges those that are new or have changed, and keeps the
//! others.

use super::{
    changes::Changes,
    describe::{Describe, Description},
    memory::Memory,
    rates,
    recall::{Mark, Recall, Seen},
    sides::{Gate, gate},
};
use crate::{
    model::{About, Assessment, SampledSocket, Socket, Verdict, policy::holder},
    rules::{self, Case, past::NOTHING},
};
use hashbrown::{DefaultHashBuilder, HashMap, HashTable};
use std::{hash::BuildHasher as _, sync::Arc};

/// The worst verdict on the listeners of each port.
pub(super) type Verdicts = HashMap<Gate, Verdict>;

/// A socket of the new snapshot.
type Made = (Arc<Socket>, Mark);

/// What was made for sockets of which many are alike.
#[derive(Debug, Default)]
pub(super) struct Judge {
    /// The assessments that were given, except of listeners that something was found about: thousands of connections
    /// share one, also where something was found about their program.
    assessments: HashTable<Arc<Assessment>>,
    /// How many of them were in use when those that are not were let go.
    assessments_used: usize,
    hasher: DefaultHashBuilder,
    /// What follows for sockets, of which many are alike.
    abouts: HashTable<Arc<About>>,
    /// How many of them were in use when those that are not were let go.
    abouts_used: usize,
    /// Whether a process that was met in this sample is calm; by where it lies in memory.
    processes: HashMap<usize, bool>,
    /// Of how many more sockets of this sample it may be said for the first time that nothing moves.
    more_at_rest: usize,
}

/// The listeners of the new snapshot, and what is thought of them.
#[derive(Debug, Default)]
pub(super) struct Listeners {
    made: Vec<Made>,
    pub(super) verdicts: Verdicts,
}

/// How many of a kind are kept, and twice those in use, before those that nobody uses any more are let go.
const MANY: usize = 1024;

/// Of so many sockets at most a snapshot is the first to say that nothing moves through them; of others it says nothing
/// yet. Each is made anew for that, while those of the snapshot before are still looked at: of tens of thousands that
/// would be the most memory that is ever needed.
pub(super) const AT_REST_AT_ONCE: usize = 8192;

/// Everything that the making of one socket needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Work<'a> {
    pub(super) recall: &'a Recall<'a>,
    pub(super) describe: &'a Describe<'a>,
    pub(super) changes: &'a Changes,
    pub(super) memory: &'a Memory,
}

impl Judge {
    /// Judges the listeners: what a connection is worth depends on the listener it came in through.
    pub(super) fn listeners(&mut self, work: Work<'_>) -> Listeners {
        self.processes.clear();
        self.more_at_rest = AT_REST_AT_ONCE;
        let mut listeners = Listeners::default();
        for seen in work.recall.iter().filter(Seen::is_listening) {
            let (socket, mark) = self.make(seen, work, &Verdicts::default());
            let verdict = socket.assessment.verdict;
            let port = gate(&socket.raw);
            let worst = listeners.verdicts.entry(port).or_insert(verdict);
            *worst = verdict.max(*worst);
            listeners.made.push((socket, mark));
        }
        listeners
    }

    /// All sockets in the order of the sample, those of `listeners` among them.
    pub(super) fn all(
        &mut self,
        listeners: Listeners,
        work: Work<'_>,
    ) -> (Vec<Arc<Socket>>, Vec<Mark>) {
        let count = work.recall.iter().len();
        self.expect(count);
        let mut sockets = Vec::with_capacity(count);
        let mut marks = Vec::with_capacity(count);
        let mut made = listeners.made.into_iter();
        for seen in work.recall.iter() {
            let made = if seen.is_listening() {
                made.next()
            } else {
                Some(self.make(seen, work, &listeners.verdicts))
            };
            if let Some((socket, mark)) = made {
                sockets.push(socket);
                marks.push(mark);
            }
        }
        self.forget_unused();
        (sockets, marks)
    }

    fn make(&mut self, seen: Seen<'_>, work: Work<'_>, verdicts: &Verdicts) -> Made {
        if let Some((socket, mark)) = seen.before
            && (work.changes.are_none() || !work.changes.affect(seen.raw))
        {
            let counted_at = work.recall.elapsed;
            if seen.is_same && counted_at > mark.counted_at() {
                let is_first_rest = !mark.is_at_rest && socket.rates.is_none();
                if mark.is_at_rest || is_first_rest && self.more_at_rest == 0 {
                    return (Arc::clone(socket), mark.counted_again(counted_at));
                }
                self.more_at_rest -= usize::from(is_first_rest);
            }
            if seen.is_same || seen.raw.differs_in_counters_only(&socket.raw) {
                return counted_again(seen, (socket, mark), work);
            }
        }
        self.look_again(seen, work, verdicts)
    }

    /// A socket that is new, has changed, or depends on something that has.
    fn look_again(&mut self, seen: Seen<'_>, work: Work<'_>, verdicts: &Verdicts) -> Made {
        let raw = seen.raw;
        let description = work.describe.socket(raw);
        let listener = verdicts
            .get(&gate(raw))
            .filter(|_| !description.side.client)
            .copied();
        let assessment = self.assess(raw, &description, listener, work);
        let known = seen.before.map(|(socket, _)| &**socket);
        let counted_at = rates::counted_at(seen, work.recall.elapsed);
        let (side, is_hidden) = (description.side, description.is_hidden);
        let has_changed =
            |before: &Socket| before.raw.state != raw.state || before.raw.owners() != raw.owners();
        let about = self.share_about(About {
            before_us: known.map_or(!work.recall.began(raw), |before| before.before_us),
            changed_at: known.and_then(|before| {
                if has_changed(before) {
                    Some(work.recall.now)
                } else {
                    before.changed_at
                }
            }),
            ..description.about(assessment)
        });
        let socket = Arc::new(Socket {
            raw: Arc::clone(raw),
            about,
            first_seen: known.map_or(work.recall.now.into(), |before| before.first_seen),
            rates: seen.before.and_then(|(before, mark)| {
                rates::between(&before.raw, raw, counted_at.checked_sub(mark.counted_at()))
            }),
        });
        let mut mark = Mark::new(&socket, side, counted_at);
        mark.is_hidden = is_hidden;
        (socket, mark)
    }

    fn assess(
        &mut self,
        raw: &SampledSocket,
        description: &Description,
        listener: Option<Verdict>,
        work: Work<'_>,
    ) -> Arc<Assessment> {
        let registry = work.describe.machine.registry;
        let is_calm = description.processes.iter().all(|process| {
            let place = Arc::as_ptr(process).addr();
            let known = self.processes.entry(place);
            *known.or_insert_with(|| rules::is_calm(registry, process))
        });
        let case = Case {
            machine: work.describe.machine,
            socket: raw,
            processes: &description.processes,
            direction: description.side.direction,
            exposure: description.exposure,
            service: description.service,
            listener,
            client: description.side.client,
            past: holder(&description.processes)
                .map_or(&NOTHING, |owner| work.memory.past(owner.key)),
            port: work.memory.past_of_port(gate(raw)),
        };
        let assessment = if is_calm {
            rules::assess_calm(&case)
        } else {
            rules::assess(&case)
        };
        if assessment.findings.is_empty() || !raw.is_listening() {
            self.share(assessment)
        } else {
            Arc::new(assessment)
        }
    }

    fn share(&mut self, assessment: Assessment) -> Arc<Assessment> {
        let hasher = &self.hasher;
        // Of everything: those of one program can differ in their evidence alone, and there may be thousands.
        let entry = self.assessments.entry(
            hasher.hash_one(&assessment),
            |known| **known == assessment,
            |known| hasher.hash_one(known),
        );
        Arc::clone(entry.or_insert_with(|| Arc::new(assessment)).get())
    }

    /// The same for everything that follows for a socket: the connections of a server to one of its ports share it.
    fn share_about(&mut self, about: About) -> Arc<About> {
        let hasher = &self.hasher;
        let hash = |one: &About| hash_of(hasher, one);
        let entry = self.abouts.entry(
            hash(&about),
            |known| are_same(known, &about),
            |known| hash(known),
        );
        Arc::clone(entry.or_insert_with(|| Arc::new(about)).get())
    }

    /// Makes room at once for what many new sockets bring.
    fn expect(&mut self, sockets: usize) {
        if self.abouts.is_empty() {
            let hasher = &self.hasher;
            self.abouts
                .reserve(sockets / 2, |known| hash_of(hasher, known));
        }
    }

    fn forget_unused(&mut self) {
        keep_used(&mut self.abouts, &mut self.abouts_used);
        keep_used(&mut self.assessments, &mut self.assessments_used);
    }
}

/// Lets those go that nobody uses, where there are many; `used` is how many were in use the last time.
fn keep_used<T>(known: &mut HashTable<Arc<T>>, used: &mut usize) {
    if known.len() > MANY + 2 * *used {
        known.retain(|one| Arc::strong_count(one) > 1);
        *used = known.len();
    }
}

fn hash_of(hasher: &DefaultHashBuilder, about: &About) -> u64 {
    let process = about.processes.first();
    let process = process.map_or(0, |process| Arc::as_ptr(process).addr());
    let port = about.service.map_or(0, |service| usize::from(service.port));
    let assessment = Arc::as_ptr(&about.assessment).addr();
    // Three numbers that differ in other digits each.
    hasher.hash_one(process ^ assessment.rotate_left(32) ^ port.rotate_left(48))
}

/// Whether the same follows for two sockets.
fn are_same(one: &About, other: &About) -> bool {
    let service = |about: &About| {
        about
            .service
            .map(|service| (service.port, service.protocol))
    };
    let processes = one.processes.iter().zip(&other.processes);
    Arc::ptr_eq(&one.assessment, &other.assessment)
        && one.processes.len() == other.processes.len()
        && processes
            .into_iter()
            .all(|(one, other)| Arc::ptr_eq(one, other))
        && service(one) == service(other)
        && one.direction == other.direction
        && one.exposure == other.exposure
        && one.user == other.user
        && one.before_us == other.before_us
        && one.changed_at == other.changed_at
        && one.closed_at == other.closed_at
}

/// The socket with its newest counters and rates, and everything else as it was.
fn counted_again(seen: Seen<'_>, (before, mark): (&Arc<Socket>, &Mark), work: Work<'_>) -> Made {
    let elapsed = work.recall.elapsed;
    let counted_at = rates::counted_at(seen, elapsed);
    let interval = counted_at.checked_sub(mark.counted_at());
    let socket = Arc::new(Socket {
        raw: Arc::clone(seen.raw),
        rates: rates::between(&before.raw, seen.raw, interval),
        ..Socket::clone(before)
    });
    let mut now = Mark::new(&socket, mark.side, counted_at);
    now.is_hidden = mark.is_hidden;
    (socket, now)
}
