//! What works on this machine, found by trying it. Nothing is done to anybody else's process or connection.

use super::{
    host,
    netlink::Fault,
    pass::Pass,
    procfs::{LISTING, ProcDir, Procfs},
    remedy::{self, CLOSE, END, ENTER, ITERATE, LOOK_INTO},
    stat::Stat,
    trial::Trial,
};
use crate::model::{Ability, Works, text::plural};
use rustix::{
    fd::AsFd as _,
    fs::{CWD, Mode, OFlags, RawDir, openat, readlinkat_raw},
    io::Errno,
    process::{Pid, PidfdFlags, getpid, pidfd_open, test_kill_process},
    thread::{CapabilitySet, LinkNameSpaceType, move_into_link_name_space},
};
use std::{collections::BTreeSet, io, path::Path, thread};

/// What is missing where the kernel protects a process even from root.
const NO_PRIVILEGE_HELPS: &str =
    "nothing that is known: the kernel refuses that whatever the privilege";

/// Tries everything that depends on privileges or on the kernel.
pub(super) fn all() -> Vec<Ability> {
    let mut abilities = Vec::new();
    match Procfs::open(Path::new("/proc")) {
        Ok(procfs) => {
            let seen = Seen::of(&procfs);
            if seen.processes == 0 {
                abilities.extend(without_processes("/proc lists none"));
            } else {
                let pass = pass();
                abilities.push(owners(&seen, pass.as_ref()));
                abilities.extend(pass);
                abilities.extend(on_a_connection());
                abilities.push(namespaces(&seen));
                abilities.push(kill(&seen));
            }
        }
        Err(errno) => {
            let why = format!("could not read /proc: {errno}");
            abilities.extend(without_processes(&why));
        }
    }
    abilities.push(notifications());
    abilities
}

/// What there is where not even our own process can be seen.
fn without_processes(why: &str) -> Vec<Ability> {
    let words = format!("no process can be seen: {why}");
    let mut abilities = vec![Ability::fails("owners", words).needing("/proc, mounted")];
    abilities.extend(on_a_connection());
    abilities
}

/// What could be seen of the processes.
#[derive(Debug, Default)]
struct Seen {
    /// Those that can have descriptors.
    processes: usize,
    /// Of these, those whose descriptors may not be read.
    closed: usize,
    /// Of these, those that may not be sent a signal.
    protected: usize,
    /// The network namespaces of those that let theirs be seen.
    networks: BTreeSet<Vec<u8>>,
    /// Those that do not.
    networks_hidden: usize,
    /// Even the first process is hidden, as `hidepid` does it.
    first_hidden: bool,
}

impl Seen {
    fn of(procfs: &Procfs) -> Self {
        // The directory itself can be found where nothing in it can.
        let first = procfs
            .process(1)
            .and_then(|process| Stat::read(&process).map(drop));
        let mut seen = Self {
            first_hidden: first.is_err(),
            ..Self::default()
        };
        for pid in procfs.pids().unwrap_or_default() {
            if let Ok(process) = procfs.process(pid) {
                seen.add(pid, &process);
            }
        }
        seen
    }

    fn add(&mut self, pid: u32, process: &ProcDir) {
        let Ok(stat) = Stat::read(process) else {
            return;
        };
        if stat.kernel_thread || stat.state == b'Z' {
            return;
        }
        self.processes += 1;
        if let Err(Errno::ACCESS | Errno::PERM) = look_into(process) {
            self.closed += 1;
        }
        let number = i32::try_from(pid).ok().and_then(Pid::from_raw);
        if number.is_some_and(|number| test_kill_process(number) == Err(Errno::PERM)) {
            self.protected += 1;
        }
        match process.link(c"ns/net") {
            Ok(network) => _ = self.networks.insert(network),
            Err(Errno::ACCESS | Errno::PERM) => self.networks_hidden += 1,
            Err(_) => {}
        }
    }
}

/// Reads the first descriptor of a process; that it can be listed is not enough.
fn look_into(process: &ProcDir) -> Result<(), Errno> {
    let directory = process.descriptors()?;
    let mut buffer = Vec::with_capacity(LISTING);
    let mut entries = RawDir::new(&directory, buffer.spare_capacity_mut());
    let mut link = [0; 64];
    while let Some(entry) = entries.next() {
        let entry = entry?;
        if entry
            .file_name()
            .to_bytes()
            .first()
            .is_some_and(u8::is_ascii_digit)
        {
            return readlinkat_raw(&directory, entry.file_name(), link.as_mut_slice()).map(drop);
        }
    }
    Ok(())
}

