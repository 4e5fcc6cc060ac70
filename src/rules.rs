//! Judgement: one rule a file, each a function of what was seen.
//!
//! A rule returns a finding with the sentence, the evidence and the advice, or nothing. It reads no
//! machine and keeps no state. What it cannot see it says; it never takes a number for a proof.

pub mod case;
pub mod lookalike;
pub mod past;
pub mod policy;
pub mod story;

mod backdoor_port;
mod backlog_full;
mod beacon;
mod calm;
mod cleartext_service;
mod close_wait_pile;
mod deleted_executable;
mod denied_listener;
mod disguised_process;
mod ephemeral_listener;
mod executable_in_temp;
mod exposed_local_service;
mod fan_out;
mod hidden_owner;
mod lookalike_port;
mod memfd_executable;
mod modified_package_file;
mod obscure_port;
mod owner_changed;
mod owner_not_visible;
mod packet_capture;
mod preloaded_library;
mod reason;
mod root_service;
mod shell_on_socket;
pub mod speaks_otherwise;
mod told;
mod unassigned_port;
mod unauthorized_use;
mod untracked_listener;
mod wrong_program;

pub use beacon::asks_others;
pub use calm::is_calm;
pub use case::{Case, Machine};
pub use policy::Policy;

use crate::{
    model::{Assessment, Finding, Process, Severity, Verdict},
    registry::Registry,
};

/// Whether what a rule found is not over when the socket that it was found of is: it is about what a program does.
pub fn outlasts_its_socket(rule: &str) -> bool {
    matches!(rule, beacon::ID | fan_out::ID)
}

/// Whether the program says nothing about what it serves: a shell, an interpreter, a netcat.
pub fn is_general_purpose(process: &Process) -> bool {
    case::kind(process).is_general_purpose()
}

