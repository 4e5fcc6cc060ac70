//! The tables: who may use whom, and where the outside may be named.

/// Which of our modules each module may name. An edge that is not here is a mistake.
///
/// The most exact line counts: `tui/view/table.rs` is judged by `tui/view`. Own submodules are free,
/// except below `tui`, whose parts are listed one by one.
pub(crate) const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("registry", &["model"]),
    ("rules", &["model", "registry"]),
    ("monitor", &["model", "registry", "rules"]),
    ("query", &["model"]),
    ("collect", &["model", "monitor"]),
    ("act", &["model"]),
    ("probe", &["model", "registry"]),
    ("store", &["model"]),
    ("report", &["model"]),
    ("config", &["model", "query"]),
    ("tui/theme", &["model"]),
    ("tui/action", &["model"]),
    ("tui/layout", &["model", "tui/theme", "tui/app"]),
    (
        "tui/view",
        &["model", "tui/theme", "tui/layout", "tui/app", "tui/action"],
    ),
    ("tui/keymap", &["model", "tui/action"]),
    ("tui/message", &["model", "tui/action"]),
    ("tui/effect", &["model"]),
    ("tui/app", &["model", "registry", "query", "tui"]),
    ("tui/terminal", &[]),
    ("tui/input", &["tui/message", "tui/terminal"]),
    (
        "tui/run",
        &[
            "model", "registry", "query", "collect", "monitor", "act", "config", "tui",
        ],
    ),
    ("tui", &["tui"]),
    (
        "cli",
        &[
            "model", "registry", "rules", "monitor", "query", "collect", "act", "probe", "store",
            "report", "config", "tui",
        ],
    ),
    ("lib.rs", &[]),
    ("main.rs", &["cli"]),
];

/// What the dashboard's state may never name, although it may name the rest of `tui`.
pub(crate) const MAY_NOT_USE: &[(&str, &[&str])] = &[(
    "tui/app",
    &["tui/run", "tui/terminal", "tui/input", "tui/view"],
)];

/// In which files a foreign crate may be named. A crate without a line is free.
pub(crate) const FOREIGN: &[(&str, &[&str])] = &[
    ("netstat2", &["collect", "act/portable"]),
    ("sysinfo", &["collect", "act/portable"]),
    ("rusqlite", &["store"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("anyhow", &["cli", "main.rs"]),
    ("crossterm", &["tui", "cli"]),
    ("ratatui", &["tui"]),
    ("csv", &["report", "registry"]),
    ("tokio", &["collect", "probe", "cli", "tui/run"]),
];

/// Platform leaves: the only files that may ask which system this is, and why.
pub(crate) const PLATFORM_LEAVES: &[(&str, &str)] = &[
    ("collect.rs", "chooses the leaf"),
    ("collect/linux", "is one"),
    ("act.rs", "chooses the leaf"),
    ("act/linux", "is one"),
    ("tui/tty.rs", "chooses the leaf"),
    ("tui/tty/linux", "is one"),
    ("cli/log.rs", "the log is private, which only Unix can say"),
    ("collect/recording.rs", "so is a recording"),
    ("store/file.rs", "so is the history"),
    ("cli/record.rs", "ends at SIGTERM, which only Unix has"),
];

/// Files that may name what only one system has.
pub(crate) const SYSTEM_WORDS: &[&str] = &["target_os", "target_family", "target_vendor"];

/// Where text may be written for the user.
pub(crate) const MAY_PRINT: &[&str] = &["cli", "tui/run", "tui/terminal"];

/// Where a program may be started. Nowhere: what we need to know, we read.
pub(crate) const MAY_START_PROGRAMS: &[&str] = &[];

/// Where the clock may be read.
pub(crate) const MAY_KNOW_THE_TIME: &[&str] = &["collect", "tui/run", "cli"];

/// The most lines of `main.rs`.
pub(crate) const MAIN_LINES: usize = 40;
