//! Under `sudo` the policy of the one who called it counts, with no more rights than that user has.

use crate::support::{
    network::alone,
    program::{Run, command, run},
    skip::{is_root, skip},
};
use std::{
    fs::{self, Permissions},
    net::TcpListener,
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, symlink},
    path::PathBuf,
};
use tempfile::TempDir;

/// The user that has nothing, on every Linux.
const NOBODY: u32 = 65534;

/// The home of nobody, who calls `sudo`.
struct Caller(TempDir);

impl Caller {
    fn new() -> Self {
        let home = tempfile::tempdir_in("/tmp").unwrap();
        let directory = home.path().join(".config/portwise");
        fs::create_dir_all(&directory).unwrap();
        for directory in directory.ancestors().take(3) {
            chown(directory, Some(NOBODY), Some(NOBODY)).unwrap();
        }
        Self(home)
    }

    fn policy(&self) -> PathBuf {
        self.0.path().join(".config/portwise/policy.toml")
    }

    fn sudo(&self, args: &[&str]) -> Run {
        let mut command = command(&self.0);
        command
            .env_remove("XDG_CONFIG_HOME")
            .envs([
                ("SUDO_UID", NOBODY.to_string()),
                ("SUDO_GID", NOBODY.to_string()),
            ])
            .env("SUDO_HOME", self.0.path())
            .env("HOME", "/root");
        run(command.args(args))
    }
}

#[test]
fn what_is_learned_under_sudo_belongs_to_the_one_who_called_it() {
    if !is_root() {
        return skip("what_is_learned_under_sudo", "needs root, as sudo gives it");
    }
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let caller = Caller::new();
        caller
            .sudo(&["learn", "--include-suspicious"])
            .ended_with(0);
        let written = fs::metadata(caller.policy()).unwrap();
        assert_eq!((written.uid(), written.mode() & 0o777), (NOBODY, 0o600));
        let again = caller
            .sudo(&["learn", "--include-suspicious"])
            .ended_with(0);
        assert!(again.stderr.contains("nothing new"), "{again:#?}");
    });
}

#[test]
fn a_link_leads_root_nowhere_that_the_caller_may_not_go() {
    if !is_root() {
        return skip("a_link_leads_root_nowhere", "needs root, as sudo gives it");
    }
    alone(|| {
        let _listener = TcpListener::bind("127.0.0.1:1587").unwrap();
        let caller = Caller::new();
        let secret = caller.0.path().join("secret");
        fs::write(&secret, "hidden = true\n").unwrap();
        fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
        symlink(&secret, caller.policy()).unwrap();
        let refused = caller.sudo(&["check"]).ended_with(2);
        assert!(refused.stderr.contains("Permission denied"), "{refused:#?}");
        assert!(!refused.stderr.contains("hidden"), "{refused:#?}");
        // One that may be read is still not written.
        fs::write(&secret, "").unwrap();
        fs::set_permissions(&secret, Permissions::from_mode(0o644)).unwrap();
        let folder = tempfile::tempdir_in("/tmp").unwrap();
        fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        let roots = folder.path().join("empty.toml");
        fs::copy(&secret, &roots).unwrap();
        fs::remove_file(caller.policy()).unwrap();
        symlink(&roots, caller.policy()).unwrap();
        caller
            .sudo(&["learn", "--include-suspicious"])
            .ended_with(2);
        assert_eq!(fs::read_to_string(roots).unwrap(), "");
    });
}

#[test]
fn a_strangers_policy_does_not_count_under_sudo() {
    if !is_root() {
        return skip("a_strangers_policy", "needs root, as sudo gives it");
    }
    alone(|| {
        let caller = Caller::new();
        fs::write(caller.policy(), "strict = true\n").unwrap();
        fs::set_permissions(caller.policy(), Permissions::from_mode(0o644)).unwrap();
        caller.sudo(&["check"]).ended_with(0);
        chown(caller.policy(), Some(NOBODY - 1), None).unwrap();
        let refused = caller.sudo(&["check"]).ended_with(2);
        assert!(
            refused.stderr.contains("neither you nor root"),
            "{refused:#?}"
        );
    });
}

#[test]
fn the_configuration_of_the_caller_counts_under_sudo_unless_it_is_a_strangers() {
    if !is_root() {
        return skip(
            "the_configuration_of_the_caller",
            "needs root, as sudo gives it",
        );
    }
    let caller = Caller::new();
    let config = caller.policy().with_file_name("config.toml");
    fs::write(&config, "sort = \"nonsense\"\n").unwrap();
    fs::set_permissions(&config, Permissions::from_mode(0o644)).unwrap();
    let roots = caller.sudo(&["explain", "22"]).ended_with(2);
    assert!(roots.stderr.contains("nonsense"), "{roots:#?}");
    for (owner, mode, why) in [
        (NOBODY - 1, 0o644, "neither you nor root"),
        (NOBODY, 0o666, "can be written by everybody"),
    ] {
        chown(&config, Some(owner), None).unwrap();
        fs::set_permissions(&config, Permissions::from_mode(mode)).unwrap();
        let refused = caller.sudo(&["explain", "22"]).ended_with(2);
        assert!(refused.stderr.contains(why), "{refused:#?}");
        assert!(!refused.stderr.contains("nonsense"), "{refused:#?}");
    }
    fs::remove_file(&config).unwrap();
    caller.sudo(&["explain", "22"]).ended_with(0);
}

#[test]
fn what_is_wrong_with_a_configuration_is_shown_only_to_who_may_read_it() {
    if !is_root() {
        return skip(
            "what_is_wrong_with_a_configuration",
            "needs root, as sudo gives it",
        );
    }
    let caller = Caller::new();
    let secret = caller.0.path().join("secret");
    fs::write(&secret, "root:hash\n").unwrap();
    fs::set_permissions(&secret, Permissions::from_mode(0o600)).unwrap();
    let args = ["--config", secret.to_str().unwrap(), "explain", "22"];
    let refused = caller.sudo(&args).ended_with(2);
    assert!(refused.stderr.contains("Permission denied"), "{refused:#?}");
    assert!(!refused.stderr.contains("hash"), "{refused:#?}");
    chown(&secret, Some(NOBODY), None).unwrap();
    let shown = caller.sudo(&args).ended_with(2);
    assert!(shown.stderr.contains("hash"), "{shown:#?}");
}
