//! Who owns a port, the short way: through the control group of its socket, and the long way where that does not tell.

use crate::support::{
    deadline::until,
    network::alone,
    process::Spawned,
    program::{command, run},
    skip::{installed, skip},
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Joins the group, listens on 3000 and says who holds the socket, once that is as `mode` has it.
const LISTENER: &str = r"
import ctypes, os, socket, sys, threading, time
group, ready, mode = sys.argv[1:]
ours, theirs = socket.socketpair()
if mode == 'passed' and os.fork() == 0:
    ours.close()
    if os.fork():
        os._exit(0)
    # Nobody's relative any more, and in another group.
    _, fds, _, _ = socket.recv_fds(theirs, 1, 1)
    theirs.send(str(os.getpid()).encode())
    time.sleep(600)
if mode != 'astray':
    open(group + '/cgroup.procs', 'w').write('0')
holders = [os.getpid()]
def listen():
    return socket.create_server(('127.0.0.1', 3000))
if mode in ('thread', 'astray'):
    done = threading.Event()
    def own_table():
        assert ctypes.CDLL(None).unshare(0x400) == 0
        globals()['listener'] = listen()
        done.set()
        time.sleep(600)
    threading.Thread(target=own_table, daemon=True).start()
    done.wait()
else:
    listener = listen()
if mode == 'shared':
    child = os.fork()
    if child == 0:
        time.sleep(600)
    holders.append(child)
if mode == 'passed':
    socket.send_fds(ours, [b'x'], [listener.fileno()])
    holders = [int(ours.recv(20))]
    listener.close()
with open(ready + '.new', 'w') as file:
    file.write(' '.join(map(str, sorted(holders))))
os.rename(ready + '.new', ready)
time.sleep(600)
";

/// A control group that goes away after the test.
struct Group(PathBuf);

impl Group {
    /// `None` where we may not make one.
    fn new(name: &str) -> Option<Self> {
        let mounts = ["/sys/fs/cgroup/unified", "/sys/fs/cgroup"];
        let mount = mounts
            .iter()
            .find(|mount| Path::new(mount).join("cgroup.procs").exists())?;
        let path = Path::new(mount).join(format!("portwise-test-{}-{name}", std::process::id()));
        fs::create_dir(&path).ok()?;
        Some(Self(path))
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        let procs = self.0.join("cgroup.procs");
        // The kernel lets go of a group a moment after its last process.
        until("an empty group", || {
            let left = fs::read_to_string(&procs).unwrap_or_default();
            match fs::remove_dir(&self.0) {
                Ok(()) => Ok(()),
                Err(error) => Err(format!("{error}: {left:?}")),
            }
        });
    }
}

/// Runs portwise, and whether it took the short way.
fn asked(args: &[&str]) -> (Value, bool) {
    let home = tempfile::tempdir().unwrap();
    let log = home.path().join("log");
    let log = log.to_str().unwrap();
    let global = ["--log", log, "-v", "-v"];
    let run = run(command(&home).args(global).args(args)).ended_with(0);
    let log = fs::read_to_string(log).unwrap();
    let json =
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:#?}"));
    (json, log.contains("the short way"))
}

/// Starts a listener as `mode` has it and compares what the commands say of its holders with who they are.
fn holders_are_told(mode: &str, is_short: bool) {
    let test = format!("holders of a port, {mode}");
    let (Some(python), Some(group)) = (installed(&["python3"]), Group::new(mode)) else {
        return skip(&test, "needs python3 and the right to make a control group");
    };
    let folder = tempfile::tempdir().unwrap();
    let ready = folder.path().join("ready");
    let _child = Spawned::quietly(
        Command::new(python)
            .args(["-c", LISTENER])
            .arg(&group.0)
            .arg(&ready)
            .arg(mode),
    );
    let holders = until("the listener", || {
        fs::read_to_string(&ready).map_err(|error| error.to_string())
    });
    let expected: Vec<u64> = holders.split(' ').map(|pid| pid.parse().unwrap()).collect();
    let pids = |list: &Value, key: &str| -> Vec<u64> {
        let list = list.as_array().unwrap().iter();
        let mut pids: Vec<u64> = list
            .map(|one| one.pointer(key).unwrap().as_u64().unwrap())
            .collect();
        pids.sort_unstable();
        pids
    };
    let (inspected, short) = asked(&["inspect", "--format", "json", ":3000"]);
    assert_eq!(
        pids(&inspected, "/process/pid"),
        expected,
        "{mode}: {inspected:#}"
    );
    assert_eq!(short, is_short, "{mode}");
    let (killed, short) = asked(&["kill", ":3000", "--dry-run", "--format", "json"]);
    assert_eq!(pids(&killed, "/pid"), expected, "{mode}: {killed:#}");
    assert_eq!(short, is_short, "{mode}");
    let (listed, _) = asked(&["list", "--format", "json", "port:3000"]);
    let processes = &listed["sockets"][0]["processes"];
    assert_eq!(pids(processes, "/pid"), expected, "{mode}: {listed:#}");
    let (explained, _) = asked(&["explain", "3000/tcp", "--format", "json"]);
    let here = &explained[0]["here_now"][0]["processes"];
    assert_eq!(pids(here, "/pid"), expected, "{mode}: {explained:#}");
}

#[test]
fn a_listener_alone_in_its_group_is_found_the_short_way() {
    alone(|| holders_are_told("alone", true));
}

#[test]
fn a_listener_that_is_shared_has_all_its_holders() {
    alone(|| holders_are_told("shared", true));
}

#[test]
fn a_listener_that_was_handed_to_a_stranger_is_the_strangers() {
    alone(|| holders_are_told("passed", false));
}

#[test]
fn a_listener_in_the_table_of_a_thread_is_found() {
    alone(|| holders_are_told("thread", true));
}

#[test]
fn a_listener_in_the_table_of_a_thread_is_found_without_a_group_too() {
    alone(|| holders_are_told("astray", false));
}
