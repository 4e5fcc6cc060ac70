use super::*;
use tempfile::TempDir;

/// A system with these files.
fn system(files: &[(&str, &str)]) -> TempDir {
    let root = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    root
}

/// `port/transport name`, of every declaration.
fn declared(files: &[(&str, &str)]) -> Vec<String> {
    let root = system(files);
    let all = Places::of_system(root.path()).read();
    let shown = |one: &Declared| {
        let PortRange { first, last } = one.ports;
        let ports = if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        };
        format!(
            "{ports}/{} {} {}",
            one.protocol.name(),
            one.by.name(),
            one.name
        )
    };
    all.iter().map(shown).collect()
}

#[test]
fn a_socket_unit_declares_the_ports_it_listens_on() {
    let unit = "[Unit]\nListenStream=1\n[Socket]\n# ListenStream=2\nListenStream=/run/x\n\
        ListenStream = 631\nListenStream=127.0.0.1:632\nListenStream=[::1]:633\nListenDatagram=634\n\
        ListenStream=@abstract\nListenStream=vsock:2:99\nListenStream=%i\nListenStream=0\n";
    assert_eq!(
        declared(&[
            ("usr/lib/systemd/system/x.socket", unit),
            ("usr/lib/systemd/system/x.service", unit)
        ]),
        [
            "631/tcp socket-unit x.socket",
            "632/tcp socket-unit x.socket",
            "633/tcp socket-unit x.socket",
            "634/udp socket-unit x.socket",
        ]
    );
}

#[test]
fn an_empty_value_takes_back_what_stood_before() {
    let unit = "[Socket]\nListenStream=22\nListenStream=\nListenStream=2222\n";
    assert_eq!(
        declared(&[("lib/systemd/system/ssh.socket", unit)]),
        ["2222/tcp socket-unit ssh.socket"]
    );
}

#[test]
fn the_administrator_s_file_hides_the_package_s_of_the_same_name() {
    assert_eq!(
        declared(&[
            ("etc/systemd/system/a.socket", "[Socket]\nListenStream=1\n"),
            (
                "usr/lib/systemd/system/a.socket",
                "[Socket]\nListenStream=2\n"
            ),
            (
                "etc/firewalld/services/b.xml",
                "<service><port port='3' protocol='tcp'/></service>"
            ),
            (
                "usr/lib/firewalld/services/b.xml",
                "<service><port port='4' protocol='tcp'/></service>"
            ),
        ]),
        ["1/tcp socket-unit a.socket", "3/tcp firewalld b"]
    );
}

#[test]
fn profiles_of_firewalls_declare_lists_and_ranges() {
    let ufw = "[Web Full]\ntitle=Web\nports=80,443/tcp|8080:8090/tcp\n\n[DNS]\nports=53\n";
    let firewalld = "<?xml version='1.0'?><service><short>x</short>\
        <port protocol='tcp' port='6000-6010'/><port protocol='sctp' port='9'/></service>";
    assert_eq!(
        declared(&[
            ("etc/ufw/applications.d/web", ufw),
            ("usr/lib/firewalld/services/x.xml", firewalld)
        ]),
        [
            "80/tcp ufw Web Full",
            "443/tcp ufw Web Full",
            "8080-8090/tcp ufw Web Full",
            "53/tcp ufw DNS",
            "53/udp ufw DNS",
            "6000-6010/tcp firewalld x",
        ]
    );
}

#[test]
fn a_name_in_etc_services_is_shown_and_is_no_use() {
    let root = system(&[(
        "etc/services",
        "# names\nssh 22/tcp # Secure\nx 1/sctp\nbad\nrdp\t3389/udp ms\n",
    )]);
    let all = Places::of_system(root.path()).read();
    let words: Vec<String> = all.iter().map(Declared::words).collect();
    assert_eq!(words.len(), 2);
    assert!(
        words[0].ends_with("/etc/services calls it ssh"),
        "{words:?}"
    );
    assert!(all.iter().all(|one| !one.is_use()));
}

#[test]
fn what_is_broken_large_or_no_file_says_nothing() {
    let large = "x 1/tcp\n".repeat(140_000);
    let root = system(&[
        ("etc/services", &large),
        ("usr/lib/firewalld/services/a.xml", "<service><port"),
        (
            "usr/lib/firewalld/services/b.xml",
            "<!DOCTYPE s [<!ENTITY a 'b'>]><service/>",
        ),
        (
            "etc/ufw/applications.d/a",
            "ports=99999/tcp|5-|x\n[y\nports",
        ),
    ]);
    fs::create_dir_all(root.path().join("etc/systemd/system/dir.socket")).unwrap();
    assert_eq!(Places::of_system(root.path()).read(), []);
    assert_eq!(declared(&[]), Vec::<String>::new());
}

#[test]
fn a_terminal_escape_in_a_name_is_shown_and_not_obeyed() {
    let root = system(&[("etc/ufw/applications.d/a", "[\u{1b}[2J]\nports=1/tcp\n")]);
    let all = Places::of_system(root.path()).read();
    assert_eq!(all[0].name.as_str(), "\\x1b[2J");
}
