//! Builds with the feature `ebpf`: the kernel tells who holds what, also to whom `/proc` tells nothing.

use crate::{
    plain_user::Public,
    support::{
        deadline::until,
        json::sockets_of,
        network::alone,
        process::Spawned,
        program::run,
        skip::{installed, is_root, skip},
    },
};
use serde_json::Value;
use std::process::Command;

/// Listens in itself and in a child, and in a thread with a descriptor table of its own on another port.
const HOLDER: &str = "
import ctypes, os, socket, sys, threading, time
shared = socket.create_server(('127.0.0.1', 1587))
if os.fork() == 0:
    time.sleep(60)
    os._exit(0)
def own_table():
    ctypes.CDLL(None).unshare(0x400)
    mine = socket.create_server(('127.0.0.1', 1588))
    time.sleep(60)
threading.Thread(target=own_table, daemon=True).start()
time.sleep(60)
";

fn owners(snapshot: &Value, port: u16) -> Vec<(u64, String)> {
    let sockets = sockets_of(snapshot);
    sockets
        .iter()
        .filter(|one| one["local"]["port"] == port)
        .flat_map(|one| one["processes"].as_array().unwrap())
        .map(|one| (one["pid"].as_u64().unwrap(), one["name"].to_string()))
        .collect()
}

#[test]
fn nobody_with_two_privileges_sees_the_owners_of_everybody() {
    let name = "nobody_with_two_privileges";
    if !is_root() {
        return skip(name, "needs root, to become nobody");
    }
    alone(|| {
        let (Some(setcap), Some(python)) = (installed(&["setcap"]), installed(&["python3"])) else {
            return skip(name, "needs setcap and python3");
        };
        let holder = Spawned::quietly(Command::new(python).args(["-c", HOLDER]));
        let public = Public::new();
        let before = until("the listeners", || {
            let snapshot = public.snapshot(&[]);
            let ports = sockets_of(&snapshot).len();
            (ports == 2)
                .then(|| snapshot.clone())
                .ok_or(format!("{snapshot:#}"))
        });
        assert_eq!(before["owners_hidden"], 2, "without privilege");

        let program = public.0.path().join("portwise");
        run(Command::new(setcap)
            .arg("cap_bpf,cap_perfmon+ep")
            .arg(program))
        .ended_with(0);
        let said = public.run_by_nobody(&["doctor", "--format", "json"]).stdout;
        let said: Value = serde_json::from_str(&said).unwrap();
        let abilities = said["abilities"].as_array().unwrap();
        let works = |name: &str| {
            let ability = abilities.iter().find(|one| one["name"] == name).unwrap();
            ability["works"].as_str().unwrap().to_owned()
        };
        if works("ebpf") != "yes" {
            return skip(name, "needs a kernel with BTF, and /tmp without nosuid");
        }
        assert_eq!(works("owners"), "yes", "{said:#}");

        let snapshot = public.snapshot(&[]);
        assert_eq!(snapshot["owners_hidden"], 0, "{snapshot:#}");
        let shared = owners(&snapshot, 1587);
        assert_eq!(shared.len(), 2, "{snapshot:#}");
        assert!(shared.iter().all(|(_, name)| name.contains("python")));
        let pid = u64::from(holder.pid());
        assert!(shared.iter().any(|(one, _)| *one == pid));
        let of_thread = owners(&snapshot, 1588);
        assert_eq!(
            of_thread.iter().map(|(one, _)| *one).collect::<Vec<_>>(),
            [pid]
        );
    });
}