/// The kernel's own pass over all open files, in builds that have it.
fn pass() -> Option<Ability> {
    if !cfg!(feature = "ebpf") {
        return None;
    }
    if !remedy::may_iterate() {
        let ability = Ability::fails(
            "ebpf",
            "the kernel's pass over all open files is not permitted",
        );
        return Some(given(ability, ITERATE));
    }
    Some(match Pass::attempt() {
        Ok(files) => Ability::works(
            "ebpf",
            format!(
                "the kernel tells in one pass who holds each of {}",
                plural(files, "open file")
            ),
        ),
        Err(why) => Ability::fails(
            "ebpf",
            format!("the kernel's pass over all open files: {why}"),
        )
        .needing("Linux 5.11 or newer with BTF (CONFIG_DEBUG_INFO_BTF)"),
    })
}

fn owners(seen: &Seen, pass: Option<&Ability>) -> Ability {
    let open = seen.processes - seen.closed;
    let hides = seen.first_hidden && !remedy::have(LOOK_INTO);
    if seen.closed > 0 && !hides && pass.is_some_and(|pass| pass.works == Works::Yes) {
        let detail = format!(
            "all: {open} of {} can be looked into, and the kernel's pass tells of the others",
            plural(seen.processes, "process")
        );
        return Ability::works("owners", detail);
    }
    if hides {
        let detail = format!(
            "own: /proc hides the processes of others (hidepid); {} can be looked into",
            plural(open, "process")
        );
        return given(Ability::partly("owners", detail), LOOK_INTO);
    }
    if seen.closed == 0 {
        let looked = format!("{} can be looked into", each(open));
        let detail = if host::is_contained() {
            format!(
                "all of this container: {looked}; those outside it, who can share its network, cannot be seen"
            )
        } else {
            format!("all: {looked}")
        };
        return Ability::works("owners", detail);
    }
    let detail = format!(
        "{open} of {} can be looked into",
        plural(seen.processes, "process")
    );
    if remedy::have(LOOK_INTO) {
        return Ability::partly("owners", format!("all but {}: {detail}", seen.closed))
            .needing(NO_PRIVILEGE_HELPS);
    }
    given(
        Ability::partly("owners", format!("own: {detail}")),
        LOOK_INTO,
    )
}

/// What is tried on a connection of our own: counters, closing, notices of closes.
fn on_a_connection() -> [Ability; 3] {
    let mut trial = match Trial::start() {
        Ok(trial) => trial,
        Err(error) => return without_connection(&error),
    };
    let rates = rates(&mut trial);
    let close = close(&trial);
    [rates, closes(trial), close]
}

fn without_connection(error: &io::Error) -> [Ability; 3] {
    ["rates", "closes", "close"].map(|name| {
        Ability::fails(
            name,
            format!("not tried: no connection on loopback: {error}"),
        )
        .needing("the loopback interface, up")
        .cured_by("sudo ip link set lo up")
    })
}

fn rates(trial: &mut Trial) -> Ability {
    match trial.counted() {
        Ok(Some(counted)) if counted == Trial::sent() => Ability::works(
            "rates",
            "exact, from the kernel's counters of each TCP connection; of UDP nobody counts",
        ),
        Ok(Some(counted)) => Ability::fails(
            "rates",
            format!(
                "the kernel counted {counted} bytes of {} that were sent",
                Trial::sent()
            ),
        ),
        Ok(None) => Ability::fails("rates", "the kernel does not count bytes per connection")
            .needing("Linux 4.1 or newer"),
        Err(fault) => Ability::fails("rates", format!("the kernel's answer {}", fault.words()))
            .needing("NETLINK_SOCK_DIAG (CONFIG_INET_TCP_DIAG), not refused by a sandbox")
            .cured_by("sudo modprobe tcp_diag"),
    }
}

