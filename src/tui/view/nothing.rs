//! What a table says when it has no rows.

use crate::{
    model::Snapshot,
    tui::{
        action::{Action, View},
        app::{App, feed::Health},
        theme::{Role, Theme},
        words,
    },
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    widgets::{Paragraph, Widget as _, Wrap},
};

/// Says why there are no rows.
pub(super) fn nothing(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let text = match (&app.feed.shown, &app.feed.health) {
        (None, Health::Failed(why)) => format!("No data yet: {why}"),
        (None, Health::Stopped | Health::Ended) => "There is no data.".to_owned(),
        (None, _) => "Reading the sockets…".to_owned(),
        (Some(snapshot), _) => none_of(snapshot, app),
    };
    let middle = Rect {
        y: area.y + area.height / 3,
        height: area.height - area.height / 3,
        ..area
    };
    Paragraph::new(text)
        .style(theme.style(Role::Dim))
        .wrap(Wrap { trim: true })
        .centered()
        .render(middle, buffer);
}

fn none_of(snapshot: &Snapshot, app: &App) -> String {
    if app.view == View::Timeline && app.timeline.count() == 0 {
        return "Nothing has happened since the dashboard began.\n\n`portwise record` writes down what happens, `portwise history` tells it later."
            .to_owned();
    }
    if app.view != View::Timeline && snapshot.sockets.is_empty() {
        return "No sockets in this network namespace.".to_owned();
    }
    if !app.filter.understood.is_empty() {
        let filter = words::fit(&app.filter.understood, 60);
        let what = match app.view {
            View::Sockets | View::Ports => "socket",
            View::Processes => "process",
            View::Findings => "finding",
            View::Timeline => "event",
        };
        if app.lacks_names() {
            let key = app.setup.keymap.first_key(Action::HostNames);
            return format!(
                "Host names are off: {key} asks for them, and DNS learns whom you look at."
            );
        }
        return format!("No {what} matches \"{filter}\".  Esc clears the filter.");
    }
    match app.view {
        View::Findings => no_findings(snapshot, app),
        View::Timeline => "Nothing was found yet.  z shows every event.".to_owned(),
        View::Processes => "No socket has an owner.".to_owned(),
        View::Sockets | View::Ports => "There is nothing to show.".to_owned(),
    }
}

/// Nothing found is good news only where everything was seen.
fn no_findings(snapshot: &Snapshot, app: &App) -> String {
    let judged = words::plural(snapshot.sockets.len(), "socket");
    if snapshot.owners_hidden > 0 {
        let hidden = words::grouped(snapshot.owners_hidden);
        format!("Nothing was found in {judged}, but the owners of {hidden} could not be seen.")
    } else if app.accepted_stories > 0 {
        let key = app.setup.keymap.first_key(Action::Accepted);
        format!("Nothing was found in {judged} that is not accepted.  {key} shows what is.")
    } else {
        format!("Nothing was found in {judged}.")
    }
}
