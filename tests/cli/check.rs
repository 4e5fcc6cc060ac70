//! `check`: its exit codes and its report.

#[cfg(target_os = "linux")]
mod on_linux {
    use crate::support::{network::alone, program::portwise};
    use serde_json::Value;
    use std::net::TcpListener;

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
}
