//! `disguised-process`: a program that calls itself what it is not.

use super::case::{Case, advise_command, describe, kind, look_at, seen};
use crate::{
    model::{Finding, Practice, Process, ProgramKind, Severity, Text, program::base_name},
    registry::Registry,
};

pub(super) const ID: &str = "disguised-process";

/// How many bytes of a name the kernel keeps.
const COMM_LENGTH: usize = 15;

/// What threads of the kernel are called. They run no file, so whatever runs one is none.
const KERNEL_THREADS: &[&str] = &[
    "kworker/",
    "ksoftirqd/",
    "migration/",
    "kthreadd",
    "rcu_",
    "kswapd",
    "kcompactd",
    "khugepaged",
    "khungtaskd",
    "kauditd",
    "kdevtmpfs",
    "kblockd",
    "kintegrityd",
    "kthrotld",
    "cpuhp/",
    "idle_inject/",
    "jbd2/",
    "ext4-rsv-conver",
    "scsi_eh_",
    "irq/",
    "watchdogd",
    "oom_reaper",
    "writeback",
];

/// Programs that are many in one, or run others under their own names.
const OTHERS_IN_ONE: &[&str] = &[
    "busybox",
    "toybox",
    "coreutils",
    "dropbearmulti",
    "ld-linux-x86-64.so",
    "wine",
    "wine64",
    "wine-preloader",
    "wine64-preloader",
    "box64",
    "box86",
    "rosetta",
    "valgrind",
    "systemd",
];

