//! `inspect` on real processes: what confined itself, what runs odd code, what must not be told.

use crate::{
    plain_user::Public,
    support::{
        deadline::until,
        network::alone,
        process::{Spawned, netcat},
        program::{Run, command, portwise, run},
        skip::{installed, is_root, skip},
    },
};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Confines itself, maps code of a memory file, deletes the library it was given, and says when all is done.
const CONFINED: &str = r"
import ctypes, mmap, os, resource, struct, sys, time
libc = ctypes.CDLL(None, use_errno=True)
resource.setrlimit(resource.RLIMIT_NOFILE, (77, 99))
os.umask(0o27)
libc.prctl(24, 22, 0, 0, 0)
assert libc.prctl(38, 1, 0, 0, 0) == 0
code = ctypes.create_string_buffer(struct.pack('HBBI', 6, 0, 0, 0x7fff0000))
class Program(ctypes.Structure):
    _fields_ = [('length', ctypes.c_ushort), ('code', ctypes.c_void_p)]
assert libc.prctl(22, 2, ctypes.byref(Program(1, ctypes.addressof(code))), 0, 0) == 0
memory = os.memfd_create('payload')
os.ftruncate(memory, 4096)
mapped = mmap.mmap(memory, 4096, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC)
log = open(sys.argv[2] + '.log', 'w')
os.unlink(sys.argv[2] + '.log')
os.unlink(sys.argv[1])
open(sys.argv[2], 'w').close()
time.sleep(600)
";

fn inspected(run: Run) -> Value {
    let all: Value = serde_json::from_str(&run.ended_with(0).stdout).unwrap();
    all[0]["process"].clone()
}

fn names(list: &Value) -> Vec<&str> {
    let list = list.as_array().unwrap();
    list.iter().map(|one| one.as_str().unwrap()).collect()
}

/// A library that is mapped into this test: any will do.
fn some_library() -> Option<PathBuf> {
    let maps = fs::read_to_string("/proc/self/maps").unwrap();
    let mut paths = maps
        .lines()
        .filter_map(|line| line.split_whitespace().nth(5));
    paths
        .find(|path| {
            path.contains("/libgcc_s") || path.contains("/libm.so") || path.contains("/libm-")
        })
        .map(PathBuf::from)
}

/// Waits until `pid` runs `program` and not what started it.
fn wait_for_program(pid: u32, program: &Path) {
    let program = fs::canonicalize(program).unwrap();
    until("the program", || {
        let runs = fs::read_link(format!("/proc/{pid}/exe")).ok();
        (runs.as_deref() == Some(&*program))
            .then_some(())
            .ok_or_else(|| format!("{runs:?}"))
    });
}