fn close(trial: &Trial) -> Ability {
    match trial.destroy() {
        Ok(()) => Ability::works(
            "close",
            "a connection can be closed without its process; tried on one of our own",
        ),
        Err(Fault::Refused(Errno::PERM)) => given(
            Ability::fails(
                "close",
                "the kernel refused to close a connection of our own",
            ),
            CLOSE,
        ),
        Err(Fault::Refused(Errno::OPNOTSUPP)) => {
            let detail = "this kernel cannot close connections for others";
            let ability =
                Ability::fails("close", detail).needing("a kernel with CONFIG_INET_DIAG_DESTROY=y");
            ability.cured_by("grep INET_DIAG_DESTROY \"/boot/config-$(uname -r)\"")
        }
        Err(fault) => Ability::fails("close", format!("the kernel's answer {}", fault.words())),
    }
}

fn closes(trial: Trial) -> Ability {
    match trial.end_is_told() {
        Ok(true) => Ability::works(
            "closes",
            "the kernel tells of each connection that ends, with its last counters",
        ),
        Ok(false) => Ability::fails(
            "closes",
            "the kernel said nothing when a connection of our own ended",
        )
        .needing("Linux 4.2 or newer"),
        Err(errno) => Ability::fails("closes", format!("could not listen for closes: {errno}"))
            .needing("Linux 4.2 or newer, not refused by a sandbox"),
    }
}

fn namespaces(seen: &Seen) -> Ability {
    let others = seen.networks.len().saturating_sub(1);
    let found = if others == 0 {
        "no other network namespace is visible".to_owned()
    } else {
        format!("{} visible", plural(others, "other network namespace"))
    };
    let entered = enter_our_own();
    if entered.is_ok() && seen.networks_hidden == 0 {
        return Ability::works("namespaces", format!("{found}, and each can be entered"));
    }
    let hidden = match seen.networks_hidden {
        0 => String::new(),
        1 => "; 1 process hides its own".to_owned(),
        many => format!("; {many} processes hide theirs"),
    };
    match entered {
        Ok(()) if remedy::have(ENTER) => {
            Ability::partly("namespaces", format!("{found}{hidden}")).needing(NO_PRIVILEGE_HELPS)
        }
        Ok(()) => given(
            Ability::partly("namespaces", format!("{found}{hidden}")),
            ENTER,
        ),
        Err(errno) => given(
            Ability::partly(
                "namespaces",
                format!("{found}{hidden}; none can be entered: {errno}"),
            ),
            ENTER,
        ),
    }
}

/// Enters the network namespace that we are in, which changes nothing and needs the same privilege as any.
fn enter_our_own() -> Result<(), Errno> {
    let enter = || {
        let own = openat(
            CWD,
            c"/proc/self/ns/net",
            OFlags::RDONLY | OFlags::CLOEXEC,
            Mode::empty(),
        )?;
        move_into_link_name_space(own.as_fd(), Some(LinkNameSpaceType::Network))
    };
    // On a thread of its own, which is what setns moves.
    thread::spawn(enter).join().unwrap_or(Err(Errno::IO))
}

fn kill(seen: &Seen) -> Ability {
    let open = seen.processes - seen.protected;
    let sees_all = !seen.first_hidden || remedy::have(END);
    if seen.protected == 0 && sees_all {
        return Ability::works("kill", format!("{} can be sent a signal", each(open)));
    }
    let detail = format!(
        "own: {open} of {} can be sent a signal",
        plural(seen.processes, "process")
    );
    given(Ability::partly("kill", detail), END)
}

fn notifications() -> Ability {
    match pidfd_open(getpid(), PidfdFlags::empty()) {
        Ok(_) => Ability::works(
            "notifications",
            "the kernel tells when a process ends (pidfd)",
        ),
        Err(errno) => Ability::fails(
            "notifications",
            format!("the kernel does not tell when a process ends: {errno}"),
        )
        .needing("Linux 5.3 or newer, not refused by a sandbox"),
    }
}

/// With the privileges that are missing and the command that gives them, or why that would not help.
fn given(ability: Ability, wanted: CapabilitySet) -> Ability {
    let needs = remedy::words(wanted);
    match remedy::obstacle() {
        Some(why) => ability.needing(format!("{needs}; {why}")),
        None => ability.needing(needs).cured_by(remedy::command(wanted)),
    }
}

fn each(count: usize) -> String {
    match count {
        1 => "the only process".to_owned(),
        _ => format!("each of {}", plural(count, "process")),
    }
}
