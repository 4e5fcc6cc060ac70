//! What explains why a process runs.

use super::{Process, Text};

/// One thing that explains why a process runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// It runs in a container.
    Container(Text),
    /// The service manager started it for this unit.
    Unit(Text),
    /// The service manager of a user started it for this unit.
    UserUnit(Text),
    /// A job of `cron` or `at` started it.
    Job(Text),
    /// Somebody started it at this terminal.
    Terminal(Text),
    /// Somebody started it in this login session.
    Session(Text),
}

/// Programs that start what somebody planned.
const PLANNERS: &[&str] = &[
    "cron",
    "crond",
    "anacron",
    "atd",
    "fcron",
    "dcron",
    "busybox-cron",
];

/// Programs whose unit also holds what people start after they logged in.
const DOORS: &[&str] = &[
    "sshd",
    "sshd-session",
    "dropbear",
    "login",
    "in.telnetd",
    "telnetd",
];

impl Why {
    /// In words.
    pub fn words(&self) -> String {
        match self {
            Self::Container(name) => format!("runs in the container {name}"),
            Self::Unit(name) => format!("started by the service manager for {name}"),
            Self::UserUnit(name) => format!("started by a user's service manager for {name}"),
            Self::Job(name) => format!("started by a job of {name}"),
            Self::Terminal(name) => format!("started at the terminal {name}"),
            Self::Session(name) => format!("started in the login session {name}"),
        }
    }

    /// Whether somebody set it up to run: a container, a unit, a planned job.
    ///
    /// A terminal or a login session is no such thing; whatever a person starts is in one.
    pub fn is_set_up(&self) -> bool {
        match self {
            Self::Container(_) | Self::Unit(_) | Self::UserUnit(_) | Self::Job(_) => true,
            Self::Terminal(_) | Self::Session(_) => false,
        }
    }
}

impl Process {
    /// Everything that explains why it runs, the strongest first; empty when nothing does.
    pub fn why(&self) -> Vec<Why> {
        let mut why = vec![];
        if let Some(container) = &self.container {
            why.push(Why::Container(
                self.background
                    .container_name
                    .as_ref()
                    .unwrap_or(container)
                    .clone(),
            ));
        }
        if let Some(planner) = self.started_by(PLANNERS) {
            why.push(Why::Job(planner.clone()));
        } else if let Some(unit) = &self.unit
            && is_service(unit)
            && self.started_by(DOORS).is_none()
        {
            why.push(if self.background.user_service {
                Why::UserUnit(unit.clone())
            } else {
                Why::Unit(unit.clone())
            });
        }
        if let Some(Some(terminal)) = self.terminal.known() {
            why.push(Why::Terminal(terminal.clone()));
        }
        if let Some(session) = &self.background.session {
            why.push(Why::Session(session.clone()));
        }
        why
    }

    /// The parent that is one of `programs`, when the process is not one of them itself.
    fn started_by(&self, programs: &[&str]) -> Option<&Text> {
        let is_one = |name: &Text| programs.contains(&name.as_str());
        if is_one(&self.name) {
            return None;
        }
        let mut parents = self.ancestors.iter().map(|parent| &parent.name);
        parents.find(|name| is_one(name))
    }
}

/// Whether a unit stands for something that was set up; `user@1000.service` is a whole login.
fn is_service(unit: &str) -> bool {
    let ends = [".service", ".socket"]
        .iter()
        .any(|ending| unit.ends_with(ending));
    ends && !unit.starts_with("user@") && !unit.starts_with("getty@")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Ancestor, Fact, ProcessKey, Started, fixture};

    fn under(parents: &[&str], unit: Option<&str>) -> Process {
        let ancestor = |(at, name): (u32, &&str)| Ancestor {
            key: ProcessKey {
                pid: at,
                started: Started::Ticks(0),
            },
            name: Text::from(*name),
        };
        Process {
            ancestors: (1..).zip(parents).map(ancestor).collect(),
            unit: unit.map(Text::from),
            ..fixture::process("tool", 7)
        }
    }

    #[test]
    fn a_service_is_explained_by_its_unit() {
        let why = under(&["systemd"], Some("tool.service")).why();
        assert_eq!(why, [Why::Unit(Text::from("tool.service"))]);
        assert!(why[0].is_set_up());
    }

    #[test]
    fn what_a_login_started_is_not_explained_by_the_unit_of_its_door() {
        let shell = under(&["bash", "sshd", "systemd"], Some("ssh.service"));
        assert_eq!(shell.why(), []);
        assert_eq!(under(&["systemd"], Some("user@1000.service")).why(), []);
    }

    #[test]
    fn a_job_is_explained_by_its_planner() {
        let job = under(&["sh", "cron", "systemd"], Some("cron.service"));
        assert_eq!(job.why(), [Why::Job(Text::from("cron"))]);
    }

    #[test]
    fn a_terminal_explains_but_sets_nothing_up() {
        let process = Process {
            terminal: Fact::Known(Some(Text::from("/dev/pts/3"))),
            ..under(&["bash"], None)
        };
        assert!(process.why().iter().all(|why| !why.is_set_up()));
        assert_eq!(process.why().len(), 1);
    }
}
