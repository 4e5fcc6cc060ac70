use super::*;
use crate::model::{Breadth, fixture};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

/// A home with `policy.toml`, and who looks at it.
struct Home {
    directory: tempfile::TempDir,
    environment: Environment,
}

impl Home {
    fn new(text: Option<&str>) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let environment = Environment {
            config_home: Some(directory.path().into()),
            ..Environment::default()
        };
        let home = Self {
            directory,
            environment,
        };
        if let Some(text) = text {
            fs::create_dir(home.directory.path().join("portwise")).unwrap();
            home.write(text);
        }
        home
    }

    fn path(&self) -> PathBuf {
        self.directory.path().join("portwise/policy.toml")
    }

    fn write(&self, text: &str) {
        // As editors do: another file in its place.
        let new = self.directory.path().join("portwise/new");
        fs::write(&new, text).unwrap();
        fs::set_permissions(&new, fs::Permissions::from_mode(0o640)).unwrap();
        fs::rename(new, self.path()).unwrap();
    }

    fn euid(&self) -> u32 {
        fs::metadata(self.directory.path()).unwrap().uid()
    }

    fn open(&self) -> Result<PolicyFile, Error> {
        PolicyFile::open(None, &self.environment, Some(self.euid()), || TimeZone::UTC)
    }
}

fn entry(port: u16) -> Entry {
    let socket = fixture::listener(port).owned_by("elmd", 7).build();
    Entry::accepting(&socket, Breadth::ProgramAndPort, None).unwrap()
}

#[test]
fn without_a_file_the_policy_is_empty_and_the_first_entry_makes_one() {
    let home = Home::new(None);
    let file = home.open().unwrap();
    assert!(file.policy().is_empty());
    assert!(file.add(&[entry(1587)]).unwrap());
    assert!(!file.add(&[entry(1587)]).unwrap());
    let made = fs::metadata(home.path()).unwrap();
    assert_eq!(made.mode() & 0o777, 0o600);
    assert!(!home.open().unwrap().policy().is_empty());
    assert!(file.remove(&entry(1587)).unwrap());
    assert!(!file.remove(&entry(1587)).unwrap());
    let names = fs::read_dir(home.path().parent().unwrap()).unwrap();
    assert_eq!(names.count(), 0, "it made the file, and nothing is left");
    assert!(file.add(&[entry(1587)]).unwrap());
    let mine = fs::read_to_string(home.path()).unwrap();
    home.write(&format!("# my own\n{mine}"));
    assert!(file.remove(&entry(1587)).unwrap());
    let left = fs::read_to_string(home.path()).unwrap();
    assert_eq!(left.trim(), "# my own");
}

#[test]
fn a_policy_that_was_there_stays_when_its_last_entry_is_taken_out() {
    let home = Home::new(Some(""));
    let file = home.open().unwrap();
    assert!(file.add(&[entry(1587)]).unwrap());
    assert!(file.remove(&entry(1587)).unwrap());
    assert_eq!(fs::read_to_string(home.path()).unwrap().trim(), "");
}

#[test]
fn a_changed_file_is_read_again_and_a_broken_one_keeps_the_policy() {
    let home = Home::new(Some("strict = true\n"));
    let mut file = home.open().unwrap();
    assert_eq!(file.changed(), None);
    home.write("strict = false\n");
    assert!(!file.changed().unwrap().strict);
    home.write("strict = tru\n");
    let kept = file.changed().unwrap();
    assert!(!kept.strict);
    let fault = kept.fault.as_deref().unwrap();
    assert!(fault.contains("policy.toml:1:10"), "{fault}");
    assert_eq!(file.changed(), None, "it is said once");
    home.write("strict = true\n");
    let mended = file.changed().unwrap();
    assert!(mended.strict && mended.fault.is_none());
}

#[test]
fn the_users_policy_comes_before_the_machines() {
    let machine = tempfile::tempdir().unwrap();
    fs::write(machine.path().join(NAME), "strict = true\n").unwrap();
    let mut home = Home::new(None);
    home.environment.system_directory = Some(machine.path().into());
    let mut file = home.open().unwrap();
    assert!(file.policy().strict);
    assert_eq!(file.path(), Some(&*machine.path().join(NAME)));
    fs::create_dir(home.directory.path().join("portwise")).unwrap();
    home.write("strict = false\n");
    assert!(!file.changed().unwrap().strict);
    fs::remove_file(home.path()).unwrap();
    assert!(file.changed().unwrap().strict);
}

