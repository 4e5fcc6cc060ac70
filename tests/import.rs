//! The importer against IANA's own file of 2024-06-12, which the package `port-desc` carries.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper of a test fails loudly"
)]

use portwise::registry::import::{cells, plausible, table};
use serde_json::Value;
use std::{collections::BTreeSet, fs, path::Path, process::Command};

/// The file, in the folder that cargo keeps the package's source in.
fn official_csv() -> Vec<u8> {
    let metadata = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--offline", "--locked"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let metadata: Value = serde_json::from_slice(&metadata.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let package = packages.iter().find(|one| one["name"] == "port-desc");
    let manifest = package.unwrap()["manifest_path"].as_str().unwrap();
    let folder = Path::new(manifest).parent().unwrap();
    fs::read(folder.join("assets/service-names-port-numbers.csv")).unwrap()
}

fn asset() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/iana-ports.tsv");
    fs::read_to_string(path).unwrap()
}

/// One set of columns for each port and transport of a table.
fn by_transport(table: &str, wanted: impl Fn(&str) -> bool) -> BTreeSet<String> {
    let rows = table.lines().filter(|row| !row.starts_with('#'));
    rows.filter(|row| wanted(row))
        .flat_map(|row| {
            let mut columns = row.splitn(4, '\t');
            let mut next = || columns.next().unwrap();
            let (port, end, transports, rest) = (next(), next(), next(), next());
            transports
                .split('/')
                .map(|one| format!("{port}-{end}/{one} {rest}"))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn iana_s_csv_gives_the_lines_that_are_compiled_in() {
    let imported = table(&cells(&official_csv()).unwrap());
    let from_it = |row: &str| row.ends_with("\tp");
    let ours = by_transport(&asset(), from_it);
    let theirs = by_transport(&imported, from_it);
    let missing: Vec<_> = ours.difference(&theirs).collect();
    assert!(
        missing.is_empty(),
        "{} missing: {:#?}",
        missing.len(),
        &missing[..missing.len().min(5)]
    );
    // What the file has besides was renamed, described anew or taken back since.
    let since = theirs.difference(&ours).count();
    assert!(since < 50, "{since} lines more");
    assert!(ours.len() > 12_000, "{}", ours.len());
}

#[test]
fn lines_stand_in_the_order_of_the_asset() {
    let imported = table(&cells(&official_csv()).unwrap());
    let asset = asset();
    let known: BTreeSet<&str> = imported.lines().collect();
    let ours: Vec<&str> = asset.lines().filter(|row| known.contains(row)).collect();
    let in_ours: BTreeSet<&str> = ours.iter().copied().collect();
    let theirs: Vec<&str> = imported
        .lines()
        .filter(|row| in_ours.contains(row))
        .collect();
    assert!(ours == theirs, "the order differs");
}

#[test]
fn iana_s_csv_is_plausible_and_any_beginning_of_it_is_not() {
    let csv = official_csv();
    plausible::check(&table(&cells(&csv).unwrap())).unwrap();
    let text = String::from_utf8(csv).unwrap();
    // Rows without a number stand last; without them nothing is missing.
    let end = text.find("\r\na-d-sync,,").or(text.find(",,tcp,")).unwrap();
    for part in (1..40).map(|part| end * part / 40) {
        let part = &text.as_bytes()[..part];
        let taken = cells(part).and_then(|cells| plausible::check(&table(&cells)));
        assert!(taken.is_err(), "the first {} bytes were taken", part.len());
    }
}
