use super::*;
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::symlink,
    path::Path,
    process::{Child, Command, Stdio},
};

fn add(root: &Path, pid: u32, links: &[(&str, &str)]) {
    let descriptors = root.join(format!("{pid}/fd"));
    fs::create_dir_all(&descriptors).unwrap();
    for (descriptor, target) in links {
        symlink(target, descriptors.join(descriptor)).unwrap();
    }
    let stat = format!("{pid} (p) S 1 1 1 0 -1 0 1 0 0 0 1 2 3 4 20 0 1 0 500 1");
    fs::write(root.join(format!("{pid}/stat")), stat).unwrap();
}

/// A whole look, without hints.
fn look(owners: &mut Owners, procfs: &Procfs) {
    owners.look(procfs, &[]).unwrap();
    owners.look_further(procfs, &[]);
}

/// The socket 77 is asked for, as place 5.
fn wanting() -> Owners {
    let mut owners = Owners::new();
    owners.want(77, 5);
    owners
}

/// Who holds socket 77, each with the descriptors.
fn holders(owners: &mut Owners, procfs: &Procfs) -> Vec<(u32, Vec<u32>)> {
    let found = owners.owners_of(procfs, 77);
    found
        .iter()
        .map(|owner| (owner.process.pid, owner.fds.to_vec()))
        .collect()
}

#[test]
fn each_process_that_holds_a_socket_is_found_with_its_descriptors() {
    let root = tempfile::tempdir().unwrap();
    let links = [
        ("0", "/dev/null"),
        ("3", "socket:[77]"),
        ("12", "socket:[77]"),
    ];
    add(root.path(), 10, &links);
    add(
        root.path(),
        11,
        &[("5", "socket:[77]"), ("6", "socket:[78]")],
    );
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = wanting();
    look(&mut owners, &procfs);
    assert_eq!(owners.take_changed(), [5]);
    let found = holders(&mut owners, &procfs);
    assert_eq!(found, [(10, vec![3, 12]), (11, vec![5])]);
    assert_eq!(owners.refused(), 0);
}

#[test]
fn directories_stay_open_for_a_moment_where_a_wanted_socket_was_found() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "socket:[77]")]);
    add(root.path(), 11, &[("3", "socket:[78]")]);
    add(root.path(), 12, &[("3", "socket:[77]")]);
    let procfs = Procfs::open(root.path()).unwrap();
    let open = |most| {
        let mut owners = wanting();
        owners.most_open = most;
        look(&mut owners, &procfs);
        let mut open: Vec<u32> = owners.take_open().into_keys().collect();
        open.sort_unstable();
        assert!(owners.take_open().is_empty());
        open
    };
    assert_eq!(open(9), [10, 12]);
    assert_eq!(open(1).len(), 1);
    assert!(open(0).is_empty());
    let mut owners = wanting();
    look(&mut owners, &procfs);
    fs::remove_dir_all(root.path().join("10")).unwrap();
    look(&mut owners, &procfs);
    assert!(!owners.take_open().contains_key(&10));
}

#[test]
fn one_process_that_took_long_keeps_the_others_from_their_turn_for_a_moment_only() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "socket:[77]")]);
    add(root.path(), 11, &[("3", "socket:[78]")]);
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = wanting();
    look(&mut owners, &procfs);
    owners.owed = Duration::from_hours(1);
    let listed = owners.listed;
    look(&mut owners, &procfs);
    assert_eq!(owners.listed, listed);
    // One look more than it takes to make up for the most that is owed.
    for _ in 0..=100 {
        look(&mut owners, &procfs);
    }
    assert!(owners.listed > listed);
}

#[test]
fn a_child_that_came_later_is_added_and_one_that_ended_is_dropped() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "socket:[77]")]);
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = wanting();
    look(&mut owners, &procfs);
    add(root.path(), 11, &[("3", "socket:[77]")]);
    look(&mut owners, &procfs);
    let found = holders(&mut owners, &procfs);
    assert_eq!(found, [(10, vec![3]), (11, vec![3])]);
    fs::remove_dir_all(root.path().join("10")).unwrap();
    look(&mut owners, &procfs);
    assert_eq!(holders(&mut owners, &procfs), [(11, vec![3])]);
}