/// What a process pretends to be.
enum Disguise {
    /// A thread of the kernel.
    Kernel(String),
    /// Another program, which is known for something.
    Program(String, &'static Practice),
    /// Another program, by a file name that only looks like its name.
    Letters(String, &'static Practice),
}

pub(super) fn check(case: &Case<'_>) -> Option<Finding> {
    let registry = case.machine.registry;
    let mut processes = case.processes.iter().map(|process| &**process);
    let (process, disguise) =
        processes.find_map(|process| Some((process, disguise(registry, process)?)))?;
    let (title, pretends) = match disguise {
        Disguise::Kernel(name) => (
            format!(
                "{} calls itself {name}, like a thread of the kernel",
                process.name
            ),
            "threads of the kernel run no file; this one does".to_owned(),
        ),
        Disguise::Letters(name, practice) => (
            format!(
                "{} is written like {name}, and is not the same letters",
                process.name
            ),
            format!("{name} is a program of {}", practice.software),
        ),
        Disguise::Program(name, practice) => (
            format!("{} calls itself {name}", process.name),
            format!("{name} is a program of {}", practice.software),
        ),
    };
    let mut names: Vec<&str> = claims(process).collect();
    names.dedup();
    let mut evidence = vec![seen("calls itself", names.join(", "))];
    evidence.push(seen("that name", pretends));
    evidence.extend(describe(process));
    Some(Finding {
        rule: ID,
        severity: Severity::High,
        title,
        evidence,
        advice: vec![
            advise_command(
                "See what the file really is.",
                format!("sudo sha256sum /proc/{}/exe", process.key.pid),
            ),
            look_at(process),
        ],
    })
}

/// The names a process gives itself: its first argument, then its `comm`.
fn claims(process: &Process) -> impl Iterator<Item = &str> {
    let arguments = process.cmdline.known();
    let first = arguments.and_then(|arguments| arguments.first());
    let names = [first.map(Text::as_str), Some(process.comm.as_str())];
    names
        .into_iter()
        .flatten()
        .filter(|claim| !claim.is_empty())
}

/// Whether `process` pretends to be another.
pub(super) fn concerns(registry: &'static Registry, process: &Process) -> bool {
    disguise(registry, process).is_some()
}

fn disguise(registry: &'static Registry, process: &Process) -> Option<Disguise> {
    // Without the file there is nothing to compare with: a thread of the kernel, or one not visible.
    process.executable.known()?;
    if let Some(name) = claims(process).find(|claim| is_kernel_name(claim, process)) {
        return Some(Disguise::Kernel(name.to_owned()));
    }
    if let Some((name, known)) = other_letters(registry, &process.name) {
        return Some(Disguise::Letters(name, known));
    }
    let base = base_name(&process.name);
    let file = process.file_name().unwrap_or(&process.name);
    if OTHERS_IN_ONE.contains(&base_name(file)) || file.starts_with("qemu-") {
        return None;
    }
    // This is asked for every socket of the process, and nearly always answered by the first comparison.
    claims(process)
        .map(program_name)
        .filter(|name| *name != process.name.as_str() && base_name(name) != base)
        .find_map(|name| {
            let known = registry.known_for(name)?;
            (!is_own_name(registry, process, name))
                .then(|| Disguise::Program(name.to_owned(), known))
        })
}

/// Letters of other alphabets, and the ones they are taken for.
const LOOKALIKES: &[(char, char)] = &[
    ('а', 'a'),
    ('е', 'e'),
    ('о', 'o'),
    ('р', 'p'),
    ('с', 'c'),
    ('у', 'y'),
    ('х', 'x'),
    ('ѕ', 's'),
    ('і', 'i'),
    ('ј', 'j'),
    ('ԁ', 'd'),
    ('һ', 'h'),
    ('ӏ', 'l'),
    ('ԛ', 'q'),
    ('ԝ', 'w'),
    ('ո', 'n'),
    ('ց', 'g'),
    ('ο', 'o'),
    ('α', 'a'),
    ('ν', 'v'),
    ('ρ', 'p'),
    ('ı', 'i'),
    ('ɡ', 'g'),
    ('ｓ', 's'),
    ('ｈ', 'h'),
    ('ｄ', 'd'),
];

/// The known program that a file name is taken for though it is written with other letters, or with blanks around it.
fn other_letters(registry: &'static Registry, name: &str) -> Option<(String, &'static Practice)> {
    // An escape stands for what cannot be seen.
    let is_plain = name.is_ascii() && !name.contains([' ', '\\']);
    if is_plain {
        return None;
    }
    let mut plain = String::with_capacity(name.len());
    let mut rest = name.trim();
    while let Some(letter) = rest.chars().next() {
        let escape = rest
            .strip_prefix("\\u{")
            .and_then(|rest| rest.split_once('}'));
        if let Some((_, behind)) = escape {
            rest = behind;
            continue;
        }
        let alike = LOOKALIKES.iter().find(|(other, _)| *other == letter);
        plain.push(alike.map_or(letter, |(_, taken_for)| *taken_for));
        rest = rest.get(letter.len_utf8()..).unwrap_or("");
    }
    let known = (plain != name).then(|| registry.known_for(&plain))??;
    Some((plain, known))
}

fn is_kernel_name(claim: &str, process: &Process) -> bool {
    if claim.starts_with('[') && claim.ends_with(']') {
        return true;
    }
    // `irq/…` is no path, and what is a path is no thread of the kernel.
    claim != process.name.as_str() && KERNEL_THREADS.iter().any(|name| claim.starts_with(name))
}

/// The program that a first argument names: `/usr/sbin/sshd` and `sshd: me [priv]` both name `sshd`.
fn program_name(claim: &str) -> &str {
    let words = claim.split([' ', ':']).next().unwrap_or(claim);
    let file = words.rsplit('/').next().unwrap_or(words);
    file.strip_prefix('-').unwrap_or(file)
}

/// Whether the executable may go by `name`.
fn is_own_name(registry: &Registry, process: &Process, name: &str) -> bool {
    let file = process.name.as_str();
    // A `comm` may be cut, and a distribution may have put a version behind either.
    let is_cut = name.len() == COMM_LENGTH && file.starts_with(name);
    is_cut
        || base_name(name) == base_name(file)
        || is_its_script(process, name)
        // `mysqld` is a link to `mariadbd`: both are known for the same port.
        || registry.practices().iter().any(|practice| {
            let lists = |name: &str| {
                practice.programs.iter().any(|known| *known == name || *known == base_name(name))
            };
            lists(name) && lists(file)
        })
}

/// Whether an interpreter goes by the name of the script it runs, as a `#!` line makes it.
fn is_its_script(process: &Process, name: &str) -> bool {
    match kind(process) {
        ProgramKind::Shell | ProgramKind::Interpreter => {}
        ProgramKind::Connector
        | ProgramKind::Forwarder
        | ProgramKind::Tunnel
        | ProgramKind::Ordinary => return false,
    }
    let script = process.background.script.known().and_then(Option::as_ref);
    let file = script.and_then(|script| script.path.rsplit('/').next());
    file.is_some_and(|file| file.starts_with(name))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fact, fixture};

    fn calling_itself(file: &str, argument: &str, comm: &str) -> Option<String> {
        let process = Process {
            cmdline: Fact::Known(vec![Text::from(argument)]),
            comm: Text::from(comm),
            ..fixture::process(file, 7)
        };
        disguise(Registry::bundled(), &process).map(|disguise| match disguise {
            Disguise::Kernel(name) | Disguise::Program(name, _) | Disguise::Letters(name, _) => {
                name
            }
        })
    }

    #[test]
    fn a_thread_of_the_kernel_runs_no_file() {
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            calling_itself("bash", "[kworker/0:1]", "bash"),
            some("[kworker/0:1]")
        );
        assert_eq!(
            calling_itself("x", "x", "kworker/u8:2"),
            some("kworker/u8:2")
        );
    }

