use super::*;
use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpListener,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
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

fn wanted(inode: u64) -> Wanted {
    Wanted {
        places: HashMap::from([(inode, 0)]),
    }
}

#[test]
fn each_process_that_holds_a_socket_is_found_with_its_descriptors() {
    let root = tempfile::tempdir().unwrap();
    add(
        root.path(),
        10,
        &[
            ("0", "/dev/null"),
            ("3", "socket:[77]"),
            ("12", "socket:[77]"),
        ],
    );
    add(
        root.path(),
        11,
        &[("5", "socket:[77]"), ("6", "socket:[78]")],
    );
    let procfs = Procfs::open(root.path()).unwrap();
    let mut found = scan(&procfs, &wanted(77)).unwrap();
    found.holders.sort_by_key(|holder| holder.key);
    let [first, second] = found.holders.as_mut_slice() else {
        panic!("{found:?}");
    };
    first.held.sort_unstable();
    assert_eq!(
        (first.key.pid, first.held.as_slice()),
        (10, &[(0, 3), (0, 12)][..])
    );
    assert_eq!(
        (second.key.pid, second.held.as_slice()),
        (11, &[(0, 5)][..])
    );
    assert_eq!(found.refused, 0);
}

#[test]
fn pipes_and_terminals_of_the_others_are_noted() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("0", "pipe:[5]"), ("1", "/dev/pts/3")]);
    add(root.path(), 11, &[("0", "/dev/null")]);
    add(
        root.path(),
        12,
        &[("4", "socket:[77]"), ("5", "pipe:[5]"), ("6", "/dev/ptmx")],
    );
    let procfs = Procfs::open(root.path()).unwrap();
    let found = scan(&procfs, &wanted(77)).unwrap();
    assert_eq!(found.piped.len(), 1);
    assert_eq!(found.piped[0].streams[0], Target::Pipe(5));
    assert_eq!(found.holders[0].pipes, [(5, 5)]);
    assert_eq!(found.holders[0].masters, [6]);
}

#[test]
fn a_process_without_a_readable_stat_is_no_holder() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("3", "socket:[77]")]);
    fs::remove_file(root.path().join("10/stat")).unwrap();
    let procfs = Procfs::open(root.path()).unwrap();
    assert!(scan(&procfs, &wanted(77)).unwrap().holders.is_empty());
}

#[test]
fn a_second_look_finds_a_child_made_during_the_first() {
    let root = tempfile::tempdir().unwrap();
    add(root.path(), 10, &[("0", "/dev/null")]);
    let procfs = Procfs::open(root.path()).unwrap();
    let first = scan(&procfs, &wanted(77)).unwrap();
    assert!(first.holders.is_empty());
    add(root.path(), 11, &[("3", "socket:[77]")]);
    let second = scan_again(&procfs, &wanted(77), &first).unwrap();
    assert_eq!(second.holders[0].key.pid, 11);
}

#[test]
fn a_second_look_finds_a_socket_that_a_process_got_after_the_first() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let script = format!(
        "echo; read; exec 3<>/dev/tcp/127.0.0.1/{}; echo; read",
        listener.local_addr().unwrap().port()
    );
    // Another process: what other tests of this one open and close would change its own table.
    let mut child = Command::new("bash")
        .args(["-c", &script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    // A shell that still starts has other descriptors open.
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let procfs = Procfs::open(Path::new("/proc")).unwrap();
    let first = scan(&procfs, &wanted(u64::MAX)).unwrap();
    child.stdin.as_mut().unwrap().write_all(b"\n").unwrap();
    child.stdout.as_mut().unwrap().read_exact(&mut [0]).unwrap();
    let link = fs::read_link(format!("/proc/{}/fd/3", child.id())).unwrap();
    let inode = socket_inode(link.as_os_str().as_encoded_bytes()).unwrap();
    let second = scan_again(&procfs, &wanted(inode), &first).unwrap();
    let pids: Vec<_> = second.holders.iter().map(|holder| holder.key.pid).collect();
    assert_eq!(pids, [child.id()]);
    child.kill().unwrap();
    child.wait().unwrap();
}
