//! Whom we refuse to end. Pure: the parents come as a function.

use crate::model::{Order, Target};

/// The most parents that are followed.
const MOST_ANCESTORS: usize = 64;

/// Programs that draw the person's screen or hold the session: with them everything on it ends.
const DISPLAY: [&str; 18] = [
    "Xorg",
    "Xwayland",
    "cinnamon-session",
    "gdm",
    "gdm3",
    "gnome-session-binary",
    "gnome-shell",
    "hyprland",
    "kwin_wayland",
    "kwin_x11",
    "lightdm",
    "mate-session",
    "plasmashell",
    "sddm",
    "sway",
    "systemd-logind",
    "weston",
    "xfce4-session",
];

/// What is asked before an order is carried out.
#[derive(Debug)]
pub(super) struct Guard<'a> {
    ourselves: u32,
    ancestors: Vec<u32>,
    protected: &'a [String],
}

impl<'a> Guard<'a> {
    /// For a portwise with the number `ourselves`, and a configuration that protects these file names.
    pub(super) fn new(
        ourselves: u32,
        parent_of: impl Fn(u32) -> Option<u32>,
        protected: &'a [String],
    ) -> Self {
        Self {
            ourselves,
            ancestors: ancestors(ourselves, parent_of),
            protected,
        }
    }

    /// Returns why `order` is refused, if it is.
    ///
    /// Number 0 stands for no process at all and is refused in any case.
    pub(super) fn refusal(&self, order: &Order) -> Option<String> {
        let pid = order.target.key.pid;
        if pid == 0 || i32::try_from(pid).is_err() {
            return Some(format!("{pid} is no process"));
        }
        if order.force {
            return None;
        }
        self.protects(&order.target)
    }

    /// Returns why an order without force would be refused, if it would.
    pub(super) fn protects(&self, target: &Target) -> Option<String> {
        let pid = target.key.pid;
        if pid == 1 {
            return Some("process 1 runs the whole system".into());
        }
        if pid == self.ourselves {
            return Some("this is portwise itself".into());
        }
        if self.ancestors.contains(&pid) {
            return Some("portwise runs under this process".into());
        }
        let path = target.executable.as_deref()?;
        let name = path.rsplit_once('/').map_or(path, |(_, name)| name);
        if DISPLAY.contains(&name) {
            return Some(format!(
                "{name} holds somebody's whole session on the screen"
            ));
        }
        self.protected
            .iter()
            .any(|protected| protected == name)
            .then(|| format!("the configuration protects {name}"))
    }
}

/// The parents of `child`, the nearest first.
pub(super) fn ancestors(mut child: u32, parent_of: impl Fn(u32) -> Option<u32>) -> Vec<u32> {
    let mut ancestors = vec![];
    while ancestors.len() < MOST_ANCESTORS
        && let Some(parent) = parent_of(child)
    {
        ancestors.push(parent);
        child = parent;
    }
    ancestors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ProcessKey, Signal, Started, Text};
    use std::time::Duration;

    fn order(pid: u32, force: bool) -> Order {
        Order {
            target: Target {
                key: ProcessKey {
                    pid,
                    started: Started::Ticks(1),
                },
                executable: None,
                pidfs: None,
            },
            signal: Signal::Term,
            force,
            patience: Duration::ZERO,
            then_kill: false,
        }
    }

    /// 50 is ours, 40 its parent, 30 the parent of that.
    fn parent(pid: u32) -> Option<u32> {
        match pid {
            50 => Some(40),
            40 => Some(30),
            30 => Some(1),
            _ => None,
        }
    }

    #[test]
    fn the_first_process_ourselves_and_our_ancestors_are_refused() {
        let guard = Guard::new(50, parent, &[]);
        for pid in [0, 1, 50, 40, 30, u32::MAX] {
            assert!(guard.refusal(&order(pid, false)).is_some(), "{pid}");
        }
        assert_eq!(guard.refusal(&order(60, false)), None);
    }

    #[test]
    fn force_allows_everything_but_no_process() {
        let guard = Guard::new(50, parent, &[]);
        for pid in [1, 50, 40] {
            assert_eq!(guard.refusal(&order(pid, true)), None, "{pid}");
        }
        assert!(guard.refusal(&order(0, true)).is_some());
    }

    #[test]
    fn a_circle_of_parents_ends() {
        let guard = Guard::new(50, |_| Some(50), &[]);
        assert_eq!(guard.refusal(&order(60, false)), None);
    }

    #[test]
    fn what_draws_the_screen_and_what_the_configuration_names_wants_force() {
        let protected = ["postgres".to_owned()];
        let guard = Guard::new(50, parent, &protected);
        for (path, is_refused) in [
            ("/usr/lib/xorg/Xorg", true),
            ("/usr/lib/postgresql/15/bin/postgres", true),
            ("/usr/bin/postgresql", false),
            ("/opt/Xorg/bin/server", false),
        ] {
            let mut order = order(60, false);
            order.target.executable = Some(Text::from(path));
            assert_eq!(guard.refusal(&order).is_some(), is_refused, "{path}");
            order.force = true;
            assert_eq!(guard.refusal(&order), None, "{path}");
        }
    }
}
