//! The tables: who may use whom, and where the outside may be named.

/// Which of our modules each module may name. An edge that is not here is a mistake.
///
/// The most exact line counts: `tui/view/table.rs` is judged by `tui/view`. Own submodules are free,
/// except below `tui`, whose parts are listed one by one. A path with a type at its end allows that
/// type alone: a value without behaviour, such as which column it is.
pub(crate) const MAY_USE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("given", &[]),
    ("registry", &["model", "given"]),
    ("rules", &["model", "registry"]),
    ("monitor", &["model", "registry", "rules"]),
    ("query", &["model"]),
    ("collect", &["model", "monitor", "given"]),
    ("act", &["model"]),
    ("probe", &["model", "registry"]),
    ("store", &["model", "given"]),
    ("report", &["model"]),
    ("config", &["model", "query", "rules/policy", "given"]),
    ("tui", &["tui"]),
    // What everything that is drawn is made of.
    ("tui/theme", &["model"]),
    ("tui/plain", &[]),
    ("tui/picture", &["tui/plain"]),
    ("tui/words", &["model", "tui/plain"]),
    ("tui/ascii", &[]),
    (
        "tui/document",
        &[
            "model",
            "tui/theme",
            "tui/plain",
            "tui/words",
            "tui/ascii",
            "tui/layout",
        ],
    ),
    (
        "tui/layout",
        &["model", "tui/theme", "tui/action", "query/Column"],
    ),
    // The verbs, and their keys.
    ("tui/action", &["tui/keymap"]),
    ("tui/keymap", &["tui/action"]),
    ("tui/message", &["model", "collect/Latest", "tui/effect"]),
    ("tui/effect", &["model"]),
    ("tui/remembered", &["query"]),
    // What is drawn.
    (
        "tui/pages",
        &[
            "model",
            "registry",
            "rules/story",
            "tui/theme",
            "tui/words",
            "tui/plain",
            "tui/document",
            "tui/layout",
            "tui/effect",
            "tui/action",
            "tui/app",
        ],
    ),
    (
        "tui/view",
        &[
            "model",
            "query/Column",
            "query/Error",
            "tui/theme",
            "tui/words",
            "tui/ascii",
            "tui/plain",
            "tui/picture",
            "tui/document",
            "tui/layout",
            "tui/effect",
            "tui/action",
            "tui/keymap",
            "tui/pages",
            "tui/app",
        ],
    ),
    // The state. It draws nothing and touches nothing.
    (
        "tui/app",
        &[
            "model",
            "registry",
            "query",
            "rules/story",
            "monitor/events",
            "collect/Latest",
            "tui/theme",
            "tui/ascii",
            "tui/words",
            "tui/plain",
            "tui/document",
            "tui/layout",
            "tui/action",
            "tui/keymap",
            "tui/message",
            "tui/effect",
            "tui/remembered",
            "tui/pages",
        ],
    ),
    // The edges.
    ("tui/tty", &[]),
    ("tui/terminal", &["tui/tty", "tui/picture"]),
    ("tui/input", &["tui/message", "tui/tty"]),
    (
        "tui/run",
        &[
            "model", "registry", "query", "collect", "monitor", "act", "report", "config", "tui",
        ],
    ),
    (
        "cli",
        &[
            "model", "registry", "rules", "monitor", "query", "collect", "act", "probe", "store",
            "report", "config", "tui", "given",
        ],
    ),
    ("lib.rs", &[]),
    ("main.rs", &["cli"]),
];

/// In which files a foreign crate may be named. A crate without a line is free.
pub(crate) const FOREIGN: &[(&str, &[&str])] = &[
    ("netstat2", &["collect", "act/portable"]),
    ("sysinfo", &["collect", "act/portable"]),
    ("dns_lookup", &["collect/names"]),
    ("rusqlite", &["store"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("anyhow", &["cli", "main.rs"]),
    ("crossterm", &["tui", "cli"]),
    ("ratatui", &["tui"]),
    ("csv", &["report", "registry"]),
    ("ureq", &["registry/fetch"]),
    ("sha2", &["registry/installed", "collect/programs/digest"]),
    ("md5", &["collect/programs/digest"]),
    ("sha1", &["collect/programs/digest"]),
    ("miniz_oxide", &["collect/programs/digest"]),
    ("toml_edit", &["rules/policy", "config/state"]),
    ("roxmltree", &["registry/import", "collect/declared"]),
    (
        "tokio",
        &["collect", "probe", "cli", "tui/run", "tui/input"],
    ),
];

/// Platform leaves: the only files that may ask which system this is, and why.
pub(crate) const PLATFORM_LEAVES: &[(&str, &str)] = &[
    ("collect.rs", "chooses the leaf"),
    ("collect/linux", "is one"),
    (
        "given.rs",
        "opens a pipe without waiting, which only Unix can",
    ),
    ("act.rs", "chooses the leaf"),
    ("act/linux", "is one"),
    ("tui/tty.rs", "chooses the leaf"),
    ("tui/tty/linux", "is one"),
    ("tui/run/signals.rs", "waits for the signals of Unix"),
    ("cli/log.rs", "the log is private, which only Unix can say"),
    ("cli/output.rs", "only on Unix are consoles files"),
    ("collect/recording.rs", "so is a recording"),
    ("store/file.rs", "so is the history"),
    (
        "config/policy/as_user.rs",
        "whose files are believed, and whose rights are used",
    ),
    ("config/policy/write.rs", "so is a policy"),
    ("cli/follow.rs", "ends at SIGTERM, which only Unix has"),
];

/// Files that may name what only one system has.
pub(crate) const SYSTEM_WORDS: &[&str] = &["target_os", "target_family", "target_vendor"];

/// Where text may be written for the user.
pub(crate) const MAY_PRINT: &[&str] = &["cli", "tui/run", "tui/terminal"];

/// Where a program may be started: where a manager is asked to stop what it runs, where a person has one action carried
/// out through `sudo` or `pkexec`, and where rpm and journalctl are asked what only they can read. Everything else that
/// we need to know, we read.
pub(crate) const MAY_START_PROGRAMS: &[&str] =
    &["act/manager", "act/elevate", "collect/linux/asked/program"];

/// Where the clock may be read. `act` measures how long a process took to end.
pub(crate) const MAY_KNOW_THE_TIME: &[&str] = &["collect", "act", "tui/run", "cli"];

/// The most lines of `main.rs`.
pub(crate) const MAIN_LINES: usize = 40;