/// One judgement.
#[derive(Debug, Clone, Copy)]
pub struct Rule {
    /// Its name, which policies, filters and scripts use.
    pub id: &'static str,
    /// What it looks for, in one sentence.
    pub about: &'static str,
    /// Looks at one socket.
    check: fn(&Case<'_>) -> Option<Finding>,
    /// Of which processes it can speak at all, whatever their sockets are; `None` when it is about sockets.
    concerns: Option<fn(&'static Registry, &Process) -> bool>,
}

/// Every rule, in the order of their names.
pub const RULES: &[Rule] = &[
    Rule {
        id: backdoor_port::ID,
        about: "A listener on a port known as the default of a backdoor or an attack tool.",
        check: backdoor_port::check,
        concerns: None,
    },
    Rule {
        id: backlog_full::ID,
        about: "The queue of connections that wait to be accepted is full.",
        check: backlog_full::check,
        concerns: None,
    },
    Rule {
        id: beacon::ID,
        about: "A program calls one peer again and again at regular intervals.",
        check: beacon::check,
        concerns: None,
    },
    Rule {
        id: cleartext_service::ID,
        about: "A service that takes readable passwords can be reached from the network.",
        check: cleartext_service::check,
        concerns: None,
    },
    Rule {
        id: close_wait_pile::ID,
        about: "A program leaves many sockets open that the other end has closed.",
        check: close_wait_pile::check,
        concerns: None,
    },
    Rule {
        id: deleted_executable::ID,
        about: "The file a program was started from is gone.",
        check: deleted_executable::check,
        concerns: Some(deleted_executable::concerns),
    },
    Rule {
        id: denied_listener::ID,
        about: "The policy denies a listener.",
        check: denied_listener::check,
        concerns: None,
    },
    Rule {
        id: disguised_process::ID,
        about: "A program calls itself a thread of the kernel or another program.",
        check: disguised_process::check,
        concerns: Some(disguised_process::concerns),
    },
    Rule {
        id: ephemeral_listener::ID,
        about: "A listener on a port that the kernel hands out by itself.",
        check: ephemeral_listener::check,
        concerns: None,
    },
    Rule {
        id: executable_in_temp::ID,
        about: "A program runs from a temporary or world-writable directory.",
        check: executable_in_temp::check,
        concerns: Some(executable_in_temp::concerns),
    },
    Rule {
        id: exposed_local_service::ID,
        about: "A service meant for this machine can be reached from the network.",
        check: exposed_local_service::check,
        concerns: None,
    },
    Rule {
        id: fan_out::ID,
        about: "A program opens connections to very many machines or ports in a short time.",
        check: fan_out::check,
        concerns: None,
    },
    Rule {
        id: hidden_owner::ID,
        about: "Root looked, and no process owns a listener.",
        check: hidden_owner::check,
        concerns: None,
    },
    Rule {
        id: lookalike_port::ID,
        about: "A listener one digit away from a famous port.",
        check: lookalike_port::check,
        concerns: None,
    },
    Rule {
        id: memfd_executable::ID,
        about: "A program runs from memory, without a file.",
        check: memfd_executable::check,
        concerns: Some(memfd_executable::concerns),
    },
    Rule {
        id: modified_package_file::ID,
        about: "A packaged program differs from what its package installed.",
        check: modified_package_file::check,
        concerns: Some(modified_package_file::concerns),
    },
    Rule {
        id: obscure_port::ID,
        about: "A listener on a registered port that no common software uses.",
        check: obscure_port::check,
        concerns: None,
    },
    Rule {
        id: owner_changed::ID,
        about: "A port known from before is now served by another program.",
        check: owner_changed::check,
        concerns: None,
    },
    Rule {
        id: owner_not_visible::ID,
        about: "The owner of a socket needs more privilege to be seen.",
        check: owner_not_visible::check,
        concerns: None,
    },
    Rule {
        id: packet_capture::ID,
        about: "A program reads whole packets or frames.",
        check: packet_capture::check,
        concerns: None,
    },
    Rule {
        id: preloaded_library::ID,
        about: "The loader or the interpreter was told to add code to a program.",
        check: preloaded_library::check,
        concerns: Some(preloaded_library::concerns),
    },
    Rule {
        id: root_service::ID,
        about: "A daemon that usually drops root serves as root.",
        check: root_service::check,
        concerns: None,
    },
    Rule {
        id: shell_on_socket::ID,
        about: "A shell reads from and writes to a network connection.",
        check: shell_on_socket::check,
        concerns: Some(shell_on_socket::concerns),
    },
    Rule {
        id: speaks_otherwise::ID,
        about: "A port answered in another protocol than the one it is named for.",
        check: speaks_otherwise::check,
        concerns: None,
    },
    Rule {
        id: unassigned_port::ID,
        about: "A listener on a port that the registry assigns to nobody.",
        check: unassigned_port::check,
        concerns: None,
    },
    Rule {
        id: untracked_listener::ID,
        about: "The policy does not expect a listener.",
        check: untracked_listener::check,
        concerns: None,
    },
    Rule {
        id: unauthorized_use::ID,
        about: "The registry reports that a port is used without an assignment.",
        check: unauthorized_use::check,
        concerns: None,
    },
    Rule {
        id: wrong_program::ID,
        about: "A well-known port is served by a program that is known for something else.",
        check: wrong_program::check,
        concerns: None,
    },
];

/// Judges one socket by every rule, and by what the policy makes of them.
pub fn assess(case: &Case<'_>) -> Assessment {
    assess_by(RULES, case)
}

/// The same for a socket whose owners are all [calm](is_calm), in less time.
pub fn assess_calm(case: &Case<'_>) -> Assessment {
    let assessment = assess_by(&calm::OTHERS, case);
    debug_assert_eq!(assessment, assess(case), "a calm process is spoken of");
    assessment
}

fn assess_by(rules: &[Rule], case: &Case<'_>) -> Assessment {
    let findings = rules.iter().filter_map(|rule| (rule.check)(case));
    conclude(findings.collect(), case)
}

/// What was found of a socket that nobody can look at any more, by what the policy makes of it now.
///
/// A finding whose severity an earlier policy changed keeps it until this one changes it again; one that an earlier
/// policy turned off is not found anew.
pub fn assess_again(found: &Assessment, case: &Case<'_>) -> Assessment {
    let findings = found.findings.iter().chain(&found.accepted);
    conclude(findings.cloned().collect(), case)
}

fn conclude(mut findings: Vec<Finding>, case: &Case<'_>) -> Assessment {
    let applied = case.machine.policy.apply(case, &mut findings);
    // Stable, so rules of one severity stay in the order of their names.
    findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    let worst = findings.first().map(|finding| finding.severity);
    let reason = applied
        .expected
        .map_or_else(|| reason::of(case), reason::expected);
    let verdict = match worst {
        Some(Severity::High | Severity::Critical) => Verdict::Suspicious,
        Some(Severity::Medium) => Verdict::Unusual,
        Some(Severity::Low) => Verdict::Notable,
        Some(Severity::Info) | None if reason.expected => Verdict::Expected,
        Some(Severity::Info) | None => Verdict::Unknown,
    };
    let reason = matches!(verdict, Verdict::Expected | Verdict::Unknown).then_some(reason.words);
    let mut accepted = applied.accepted;
    for finding in findings.iter_mut().chain(&mut accepted) {
        finding.shrink_to_fit();
    }
    findings.shrink_to_fit();
    accepted.shrink_to_fit();
    Assessment {
        verdict,
        reason: reason.flatten(),
        findings,
        accepted,
    }
}
