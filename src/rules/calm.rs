//! Processes that nothing can be said against: most, and then a third of the rules need not be asked for
//! each of their sockets.

use super::{
    RULES, Rule, deleted_executable, disguised_process, executable_in_temp, memfd_executable,
    modified_package_file, preloaded_library, shell_on_socket, told,
};
use crate::{
    model::{Fact, Integrity, Process, Stream, Unseen},
    registry::Registry,
};
use std::sync::LazyLock;

/// Rules that are about a process before they are about a socket.
const OF_PROCESSES: &[&str] = &[
    deleted_executable::ID,
    disguised_process::ID,
    executable_in_temp::ID,
    memfd_executable::ID,
    modified_package_file::ID,
    preloaded_library::ID,
    shell_on_socket::ID,
];

/// The rules that are asked when every owner of a socket is calm.
pub(super) static OTHERS: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let others = RULES.iter().filter(|rule| !OF_PROCESSES.contains(&rule.id));
    others.copied().collect()
});

/// Whether none of the rules that are about processes can speak of this one, whatever its sockets are.
pub fn is_calm(registry: &'static Registry, process: &Process) -> bool {
    let executable = process.executable.known();
    let file_is_odd = executable
        .is_some_and(|file| file.deleted || file.memfd || file.shared_directory.is_some());
    let background = &process.background;
    let script = background.script.known().and_then(Option::as_ref);
    let script_is_odd = script.is_some_and(|script| script.shared_directory.is_some());
    let is_modified = background.integrity == Fact::Known(Integrity::Modified);
    // Nothing of it is looked at more closely here: any setting is enough not to be calm.
    let may_be_preloaded = match &background.loader {
        Fact::Known(settings) => !settings.is_empty(),
        Fact::Unknown(why) => *why == Unseen::NotPermitted,
    } || background
        .preloaded
        .known()
        .is_some_and(|all| !all.is_empty());
    let streams = process.streams.known();
    let is_wired = !process.shells.is_empty()
        || streams.is_some_and(|streams| {
            let is_socket = |stream: &Stream| matches!(stream, Stream::Socket(_));
            streams.iter().any(is_socket)
        });
    !file_is_odd
        && !script_is_odd
        && !is_modified
        && !may_be_preloaded
        && !is_wired
        && told::runs_commands(process).is_none()
        && !disguised_process::is_disguised(registry, process)
}
