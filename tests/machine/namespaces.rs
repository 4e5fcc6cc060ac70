//! Sockets in other network namespaces, as root and as somebody who may not go there.

use super::plain_user::Public;
use crate::support::{
    deadline::until,
    json::{pids, snapshot, sockets_of},
    network::alone,
    process::{Spawned, netcat},
    skip::{is_root, skip},
};
use portwise::{
    collect::{self, SourceChoice},
    model::Extent,
};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// Makes a named network namespace; it ends with the mounts of the test.
fn named(name: &str) -> bool {
    let made = Command::new("ip").args(["netns", "add", name]).status();
    let up = ["netns", "exec", name, "ip", "link", "set", "lo", "up"];
    made.is_ok_and(|status| status.success())
        && Command::new("ip").args(up).status().unwrap().success()
}

/// Keeps what `ip netns` mounts out of the machine's own folder.
fn own_folder_of_names() -> bool {
    fs::create_dir_all("/run/netns").is_ok()
        && Command::new("mount")
            .args(["-t", "tmpfs", "tmpfs", "/run/netns"])
            .status()
            .is_ok_and(|status| status.success())
}

/// A listener on this port in the namespace `name`, or in one of its own without a name.
fn listener(netcat: &Path, name: Option<&str>, port: &str) -> Spawned {
    let mut command;
    if let Some(name) = name {
        command = Command::new("ip");
        command.args(["netns", "exec", name]);
    } else {
        command = Command::new("unshare");
        let inside = "ip link set lo up; exec \"$0\" \"$@\"";
        command.args(["--net", "sh", "-c", inside]);
    }
    command.arg(netcat);
    Spawned::quietly(command.args(["-l", "127.0.0.1", port]))
}

fn ports(sockets: &[Value]) -> Vec<u64> {
    let mut ports: Vec<_> = sockets
        .iter()
        .filter(|one| one["state"] == "listen")
        .map(|one| one["local"]["port"].as_u64().unwrap())
        .collect();
    ports.sort_unstable();
    ports
}

#[test]
fn root_sees_the_sockets_and_owners_of_every_namespace_and_else_how_many_there_are() {
    let name = "root_sees_the_sockets_and_owners_of_every_namespace_and_else_how_many_there_are";
    if !is_root() {
        return skip(name, "needs root, to make network namespaces");
    }
    alone(|| {
        let (Some(netcat), true) = (netcat(), own_folder_of_names()) else {
            return skip(name, "needs netcat, and to mount");
        };
        if !named("web") || !named("empty") {
            return skip(name, "needs ip netns");
        }
        let _here = std::net::TcpListener::bind("127.0.0.1:1587").unwrap();
        let web = listener(&netcat, Some("web"), "1588");
        let nameless = listener(&netcat, None, "1589");
        let all = until("listeners in three namespaces", || {
            let all = snapshot(&["--all-namespaces"]);
            let found = ports(&sockets_of(&all));
            (found == [1587, 1588, 1589])
                .then(|| all.clone())
                .ok_or_else(|| format!("{all:#}"))
        });
        assert_eq!(
            (&all["other_namespaces"], &all["truncated"]),
            (&0.into(), &false.into())
        );
        let sockets = sockets_of(&all);
        let on = |port: u64| {
            sockets
                .iter()
                .find(|one| one["local"]["port"] == port)
                .unwrap()
        };
        assert_eq!(on(1588)["netns"]["name"], "web");
        assert!(on(1589)["netns"]["name"].is_null());
        let inodes: Vec<_> = [1587, 1588, 1589]
            .map(|port| on(port)["netns"]["inode"].as_u64().unwrap())
            .into();
        let of_process = |pid: u32| fs::read_link(format!("/proc/{pid}/ns/net")).unwrap();
        for (inode, pid) in inodes
            .iter()
            .zip([std::process::id(), web.pid(), nameless.pid()])
        {
            assert_eq!(of_process(pid).to_str(), Some(&*format!("net:[{inode}]")));
        }
        assert_eq!(pids(on(1588)), [u64::from(web.pid())]);
        assert_eq!(pids(on(1589)), [u64::from(nameless.pid())]);
        let only = snapshot(&["--all-namespaces", "netns:web"]);
        assert_eq!(ports(&sockets_of(&only)), [1588]);
        let own = snapshot(&[]);
        assert_eq!(
            (ports(&sockets_of(&own)), &own["other_namespaces"]),
            (vec![1587], &3.into())
        );
        let files = snapshot(&["--all-namespaces", "--source", "proc-net"]);
        assert_eq!(ports(&sockets_of(&files)), [1587, 1588, 1589]);
    });
}

