//! `registry`: which one is in use, and a newer one.

use crate::support::program::{Run, command, run};
use std::{fs, path::PathBuf};
use tempfile::TempDir;

fn portwise(home: &TempDir, args: &[&str]) -> Run {
    run(command(home).args(args))
}

/// IANA's columns, and a whole registry made of the one that is compiled in, with one more line.
fn csv(changed: impl Fn(&str) -> String) -> String {
    let asset = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/iana-ports.tsv");
    let mut text = String::from(
        "Service Name,Port Number,Transport Protocol,Description,Assignee,Contact,Registration Date,\
         Modification Date,Reference,Service Code,Unauthorized Use Reported,Assignment Notes\r\n",
    );
    for row in fs::read_to_string(asset).unwrap().lines() {
        let columns: Vec<&str> = row.split('\t').collect();
        if row.starts_with('#') {
            continue;
        }
        let number = match columns[1] {
            "" => columns[0].to_owned(),
            last => format!("{}-{last}", columns[0]),
        };
        for transport in columns[2].split('/') {
            let transport = if transport == "*" { "" } else { transport };
            let name = columns[3];
            let description = columns[5].replace('"', "\"\"");
            let row = [name, &number, transport, &format!("\"{description}\"")].join(",");
            text.push_str(&row);
            text.push_str(",,,,,,,,\r\n");
        }
    }
    changed(&text)
}

fn write(home: &TempDir, text: &str) -> String {
    let path = home.path().join("new.csv");
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

fn installed(home: &TempDir) -> PathBuf {
    home.path().join("data/portwise/registry/ports.tsv")
}

#[test]
fn the_compiled_in_registry_is_in_use_and_verifies() {
    let home = tempfile::tempdir().unwrap();
    let info = portwise(&home, &["registry", "info"]).ended_with(0).stdout;
    for part in [
        "compiled in",
        "2026-08-17",
        "sha256",
        "7193 lines",
        "tcp",
        "dccp",
    ] {
        assert!(info.contains(part), "{part} is not in {info}");
    }
    let verified = portwise(&home, &["registry", "verify"]).ended_with(0);
    assert!(
        verified.stdout.contains("compiled-in registry verifies"),
        "{verified:?}"
    );
}

#[test]
fn an_update_is_used_from_then_on_and_says_what_changed() {
    let home = tempfile::tempdir().unwrap();
    let newer = csv(|text| {
        let text = text.replace("triquest-lm,1588,tcp,", "quest-new,1588,tcp,");
        text.replace("wheel,9999,", "") + "brand-new,31390,tcp,New,,,,,,,,\r\n"
    });
    let from = write(&home, &newer);
    let updated = portwise(&home, &["registry", "update", "--from", &from])
        .ended_with(0)
        .stdout;
    assert!(
        updated.contains("added 1, removed 0, renamed 1"),
        "{updated}"
    );
    assert!(updated.contains("+ 31390/tcp brand-new"), "{updated}");
    assert!(
        updated.contains("~ 1588/tcp triquest-lm -> quest-new"),
        "{updated}"
    );
    let page = portwise(&home, &["explain", "brand-new"])
        .ended_with(0)
        .stdout;
    assert!(page.contains("Port 31390"), "{page}");
    let info = portwise(&home, &["registry", "info"]).ended_with(0).stdout;
    assert!(
        info.contains("the updated registry") && info.contains(&from) && info.contains("today"),
        "{info}"
    );
    portwise(&home, &["registry", "verify"]).ended_with(0);
    let again = portwise(&home, &["registry", "update", "--from", &from])
        .ended_with(0)
        .stdout;
    assert!(again.contains("added 0, removed 0, renamed 0"), "{again}");
    assert!(
        installed(&home)
            .with_file_name("ports.previous.tsv")
            .exists()
    );
}

#[test]
fn a_hostile_file_leaves_the_registry_in_use_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let from = write(&home, &csv(str::to_owned));
    portwise(&home, &["registry", "update", "--from", &from]).ended_with(0);
    let before = fs::read(installed(&home)).unwrap();
    let half = |text: &str| text.chars().take(text.len() / 2).collect();
    let cases: [(String, &str); 8] = [
        (String::new(), "it is empty"),
        (
            "<!doctype html><title>Sign in</title>".to_owned(),
            "web page",
        ),
        (csv(half), ""),
        (
            csv(|text| text.replace("ssh,22,", "ssh,22\u{1b}[2J,")),
            "control",
        ),
        (
            csv(|text| format!("{text}x,1,tcp,\"never closed")),
            "breaks off",
        ),
        (
            csv(|text| format!("{text}{text}")),
            "\"Port Number\" is no port number",
        ),
        (
            csv(|text| text.lines().next().unwrap().to_owned() + "\r\n"),
            "names 0 services",
        ),
        (
            csv(|text| text.replace("https,443,", "https,444,")),
            "443/tcp is not https",
        ),
    ];
    for (text, fault) in cases {
        let from = write(&home, &text);
        let run = portwise(&home, &["registry", "update", "--from", &from]).ended_with(2);
        assert!(
            run.stdout.is_empty() && run.stderr.contains(fault),
            "{fault}: {run:#?}"
        );
        assert!(run.stderr.contains("nothing was changed"), "{run:#?}");
        assert_eq!(fs::read(installed(&home)).unwrap(), before, "{fault}");
    }
    let large = home.path().join("large");
    fs::File::create(&large).unwrap().set_len(65 << 20).unwrap();
    let run = portwise(
        &home,
        &["registry", "update", "--from", large.to_str().unwrap()],
    );
    assert!(run.ended_with(2).stderr.contains("larger than 64 MiB"));
    let missing = portwise(&home, &["registry", "update", "--from", "no-such-file"]).ended_with(2);
    assert!(
        missing.stderr.contains("could not read no-such-file"),
        "{missing:?}"
    );
    assert_eq!(fs::read(installed(&home)).unwrap(), before);
}

