use super::*;
use crate::registry::IANA_PORTS;

fn installed(table: &str) -> Installed {
    Installed::new(
        String::from(table),
        Text::from("a test"),
        Timestamp::UNIX_EPOCH,
    )
}

#[test]
fn what_was_put_there_is_read_back_and_the_one_before_is_kept() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("registry");
    assert!(read(&directory).unwrap().is_none());
    replace(&directory, &installed(IANA_PORTS)).unwrap();
    let first = fs::read_to_string(file(&directory)).unwrap();
    let newer = IANA_PORTS.replace("\tpra-elmd\t", "\tpra-elmd\t\u{fc}");
    replace(&directory, &installed(&newer)).unwrap();
    let got = read(&directory).unwrap().unwrap();
    assert_eq!(got.table, newer);
    assert_eq!(got.source.as_str(), "a test");
    assert_eq!(got.imported_at, Timestamp::UNIX_EPOCH);
    assert_eq!(fs::read_to_string(directory.join(PREVIOUS)).unwrap(), first);
    let names: Vec<_> = fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn what_is_too_large_to_be_one_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let broken = File::create(file(home.path())).unwrap();
    broken.set_len(import::LARGEST + 1).unwrap();
    let error = read(home.path()).unwrap_err();
    assert!(matches!(error, InstalledError::Read { .. }), "{error:?}");
    replace(home.path(), &installed(IANA_PORTS)).unwrap();
    assert!(read(home.path()).unwrap().is_some());
}

#[test]
#[cfg(unix)]
fn a_link_in_the_place_of_the_one_before_leads_nowhere() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("registry");
    replace(&directory, &installed(IANA_PORTS)).unwrap();
    let mine = home.path().join("mine");
    fs::write(&mine, "mine").unwrap();
    std::os::unix::fs::symlink(&mine, directory.join(PREVIOUS)).unwrap();
    replace(&directory, &installed(IANA_PORTS)).unwrap();
    assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
    let kept = fs::symlink_metadata(directory.join(PREVIOUS)).unwrap();
    assert!(kept.is_file());
}

#[test]
fn a_registry_that_changed_on_the_disk_is_not_used() {
    let home = tempfile::tempdir().unwrap();
    replace(home.path(), &installed(IANA_PORTS)).unwrap();
    let path = file(home.path());
    let whole = fs::read_to_string(&path).unwrap();
    let half: String = whole.chars().take(whole.len() / 2).collect();
    for broken in [
        whole.replace("pra-elmd", "pra-e1md"),
        half,
        String::new(),
        String::from("<html>"),
    ] {
        fs::write(&path, &broken).unwrap();
        let (used, why) = Registry::in_use(Some(home.path()));
        assert!(matches!(used.origin, Origin::Bundled));
        assert!(
            matches!(why, Some(InstalledError::Broken { .. })),
            "{why:?}"
        );
    }
}

#[test]
fn a_right_checksum_over_a_wrong_table_does_not_verify() {
    let home = tempfile::tempdir().unwrap();
    replace(home.path(), &installed("22\t\ttcp\tssh\n")).unwrap();
    let error = read(home.path()).unwrap_err();
    assert!(
        matches!(error, InstalledError::Implausible { .. }),
        "{error:?}"
    );
}

#[test]
fn the_updated_registry_is_the_one_in_use() {
    let home = tempfile::tempdir().unwrap();
    let table = IANA_PORTS.replace("\tpra-elmd\t", "\tpra-new\t")
        + "60000\t\ttcp\tpra-elmd\t\t\t\t\t\t\t\t\t\t\tp\n";
    let table = table.replace("1587\t\ttcp/udp\tpra-new", "1587\t\ttcp/udp\tpra-elmd");
    replace(home.path(), &installed(&table)).unwrap();
    let (used, why) = Registry::in_use(Some(home.path()));
    assert!(why.is_none(), "{why:?}");
    assert!(matches!(used.origin, Origin::Updated { .. }));
    assert_eq!(used.registry.ports_named("pra-elmd"), [1587, 60000]);
}

#[test]
fn a_checksum_is_sha_256() {
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(checksum(""), empty);
}
