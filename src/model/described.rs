//! What is known of a process, in words that pages, reports and lists share.

use super::{Executable, Fact, Process, Text, Unseen};

/// A fact, or why it is not known.
pub fn told<T>(fact: &Fact<T>, words: impl FnOnce(&T) -> String) -> String {
    match fact {
        Fact::Known(value) => words(value),
        Fact::Unknown(why) => unseen(*why),
    }
}

/// Why something is not known.
pub fn unseen(why: Unseen) -> String {
    format!("could not be seen: {}", why.words())
}

/// The executable: `/tmp/.x (deleted)`.
pub fn executable(executable: &Executable) -> String {
    let mut text = executable.path.to_string();
    if executable.memfd {
        text.push_str("  (an anonymous memory file)");
    }
    if executable.deleted {
        text.push_str(if executable.file_at_path {
            " (deleted; another file stands there now)"
        } else {
            " (deleted)"
        });
    }
    if let Some(directory) = &executable.shared_directory {
        text.push_str("  (everybody may write to ");
        text.push_str(directory);
        text.push(')');
    }
    text
}

/// The command line as one would type it.
pub fn command_line(arguments: &[Text]) -> String {
    if arguments.is_empty() {
        return "none".to_owned();
    }
    let quoted = arguments.iter().map(|argument| {
        if argument.is_empty() || argument.contains([' ', '"', '\'', '$', '*', ';', '&', '|']) {
            format!("'{argument}'")
        } else {
            argument.to_string()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// The user: `nobody (65534)`.
pub fn user(process: &Process) -> String {
    match (&process.user, process.uid) {
        (Some(name), Some(uid)) => format!("{name} ({uid})"),
        (Some(name), None) => name.to_string(),
        (None, Some(uid)) => uid.to_string(),
        (None, None) => "unknown".to_owned(),
    }
}

/// The parents, oldest first: `systemd 1 › sshd 812 › bash 4420`.
pub fn chain(process: &Process) -> String {
    let parents = process.ancestors.iter().rev();
    let mut links: Vec<_> = parents
        .map(|parent| format!("{} {}", parent.name, parent.key.pid))
        .collect();
    links.push(format!("{} {}", process.name, process.key.pid));
    links.join(" › ")
}
