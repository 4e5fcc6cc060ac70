//! Looking into what `list --format json` says.

use super::program::portwise;
use serde_json::Value;

/// Returns the snapshot that `list --format json` prints, with more `args`.
#[track_caller]
pub(crate) fn snapshot(args: &[&str]) -> Value {
    let run = portwise(["list", "--format", "json"].iter().chain(args)).ended_with(0);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

/// Returns the sockets that `list --format json` prints, with more `args`.
#[track_caller]
pub(crate) fn sockets(args: &[&str]) -> Vec<Value> {
    sockets_of(&snapshot(args))
}

/// Returns the sockets of a snapshot.
#[track_caller]
pub(crate) fn sockets_of(snapshot: &Value) -> Vec<Value> {
    snapshot["sockets"]
        .as_array()
        .unwrap_or_else(|| panic!("no sockets in {snapshot:#}"))
        .clone()
}

/// Returns the only socket that `list --format json` prints, with more `args`.
#[track_caller]
pub(crate) fn only_socket(args: &[&str]) -> Value {
    let sockets = sockets(args);
    let [socket] = sockets.as_slice() else {
        panic!("not one socket for {args:?}: {sockets:#?}")
    };
    socket.clone()
}

/// Returns the names of the rules that found something about `socket`.
pub(crate) fn rules(socket: &Value) -> Vec<&str> {
    let findings = socket["findings"].as_array().unwrap();
    findings
        .iter()
        .map(|finding| finding["rule"].as_str().unwrap())
        .collect()
}

/// Returns the finding of one rule.
#[track_caller]
pub(crate) fn finding<'a>(socket: &'a Value, rule: &str) -> &'a Value {
    let findings = socket["findings"].as_array().unwrap();
    let found = findings.iter().find(|finding| finding["rule"] == rule);
    found.unwrap_or_else(|| panic!("no {rule} about {socket:#}"))
}

/// Returns the pids of the owners of `socket`.
pub(crate) fn pids(socket: &Value) -> Vec<u64> {
    let processes = socket["processes"].as_array().unwrap();
    processes
        .iter()
        .map(|process| process["pid"].as_u64().unwrap())
        .collect()
}
