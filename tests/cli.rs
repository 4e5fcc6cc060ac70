//! Every command's output and exit code, off a terminal.

#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/act.rs"]
mod act;
#[cfg(test)]
#[path = "cli/check.rs"]
mod check;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/doctor.rs"]
mod doctor;
#[cfg(test)]
#[path = "cli/explain.rs"]
mod explain;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/given.rs"]
mod given;
#[cfg(test)]
#[path = "cli/help.rs"]
mod help;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/history.rs"]
mod history;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/inspect.rs"]
mod inspect;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/kill.rs"]
mod kill;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/list.rs"]
mod list;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/log.rs"]
mod log;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/policy.rs"]
mod policy;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/probe.rs"]
mod probe;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/readme.rs"]
mod readme;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/record.rs"]
mod record;
#[cfg(test)]
#[path = "cli/registry.rs"]
mod registry;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/sudo.rs"]
mod sudo;
#[cfg(test)]
#[expect(dead_code, reason = "each test program uses its own part of it")]
#[path = "support/lib.rs"]
mod support;
#[cfg(test)]
#[path = "cli/usage.rs"]
mod usage;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/watch.rs"]
mod watch;
#[cfg(test)]
#[cfg(target_os = "linux")]
#[path = "cli/width.rs"]
mod width;
