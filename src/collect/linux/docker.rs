//! Whether docker starts a container again: the policy in the file where it keeps the container's settings.

use crate::model::{Restarts, Text};
use serde::Deserialize;
use std::{fs::File, io::Read as _, path::Path};

/// Where docker keeps its containers; only root may look.
pub(super) const CONTAINERS: &str = "/var/lib/docker/containers";

/// The most that is read of the settings.
const LONGEST: u64 = 1024 * 1024;

#[derive(Debug, Deserialize)]
struct Settings {
    #[serde(rename = "RestartPolicy")]
    policy: Policy,
}

#[derive(Debug, Deserialize)]
struct Policy {
    #[serde(rename = "Name")]
    name: String,
}

/// What docker does when the container `id` ends by itself.
pub(super) fn restarts(id: &str, containers: &Path) -> Restarts {
    match policy(id, containers).as_deref() {
        Some("" | "no") => Restarts::Never,
        Some(words @ ("always" | "unless-stopped")) => Restarts::Yes(Text::from(words)),
        Some(words @ "on-failure") => Restarts::OnFailure(Text::from(words)),
        Some(_) | None => Restarts::Unknown,
    }
}

fn policy(id: &str, containers: &Path) -> Option<String> {
    let is_id = !id.is_empty() && id.chars().all(|one| one.is_ascii_hexdigit());
    let path = is_id.then(|| containers.join(id).join("hostconfig.json"))?;
    let mut text = vec![];
    let file = File::open(path).ok()?;
    file.take(LONGEST).read_to_end(&mut text).ok()?;
    let settings: Settings = serde_json::from_slice(&text).ok()?;
    Some(settings.policy.name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_policy_is_read_from_the_containers_settings() {
        let folder = tempfile::tempdir().unwrap();
        let container = folder.path().join("0123456789ab");
        fs::create_dir(&container).unwrap();
        let write = |name: &str| {
            let text = format!(
                r#"{{"Binds":null,"RestartPolicy":{{"Name":"{name}","MaximumRetryCount":0}}}}"#
            );
            fs::write(container.join("hostconfig.json"), text).unwrap();
        };
        for (name, expected) in [
            ("no", Restarts::Never),
            ("unless-stopped", Restarts::Yes("unless-stopped".into())),
            ("on-failure", Restarts::OnFailure("on-failure".into())),
            ("sometimes", Restarts::Unknown),
        ] {
            write(name);
            assert_eq!(restarts("0123456789ab", folder.path()), expected, "{name}");
        }
        assert_eq!(restarts("ffff", folder.path()), Restarts::Unknown);
        assert_eq!(
            restarts("../0123456789ab", folder.path()),
            Restarts::Unknown
        );
    }
}
