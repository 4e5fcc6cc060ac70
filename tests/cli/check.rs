//! `check`: its exit codes and its report.

#[cfg(target_os = "linux")]
mod on_linux {
    use crate::support::{
        deadline::until,
        network::alone,
        program::{Run, command, portwise},
    };
    use rustix::process::{Pid, Signal, kill_process};
    use serde_json::Value;
    use std::{
        fs,
        io::Read as _,
        net::{TcpListener, TcpStream},
        process::Stdio,
        sync::{
            Arc,
            atomic::{AtomicBool, Ordering},
        },
        thread,
        time::Duration,
    };

    #[test]
    fn nothing_open_is_nothing_wrong() {
        alone(|| {
            portwise(["check"]).ended_with(0);
            portwise(["check", "--fail-on", "info"]).ended_with(0);
        });
    }

    #[test]
    fn a_finding_decides_the_exit_code_by_its_severity() {
        alone(|| {
            // Reachable from everywhere, by a program that no package explains.
            let _listener = TcpListener::bind("0.0.0.0:1587").unwrap();
            let report = portwise(["check", "--format", "json", "--fail-on", "low"]).ended_with(1);
            let report: Value = serde_json::from_str(&report.stdout).unwrap();
            assert_eq!(report["schema_version"], 1);
            let findings = report["stories"][0]["findings"].as_array().unwrap();
            let is_told = findings
                .iter()
                .any(|finding| finding["rule"] == "obscure-port");
            assert!(is_told, "{report:#}");
            portwise(["check", "--fail-on", "critical"]).ended_with(0);
            let text = portwise(["check", "--fail-on", "low"]).ended_with(1).stdout;
            assert!(text.contains("1587"), "{text}");
        });
    }

    #[test]
    fn a_filter_decides_what_is_assessed() {
        alone(|| {
            let _listener = TcpListener::bind("0.0.0.0:1587").unwrap();
            portwise(["check", "--fail-on", "low", "!port:1587"]).ended_with(0);
            portwise(["check", "--fail-on", "low", "port:1587"]).ended_with(1);
        });
    }

    #[test]
    fn what_is_soon_over_is_found_where_one_looks_for_a_while() {
        alone(|| {
            let _other =
                ["127.0.0.1:110", "127.0.0.1:115"].map(|at| TcpListener::bind(at).unwrap());
            let is_over = Arc::new(AtomicBool::new(false));
            let told = Arc::clone(&is_over);
            let sweeper = thread::spawn(move || {
                while !told.load(Ordering::Relaxed) {
                    (100..130).for_each(|port| drop(TcpStream::connect(("127.0.0.1", port))));
                    thread::park_timeout(Duration::from_millis(50));
                }
            });
            let args = [
                "--interval",
                "100ms",
                "check",
                "--for",
                "3s",
                "raddr:127.0.0.1",
            ];
            let run = portwise(args);
            is_over.store(true, Ordering::Relaxed);
            sweeper.join().unwrap();
            let report = run.ended_with(1).stdout;
            assert!(report.contains("fan-out"), "{report}");
            assert!(report.contains(", gone"), "{report}");
        });
    }

    #[test]
    fn an_interrupt_proves_nothing_to_be_well() {
        alone(|| {
            let _listener = TcpListener::bind("0.0.0.0:1587").unwrap();
            let found = interrupted(&["check", "--for", "1h", "--fail-on", "low"]).ended_with(1);
            assert!(found.stdout.contains("1587"), "{found:#?}");
            let args = ["check", "--for", "1h", "--fail-on", "low", "!port:1587"];
            let nothing = interrupted(&args).ended_with(2);
            assert_eq!(nothing.stdout, "");
            assert!(nothing.stderr.contains("interrupted"), "{nothing:#?}");
        });
    }

    /// Interrupts portwise as soon as it would hear it.
    fn interrupted(args: &[&str]) -> Run {
        let home = tempfile::tempdir().unwrap();
        let mut child = command(&home)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let status = format!("/proc/{}/status", child.id());
        until("the handler of SIGINT", || {
            let status = fs::read_to_string(&status).unwrap();
            let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
            let caught = u64::from_str_radix(caught.unwrap_or_default().trim(), 16);
            let is_caught = caught.is_ok_and(|caught| caught & (1 << 1) != 0);
            is_caught.then_some(()).ok_or(status)
        });
        let pid = Pid::from_child(&child);
        kill_process(pid, Signal::INT).unwrap();
        let mut output = [String::new(), String::new()];
        let [stdout, stderr] = &mut output;
        child.stdout.take().unwrap().read_to_string(stdout).unwrap();
        child.stderr.take().unwrap().read_to_string(stderr).unwrap();
        let code = child.wait().unwrap().code();
        let [stdout, stderr] = output;
        Run {
            stdout,
            stderr,
            code,
        }
    }

    /// Fails unless `object` has no other keys than these, as the schema of SARIF demands of some.
    #[track_caller]
    fn has_only(object: &Value, keys: &[&str]) {
        let object = object.as_object().unwrap();
        let others = object.keys().filter(|key| !keys.contains(&key.as_str()));
        assert_eq!(others.collect::<Vec<_>>(), Vec::<&String>::new());
    }

