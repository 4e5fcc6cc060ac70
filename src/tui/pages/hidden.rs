//! Why some owners are hidden, what else is missing, and what would show it.

use crate::{
    model::LimitKind,
    tui::{
        app::App,
        document::{Document, Piece},
        theme::Role,
        words,
    },
};

/// What cannot be seen in the snapshot on screen.
pub(in crate::tui) fn document(app: &App) -> Document {
    let mut document = Document::default();
    let Some(snapshot) = app.feed.shown.as_deref() else {
        return document;
    };
    let of = words::plural(snapshot.sockets.len(), "socket");
    let hidden = snapshot.owners_hidden;
    if hidden == 0 {
        document.text(0, Role::Text, format!("Every owner of {of} can be seen."));
    } else {
        let hidden = words::grouped(hidden);
        let text = format!("{hidden} of {of}: the owner cannot be seen.");
        document.text(0, Role::Text, text);
        document.blank();
        let why = "Every socket is in the kernel's tables, which anybody may read. Who holds it stands in \
                   /proc/PID/fd, which only root and the owner may read.";
        document.text(0, Role::Text, why);
        document.heading("What shows them");
        let ways = [
            ("sudo portwise", "the whole machine, once"),
            (
                "sudo setcap cap_sys_ptrace,cap_dac_read_search+ep \"$(command -v portwise)\"",
                "for everybody who may run it, from then on",
            ),
        ];
        for (command, purpose) in ways {
            let pieces = vec![
                Piece::new(Role::Command, command),
                Piece::new(Role::Dim, format!("   {purpose}")),
            ];
            document.line(2, pieces);
        }
    }
    // Of owners everything is said above.
    let limits = snapshot.coverage.limits.iter();
    let limits = limits.filter(|limit| hidden == 0 || limit.kind != LimitKind::Owners);
    let limits: Vec<_> = limits.collect();
    if !limits.is_empty() {
        document.heading("What else is missing");
    }
    for limit in limits {
        document.text(2, Role::Text, limit.detail.to_string());
        if let Some(remedy) = &limit.remedy {
            document.text(4, Role::Dim, format!("to change it: {remedy}"));
        }
    }
    document
}
