use super::*;
use crate::model::{Started, inspection::DescriptorKind};
use std::{fs, process};

fn own() -> ProcessKey {
    let procfs = Procfs::open(Path::new("/proc")).unwrap();
    let pid = process::id();
    Stat::read(&procfs.process(pid).unwrap()).unwrap().key(pid)
}

#[test]
fn everything_of_our_own_process_can_be_read() {
    let own = Inspector::new().inspect(own(), Duration::from_mins(1));
    assert!(!own.is_restless && own.taken_at.is_some());
    let identity = own.identity.known().unwrap();
    assert_eq!(
        identity.users[1].number,
        rustix::process::geteuid().as_raw()
    );
    assert!(own.privileges.is_known() && own.root.is_known());
    assert!(own.usage.known().unwrap().resident.unwrap() > 4096);
    let namespaces = own.namespaces.known().unwrap();
    assert!(namespaces.len() >= 6, "{namespaces:?}");
    assert!(namespaces.iter().all(|one| one.is_ours == Some(true)));
    assert!(
        own.limits
            .known()
            .unwrap()
            .iter()
            .any(|one| one.name == "open files")
    );
    assert!(own.descriptors.known().unwrap().count() > 0);
    assert!(own.code.known().unwrap().files > 0);
    assert!(own.environment.is_known());
}

#[test]
fn the_checksum_is_that_of_the_file_that_runs_and_is_read_once() {
    let mut inspector = Inspector::new();
    let first = inspector.inspect(own(), Duration::from_mins(1));
    let digest = first.digest.known().unwrap();
    let path = fs::read_link("/proc/self/exe").unwrap();
    let (sha256, bytes) =
        crate::collect::programs::sha256(fs::File::open(path).unwrap(), u64::MAX, || true).unwrap();
    assert_eq!(
        (digest.sha256.as_str(), digest.bytes),
        (sha256.as_str(), bytes)
    );
    let again = inspector.inspect(own(), Duration::ZERO);
    assert_eq!(again.digest, first.digest);
}

#[test]
fn another_process_under_the_same_number_is_not_read() {
    let earlier = ProcessKey {
        started: Started::Ticks(1),
        ..own()
    };
    let read = Inspector::new().inspect(earlier, Duration::ZERO);
    assert_eq!(read, Inspection::unseen(earlier, Unseen::Gone));
    let nobody = ProcessKey {
        pid: u32::MAX,
        ..own()
    };
    let read = Inspector::new().inspect(nobody, Duration::ZERO);
    assert_eq!(read, Inspection::unseen(nobody, Unseen::Gone));
}

/// A `/proc/42` with what a test writes into it.
#[test]
fn each_part_that_cannot_be_read_says_so_by_itself() {
    let root = tempfile::tempdir().unwrap();
    let directory = root.path().join("42");
    fs::create_dir(&directory).unwrap();
    let stat = "42 (x) S 1 1 1 0 -1 0 1 0 0 0 1 2 3 4 20 0 1 0 7 1000 20";
    fs::write(directory.join("stat"), stat).unwrap();
    fs::write(directory.join("environ"), "A=1\0").unwrap();
    let key = ProcessKey {
        pid: 42,
        started: Started::Ticks(7),
    };
    let read = Inspector::at(root.path()).inspect(key, Duration::ZERO);
    assert_eq!(read.environment.known().unwrap().variables.len(), 1);
    assert_eq!(read.identity, Fact::Unknown(Unseen::Gone));
    assert_eq!(read.digest, Fact::Unknown(Unseen::Gone));
    assert_eq!(read.descriptors, Fact::Unknown(Unseen::Gone));
}

#[test]
fn kinds_of_descriptors_are_listed_once_each() {
    let own = Inspector::new().inspect(own(), Duration::ZERO);
    let counts = &own.descriptors.known().unwrap().counts;
    let kinds: Vec<DescriptorKind> = counts.iter().map(|(kind, _)| *kind).collect();
    let mut once = kinds.clone();
    once.dedup();
    assert_eq!(kinds, once);
}
