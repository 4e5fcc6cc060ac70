//! What the environment says, read once.

use super::policy::as_user::User;
use std::{
    env, fs, io,
    io::IsTerminal as _,
    path::{Path, PathBuf},
};

/// What the environment says. A value that is not set, or empty, is `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one independent fact"
)]
pub struct Environment {
    /// `NO_COLOR` is set.
    pub no_color: bool,
    /// `CLICOLOR_FORCE` is set, and not to 0.
    pub force_color: bool,
    /// `COLORTERM`.
    pub colorterm: Option<String>,
    /// `TERM`.
    pub term: Option<String>,
    /// The terminal shows UTF-8, by `LC_ALL`, `LC_CTYPE` or `LANG`.
    pub utf8: bool,
    /// The variable that says so, or that it does not: `LC_ALL=C.UTF-8`.
    pub locale: Option<String>,
    /// tmux stands between us and the terminal.
    pub tmux: bool,
    /// Standard output is a terminal.
    pub terminal: bool,
    /// The home directory.
    pub home: Option<PathBuf>,
    /// `XDG_CONFIG_HOME`.
    pub config_home: Option<PathBuf>,
    /// `XDG_STATE_HOME`.
    pub state_home: Option<PathBuf>,
    /// `XDG_DATA_HOME`.
    pub data_home: Option<PathBuf>,
    /// User id of the one who called `sudo`.
    pub sudo_uid: Option<u32>,
    /// Group id of the one who called `sudo`.
    pub sudo_gid: Option<u32>,
    /// Home directory of the one who called `sudo`.
    pub sudo_home: Option<PathBuf>,
    /// Where the machine's own configuration lies.
    pub system_directory: Option<PathBuf>,
}

impl Environment {
    /// Reads the environment of this process.
    pub fn read() -> Self {
        let mut read = Self::from_values(|name| {
            let value = env::var_os(name)?;
            Some(value.to_string_lossy().into_owned())
        });
        // Windows has no locale variables, and its terminals show UTF-8.
        read.utf8 |= env::consts::FAMILY == "windows";
        read.terminal = io::stdout().is_terminal();
        read.home = etcetera::home_dir().ok();
        read.sudo_home = read.sudo_home.or_else(|| home_of(read.sudo_uid?));
        read.system_directory = Some("/etc/portwise".into());
        read
    }

