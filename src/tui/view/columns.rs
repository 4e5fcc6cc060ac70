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
    let inner = boxed(frame, place.area, " Columns ", "", theme);
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

/// What it shows, in as many columns as the smallest screen has for it.
fn says(column: Column) -> &'static str {
    match column {
        Column::Verdict => "what to think of it",
        Column::Local => "local address, port",
        Column::Service => "the port's name",
        Column::Process => "program, process id",
        Column::Rx => "received per second",
        Column::Tx => "sent per second",
        Column::State => "state",
        Column::Protocol => "transport",
        Column::Remote => "remote address, port",
        Column::User => "whose it is",
        Column::Pid => "process id",
        Column::Age => "how long it was seen",
        Column::Interface => "what it is bound to",
        Column::Rtt => "round-trip time",
        Column::Unit => "unit of its service",
        Column::Container => "the container",
        Column::Namespace => "network, if not ours",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::{layout, plain};
    use ratatui::layout::Rect;

    #[test]
    fn what_a_column_shows_is_said_in_whole_on_the_smallest_screen() {
        let (width, height) = layout::SMALLEST;
        let columns = usize::from(layout::list_width(Rect::new(0, 0, width, height)));
        for column in Column::ALL {
            assert!(14 + plain::width(says(column)) <= columns, "{column:?}");
        }
    }
}
