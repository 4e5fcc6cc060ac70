//! The list of columns, over everything else.

use super::{help::boxed, put, select};
use crate::{
    query::Column,
    tui::{
        app::{App, columns::Columns},
        document::Piece,
        picture::Frame,
        theme::{Role, Theme},
        words,
    },
};

/// The list.
pub(super) fn columns(frame: &mut Frame<'_>, columns: &Columns, app: &App, theme: Theme) {
    let place = columns.place(app.area);
    let inner = boxed(frame, place.area, " Columns ", " Esc closes ", theme);
    let lines = inner.rows();
    let buffer = frame.buffer_mut();
    let first = columns.first(app.area);
    let in_sight = columns.all.iter().enumerate().skip(first);
    for ((at, (column, shown)), line) in in_sight.zip(lines) {
        let (mark, role) = if *shown {
            ("[x] ", Role::Key)
        } else {
            ("[ ] ", Role::Dim)
        };
        let rest = put(buffer, line, &Piece::new(role, mark), theme);
        let name = Piece::new(Role::Text, format!("{:<10}", column.name()));
        let rest = put(buffer, rest, &name, theme);
        let says = words::fit(says(*column), usize::from(rest.width));
        put(buffer, rest, &Piece::new(Role::Dim, says), theme);
        if at == columns.cursor {
            select(buffer, line, theme);
        }
    }
}

fn says(column: Column) -> &'static str {
    match column {
        Column::Verdict => "what to think of it",
        Column::Local => "local address and port",
        Column::Service => "what the port is called",
        Column::Process => "program and process id",
        Column::Rx => "bytes received per second",
        Column::Tx => "bytes sent per second",
        Column::State => "state",
        Column::Protocol => "transport",
        Column::Remote => "remote address and port",
        Column::User => "whose it is",
        Column::Pid => "process id",
        Column::Age => "how long it has been open, while we looked",
        Column::Interface => "the interface it is bound to",
        Column::Rtt => "round-trip time",
        Column::Unit => "the service manager's unit",
        Column::Container => "the container",
        Column::Namespace => "the network namespace, where it is not this one",
    }
}