#[test]
fn a_policy_that_anybody_can_write_is_not_believed() {
    let home = Home::new(Some("strict = true\n"));
    fs::set_permissions(home.path(), fs::Permissions::from_mode(0o666)).unwrap();
    let error = home.open().unwrap_err().to_string();
    assert!(error.ends_with("it can be written by everybody"), "{error}");
    let asked = PolicyFile::open(Some(&home.path()), &home.environment, None, || {
        TimeZone::UTC
    });
    assert!(matches!(asked, Err(Error::Distrusted { .. })), "{asked:?}");
}

#[test]
fn a_strangers_policy_is_believed_only_when_it_was_asked_for() {
    let home = Home::new(Some("strict = true\n"));
    let trust = |euid, caller| Trust {
        euid: Some(euid),
        caller,
    };
    let file = fs::metadata(home.path()).unwrap();
    // The file is root's in a container; then everybody believes it.
    let stranger = trust(home.euid() + 1, None).refuses(&file, false);
    assert_eq!(stranger.is_some(), home.euid() != 0);
    assert_eq!(trust(home.euid() + 1, None).refuses(&file, true), None);
    assert_eq!(trust(0, Some(home.euid())).refuses(&file, false), None);
}

#[test]
fn an_edit_keeps_the_mode_and_the_link() {
    let home = Home::new(Some("# mine\n"));
    let dotfiles = home.directory.path().join("dotfiles.toml");
    fs::rename(home.path(), &dotfiles).unwrap();
    symlink(&dotfiles, home.path()).unwrap();
    assert!(home.open().unwrap().add(&[entry(1587)]).unwrap());
    assert!(fs::symlink_metadata(home.path()).unwrap().is_symlink());
    assert_eq!(fs::metadata(&dotfiles).unwrap().mode() & 0o777, 0o640);
    let text = fs::read_to_string(dotfiles).unwrap();
    assert!(text.starts_with("# mine\n"), "{text}");
    assert!(text.contains("1587/tcp"), "{text}");
}

#[test]
fn a_link_into_nowhere_is_not_followed() {
    let home = Home::new(Some(""));
    fs::remove_file(home.path()).unwrap();
    symlink("/nowhere/policy.toml", home.path()).unwrap();
    let error = home.open().unwrap().add(&[entry(1587)]).unwrap_err();
    assert!(matches!(error, Error::WritePolicy { .. }), "{error}");
}

#[test]
fn what_is_no_file_is_refused_without_waiting_for_it() {
    let home = Home::new(Some(""));
    fs::remove_file(home.path()).unwrap();
    fs::create_dir(home.path()).unwrap();
    assert!(matches!(home.open(), Err(Error::ReadPolicy { .. })));
    let null = PolicyFile::open(
        Some(Path::new("/dev/null")),
        &home.environment,
        None,
        || TimeZone::UTC,
    );
    assert!(matches!(null, Err(Error::ReadPolicy { .. })));
}

#[test]
fn two_do_not_write_at_once() {
    let home = Home::new(Some(""));
    let held = write::lock(&home.path()).unwrap();
    let error = home.open().unwrap().add(&[entry(1587)]).unwrap_err();
    drop(held);
    assert!(
        words(&error).contains("another portwise is writing it"),
        "{error}"
    );
    assert!(home.open().unwrap().add(&[entry(1587)]).unwrap());
}

#[test]
fn the_one_who_called_sudo_is_asked_and_not_root() {
    let mut home = Home::new(None);
    home.environment = Environment {
        home: Some("/root".into()),
        sudo_uid: Some(1234),
        sudo_home: Some("/home/me".into()),
        system_directory: Some("/etc/portwise".into()),
        ..Environment::default()
    };
    let found = |environment: &Environment, euid| {
        let places = places(None, environment, Some(euid));
        places
            .into_iter()
            .map(|place| place.path)
            .collect::<Vec<_>>()
    };
    let machines = PathBuf::from("/etc/portwise/policy.toml");
    let users = |home: &str| PathBuf::from(home).join(".config/portwise/policy.toml");
    assert_eq!(
        found(&home.environment, 0),
        [users("/home/me"), machines.clone()]
    );
    assert_eq!(
        found(&home.environment, 1234),
        [users("/root"), machines.clone()]
    );
    home.environment.sudo_home = None;
    assert_eq!(found(&home.environment, 0), [machines]);
}
