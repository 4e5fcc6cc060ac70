//! The lines above the table: where we are, how it is going, what there is.

use super::{put, styled};
use crate::{
    model::Verdict,
    tui::{
        app::{App, feed::Health, page::Page},
        document::Piece,
        theme::{Role, Theme},
        words,
    },
};
use ratatui::{buffer::Buffer, layout::Rect, widgets::Widget as _};

/// Name, breadcrumb, host, and how the collector is doing.
pub(super) fn header(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let mut right = vec![];
    if area.width >= 80
        && let Some(snapshot) = &app.feed.shown
    {
        right.push(Piece::new(
            Role::Dim,
            format!("{}  ", words::fit(&snapshot.host, 30)),
        ));
    }
    right.push(health(app));
    right.push(Piece::new(Role::Text, " "));
    let right = styled(&right, theme).right_aligned();
    let room = area
        .width
        .saturating_sub(u16::try_from(right.width()).unwrap_or(u16::MAX));
    right.render(area, buffer);
    let mut rest = Rect {
        width: room.saturating_sub(1),
        ..area
    };
    rest = put(buffer, rest, &Piece::new(Role::Key, " portwise  "), theme);
    let crumbs = breadcrumb(app);
    let text = words::fit(&crumbs, usize::from(rest.width));
    put(buffer, rest, &Piece::new(Role::Text, text), theme);
}

fn breadcrumb(app: &App) -> String {
    let mut crumbs = vec!["Sockets".to_owned()];
    crumbs.extend(app.pages.iter().map(Page::name));
    // The place where one is matters most; the way to it is cut first.
    if crumbs.len() > 3 {
        crumbs.splice(1..crumbs.len() - 2, ["…".to_owned()]);
    }
    crumbs.join(" › ")
}

fn health(app: &App) -> Piece {
    if let Some(at) = app.feed.paused {
        let time = words::clock(at, &app.setup.zone);
        return Piece::new(Role::Changed, format!("PAUSED {time}"));
    }
    let recording = app.setup.recording.as_deref();
    match (&app.feed.health, recording) {
        (Health::Waiting, _) => Piece::new(Role::Dim, "● reading…"),
        (Health::Live, None) => {
            let every = words::interval(app.interval);
            Piece::new(Role::Received, format!("● LIVE {every}"))
        }
        (Health::Live | Health::Late(_), Some(name)) => {
            Piece::new(Role::Accent, format!("▸ {}", words::middle(name, 24)))
        }
        (Health::Late(span), None) => {
            Piece::new(Role::Changed, format!("▲ LATE {}", words::age(*span)))
        }
        (Health::Failed(why), _) => {
            let why = words::fit(why, 48);
            Piece::new(Role::Tone(Verdict::Suspicious), format!("✕ no data: {why}"))
        }
        (Health::Ended, name) => {
            let name = words::middle(name.unwrap_or("recording"), 24);
            Piece::new(Role::Accent, format!("{name} has ended"))
        }
        (Health::Stopped, _) => Piece::new(
            Role::Tone(Verdict::Suspicious),
            "✕ no data: the reader has stopped",
        ),
    }
}

/// How many sockets of each kind, and how many of each verdict.
pub(super) fn counts(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let totals = &app.feed.totals;
    let long = area.width >= 80;
    let badges = badges(app, long);
    let right = styled(&badges, theme).right_aligned();
    let taken = u16::try_from(right.width()).unwrap_or(u16::MAX);
    let left = Rect {
        width: area.width.saturating_sub(taken + 1),
        ..area
    };
    right.render(area, buffer);
    let mut counts = if long {
        format!(
            " listen {}  estab {}  udp {}  tw {}  other {}",
            totals.listening, totals.established, totals.udp, totals.time_wait, totals.other
        )
    } else {
        format!(
            " L{} E{} U{} T{}",
            totals.listening, totals.established, totals.udp, totals.time_wait
        )
    };
    if area.width >= 60
        && app.regions().rates.is_empty()
        && let Some((rx, tx)) = totals.rates
    {
        let (rx, tx) = (words::rate(rx), words::rate(tx));
        counts = format!("{counts}   ↓ {rx}  ↑ {tx}");
    }
    put(buffer, left, &Piece::new(Role::Text, counts), theme);
}

fn badges(app: &App, long: bool) -> Vec<Piece> {
    let mut pieces = vec![];
    for verdict in Verdict::ALL.into_iter().rev() {
        let count = app.feed.totals.of_verdict(verdict);
        if verdict == Verdict::Expected || count == 0 {
            continue;
        }
        let (glyph, word) = (words::glyph(verdict), words::verdict(verdict));
        let text = match (long, verdict) {
            (true, Verdict::Unknown) => format!(" {glyph} {count} "),
            (true, _) => format!(" {glyph} {count} {word} "),
            (false, _) => format!("{glyph}{count}"),
        };
        pieces.push(Piece::new(Role::Badge(verdict), text));
        pieces.push(Piece::new(Role::Text, " "));
    }
    pieces
}

/// Bytes per second in all, and how that went.
pub(super) fn rates(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    if area.is_empty() {
        return;
    }
    let Some((rx, tx)) = app.feed.totals.rates else {
        let text = " ↓ -  ↑ -   not measured yet";
        put(buffer, area, &Piece::new(Role::Dim, text), theme);
        return;
    };
    let graph = usize::from(area.width.saturating_sub(36) / 2).min(60);
    let history = &app.feed.history;
    let received: Vec<f64> = history.iter().map(|(rx, _)| *rx).collect();
    let sent: Vec<f64> = history.iter().map(|(_, tx)| *tx).collect();
    let pieces = [
        Piece::new(
            Role::Received,
            format!(" ↓ {:>10} {}", words::rate(rx), bars(&received, graph)),
        ),
        Piece::new(Role::Text, "   "),
        Piece::new(
            Role::Sent,
            format!("↑ {:>10} {}", words::rate(tx), bars(&sent, graph)),
        ),
    ];
    styled(&pieces, theme).render(area, buffer);
}

/// The newest numbers as blocks, the highest being full.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share lies between 0 and 7"
)]
fn bars(numbers: &[f64], width: usize) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let newest = numbers
        .get(numbers.len().saturating_sub(width)..)
        .unwrap_or(numbers);
    let highest = newest.iter().copied().fold(1.0, f64::max);
    let block = |number: &f64| {
        let share = (number / highest * 7.0).clamp(0.0, 7.0) as usize;
        BLOCKS.get(share).copied().unwrap_or('▁')
    };
    newest.iter().map(block).collect()
}

/// What cannot be seen.
pub(super) fn notice(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let Some(text) = app.notice() else { return };
    if area.is_empty() {
        return;
    }
    let rest = put(buffer, area, &Piece::new(Role::Changed, " ! "), theme);
    let text = words::fit(&text, usize::from(rest.width));
    put(buffer, rest, &Piece::new(Role::Text, text), theme);
}