    #[test]
    fn sarif_names_the_rule_the_program_and_the_sockets() {
        alone(|| {
            let _listeners =
                ["0.0.0.0:1587", "127.0.0.1:1587"].map(|at| TcpListener::bind(at).ok());
            let run = portwise(["check", "--format", "sarif", "lport:1587"]);
            let log: Value = serde_json::from_str(&run.stdout).unwrap();
            is_sarif(&log);
            let run = &log["runs"][0];
            let driver = &run["tool"]["driver"];
            assert_eq!(run["invocations"][0]["executionSuccessful"], true);
            let results = run["results"].as_array().unwrap();
            let result = results
                .iter()
                .find(|result| result["ruleId"] == "obscure-port")
                .unwrap();
            let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
            assert_eq!(driver["rules"][index]["id"], "obscure-port");
            assert!(result["message"]["text"].as_str().unwrap().contains("1587"));
            let place = &result["locations"][0];
            let uri = place["physicalLocation"]["artifactLocation"]["uri"]
                .as_str()
                .unwrap();
            let program = std::env::current_exe().unwrap();
            assert_eq!(uri, format!("file://{}", program.display()));
            let names = place["logicalLocations"].as_array().unwrap();
            assert_eq!(names[0]["fullyQualifiedName"], "tcp 0.0.0.0:1587");
        });
    }

    /// Fails unless `text` is a message of SARIF: text is all that we write of one.
    #[track_caller]
    fn is_message(message: &Value) {
        has_only(message, &["text"]);
        assert!(
            message["text"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }

    /// Fails unless what the schema demands of the parts that we write holds: `required`, `enum`, `pattern`, `format`,
    /// `uniqueItems`, and no other keys.
    #[track_caller]
    fn is_sarif(log: &Value) {
        has_only(log, &["$schema", "version", "runs"]);
        assert_eq!(log["version"], "2.1.0");
        assert!(log["$schema"].as_str().unwrap().starts_with("https://"));
        for run in log["runs"].as_array().unwrap() {
            has_only(run, &["tool", "invocations", "results", "properties"]);
            has_only(&run["tool"], &["driver"]);
            let driver = &run["tool"]["driver"];
            has_only(driver, &["name", "version", "semanticVersion", "rules"]);
            assert!(driver["name"].is_string());
            let rules = driver["rules"].as_array().unwrap();
            for (at, rule) in rules.iter().enumerate() {
                has_only(rule, &["id", "shortDescription"]);
                assert!(rule["id"].is_string() && !rules[..at].contains(rule));
                is_message(&rule["shortDescription"]);
            }
            for invocation in run["invocations"].as_array().unwrap() {
                has_only(
                    invocation,
                    &[
                        "executionSuccessful",
                        "endTimeUtc",
                        "toolExecutionNotifications",
                    ],
                );
                assert!(invocation["executionSuccessful"].is_boolean());
                let end = invocation["endTimeUtc"].as_str().unwrap();
                end.parse::<jiff::Timestamp>().unwrap();
                for note in invocation["toolExecutionNotifications"].as_array().unwrap() {
                    has_only(note, &["level", "message"]);
                    is_message(&note["message"]);
                }
            }
            assert!(run["properties"].is_object());
            for result in run["results"].as_array().unwrap() {
                is_result(result, rules);
            }
        }
    }

    #[track_caller]
    fn is_result(result: &Value, rules: &[Value]) {
        let keys = [
            "ruleId",
            "ruleIndex",
            "level",
            "message",
            "locations",
            "partialFingerprints",
            "properties",
        ];
        has_only(result, &keys);
        is_message(&result["message"]);
        let index = usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap();
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let levels = ["none", "note", "warning", "error"];
        assert!(levels.contains(&result["level"].as_str().unwrap()));
        let prints = result["partialFingerprints"].as_object().unwrap();
        assert!(prints.values().all(Value::is_string));
        assert!(result["properties"].is_object());
        for place in result["locations"].as_array().unwrap() {
            has_only(place, &["logicalLocations", "physicalLocation"]);
            if let Some(physical) = place.get("physicalLocation") {
                has_only(physical, &["artifactLocation"]);
                has_only(&physical["artifactLocation"], &["uri"]);
                let uri = physical["artifactLocation"]["uri"].as_str().unwrap();
                assert!(
                    uri.starts_with("file:///") && !uri.contains([' ', '\\']),
                    "{uri}"
                );
            }
            let names = place["logicalLocations"].as_array().unwrap();
            for (at, name) in names.iter().enumerate() {
                has_only(name, &["fullyQualifiedName", "kind", "name"]);
                assert!(!names[..at].contains(name), "{name} stands twice");
            }
        }
    }

    #[test]
    fn sarif_of_nothing_has_no_results_and_all_rules() {
        alone(|| {
            let run = portwise(["check", "--format", "sarif"]).ended_with(0);
            let log: Value = serde_json::from_str(&run.stdout).unwrap();
            is_sarif(&log);
            let run = &log["runs"][0];
            assert_eq!(run["results"], Value::Array(vec![]));
            let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
            assert!(rules.len() >= 14, "{rules:?}");
            assert!(
                rules
                    .iter()
                    .all(|rule| rule["shortDescription"]["text"].is_string())
            );
        });
    }

    #[test]
    fn the_policy_in_use_is_named() {
        alone(|| {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("policy.toml");
            let text = "strict = true\n[[deny]]\nport = 23\n[rules]\nobscure-port = \"off\"\n";
            fs::write(&file, text).unwrap();
            let file = file.to_str().unwrap();
            let text = portwise(["check", "--policy", file]).ended_with(0).stdout;
            assert!(
                text.contains("0 expected, 1 denied, strict\n  obscure-port is off"),
                "{text}"
            );
            let json = portwise(["check", "--policy", file, "--format", "json"]).ended_with(0);
            let json: Value = serde_json::from_str(&json.stdout).unwrap();
            assert_eq!(json["policy"]["rules"]["obscure-port"], "off");
            assert_eq!(json["policy"]["denied"], 1);
            let json = portwise(["check", "--format", "json"]).ended_with(0);
            let json: Value = serde_json::from_str(&json.stdout).unwrap();
            assert!(json["policy"].is_null());
        });
    }
}
