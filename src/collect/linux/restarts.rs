//! Whether systemd starts a unit again: `Restart=` of the unit's files, read as systemd reads them.

use crate::model::{Restarts, Text};
use std::{
    fs::{self, File},
    io::Read as _,
    path::{Path, PathBuf},
};

/// The most that is read of a file.
const LONGEST: u64 = 64 * 1024;
/// The most drop-ins of a unit.
const MOST_DROP_INS: usize = 64;

/// Where units are described, the most important folder first.
#[derive(Debug)]
pub(super) struct Units {
    system: Vec<PathBuf>,
    user: Vec<PathBuf>,
}

impl Units {
    /// The folders of a system whose files begin at `root`.
    pub(super) fn of_system(root: &Path) -> Self {
        let below = |kind: &str| {
            ["etc", "run", "usr/local/lib", "usr/lib", "lib"]
                .map(|place| root.join(place).join("systemd").join(kind))
                .to_vec()
        };
        Self {
            system: below("system"),
            user: below("user"),
        }
    }
}

/// Whether the manager starts `unit` again; `user` is whose manager, `None` the system's.
///
/// A user's own folder is not looked into, so what is said there is not known.
pub(super) fn restarts(unit: &str, user: Option<u32>, units: &Units) -> Restarts {
    if unit.contains('/') {
        return Restarts::Unknown;
    }
    let folders = if user.is_some() {
        &units.user
    } else {
        &units.system
    };
    let names = names(unit);
    let main = names.iter().find_map(|name| {
        let mut paths = folders.iter().map(|folder| folder.join(name));
        paths.find_map(|path| text(&path))
    });
    let Some(main) = main else {
        return Restarts::Unknown;
    };
    let mut policy = None;
    assign(&mut policy, &main);
    for drop_in in drop_ins(&names, folders) {
        assign(&mut policy, &drop_in);
    }
    match policy.as_deref() {
        None | Some("" | "no") => Restarts::Never,
        Some(words @ ("always" | "on-success")) => Restarts::Yes(Text::from(words)),
        Some(words @ ("on-failure" | "on-abnormal" | "on-abort" | "on-watchdog")) => {
            Restarts::OnFailure(Text::from(words))
        }
        Some(_) => Restarts::Unknown,
    }
}

/// The file names that describe a unit: of `getty@tty1.service` also `getty@.service`.
fn names(unit: &str) -> Vec<String> {
    let mut names = vec![unit.to_owned()];
    if let Some((template, rest)) = unit.split_once('@')
        && let Some((_, kind)) = rest.rsplit_once('.')
    {
        names.push(format!("{template}@.{kind}"));
    }
    names
}

/// The texts of the drop-ins, in the order in which they are read: by file name, and one of a more
/// important folder in place of those of its name in others.
fn drop_ins(names: &[String], folders: &[PathBuf]) -> Vec<String> {
    let mut found: Vec<(String, PathBuf)> = vec![];
    let every = std::iter::once("service").chain(names.iter().map(String::as_str));
    for name in every {
        for folder in folders {
            let Ok(entries) = fs::read_dir(folder.join(format!("{name}.d"))) else {
                continue;
            };
            for entry in entries.take(MOST_DROP_INS).filter_map(Result::ok) {
                let file = entry.file_name().to_string_lossy().into_owned();
                let is_new = found.iter().all(|(other, _)| *other != file);
                let is_drop_in = Path::new(&file)
                    .extension()
                    .is_some_and(|kind| kind == "conf");
                if is_drop_in && is_new {
                    found.push((file, entry.path()));
                }
            }
        }
    }
    found.sort();
    found.truncate(MOST_DROP_INS);
    found.iter().filter_map(|(_, path)| text(path)).collect()
}

/// Takes over what `text` says of `Restart=` in its section `[Service]`.
fn assign(policy: &mut Option<String>, text: &str) {
    let mut section = "";
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
        } else if section == "[Service]"
            && let Some((key, value)) = line.split_once('=')
            && key.trim_end() == "Restart"
        {
            *policy = Some(value.trim().to_owned());
        }
    }
}

fn text(path: &Path) -> Option<String> {
    let file = File::open(path).ok()?;
    if !file.metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = vec![];
    file.take(LONGEST).read_to_end(&mut bytes).ok()?;
    Some(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    fn write(root: &TempDir, path: &str, text: &str) {
        let path = root.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn said(root: &TempDir, unit: &str, user: Option<u32>) -> Restarts {
        restarts(unit, user, &Units::of_system(root.path()))
    }

    #[test]
    fn the_last_word_on_restart_counts() {
        let root = tempfile::tempdir().unwrap();
        let unit = "usr/lib/systemd/system/web.service";
        write(
            &root,
            unit,
            "[Unit]\nRestart=always\n[Service]\nRestart = on-failure\n",
        );
        assert_eq!(
            said(&root, "web.service", None),
            Restarts::OnFailure("on-failure".into())
        );
        let drop_in = "etc/systemd/system/web.service.d/50-more.conf";
        write(&root, drop_in, "[Service]\nRestart=always\n");
        assert_eq!(
            said(&root, "web.service", None),
            Restarts::Yes("always".into())
        );
        write(
            &root,
            "run/systemd/system/service.d/90-off.conf",
            "[Service]\nRestart=no\n",
        );
        assert_eq!(said(&root, "web.service", None), Restarts::Never);
    }

    #[test]
    fn the_file_in_etc_takes_the_place_of_the_packages() {
        let root = tempfile::tempdir().unwrap();
        write(
            &root,
            "lib/systemd/system/web.service",
            "[Service]\nRestart=always\n",
        );
        write(
            &root,
            "etc/systemd/system/web.service",
            "[Service]\nExecStart=/bin/true\n",
        );
        assert_eq!(said(&root, "web.service", None), Restarts::Never);
    }

    #[test]
    fn an_instance_is_described_by_its_template() {
        let root = tempfile::tempdir().unwrap();
        write(
            &root,
            "usr/lib/systemd/system/db@.service",
            "[Service]\nRestart=always\n",
        );
        assert_eq!(
            said(&root, "db@main.service", None),
            Restarts::Yes("always".into())
        );
    }

    #[test]
    fn a_users_manager_has_folders_of_its_own_and_what_is_nowhere_is_unknown() {
        let root = tempfile::tempdir().unwrap();
        write(
            &root,
            "usr/lib/systemd/user/app.service",
            "[Service]\nRestart=on-success\n",
        );
        assert_eq!(
            said(&root, "app.service", Some(1000)),
            Restarts::Yes("on-success".into())
        );
        assert_eq!(said(&root, "app.service", None), Restarts::Unknown);
        assert_eq!(said(&root, "../app.service", Some(1000)), Restarts::Unknown);
    }
}
