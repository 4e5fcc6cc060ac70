//! What stands behind a process: its file's package, its script, its loader, what started it.
//!
//! Gathered once per program or process, never for every sample.

use super::{Fact, Text};
use serde::{Deserialize, Serialize};

/// What stands behind a process. By default, nobody asked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Background {
    /// Whether the executable is what its package installed.
    pub integrity: Fact<Integrity>,
    /// The script that an interpreter or a shell runs; `None` when it runs none.
    pub script: Fact<Option<Script>>,
    /// The variables of its environment that tell the loader which code to add.
    pub loader: Fact<Vec<Setting>>,
    /// The libraries that `/etc/ld.so.preload`, as the process sees it, adds to every program.
    pub preloaded: Fact<Vec<Text>>,
    /// Its effective capabilities, as the kernel numbers their bits.
    pub capabilities: Fact<u64>,
    /// The slice its control group lies in: `system.slice`.
    pub slice: Option<Text>,
    /// Its unit belongs to the service manager of a user, not to that of the system.
    pub user_service: bool,
    /// The login session it was started in: `session-3`.
    pub session: Option<Text>,
    /// The container's own name, where the one who runs it tells.
    pub container_name: Option<Text>,
}

/// Whether a file is what its package installed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Integrity {
    /// Its checksum is the package's.
    Intact,
    /// Its checksum differs.
    Modified,
    /// The package has no checksum of it.
    NotRecorded,
}

impl Integrity {
    /// In words, to follow "the file".
    pub fn words(self) -> &'static str {
        match self {
            Self::Intact => "has the checksum of its package",
            Self::Modified => "differs from what its package installed",
            Self::NotRecorded => "has no checksum in its package",
        }
    }
}

/// A script.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// Its path; relative where it was named so and nothing tells from where.
    pub path: Text,
    /// The package that owns it, `None` when none does.
    pub package: Fact<Option<Text>>,
    /// The temporary or world-writable directory it lies in, if it does.
    pub shared_directory: Option<Text>,
}

/// What a variable of the environment gives to the programs that heed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gives {
    /// Code to run before their own.
    Code,
    /// Places to look in first for what they need anyhow.
    Places,
}

/// A variable of the environment that decides about the code that a program runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What it gives.
    pub gives: Gives,
    /// How the file names of the programs begin that heed it; `None` for all.
    pub heeded_by: Option<&'static str>,
    /// The options behind which such code or place is named; empty where the value names nothing else.
    pub options: &'static [&'static str],
}

const VARIABLES: &[Variable] = &[
    Variable::new("LD_PRELOAD", Gives::Code, None),
    Variable::new("LD_AUDIT", Gives::Code, None),
    Variable::new("LD_LIBRARY_PATH", Gives::Places, None),
    Variable::new("PYTHONPATH", Gives::Places, Some("python")),
    Variable::new("PYTHONHOME", Gives::Places, Some("python")),
    Variable::new("PERL5LIB", Gives::Places, Some("perl")),
    Variable::new("PERL5OPT", Gives::Code, Some("perl")).behind(&["-I", "-M", "-m"]),
    Variable::new("RUBYLIB", Gives::Places, Some("ruby")),
    Variable::new("RUBYOPT", Gives::Code, Some("ruby")).behind(&["-I", "-r"]),
    Variable::new("NODE_PATH", Gives::Places, Some("node")),
    Variable::new("NODE_OPTIONS", Gives::Code, Some("node")).behind(&[
        "-r",
        "--require",
        "--import",
        "--loader",
        "--experimental-loader",
    ]),
];

impl Variable {
    const fn new(name: &'static str, gives: Gives, heeded_by: Option<&'static str>) -> Self {
        Self {
            name,
            gives,
            heeded_by,
            options: &[],
        }
    }

    const fn behind(mut self, options: &'static [&'static str]) -> Self {
        self.options = options;
        self
    }

    /// The absolute paths of code, or of places for it, that `value` names: `/a:/b`, `--require=/a -I /b`.
    pub fn paths<'a>(&self, value: &'a [u8]) -> Vec<&'a [u8]> {
        if self.options.is_empty() {
            let words = value.split(|byte| matches!(byte, b':' | b';' | b' '));
            return words.filter(|word| word.starts_with(b"/")).collect();
        }
        let blank = |byte: &u8| matches!(byte, b' ' | b'"' | b'\'');
        let words = value.split(blank).filter(|word| !word.is_empty());
        let mut paths = vec![];
        let mut is_named = false;
        for word in words {
            let behind = self.options.iter().find_map(|option| {
                let rest = word.strip_prefix(option.as_bytes())?;
                // What begins like a long option can be another one.
                let is_it = !option.starts_with("--") || matches!(rest.first(), None | Some(b'='));
                is_it.then_some(rest)
            });
            let said = behind.or(is_named.then_some(word));
            paths.extend(said.and_then(absolute));
            is_named = behind.is_some_and(<[u8]>::is_empty);
        }
        paths
    }

    /// The one of this name; `None` for one that decides nothing about code.
    pub fn named(name: &str) -> Option<&'static Self> {
        VARIABLES.iter().find(|known| known.name == name)
    }

    /// Whether a program heeds it, by the name of its file.
    pub fn is_heeded_by(&self, program: &str) -> bool {
        self.heeded_by
            .is_none_or(|beginning| program.starts_with(beginning))
    }
}

/// The path in what stands behind an option: `/a`, `=/a`, `lib=/a`, `=file:///a`.
fn absolute(said: &[u8]) -> Option<&[u8]> {
    let at = said.iter().position(|byte| *byte == b'/')?;
    let (before, path) = said.split_at_checked(at)?;
    let slashes = path.iter().take_while(|byte| **byte == b'/').count();
    matches!(before.last(), None | Some(b'=' | b':')).then(|| path.get(slashes - 1..))?
}

/// A variable of the environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name: `LD_PRELOAD`.
    pub name: Text,
    /// Its value.
    pub value: Text,
    /// The temporary or world-writable directory that the value points into, if it does.
    pub shared_directory: Option<Text>,
}

/// Names of capabilities that matter to sockets, by bit (`linux/capability.h`).
const CAPABILITIES: &[(u32, &str)] = &[
    (1, "CAP_DAC_OVERRIDE"),
    (2, "CAP_DAC_READ_SEARCH"),
    (7, "CAP_SETUID"),
    (10, "CAP_NET_BIND_SERVICE"),
    (12, "CAP_NET_ADMIN"),
    (13, "CAP_NET_RAW"),
    (16, "CAP_SYS_MODULE"),
    (19, "CAP_SYS_PTRACE"),
    (21, "CAP_SYS_ADMIN"),
    (39, "CAP_BPF"),
];

/// The names of those of `capabilities` that matter to sockets.
pub fn capability_names(capabilities: u64) -> Vec<&'static str> {
    let has = |bit: u32| capabilities & (1 << bit) != 0;
    let known = CAPABILITIES.iter().filter(|(bit, _)| has(*bit));
    known.map(|(_, name)| *name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capabilities_are_named_by_their_bits() {
        assert_eq!(
            capability_names(1 << 10 | 1 << 13),
            ["CAP_NET_BIND_SERVICE", "CAP_NET_RAW"]
        );
        assert_eq!(capability_names(0), Vec::<&str>::new());
    }
}