    /// Makes one out of single variables; neither a terminal nor a home directory is in them.
    pub fn from_values(value: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| value(name).filter(|value| !value.is_empty());
        // The specification lets a relative path be ignored.
        let directory = |name: &str| {
            set(name)
                .map(PathBuf::from)
                .filter(|path| path.is_absolute())
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .find_map(|name| Some(format!("{name}={}", set(name)?)));
        let utf8 = |locale: &String| {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        };
        Self {
            no_color: set("NO_COLOR").is_some(),
            force_color: set("CLICOLOR_FORCE").is_some_and(|value| value != "0"),
            colorterm: set("COLORTERM"),
            term: set("TERM"),
            utf8: locale.as_ref().is_some_and(utf8),
            locale,
            tmux: set("TMUX").is_some(),
            terminal: false,
            home: None,
            config_home: directory("XDG_CONFIG_HOME"),
            state_home: directory("XDG_STATE_HOME"),
            data_home: directory("XDG_DATA_HOME"),
            sudo_uid: set("SUDO_UID").and_then(|uid| uid.parse().ok()),
            sudo_gid: set("SUDO_GID").and_then(|gid| gid.parse().ok()),
            sudo_home: directory("SUDO_HOME"),
            system_directory: None,
        }
    }

    /// The one who called `sudo`, when we run as root for somebody else.
    pub(super) fn caller(&self, euid: Option<u32>) -> Option<User> {
        let uid = self.sudo_uid.filter(|uid| euid == Some(0) && *uid != 0)?;
        Some(User {
            uid,
            gid: self.sudo_gid,
        })
    }

    /// Where the configuration and the policy of a person lie: of the one who called `sudo`, when that is who counts.
    pub fn directory_of_person(&self, euid: Option<u32>) -> Option<PathBuf> {
        let by_sudo = self.caller(euid).is_some();
        let home = self.sudo_home.as_ref().filter(|_| by_sudo);
        match home {
            Some(home) if self.config_home.is_none() => Some(home.join(".config/portwise")),
            // Without the home of that person, root's own is nobody's business.
            None if by_sudo && self.config_home.is_none() => None,
            Some(_) | None => self.directory(self.config_home.as_deref(), ".config"),
        }
    }

    /// Where the history and the log lie.
    pub fn state_directory(&self) -> Option<PathBuf> {
        self.directory(self.state_home.as_deref(), ".local/state")
    }

    /// Where an updated registry lies.
    pub fn data_directory(&self) -> Option<PathBuf> {
        self.directory(self.data_home.as_deref(), ".local/share")
    }

    /// The directory of the updated registry.
    pub fn registry_directory(&self) -> Option<PathBuf> {
        Some(self.data_directory()?.join("registry"))
    }

    /// Whether the terminal has 256 colours, by its name.
    pub fn has_256(&self) -> bool {
        self.term
            .as_deref()
            .is_some_and(|term| term.contains("256color"))
    }

    /// Whether the terminal has no colours, by its name: DEC's, and what ends as terminfo calls them.
    pub fn has_no_colours(&self) -> bool {
        let term = self.term.as_deref().unwrap_or_default();
        let is_of_dec = |number: &str| number.starts_with(|c: char| c.is_ascii_digit());
        term.strip_prefix("vt").is_some_and(is_of_dec)
            || ["-m", "-mono"].iter().any(|end| term.ends_with(end))
    }

    /// Whether the terminal can do nothing but print.
    pub fn is_dumb(&self) -> bool {
        self.term.as_deref() == Some("dumb")
    }

    /// Whether the name of the terminal says that it takes any colour: `xterm-direct` and its like.
    pub fn is_direct(&self) -> bool {
        let mut parts = self.term.as_deref().unwrap_or_default().split('-');
        parts.any(|part| part.starts_with("direct"))
    }

    /// Whether it says that it is a terminal that can be drawn on. Those of Windows can and say nothing.
    pub fn can_draw(&self) -> bool {
        let says = self.term.is_some() || env::consts::FAMILY == "windows";
        says && !self.is_dumb()
    }

    /// Whether it is the console of Linux itself, whose fonts have few signs beyond letters.
    pub fn is_console(&self) -> bool {
        self.term.as_deref() == Some("linux")
    }

    fn directory(&self, given: Option<&Path>, usual: &str) -> Option<PathBuf> {
        let base = match given {
            Some(base) => base.to_path_buf(),
            None => self.home.as_ref()?.join(usual),
        };
        Some(base.join("portwise"))
    }
}

/// The home directory of a user, by `/etc/passwd`.
fn home_of(uid: u32) -> Option<PathBuf> {
    let users = fs::read_to_string("/etc/passwd").ok()?;
    let home = users.lines().find_map(|line| {
        let mut fields = line.split(':').skip(2);
        let found = fields.next()?.parse() == Ok(uid);
        fields.nth(2).filter(|_| found)
    });
    home.map(PathBuf::from).filter(|home| home.is_absolute())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(values: &[(&str, &str)]) -> Environment {
        Environment::from_values(|name| {
            let found = values.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).into())
        })
    }

    #[test]
    fn the_first_locale_that_is_set_decides() {
        assert!(environment(&[("LANG", "C.UTF-8")]).utf8);
        assert!(environment(&[("LC_ALL", ""), ("LANG", "de_DE.utf8")]).utf8);
        assert!(!environment(&[("LC_ALL", "C"), ("LANG", "C.UTF-8")]).utf8);
        assert!(!environment(&[]).utf8);
    }

    #[test]
    fn an_empty_no_color_says_nothing() {
        assert!(!environment(&[("NO_COLOR", "")]).no_color);
        assert!(environment(&[("NO_COLOR", "0")]).no_color);
        assert!(!environment(&[("CLICOLOR_FORCE", "0")]).force_color);
    }

    #[test]
    fn directories_follow_the_xdg_specification() {
        let mut one = environment(&[("XDG_CONFIG_HOME", "relative"), ("XDG_STATE_HOME", "/s")]);
        one.home = Some("/home/me".into());
        let config = PathBuf::from("/home/me/.config/portwise");
        assert_eq!(one.directory_of_person(Some(1000)), Some(config));
        assert_eq!(one.state_directory(), Some("/s/portwise".into()));
        assert_eq!(environment(&[]).data_directory(), None);
    }
}
