use super::*;
use crate::model::{
    ProcessKey, Started, Text, Unseen,
    inspection::{Family, FileDigest, Id, Kin, MappedFile, NotableFile, Standing, Variable},
};

const KEY: ProcessKey = ProcessKey {
    pid: 812,
    started: Started::Ticks(7),
};

fn id(number: u32, name: &str) -> Id {
    Id {
        number,
        name: Some(Text::from(name)),
    }
}

/// A server that dropped its rights, with a library from a temporary place.
fn server() -> Inspection {
    let deploy = || id(1000, "deploy");
    Inspection {
        identity: Fact::Known(Identity {
            users: [id(0, "root"), deploy(), deploy(), deploy()],
            groups: [deploy(), deploy(), deploy(), deploy()],
            more_groups: vec![id(27, "sudo")],
            umask: Some(0o22),
        }),
        privileges: Fact::Known(Privileges {
            effective: 1 << 10,
            permitted: 1 << 10,
            bounding: capability::ALL & !(1 << 22),
            seccomp: Some(Seccomp::Filter),
            filters: Some(2),
            no_new_privileges: Some(true),
            ..Privileges::default()
        }),
        usage: Fact::Known(Usage {
            state: Text::from("S (sleeping)"),
            threads: 4,
            user: Duration::from_millis(1500),
            system: Duration::from_secs(200),
            age: Some(Duration::from_secs(2000)),
            resident: Some(4_100_000),
            most_resident: Some(1_234_567_890),
            swapped: Some(0),
            addresses: Some(999),
        }),
        root: Fact::Known(Text::from("/srv/jail")),
        control_groups: Fact::Known(vec![Text::from("0::/system.slice/web.service")]),
        namespaces: Fact::Known(vec![
            Namespace {
                kind: Text::from("net"),
                inode: 4_026_531_840,
                is_ours: Some(true),
            },
            Namespace {
                kind: Text::from("mnt"),
                inode: 4_026_532_000,
                is_ours: Some(false),
            },
        ]),
        limits: Fact::Known(vec![ResourceLimit {
            name: Text::from("open files"),
            soft: Some(1024),
            hard: None,
            unit: Text::from("files"),
        }]),
        descriptors: Fact::Known(Descriptors {
            counts: vec![(DescriptorKind::Socket, 3), (DescriptorKind::Directory, 1)],
            notable: vec![NotableFile {
                fd: 5,
                what: Text::from("/var/log/x"),
                why: "it was deleted",
            }],
            ..Descriptors::default()
        }),
        code: Fact::Known(Code {
            files: 12,
            notable: vec![MappedFile {
                path: Text::from("/tmp/.x.so"),
                standing: Standing::Deleted,
                shared_directory: Some(Text::from("/tmp")),
                hidden: true,
            }],
            ..Code::default()
        }),
        digest: Fact::Known(FileDigest {
            sha256: Text::from("ab"),
            bytes: 7,
        }),
        environment: Fact::Known(Environment {
            variables: vec![
                Variable::new("LANG", "C"),
                Variable::new("API_TOKEN", "hunter2"),
            ],
            nameless: 1,
            is_cut: false,
        }),
        family: Fact::Known(Family {
            children: vec![Kin {
                pid: 813,
                name: Text::from("worker"),
            }],
            more: 2,
            of_user: Some(1),
        }),
        ..Inspection::unseen(KEY, Unseen::NotAsked)
    }
}

fn text(inspection: &Inspection, reveal: bool) -> String {
    let lines = parts(inspection, reveal).into_iter().flat_map(|part| {
        let lines = part.lines.into_iter().map(|line| match line {
            Line::Field(label, value) => format!("  {label}: {value}"),
            Line::Item(item) => format!("  - {item}"),
            Line::Odd(item) => format!("  ! {item}"),
        });
        std::iter::once(part.title).chain(lines)
    });
    lines.collect::<Vec<_>>().join("\n")
}

#[test]
fn everything_is_told_in_words() {
    insta::assert_snapshot!(text(&server(), false), @r"
    Family
      children: worker 813, and 2 more
      its user: runs 1 other process
    Rights
      users: real root (0), effective deploy (1000), saved deploy (1000), for files deploy (1000)
      group: deploy (1000)
      also in: sudo (27)
      umask: 0022
      capabilities: CAP_NET_BIND_SERVICE
      at most: all but CAP_SYS_BOOT
      seccomp: system calls are filtered (2 filters)
      new rights: cannot gain any by starting a program (no_new_privs)
    Resources
      state: S (sleeping)
      CPU: 1.50 s in its own code, 3 m 20 s in the kernel; 10.1 % of one on average
      memory: 4.1 MB, at most 1.2 GB, addresses 999 B
      threads: 4
      limit: open files: 4 of 1024, can be raised without limit
    Confinement
      root: /srv/jail
      cgroup: 0::/system.slice/web.service
      namespaces: apart from us: mnt (file systems) 4026532000
    Open files (4)
      - 3 sockets, 1 folder
      ! 5: /var/log/x (it was deleted)
    Code (12)
      ! /tmp/.x.so (deleted; everybody may write to /tmp; a hidden file)
    Environment (2)
      - LANG=C
      - API_TOKEN=***
      - 1 part without a name, not shown: the program wrote over its environment
      - secrets are hidden in 1 value
    ");
}

#[test]
fn a_secret_is_told_only_to_those_who_ask() {
    assert!(!text(&server(), false).contains("hunter2"));
    assert!(text(&server(), true).contains("API_TOKEN=hunter2"));
    assert!(!format!("{:?}", server()).contains("hunter2"));
}

#[test]
fn what_could_not_be_read_says_why_in_each_part() {
    let text = text(&Inspection::unseen(KEY, Unseen::NotPermitted), false);
    let said = text.matches("could not be seen: not permitted").count();
    assert_eq!(said, 11, "{text}");
}

#[test]
fn sizes_and_spans_have_few_digits() {
    assert_eq!(size(999), "999 B");
    assert_eq!(size(1_234_567), "1.2 MB");
    assert_eq!(size(123_456_789), "123 MB");
    assert_eq!(size(u64::MAX), "18446 PB");
    assert_eq!(span(Duration::from_secs(192)), "3 m 12 s");
    assert_eq!(span(Duration::from_mins(125)), "2 h 5 m");
}