#[test]
fn a_process_that_confined_itself_and_runs_odd_code_is_told_in_full() {
    let test = "a_process_that_confined_itself";
    let (Some(python), Some(library)) = (installed(&["python3"]), some_library()) else {
        return skip(test, "needs python3 and a library to load");
    };
    let folder = tempfile::tempdir_in("/tmp").unwrap();
    let preloaded = folder.path().join("extra.so");
    fs::copy(library, &preloaded).unwrap();
    let done = folder.path().join("done");
    let child = Spawned::quietly(
        Command::new(python)
            .args(["-c", CONFINED])
            .arg(&preloaded)
            .arg(&done)
            .args(["--password", "hunter2"])
            .env_clear()
            .env("LD_PRELOAD", &preloaded)
            .env("API_TOKEN", "hunter2")
            .env("DATABASE_URL", "postgres://u:hunter2@h/db")
            .env("LANG", "C")
            .env("PATH", "/usr/bin:/bin"),
    );
    until("its confinement", || {
        done.exists()
            .then_some(())
            .ok_or_else(|| "not yet".to_owned())
    });
    let pid = child.pid().to_string();
    let process = inspected(portwise(["inspect", "--format", "json", &pid]));
    assert_eq!(process["seccomp"], "filter", "{process:#}");
    assert_eq!(process["no_new_privs"], true);
    assert_eq!(process["umask"], "0027");
    let bounding = names(&process["capability_sets"]["bounding"]);
    assert_eq!(
        bounding.contains(&"CAP_SYS_BOOT"),
        !is_root(),
        "{bounding:?}"
    );
    let limits = process["limits"].as_array().unwrap();
    let files = limits
        .iter()
        .find(|one| one["name"] == "open files")
        .unwrap();
    assert_eq!((&files["soft"], &files["hard"]), (&77.into(), &99.into()));
    let code = process["code"]["notable"].as_array().unwrap();
    let memory = code.iter().find(|one| one["path"] == "/memfd:payload");
    assert_eq!(memory.unwrap()["memfd"], true, "{code:#?}");
    let deleted = code
        .iter()
        .find(|one| one["path"] == preloaded.to_str().unwrap());
    let deleted = deleted.unwrap_or_else(|| panic!("{code:#?}"));
    assert_eq!(deleted["deleted"], true);
    assert_eq!(
        (&deleted["in_shared_directory"], &deleted["odd"]),
        (&"/tmp".into(), &true.into())
    );
    let files = process["open_files"]["notable"].as_array().unwrap();
    assert!(
        files.iter().any(|file| file["why"] == "it was deleted"),
        "{files:#?}"
    );
    assert_eq!(process["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(process["namespaces"][0]["ours"], true);
    assert_eq!(process["unseen"], serde_json::json!({}));
    for format in ["text", "markdown", "json"] {
        let hidden = portwise(["inspect", &pid, "--format", format])
            .ended_with(0)
            .stdout;
        assert!(!hidden.contains("hunter2"), "{format}: {hidden}");
        assert!(
            hidden.contains("postgres://u:***@h/db"),
            "{format}: {hidden}"
        );
        let shown = portwise(["inspect", &pid, "--reveal", "--format", format]).ended_with(0);
        assert_eq!(
            shown.stdout.matches("hunter2").count(),
            3,
            "{format}: {shown:#?}"
        );
    }
}

#[test]
fn what_a_process_started_and_what_else_its_user_runs_is_told() {
    alone(|| {
        let started = "sleep 600 & sleep 601 & wait";
        let shell = Spawned::quietly(Command::new("sh").args(["-c", started]));
        let (told, children) = until("both children", || {
            let told = inspected(portwise([
                "inspect",
                &shell.pid().to_string(),
                "--format",
                "json",
            ]));
            let children = told["children"].as_array().unwrap().clone();
            let sleep = children.iter().filter(|one| one["name"] == "sleep").count();
            if sleep == 2 {
                return Ok((told.clone(), children));
            }
            Err(format!("{children:?}"))
        });
        assert_eq!(children.len(), 2, "{children:?}");
        assert_eq!(told["children_left_out"], 0);
        // Both of them, this test and portwise run as the same user, and perhaps who started them.
        assert!(told["others_of_user"].as_u64().unwrap() >= 4, "{told}");
        let text = portwise(["inspect", &shell.pid().to_string()]);
        let text = text.ended_with(0).stdout;
        for child in children {
            assert!(text.contains(&format!("sleep {}", child["pid"])), "{text}");
        }
    });
}

/// Everything of it that the process chose stands in spans of code, where nothing is markup.
#[test]
fn a_markdown_report_holds_no_markup_of_the_process() {
    let test = "a_markdown_report_holds_no_markup";
    let Some(sleep) = installed(&["sleep"]).filter(|path| !path.is_symlink()) else {
        return skip(test, "needs sleep as a program of its own");
    };
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("a`b``c|<img src=x>@evil");
    fs::copy(sleep, &program).unwrap();
    let child = Spawned::quietly(
        Command::new(&program)
            .arg("600")
            .env_clear()
            .env("X", "```\n# heading\n| <script> | \x1b[31m\u{202e}"),
    );
    wait_for_program(child.pid(), &program);
    let report = portwise(["inspect", &child.pid().to_string(), "--format", "markdown"]);
    let report = report.ended_with(0).stdout;
    assert!(report.contains("\\x0a# heading"), "{report}");
    for (at, line) in report.lines().enumerate() {
        let bare = without_code(line);
        let is_ours = !bare.contains(['<', '|', '\u{1b}', '\u{202e}']);
        assert!(is_ours, "line {at}: {line:?} is {bare:?} without code");
    }
    assert!(!report.contains("\n# heading"), "{report}");
    assert!(
        report.starts_with("# a\\`b\\`\\`c\\|\\<img src=x\\>@evil, pid"),
        "{report}"
    );
}

/// A line without its spans of code, as Markdown has them, and without what a backslash escapes.
fn without_code(line: &str) -> String {
    let letters: Vec<char> = line.chars().collect();
    let run_at = |at: usize| {
        letters
            .iter()
            .skip(at)
            .take_while(|one| **one == '`')
            .count()
    };
    let mut bare = String::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        if *letter == '\\' {
            at += 2;
            continue;
        }
        let fence = run_at(at);
        if fence == 0 {
            bare.push(*letter);
            at += 1;
            continue;
        }
        // The span ends at the next run that is exactly as long; without one, the run is text.
        let mut end = at + fence;
        while end < letters.len() && run_at(end) != fence {
            end += run_at(end).max(1);
        }
        at = if end < letters.len() {
            end + fence
        } else {
            at + fence
        };
    }
    bare
}

#[test]
fn without_code_is_what_a_reader_would_take_for_markup() {
    assert_eq!(
        without_code("- a: `` <b> ` `` <i> \\<u> `x`"),
        "- a:  <i> u> "
    );
    assert_eq!(without_code("`open <b>"), "open <b>");
}

#[test]
fn a_plain_user_is_told_what_could_not_be_read_and_why() {
    if !is_root() {
        return skip("a_plain_user_is_told_what", "needs root, to become nobody");
    }
    let Some(sleep) = installed(&["sleep"]) else {
        return skip("a_plain_user_is_told_what", "needs sleep");
    };
    let child = Spawned::quietly(Command::new(&sleep).arg("600").env("API_TOKEN", "hunter2"));
    wait_for_program(child.pid(), &sleep);
    let pid = child.pid().to_string();
    let public = Public::new();
    let process = inspected(public.run_by_nobody(&["inspect", "--format", "json", &pid]));
    for part in [
        "environment",
        "open_files",
        "code",
        "sha256",
        "namespaces",
        "root",
    ] {
        assert_eq!(process[part], Value::Null, "{part}: {process:#}");
        assert_eq!(process["unseen"][part], "not permitted", "{process:#}");
    }
    assert_eq!(process["users"]["effective"]["id"], 0);
    assert!(process["limits"].is_array() && process["cgroups"].is_array());
    let text = public
        .run_by_nobody(&["inspect", &pid])
        .ended_with(0)
        .stdout;
    assert!(text.contains("could not be seen: not permitted"), "{text}");
}

#[test]
fn what_happened_lately_is_told_from_the_history() {
    alone(|| {
        let Some(netcat) = netcat() else {
            return skip("what_happened_lately", "needs netcat");
        };
        let home = tempfile::tempdir().unwrap();
        let child = Spawned::quietly(Command::new(&netcat).args(["-l", "127.0.0.1", "3000"]));
        let inspect = || {
            let args = ["inspect", "--format", "json", ":3000"];
            run(command(&home).args(args))
        };
        until("a listener on 3000", || {
            let run = inspect();
            (run.code == Some(0))
                .then_some(())
                .ok_or_else(|| format!("{run:#?}"))
        });
        let before: Value = serde_json::from_str(&inspect().stdout).unwrap();
        assert_eq!(before[0]["events"], Value::Null);
        // Root's own history would be the one of this machine.
        let record = ["record", "--for", "50ms", "--interval", "100ms"];
        run(command(&home).args(record)).ended_with(0);
        let after: Value = serde_json::from_str(&inspect().stdout).unwrap();
        let events = after[0]["events"].as_array().unwrap();
        let opened = events.iter().find(|event| event["kind"] == "opened");
        let opened = opened.unwrap_or_else(|| panic!("{after:#}"));
        assert_eq!(opened["socket"]["local"]["port"], 3000);
        assert_eq!(opened["socket"]["processes"][0]["pid"], child.pid());
    });
}