#[test]
fn a_server_that_gave_its_connection_to_a_child_is_its_owner_no_longer() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "socket:[77]")]);
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = wanting();
    look(&mut owners, &procfs);
    // The child is seen before the server has closed its own descriptor, whose number then stands for another socket.
    add(root.path(), 11, &[("3", "socket:[77]")]);
    look(&mut owners, &procfs);
    assert_eq!(holders(&mut owners, &procfs).len(), 2);
    let descriptor = root.path().join("10/fd/3");
    fs::remove_file(&descriptor).unwrap();
    symlink("socket:[78]", &descriptor).unwrap();
    look(&mut owners, &procfs);
    assert_eq!(holders(&mut owners, &procfs), [(11, vec![3])]);
}

#[test]
fn a_descriptor_passed_to_another_process_is_found_by_going_over_everybody() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "socket:[77]")]);
    add(root.path(), 11, &[("3", "/dev/null")]);
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = wanting();
    look(&mut owners, &procfs);
    // No number changes: neither of descriptors nor of processes.
    fs::rename(root.path().join("10/fd/3"), root.path().join("moved")).unwrap();
    fs::rename(root.path().join("11/fd/3"), root.path().join("10/fd/3")).unwrap();
    fs::rename(root.path().join("moved"), root.path().join("11/fd/3")).unwrap();
    for _ in 0..4 {
        look(&mut owners, &procfs);
    }
    assert_eq!(holders(&mut owners, &procfs), [(11, vec![3])]);
}

#[test]
fn a_number_whose_socket_the_last_pass_has_not_brought_is_looked_under_again() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "socket:[90]")]);
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = Owners::new();
    owners.pass();
    look(&mut owners, &procfs);
    // Opened after that pass, closed before the next: no pass has brought it, so none tells that it is gone.
    let descriptor = root.path().join("10/fd/3");
    fs::remove_file(&descriptor).unwrap();
    symlink("socket:[77]", &descriptor).unwrap();
    owners.pass();
    owners.want(77, 5);
    owners.look(&procfs, &[10]).unwrap();
    assert_eq!(holders(&mut owners, &procfs), [(10, vec![3])]);
}

#[test]
fn a_thread_with_a_table_of_its_own_is_looked_into() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "/dev/null")]);
    fs::create_dir_all(root.path().join("10/task/10")).unwrap();
    let thread = root.path().join("10/task/12/fd");
    fs::create_dir_all(&thread).unwrap();
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = Owners::new();
    look(&mut owners, &procfs);
    symlink("socket:[77]", thread.join("4")).unwrap();
    owners.want(77, 5);
    for _ in 0..3 {
        look(&mut owners, &procfs);
    }
    assert_eq!(holders(&mut owners, &procfs), [(10, vec![4])]);
    fs::remove_dir_all(root.path().join("10/task/12")).unwrap();
    for _ in 0..3 {
        look(&mut owners, &procfs);
    }
    assert_eq!(holders(&mut owners, &procfs), []);
}

#[test]
fn the_first_look_goes_into_threads_when_no_process_has_what_is_wanted() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "/dev/null")]);
    fs::create_dir_all(root.path().join("10/task/10")).unwrap();
    let thread = root.path().join("10/task/12/fd");
    fs::create_dir_all(&thread).unwrap();
    symlink("socket:[77]", thread.join("4")).unwrap();
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = wanting();
    look(&mut owners, &procfs);
    assert_eq!(holders(&mut owners, &procfs), [(10, vec![4])]);
}

#[test]
fn pipes_and_terminals_of_all_are_noted() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("0", "pipe:[5]"), ("1", "/dev/pts/3")]);
    add(
        root.path(),
        12,
        &[("4", "socket:[77]"), ("5", "pipe:[5]"), ("6", "/dev/ptmx")],
    );
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = wanting();
    look(&mut owners, &procfs);
    assert!(owners.take_plumbing_changed());
    assert_eq!(
        owners.process(10).unwrap().streams[0],
        super::super::target::Target::Pipe(5)
    );
    let holder = owners.process(12).unwrap();
    assert_eq!(holder.pipes().collect::<Vec<_>>(), [(5, 5)]);
    assert_eq!(holder.masters().collect::<Vec<_>>(), [6]);
    // Those who are new are looked at twice, and then nothing has changed.
    look(&mut owners, &procfs);
    look(&mut owners, &procfs);
    assert!(!owners.take_plumbing_changed());
}

