//! What is said of the recordings, and the report of it.

use crate::judged::{Judged, Scenario, recordings, scenarios};
use portwise::{
    collect::{self, SourceChoice},
    model::{Extent, Sample},
    rules::RULES,
};
use std::{collections::BTreeSet, env, fmt::Write as _, fs, path::PathBuf};

/// The longest recording that is kept, in bytes.
const LONGEST: u64 = 256 * 1024;

#[test]
fn every_recording_is_judged_as_its_scenario_says() {
    let wrong: Vec<String> = played()
        .into_iter()
        .filter(|(_, judged)| !judged.faults.is_empty())
        .map(|(scenario, judged)| format!("{}: {judged:#?}", scenario.name))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn there_is_one_small_recording_for_each_scenario() {
    let wanted: BTreeSet<String> = scenarios()
        .into_iter()
        .map(|scenario| format!("{}.jsonl", scenario.name))
        .collect();
    let mut there = BTreeSet::new();
    for entry in fs::read_dir(recordings()).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        let length = entry.metadata().unwrap().len();
        assert!(length <= LONGEST, "{name} has {length} bytes");
        there.insert(name);
    }
    assert_eq!(there, wanted);
}

#[test]
fn the_report_says_what_is_found_today() {
    let now = report(&played());
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("docs/judgement.md");
    if env::var_os("PORTWISE_WRITE").is_some() {
        fs::write(&path, &now).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap();
    let changed: Vec<_> = now.lines().filter(|line| !kept.contains(line)).collect();
    assert!(
        kept == now,
        "{changed:#?}\nwrite it anew: PORTWISE_WRITE=1 cargo test --test judgement"
    );
}

fn played() -> Vec<(Scenario, Judged)> {
    let judge = |scenario: Scenario| {
        let judged = scenario.judge(&samples(&scenario.name));
        (scenario, judged)
    };
    scenarios().into_iter().map(judge).collect()
}

fn samples(name: &str) -> Vec<Sample> {
    let path = recordings().join(format!("{name}.jsonl"));
    let mut source = collect::open(&SourceChoice::Recording(path), Extent::default())
        .unwrap_or_else(|error| panic!("{name}: {error}"));
    std::iter::from_fn(|| source.sample().unwrap()).collect()
}

/// The most scenarios that are named beside a rule.
const MOST_NAMED: usize = 3;

/// A table of the rules, with the scenarios that raise each. A rule that none of them raises is shown by a file of
/// `tests/scenarios/`, and that there is one is part of the table.
fn coverage(played: &[(Scenario, Judged)]) -> String {
    let mut text = String::from(
        "\n## Rules\n\n| rule | looks for | raised above `info` by |\n| --- | --- | --- |\n",
    );
    for rule in RULES {
        let prefix = format!("{}:", rule.id);
        let raised = |judged: &Judged| judged.findings.iter().any(|one| one.starts_with(&prefix));
        let scenarios = played.iter().filter(|(_, judged)| raised(judged));
        let names: Vec<String> = scenarios
            .map(|(scenario, _)| format!("`{}`", scenario.name))
            .collect();
        let first = names.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>();
        let by = match names.len().saturating_sub(MOST_NAMED) {
            _ if names.is_empty() => written(rule.id),
            0 => first.join(", "),
            more => format!("{} and {more} more", first.join(", ")),
        };
        writeln!(text, "| `{}` | {} | {by} |", rule.id, rule.about).unwrap();
    }
    text
}

/// Rules that no sample of a machine raises, and why.
const NOT_PLAYED: &[(&str, &str)] = &[
    (
        "lookalike-port",
        "none: its sentence is evidence of `obscure-port` and `unassigned-port`",
    ),
    (
        "speaks-otherwise",
        "no machine here: somebody has to ask (`tests/cli/probe.rs`)",
    ),
];

/// The first of the written scenarios, which are no real machine, that speaks of a rule.
fn written(rule: &str) -> String {
    if let Some((_, why)) = NOT_PLAYED.iter().find(|(id, _)| *id == rule) {
        return (*why).to_owned();
    }
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/scenarios");
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    let word = format!("\"{rule}:");
    let speaks = |path: &&PathBuf| fs::read_to_string(path).unwrap().contains(&word);
    let found = files.iter().find(speaks);
    let found = found.unwrap_or_else(|| panic!("no scenario is about {rule}"));
    let name = found.file_name().unwrap().to_str().unwrap();
    format!("no machine here; `tests/scenarios/{name}`")
}

fn report(played: &[(Scenario, Judged)]) -> String {
    let (benign, hostile): (Vec<_>, Vec<_>) = played
        .iter()
        .partition(|(scenario, _)| scenario.is_benign());
    let is_well = |(_, judged): &&&(Scenario, Judged)| judged.faults.is_empty();
    let found = hostile.iter().filter(is_well).count();
    let alarms = benign.len() - benign.iter().filter(is_well).count();
    let mut text = String::new();
    writeln!(
        text,
        "# Judgement\n\n**Recall: {found} of {} hostile scenarios raise what they must. False alarms: {alarms} of {} \
         healthy ones.**\n",
        hostile.len(),
        benign.len()
    )
    .unwrap();
    text.push_str(ABOUT);
    for (heading, rows) in [("Hostile", hostile), ("Healthy", benign)] {
        writeln!(
            text,
            "\n## {heading}\n\n| scenario | | expected | as expected | got |\n| --- | --- | --- | --- | --- |"
        )
        .unwrap();
        for (scenario, judged) in rows {
            writeln!(
                text,
                "| `{}` | {} | {} | {} | {} |",
                scenario.name,
                scenario.about,
                said(&scenario.raises),
                if judged.faults.is_empty() {
                    "yes"
                } else {
                    "**no**"
                },
                said(&judged.findings)
            )
            .unwrap();
        }
    }
    text.push_str(&coverage(played));
    text
}

fn said<'a>(findings: impl IntoIterator<Item = &'a String>) -> String {
    let findings: Vec<_> = findings
        .into_iter()
        .map(|finding| format!("`{finding}`"))
        .collect();
    if findings.is_empty() {
        return "quiet".to_owned();
    }
    findings.join(", ")
}

const ABOUT: &str = "\
Made by `PORTWISE_WRITE=1 cargo test --test judgement`, not by hand. Each scenario is a real program on a real kernel
(Debian 12), in namespaces of its own: `tests/judgement/` says what is started. `cargo test --test machine judgement` plays them all; with
`PORTWISE_RECORD=1` it keeps what it saw in `tests/recordings/`, from which this table is made.

Healthy means: every socket that a process has is `expected`, and no finding is above `info`. Hostile means: the
rules that are named, with their severity, speak of the scenario's own sockets; what else they say is under \"got\".
Nothing here runs under a service manager, so no unit helps to explain a daemon. What is `optional` in the tables is played only
where its packages are installed, which `.ci/run` does not do for them; its recording is judged like the others.

What it does not show: programs and configurations that are not in the table.
";
