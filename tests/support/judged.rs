//! The scenarios that the judgement is proved with, and what portwise says of each.
//!
//! `tests/judgement/` holds the tables: what is started, and what must be said of it. `tests/machine` plays them on
//! a real machine, `tests/judgement.rs` plays the recordings of that.

use portwise::{
    model::{Protocol, Sample, Severity, Snapshot, Socket, Verdict},
    monitor::Monitor,
    registry::Registry,
};
use serde::Deserialize;
use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

/// One table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    scenario: Vec<Scenario>,
}

/// Something that runs, and what must be said of it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Scenario {
    /// Its name, which its recording has too.
    pub(crate) name: String,
    /// What it is, for the report.
    pub(crate) about: String,
    /// The programs that have to be installed.
    pub(crate) needs: Vec<String>,
    /// Not installed by `.ci/run`, for the time that it takes: played where it is, and always judged by its recording.
    #[serde(default)]
    pub(crate) optional: bool,
    /// What bash runs, as root, in a folder of its own.
    pub(crate) run: String,
    /// The sockets it opens: `tcp/22` listens, `tcp>4444` called that port, `tcp<4444` was called on it;
    /// `tcp?127.0.0.1` called that machine and was gone before anybody looked, so that no process is seen; `packet`, `raw`.
    pub(crate) opens: Vec<String>,
    /// The rules that must speak of these sockets, each with its severity: none of a benign one.
    #[serde(default)]
    pub(crate) raises: Vec<String>,
    /// What takes time to show is looked at every so many milliseconds.
    pub(crate) every: Option<u64>,
    /// So many times at least, though all may be well before.
    #[serde(default)]
    pub(crate) looks: usize,
}

/// The benign scenarios, then the hostile ones.
pub(crate) fn scenarios() -> Vec<Scenario> {
    let tables = [
        include_str!("../judgement/benign.toml"),
        include_str!("../judgement/hostile.toml"),
    ];
    let tables = tables.map(|text| toml::from_str::<Table>(text).unwrap());
    tables
        .into_iter()
        .flat_map(|table| table.scenario)
        .collect()
}

/// Where the recordings lie.
pub(crate) fn recordings() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recordings")
}

/// What portwise said of a scenario.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Judged {
    /// The findings above `info`, as `rule:severity`.
    pub(crate) findings: BTreeSet<String>,
    /// What is not as it must be, in words; nothing when all is well.
    pub(crate) faults: Vec<String>,
}

impl Scenario {
    /// Whether nothing may be said of it.
    pub(crate) fn is_benign(&self) -> bool {
        self.raises.is_empty()
    }

    /// Judges samples of it, from the first to the last.
    pub(crate) fn judge(&self, samples: &[Sample]) -> Judged {
        let mut monitor = Monitor::new(Registry::bundled());
        let snapshots: Vec<_> = samples
            .iter()
            .map(|sample| monitor.observe(sample.clone()))
            .collect();
        let mut judged = Judged::default();
        let Some(last) = snapshots.last() else {
            judged.faults.push("there is no sample".to_owned());
            return judged;
        };
        for open in &self.opens {
            let is_there = |socket: &Socket| is(open, socket) && !socket.processes.is_empty();
            let was_there = |snapshot: &Arc<Snapshot>| {
                let mut passed = snapshot.short_lived.iter().chain(&snapshot.lately);
                passed.any(|socket| is(open, socket))
            };
            if !last.open().any(is_there) && !snapshots.iter().any(was_there) {
                judged.faults.push(format!("no process has {open}"));
            }
        }
        for snapshot in &snapshots {
            self.look_at(snapshot, &mut judged);
        }
        let missing = self
            .raises
            .iter()
            .filter(|rule| !judged.findings.contains(*rule));
        let missing: Vec<_> = missing.map(|rule| format!("not raised: {rule}")).collect();
        judged.faults.extend(missing);
        judged
    }

    fn look_at(&self, snapshot: &Snapshot, judged: &mut Judged) {
        let passed = snapshot.short_lived.iter().chain(&snapshot.lately);
        let passed = passed.map(|socket| &**socket);
        let all = snapshot.open().chain(passed);
        for socket in all.filter(|socket| self.is_about(socket)) {
            let findings = &socket.assessment.findings;
            let loud = findings
                .iter()
                .filter(|finding| finding.severity > Severity::Info);
            judged.findings.extend(
                loud.map(|finding| format!("{}:{}", finding.rule, finding.severity.name())),
            );
            if self.is_benign() && socket.assessment.verdict != Verdict::Expected {
                judged.faults.push(fault(socket));
            }
        }
    }

    /// Of a benign scenario every socket counts that a process has. Of a hostile one only its own do, not those of
    /// the others that it talks to.
    fn is_about(&self, socket: &Socket) -> bool {
        if self.is_benign() {
            return !socket.processes.is_empty();
        }
        self.opens.iter().any(|open| is(open, socket))
    }
}

fn fault(socket: &Socket) -> String {
    let raw = &socket.raw;
    let peer = raw.peer().map(|peer| format!(" -> {peer}"));
    let owners: Vec<_> = socket
        .processes
        .iter()
        .map(|process| process.name.to_string())
        .collect();
    format!(
        "{} {}{} of {owners:?} is {}: {:?} {:?}",
        raw.protocol.name(),
        raw.local(),
        peer.unwrap_or_default(),
        socket.assessment.verdict.name(),
        socket.assessment.reason,
        socket
            .assessment
            .findings
            .iter()
            .map(|finding| (finding.rule, finding.severity, &finding.title))
            .collect::<Vec<_>>(),
    )
}

/// Whether a socket is the one that `tcp/22`, `tcp>4444`, `tcp<4444`, `tcp?127.0.0.1` or `packet` means.
fn is(wanted: &str, socket: &Socket) -> bool {
    let raw = &socket.raw;
    if let Some((protocol, port)) = wanted.split_once('/') {
        let port = Some(port.parse().unwrap());
        return raw.protocol.name() == protocol && raw.is_listening() && raw.port() == port;
    }
    if let Some((protocol, port)) = wanted.split_once('>') {
        let port: u16 = port.parse().unwrap();
        let peer = raw.peer().map(|peer| peer.port);
        return raw.protocol.name() == protocol && peer == Some(port);
    }
    if let Some((protocol, port)) = wanted.split_once('<') {
        let port = Some(port.parse().unwrap());
        return raw.protocol.name() == protocol && raw.peer().is_some() && raw.port() == port;
    }
    if let Some((protocol, address)) = wanted.split_once('?') {
        let peer = raw.peer().map(|peer| peer.address.to_string());
        let is_called = raw.protocol.name() == protocol && peer.as_deref() == Some(address);
        return is_called && socket.closed_at.is_some();
    }
    match wanted {
        "packet" => raw.protocol == Protocol::Packet,
        "raw" => raw.protocol == Protocol::Raw,
        _ => panic!("{wanted} is no socket"),
    }
}
