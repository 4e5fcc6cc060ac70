//! The service manager's unit and the container of a process, from its control group. Pure.

use crate::model::Text;

/// How much of a container's id is shown, as `docker ps` does.
const SHORT_ID: usize = 12;

/// What the control groups of a process say about who runs it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Membership {
    /// `nginx.service`.
    pub(super) unit: Option<Text>,
    /// `docker:3f1c2a9b8d7e`.
    pub(super) container: Option<Text>,
    /// `system.slice`.
    pub(super) slice: Option<Text>,
    /// The unit belongs to a user's service manager.
    pub(super) user_service: bool,
    /// `session-3`.
    pub(super) session: Option<Text>,
}

/// Scopes that only say that somebody started something.
const SCOPES_WITHOUT_MEANING: [&str; 6] = [
    "session-",
    "run-",
    "app-",
    "vte-spawn-",
    "tmux-spawn-",
    "ptyxis-spawn-",
];

/// Scopes named by a container's id, each with the name of what runs it.
const CONTAINER_SCOPES: [(&str, &str); 5] = [
    ("docker-", "docker"),
    ("libpod-", "podman"),
    ("cri-containerd-", "containerd"),
    ("crio-", "cri-o"),
    ("nerdctl-", "containerd"),
];

/// Decodes `/proc/PID/cgroup`.
pub(super) fn membership(file: &[u8]) -> Membership {
    let file = String::from_utf8_lossy(file);
    let mut found = Membership::default();
    for line in file.lines() {
        let mut fields = line.splitn(3, ':');
        let (Some(hierarchy), Some(controllers), Some(path)) =
            (fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        if found.container.is_none() {
            found.container = container(path).map(Text::from);
        }
        let is_managers = hierarchy == "0" || controllers == "name=systemd";
        if is_managers && found.unit.is_none() {
            found.unit = unit(path).map(Text::from);
            found.user_service = found.unit.is_some() && is_below_a_user(path);
        }
        if is_managers && found.slice.is_none() {
            found.slice = slice(path).map(Text::from);
            found.session = session(path).map(Text::from);
        }
    }
    found
}

/// The unit that `path` ends in, when that says why its processes run.
fn unit(path: &str) -> Option<&str> {
    let deepest = path
        .rsplit('/')
        .find(|name| matches!(name.rsplit_once('.'), Some((_, "service" | "scope"))))?;
    let scope = deepest.strip_suffix(".scope");
    let without_meaning = scope.is_some_and(|scope| {
        container_scope(scope).is_some()
            || SCOPES_WITHOUT_MEANING
                .iter()
                .any(|prefix| scope.starts_with(prefix))
    });
    (!without_meaning).then_some(deepest)
}

/// Whether the deepest unit of `path` lies below a user's service manager.
fn is_below_a_user(path: &str) -> bool {
    let mut names = path
        .split('/')
        .skip_while(|name| !name.starts_with("user@"));
    names.next().is_some() && names.any(|name| unit(name).is_some())
}

/// The deepest slice.
fn slice(path: &str) -> Option<&str> {
    path.rsplit('/')
        .find(|name| matches!(name.rsplit_once('.'), Some((_, "slice"))))
}

/// The login session.
fn session(path: &str) -> Option<&str> {
    let scopes = path
        .split('/')
        .filter_map(|name| name.strip_suffix(".scope"));
    scopes.into_iter().find(|name| name.starts_with("session-"))
}

fn container(path: &str) -> Option<String> {
    let mut names = path.split('/').filter(|name| !name.is_empty()).peekable();
    let in_pods = path.contains("kubepods");
    while let Some(name) = names.next() {
        let scope = name.strip_suffix(".scope").unwrap_or(name);
        if let Some(found) = container_scope(scope) {
            return Some(found);
        }
        if let Some(lxc) = name.strip_prefix("lxc.payload.") {
            return Some(format!("lxc:{lxc}"));
        }
        let next = names.peek().copied();
        match (name, next) {
            ("docker", Some(id)) if is_id(id) => return Some(shown("docker", id)),
            ("lxc" | "lxc.payload", Some(container)) => return Some(format!("lxc:{container}")),
            _ => {}
        }
        if in_pods && is_id(name) {
            return Some(shown("kubernetes", name));
        }
    }
    None
}

/// `docker-3f1c…`, or `kubepods-burstable-pod1.slice:cri-containerd:3f1c…`.
fn container_scope(scope: &str) -> Option<String> {
    if let Some((front, id)) = scope.rsplit_once(':')
        && front.ends_with(":cri-containerd")
        && is_id(id)
    {
        return Some(shown("containerd", id));
    }
    CONTAINER_SCOPES.iter().find_map(|(prefix, runtime)| {
        let id = scope.strip_prefix(prefix)?;
        is_id(id).then(|| shown(runtime, id))
    })
}

fn shown(runtime: &str, id: &str) -> String {
    format!("{runtime}:{}", id.get(..SHORT_ID).unwrap_or(id))
}

fn is_id(name: &str) -> bool {
    name.len() == 64 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "3f1c2a9b8d7e3f1c2a9b8d7e3f1c2a9b8d7e3f1c2a9b8d7e3f1c2a9b8d7e3f1c";

    fn seen(file: &str) -> (Option<String>, Option<String>) {
        let found = membership(file.as_bytes());
        let text = |text: Option<Text>| text.map(|text| text.to_string());
        (text(found.unit), text(found.container))
    }

    #[test]
    fn a_service_is_named_on_both_kinds_of_hierarchy() {
        let unit = Some("nginx.service".to_owned());
        assert_eq!(
            seen("0::/system.slice/nginx.service\n"),
            (unit.clone(), None)
        );
        let old = "8:pids:/\n1:name=systemd:/system.slice/nginx.service\n0::/\n";
        assert_eq!(seen(old), (unit, None));
    }

    #[test]
    fn a_login_or_a_terminal_explains_nothing() {
        let session = "0::/user.slice/user-1000.slice/session-3.scope";
        assert_eq!(seen(session), (None, None));
        let terminal =
            "0::/user.slice/user-1000.slice/user@1000.service/app.slice/vte-spawn-1.scope";
        assert_eq!(seen(terminal), (None, None));
    }

    #[test]
    fn each_container_runtime_is_recognised() {
        for (path, name) in [
            (format!("0::/system.slice/docker-{ID}.scope"), "docker"),
            (format!("4:memory:/docker/{ID}"), "docker"),
            (
                format!("0::/machine.slice/libpod-{ID}.scope/container"),
                "podman",
            ),
            (
                format!("0::/kubepods.slice/pod1.slice/cri-containerd-{ID}.scope"),
                "containerd",
            ),
            (format!("0::/kubepods/besteffort/pod1/{ID}"), "kubernetes"),
            (
                format!(
                    "0::/system.slice/containerd.service/kubepods-pod1.slice:cri-containerd:{ID}"
                ),
                "containerd",
            ),
        ] {
            let (_, container) = seen(&path);
            assert_eq!(container, Some(format!("{name}:3f1c2a9b8d7e")), "{path}");
        }
        assert_eq!(
            seen("0::/lxc.payload.web/init.scope").1,
            Some("lxc:web".into())
        );
        assert_eq!(seen("4:memory:/lxc/web").1, Some("lxc:web".into()));
    }

    #[test]
    fn a_users_own_service_and_a_session_are_told_apart() {
        let own = membership(
            b"0::/user.slice/user-1000.slice/user@1000.service/app.slice/syncthing.service\n",
        );
        assert_eq!(own.unit, Some(Text::from("syncthing.service")));
        assert_eq!(own.slice, Some(Text::from("app.slice")));
        assert!(own.user_service);
        let login = membership(b"0::/user.slice/user-1000.slice/session-3.scope\n");
        assert_eq!(login.session, Some(Text::from("session-3")));
        assert!(!login.user_service);
        let system = membership(b"0::/system.slice/nginx.service\n");
        assert_eq!(system.slice, Some(Text::from("system.slice")));
        assert!(!system.user_service && system.session.is_none());
    }

    #[test]
    fn a_container_is_no_unit() {
        assert_eq!(seen(&format!("0::/system.slice/docker-{ID}.scope")).0, None);
    }

    #[test]
    fn nonsense_says_nothing() {
        assert_eq!(seen("\n::\n0:\nx\n0::/\n"), (None, None));
    }
}
