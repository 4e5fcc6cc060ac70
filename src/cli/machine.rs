//! One snapshot of the machine, or of a recording.

#![expect(
    clippy::disallowed_methods,
    reason = "what is news depends on the time"
)]

use super::{
    context::Context,
    error::{self, Failure},
    follow::{Over, each_of_source},
    heard, history,
};
use crate::{
    collect::{self, Source, SourceChoice, Thoroughly},
    model::{Extent, Finding, Severity, Snapshot, Socket, SocketKey},
    monitor::Monitor,
    query::{Order, Query, order},
    registry::Registry,
    report::list::coverage,
    rules::Policy,
    store::Store,
};
use jiff::{SignedDuration, Timestamp};
use std::{
    collections::HashMap,
    ops::ControlFlow,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// How long is waited for what is to be known about programs.
const fn patience(what: Thoroughly) -> Duration {
    match what {
        Thoroughly::InDoubt => Duration::from_millis(500),
        Thoroughly::All => Duration::from_secs(5),
    }
}

/// The most sockets that have gone of which it is told what was found.
const MOST_GONE: usize = 1024;

/// For how long a program that took a port over counts as new there.
const NEWS: SignedDuration = SignedDuration::from_hours(24);

/// Takes one snapshot; of a recording, its last.
pub(super) fn snapshot(context: &Context) -> Result<Arc<Snapshot>, Failure> {
    judged_by(context, context.policy()?.policy())
}

/// Takes one snapshot that is to tell the owners of what is on `ports`, as `wanted` picks it; of others it may not
/// tell them.
///
/// Takes the short way, through the control groups of the sockets, the long one where that does not tell them all,
/// and where that does not either, one more look into every thread.
pub(super) fn about(
    context: &Context,
    ports: &[u16],
    wanted: Wanted<'_>,
) -> Result<Arc<Snapshot>, Failure> {
    let judging = || judging(context);
    owners_told(
        context,
        Thoroughly::InDoubt,
        &judging,
        &Asked {
            ports,
            wanted,
            extent: context.extent,
        },
    )
}

/// The same with everything that can be found out.
pub(super) fn thorough_about(
    context: &Context,
    extent: Extent,
    ports: &[u16],
    wanted: Wanted<'_>,
) -> Result<Arc<Snapshot>, Failure> {
    let judging = || remembering(context);
    owners_told(
        context,
        Thoroughly::All,
        &judging,
        &Asked {
            ports,
            wanted,
            extent,
        },
    )
}

/// Sockets whose owners are asked for.
struct Asked<'a> {
    ports: &'a [u16],
    wanted: Wanted<'a>,
    extent: Extent,
}

fn owners_told(
    context: &Context,
    what: Thoroughly,
    monitor: &dyn Fn() -> Result<Monitor, Failure>,
    asked: &Asked<'_>,
) -> Result<Arc<Snapshot>, Failure> {
    let Asked {
        ports,
        wanted,
        extent,
    } = *asked;
    let is_plain = matches!(context.source, SourceChoice::Auto | SourceChoice::SockDiag);
    if !is_plain || extent.all_namespaces {
        return take(context, extent, monitor()?, what);
    }
    let of_few = |pids: Option<Vec<u32>>| {
        let Some(pids) = pids else { return Ok(None) };
        let mut source = collect::open(&context.source, extent)?;
        if !source.look_only_at(&pids) {
            return Ok(None);
        }
        let snapshot = observe(context, source, monitor()?, what)?;
        Ok::<_, Failure>(is_told(&snapshot, wanted).then_some(snapshot))
    };
    if let Some(snapshot) = of_few(collect::around(ports))? {
        tracing::debug!("owners were found the short way");
        return Ok(snapshot);
    }
    let everything = take(context, extent, monitor()?, what)?;
    if is_told(&everything, wanted) {
        return Ok(everything);
    }
    Ok(of_few(collect::among_all(ports))?.unwrap_or(everything))
}

/// The sockets of a snapshot that somebody asks about.
type Wanted<'a> = &'a dyn for<'s> Fn(&'s Snapshot) -> Vec<&'s Socket>;

/// Whether the owners of all that is wanted are told.
fn is_told(snapshot: &Snapshot, wanted: Wanted<'_>) -> bool {
    let lacks_owner =
        |socket: &&Socket| socket.processes.is_empty() && socket.raw.state.can_have_owner();
    !wanted(snapshot).iter().any(lacks_owner)
}

/// Takes one snapshot of so much of the machine; of a recording, its last.
pub(super) fn snapshot_of(context: &Context, extent: Extent) -> Result<Arc<Snapshot>, Failure> {
    read(context, extent, context.policy()?.policy())
}

/// Takes one snapshot, judged by `policy`.
pub(super) fn judged_by(context: &Context, policy: Arc<Policy>) -> Result<Arc<Snapshot>, Failure> {
    read(context, context.extent, policy)
}

/// What judges by the policy in use.
fn judging(context: &Context) -> Result<Monitor, Failure> {
    let mut monitor = Monitor::new(context.registry());
    monitor.set_policy(context.policy()?.policy());
    Ok(monitor)
}