#[test]
fn an_address_without_encryption_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let run = portwise(
        &home,
        &["registry", "update", "--from", "http://127.0.0.1:1/x"],
    );
    assert!(run.ended_with(2).stderr.contains("only https://"));
}

#[test]
fn the_proxy_of_the_environment_is_asked_for_the_address() {
    use std::io::{BufRead as _, BufReader, Write as _};
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://{}", listener.local_addr().unwrap());
    let asked = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut line = String::new();
        BufReader::new(stream.try_clone().unwrap())
            .read_line(&mut line)
            .unwrap();
        stream
            .write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
            .unwrap();
        line
    });
    let home = tempfile::tempdir().unwrap();
    let run = run(command(&home).env("HTTPS_PROXY", proxy).args([
        "registry",
        "update",
        "--from",
        "https://registry.invalid/ports.csv",
    ]));
    assert_eq!(
        asked.join().unwrap().trim(),
        "CONNECT registry.invalid:443 HTTP/1.1"
    );
    assert!(
        run.ended_with(2)
            .stderr
            .contains("could not fetch https://registry.invalid")
    );
}

#[test]
fn a_broken_update_is_told_of_and_not_used() {
    let home = tempfile::tempdir().unwrap();
    fs::create_dir_all(installed(&home).parent().unwrap()).unwrap();
    fs::write(installed(&home), "#portwise-registry\t1\n").unwrap();
    let verified = portwise(&home, &["registry", "verify"]).ended_with(1);
    assert!(verified.stderr.contains("it has no source"), "{verified:?}");
    let page = portwise(&home, &["explain", "1587"]).ended_with(0);
    assert!(page.stdout.contains("pra-elmd"));
    assert!(
        page.stderr.contains("the compiled-in registry is used"),
        "{page:?}"
    );
}