#[test]
fn a_process_without_a_readable_stat_holds_nothing() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "socket:[77]")]);
    fs::remove_file(root.path().join("10/stat")).unwrap();
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = wanting();
    look(&mut owners, &procfs);
    assert_eq!(holders(&mut owners, &procfs), []);
}

#[test]
fn what_nobody_holds_is_asked_for_once_and_not_for_ever() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "socket:[78]")]);
    let procfs = Procfs::open(root.path()).unwrap();
    let mut owners = wanting();
    look(&mut owners, &procfs);
    assert_eq!(owners.take_in_vain(), [5]);
    look(&mut owners, &procfs);
    assert!(owners.take_in_vain().is_empty());
}

/// A shell that opens a connection when it is told to. Another process: what other tests of this one open and close
/// would change its own table.
struct Opener {
    child: Child,
    // Keeps the port open.
    _listener: TcpListener,
}

impl Opener {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let script = format!(
            "echo; read; exec 3<>/dev/tcp/127.0.0.1/{}; echo; read",
            listener.local_addr().unwrap().port()
        );
        let mut child = Command::new("bash")
            .args(["-c", &script])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        // A shell that still starts has other descriptors open.
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        Self {
            child,
            _listener: listener,
        }
    }

    /// Opens the connection; returns its inode.
    fn open(&mut self) -> u64 {
        let child = &mut self.child;
        child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
        child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
        let link = fs::read_link(format!("/proc/{}/fd/3", child.id())).unwrap();
        let link = link.to_str().unwrap().to_owned();
        let inode = link.strip_prefix("socket:[").unwrap().strip_suffix(']');
        inode.unwrap().parse().unwrap()
    }
}

impl Drop for Opener {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn a_socket_that_a_process_opened_after_the_first_look_is_found_at_the_next() {
    let mut opener = Opener::start();
    let procfs = Procfs::open(Path::new("/proc")).unwrap();
    let mut owners = Owners::new();
    look(&mut owners, &procfs);
    let inode = opener.open();
    owners.want(inode, 5);
    look(&mut owners, &procfs);
    let found = owners.owners_of(&procfs, inode);
    let pids: Vec<_> = found.iter().map(|owner| owner.process.pid).collect();
    assert_eq!(pids, [opener.child.id()]);
    assert_eq!(*found[0].fds, [3]);
}

/// The kernel's pass and `/proc` tell the same of a process that keeps still.
#[cfg(feature = "ebpf")]
#[test]
fn a_first_look_by_one_pass_shows_what_proc_shows() {
    use std::os::fd::AsRawFd as _;

    if !crate::collect::linux::remedy::may_iterate() {
        println!("skipped a_first_look_by_one_pass: needs CAP_BPF and CAP_PERFMON");
        return;
    }
    let procfs = Procfs::open(Path::new("/proc")).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let twin = listener.try_clone().unwrap();
    let inode = rustix::fs::fstat(&listener).unwrap().st_ino;
    let mut by_pass = Owners::new();
    by_pass.want(inode, 0);
    // As many as make the pass worth its while; nobody holds these.
    for (place, unknown) in (1..).zip(u64::MAX - 20_000..u64::MAX) {
        by_pass.want(unknown, place);
    }
    by_pass.pids = procfs.pids().unwrap();
    assert!(by_pass.look_at_everybody_at_once(&procfs));
    let mut by_proc = Owners::new();
    by_proc.want(inode, 0);
    look(&mut by_proc, &procfs);
    let mut expected = [listener.as_raw_fd(), twin.as_raw_fd()].map(i32::cast_unsigned);
    expected.sort_unstable();
    for owners in [&mut by_pass, &mut by_proc] {
        let found = owners.owners_of(&procfs, inode);
        let [owner] = &*found else {
            panic!("{found:?}");
        };
        assert_eq!(owner.process.pid, std::process::id());
        assert_eq!(*owner.fds, expected);
    }
}