/// The same, and knows who served each port before.
fn remembering(context: &Context) -> Result<Monitor, Failure> {
    let mut monitor = judging(context)?;
    if let Some(path) = history_of(context) {
        remember(&path, context.registry(), &mut monitor);
    }
    Ok(monitor)
}

fn read(context: &Context, extent: Extent, policy: Arc<Policy>) -> Result<Arc<Snapshot>, Failure> {
    let mut monitor = Monitor::new(context.registry());
    monitor.set_policy(policy);
    take(context, extent, monitor, Thoroughly::InDoubt)
}

/// The same with everything that can be found out: every checksum, and who served each port before.
pub(super) fn thorough(context: &Context, extent: Extent) -> Result<Arc<Snapshot>, Failure> {
    take(context, extent, remembering(context)?, Thoroughly::All)
}

/// Looks again and again for so long, with everything that can be found out; returns the last snapshot, and whether it
/// was let to its end. Of sockets that have gone, what was found stands in its `lately`.
pub(super) fn watched(context: &Context, span: Duration) -> Result<(Arc<Snapshot>, Over), Failure> {
    let mut monitor = remembering(context)?;
    let (mut last, mut gone) = (None, HashMap::new());
    let over = each_of_source(context, Some(span), |source, mut sample| {
        source.settle(&mut sample, Thoroughly::All, patience(Thoroughly::All));
        let snapshot = monitor.observe(sample);
        for socket in snapshot.closed.iter().chain(&snapshot.lately) {
            let is_told = |finding: &Finding| finding.severity > Severity::Info;
            if socket.assessment.findings.iter().any(is_told) {
                gone.insert(socket.key(), Arc::clone(socket));
            }
        }
        if gone.len() > 2 * MOST_GONE {
            gone = worst(std::mem::take(&mut gone)).collect();
        }
        last = Some(snapshot);
        Ok(ControlFlow::Continue(()))
    })?;
    let last =
        last.ok_or_else(|| Failure::Usage("nothing could be seen in that time".to_owned()))?;
    let mut snapshot = Snapshot::clone(&last);
    snapshot.lately = worst(gone).map(|(_, socket)| socket).collect();
    Ok((Arc::new(snapshot), over))
}

/// The worst of what has gone, as many as are told of, in the order of their keys.
fn worst(gone: HashMap<SocketKey, Arc<Socket>>) -> impl Iterator<Item = (SocketKey, Arc<Socket>)> {
    let mut gone: Vec<_> = gone.into_iter().collect();
    let verdict = |socket: &Socket| std::cmp::Reverse(socket.assessment.verdict);
    gone.sort_unstable_by_key(|(key, socket)| (verdict(socket), *key));
    gone.truncate(MOST_GONE);
    gone.sort_unstable_by_key(|(key, _)| *key);
    gone.into_iter()
}

/// The history of this machine, when somebody began one. Looking must not begin it.
pub(super) fn history_of(context: &Context) -> Option<PathBuf> {
    let path = history::path(context, None).ok()?;
    (!context.is_recording && matches!(path.try_exists(), Ok(true))).then_some(path)
}

/// Tells the monitor who served each port before and what it answered, as far as the history may be read.
pub(super) fn remember(path: &Path, registry: &'static Registry, monitor: &mut Monitor) {
    let recently = Timestamp::now() - NEWS;
    let known = Store::open(path).and_then(|store| {
        for (protocol, port, program, until) in store.known_listeners(recently)? {
            monitor.knew(protocol, port, &program, until);
        }
        heard::recall(&store, registry, monitor)
    });
    if let Err(error) = known {
        tracing::warn!(%error, "who served the ports before is not known");
    }
}

fn take(
    context: &Context,
    extent: Extent,
    monitor: Monitor,
    what: Thoroughly,
) -> Result<Arc<Snapshot>, Failure> {
    let source = collect::open(&context.source, extent)?;
    observe(context, source, monitor, what)
}

fn observe(
    context: &Context,
    mut source: Box<dyn Source>,
    mut monitor: Monitor,
    what: Thoroughly,
) -> Result<Arc<Snapshot>, Failure> {
    let mut last = None;
    while let Some(mut sample) = source.sample()? {
        tracing::debug!(
            sockets = sample.sockets.len(),
            processes = sample.processes.len(),
            cost = ?source.cost(),
            "sample"
        );
        source.settle(&mut sample, what, patience(what));
        last = Some(monitor.observe(sample));
        if !context.is_recording {
            break;
        }
    }
    // The program ends soon: giving everything back piece by piece would help nobody.
    std::mem::forget((source, monitor));
    last.ok_or_else(|| Failure::Usage("the recording holds no sample".to_owned()))
}

/// The rows that a filter asks for, sorted.
pub(super) fn select(snapshot: &Snapshot, query: &Query, by: Order) -> Vec<usize> {
    let mut rows = query.select(snapshot);
    order::sort(snapshot, &mut rows, by);
    rows
}

/// Says on stderr what could not be seen and what no longer counts, unless told to be quiet.
pub(super) fn warn_of_gaps(context: &Context, snapshot: &Snapshot) {
    if context.quiet {
        return;
    }
    if let Some(missing) = coverage(snapshot) {
        error::print(format_args!("note: {missing}"));
    }
    for ended in &snapshot.policy.ended {
        error::print(format_args!("note: policy: {ended}"));
    }
}
