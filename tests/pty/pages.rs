//! What pages read besides the snapshots, of real connections and processes.

use crate::support::{
    network::alone,
    process::{Spawned, netcat},
    pty::Dashboard,
    skip::{is_root, skip},
};
use std::{
    fs,
    io::{Read as _, Write as _},
    net::{TcpListener, TcpStream},
    process::Command,
    thread,
};

/// The numbers in percent that stand behind this word on the screen, as long as it is there.
fn percent(screen: &str, name: &str) -> Option<f64> {
    let (_, rest) = screen.split_once(&format!("{name} "))?;
    rest.split_once(" %")?.0.trim().parse().ok()
}

#[test]
fn the_page_of_a_connection_tells_that_its_receiver_limits_it_until_that_reads() {
    alone(|| {
        let listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let mut client = TcpStream::connect("127.0.0.1:1587").unwrap();
        let mut server = listener.accept().unwrap().0;
        let writer = thread::spawn(move || {
            // Ends when the other end is closed.
            while client.write_all(&[7; 4096]).is_ok() {}
        });
        // Room for what is said of a test that lies in a folder for everybody.
        let mut dashboard = Dashboard::start_with(&["--interval", "100ms"], &[], 160, 100);
        dashboard.shows("127.0.0.1:1587");
        // The end that writes.
        dashboard.types("/rport:1587\r");
        dashboard.shows("1 of 3");
        dashboard.types("c");
        dashboard.shows("From the kernel");
        dashboard.waits_for("a receiver that limits", |screen| {
            percent(&screen.contents(), "receiver").is_some_and(|percent| percent > 90.0)
        });
        for told in [
            "Congestion",
            "Window     snd ",
            "mss ",
            "window probe in",
            "Options    ",
        ] {
            dashboard.shows(told);
        }
        let mut room = vec![0; 1 << 20];
        let reader =
            thread::spawn(move || while server.read(&mut room).is_ok_and(|read| read > 0) {});
        dashboard.waits_for("a receiver that does not", |screen| {
            let page = screen.contents();
            let share = percent(&page, "receiver");
            page.contains("Limited by") && share.is_none_or(|percent| percent < 80.0)
        });
        drop((listener, writer, reader));
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}

/// Runs `ip` with these words; whether it went well.
fn ip(words: &[&str]) -> bool {
    let ran = Command::new("ip").args(words).status();
    ran.is_ok_and(|status| status.success())
}

#[test]
fn a_connection_in_another_network_namespace_is_asked_about_there() {
    let test = "a_connection_in_another_network_namespace";
    alone(|| {
        let Some(netcat) = netcat().filter(|_| is_root()) else {
            return skip(test, "needs root and netcat");
        };
        // What `ip netns` mounts stays out of the machine's own folder.
        let mount = ["-t", "tmpfs", "tmpfs", "/run/netns"];
        let is_ours = fs::create_dir_all("/run/netns").is_ok()
            && Command::new("mount")
                .args(mount)
                .status()
                .unwrap()
                .success();
        let up = ["netns", "exec", "far", "ip", "link", "set", "lo", "up"];
        if !is_ours || !ip(&["netns", "add", "far"]) || !ip(&up) {
            return skip(test, "needs to make network namespaces");
        }
        let inside = |words: &[&str]| {
            let mut command = Command::new("ip");
            command.args(["netns", "exec", "far"]).arg(&netcat);
            Spawned::quietly(command.args(words))
        };
        let _server = inside(&["-l", "127.0.0.1", "1587"]);
        let mut dashboard =
            Dashboard::start_with(&["--interval", "100ms", "--all-namespaces"], &[], 160, 100);
        dashboard.shows("127.0.0.1:1587");
        let _client = inside(&["127.0.0.1", "1587"]);
        dashboard.types("/rport:1587\r");
        dashboard.shows("1 of ");
        dashboard.types("c");
        for told in ["Namespace", "From the kernel", "mss ", "never sent"] {
            dashboard.shows(told);
        }
        dashboard.types("q");
        assert!(dashboard.exits().success());
    });
}