    #[test]
    fn a_program_under_the_name_of_another_is_disguised() {
        let some = |name: &str| Some(name.to_owned());
        assert_eq!(
            calling_itself("nc.openbsd", "/usr/sbin/sshd", "nc"),
            some("sshd")
        );
        assert_eq!(
            calling_itself("perl", "nginx: worker process", "perl"),
            some("nginx")
        );
        assert_eq!(
            calling_itself("redis-server", "cupsd", "cupsd"),
            some("cupsd")
        );
    }

    #[test]
    fn a_name_in_other_letters_or_with_a_blank_is_disguised() {
        for file in ["ѕshd", "sshd ", "nginх", "ѕѕhd", "sshd\u{200b}"] {
            let name = Text::from(file);
            let found = calling_itself(&name, "x", "x");
            assert!(
                found.is_some_and(|name| name == "sshd" || name == "nginx"),
                "{file}"
            );
        }
        assert_eq!(calling_itself("Plex Media Server", "x", "x"), None);
        assert_eq!(calling_itself("сервер", "x", "x"), None);
    }

    #[test]
    fn daemons_that_go_by_several_names_are_not_disguised() {
        for (file, argument, comm) in [
            ("nginx", "nginx: master process /usr/sbin/nginx", "nginx"),
            (
                "sshd",
                "sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups",
                "sshd",
            ),
            ("sshd-session", "sshd: root@pts/0", "sshd-session"),
            ("postgres", "postgres: 15/main: checkpointer ", "postgres"),
            ("mariadbd", "/usr/sbin/mysqld", "mysqld"),
            (
                "redis-check-rdb",
                "/usr/bin/redis-server 127.0.0.1:6379",
                "redis-server",
            ),
            ("imap-login", "dovecot/imap-login", "imap-login"),
            ("exim4", "/usr/sbin/sendmail", "sendmail"),
            ("systemd", "/sbin/init", "systemd"),
            ("busybox", "httpd", "httpd"),
            (
                "php-fpm8.2",
                "php-fpm: master process (/etc/php)",
                "php-fpm8.2",
            ),
            (
                "prometheus-node-exporter",
                "/usr/bin/prometheus-node-exporter",
                "prometheus-node",
            ),
            ("python3.11", "python3", "python3"),
            ("bash", "-bash", "bash"),
            ("qemu-aarch64-static", "/usr/sbin/nginx", "nginx"),
            (
                "avahi-daemon",
                "avahi-daemon: running [host.local]",
                "avahi-daemon",
            ),
        ] {
            assert_eq!(calling_itself(file, argument, comm), None, "{file}");
        }
    }
}