#[test]
fn a_plain_user_sees_the_sockets_of_every_namespace_that_a_process_is_in() {
    let name = "a_plain_user_sees_the_sockets_of_every_namespace_that_a_process_is_in";
    if !is_root() {
        return skip(name, "needs root, to become nobody");
    }
    alone(|| {
        let Some(netcat) = netcat() else {
            return skip(name, "needs netcat");
        };
        let _here = std::net::TcpListener::bind("127.0.0.1:1587").unwrap();
        let hidden = listener(&netcat, None, "1588");
        let public = Public::new();
        let all = until("both listeners", || {
            let all = public.snapshot(&["--all-namespaces"]);
            let found = ports(&sockets_of(&all));
            (found == [1587, 1588])
                .then(|| all.clone())
                .ok_or_else(|| format!("{all:#}"))
        });
        let there = sockets_of(&all);
        let there = there
            .iter()
            .find(|one| one["local"]["port"] == 1588)
            .unwrap();
        let pid = there["netns"]["name"]
            .as_str()
            .unwrap()
            .strip_prefix("pid:")
            .unwrap();
        assert_eq!(pid, hidden.pid().to_string());
        assert!(there["netns"]["inode"].is_null() && pids(there).is_empty());
        assert_eq!(public.snapshot(&[])["other_namespaces"], 1);
    });
}

#[test]
fn where_there_are_many_namespaces_each_has_its_turn() {
    const MANY: u16 = 20;
    let name = "where_there_are_many_namespaces_each_has_its_turn";
    if !is_root() {
        return skip(name, "needs root, to make network namespaces");
    }
    alone(|| {
        let (Some(netcat), true) = (netcat(), own_folder_of_names()) else {
            return skip(name, "needs netcat, and to mount");
        };
        let mut kept = vec![];
        for number in 0..MANY {
            let space = format!("many{number}");
            if !named(&space) {
                return skip(name, "needs ip netns");
            }
            let port = (2000 + number).to_string();
            kept.push(listener(&netcat, Some(&space), &port));
        }
        let extent = Extent {
            all_namespaces: true,
            unix: false,
        };
        let mut source = collect::open(&SourceChoice::SockDiag, extent).unwrap();
        let mut seen = BTreeSet::new();
        let mut most = 0;
        until("listeners in all namespaces", || {
            source.hurry();
            let sample = source.sample().unwrap().unwrap();
            let there = sample.sockets.iter().map(|one| one.local().port);
            let there: BTreeSet<u16> = there.filter(|port| *port >= 2000).collect();
            most = most.max(there.len());
            seen.extend(there);
            (seen.len() == usize::from(MANY))
                .then_some(())
                .ok_or_else(|| format!("{seen:?}"))
        });
        // What was read in an earlier round stays.
        until("all of them in one sample", || {
            source.hurry();
            let sample = source.sample().unwrap().unwrap();
            let there = sample.sockets.iter().filter(|one| one.local().port >= 2000);
            let count = there.count();
            (count == usize::from(MANY))
                .then_some(())
                .ok_or_else(|| format!("{count}, at most {most} before: {:?}", sample.coverage))
        });
    });
}
