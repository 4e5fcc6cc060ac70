//! The lines above the table: where we are, how it is going, what there is.

use super::{Look, draw_left, draw_right, put};
use crate::{
    model::Verdict,
    tui::{
        action::View,
        app::{
            App,
            feed::{self, Health},
            page::BETWEEN_CRUMBS,
        },
        document::Piece,
        layout::{self, TabForm},
        plain,
        theme::{Role, Theme},
        words::{self, Unit},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::time::Duration;

/// Name, tabs, host, and how the collector is doing.
pub(super) fn header(buffer: &mut Buffer, area: Rect, app: &App, look: Look) {
    let theme = look.theme;
    let tabs = layout::tabs(area.width);
    let tabs_end = tabs.last().map_or(0, |tab| tab.x + tab.width);
    let form = TabForm::on(area.width);
    if form != TabForm::Number {
        put(buffer, area, &Piece::new(Role::Key, " portwise"), theme);
    }
    for tab in &tabs {
        let at = Rect {
            x: area.x + tab.x,
            width: tab.width,
            ..area
        };
        put(buffer, at, &tab_piece(tab.view, form, app), theme);
    }
    let mut rest = Rect {
        x: area.x + tabs_end + 1,
        width: area.width.saturating_sub(tabs_end + 1),
        ..area
    };
    if form == TabForm::Number {
        let title = Piece::new(Role::Key, app.view.title());
        rest = put(buffer, rest, &title, theme);
    }
    // In ASCII the dot of a verdict is a letter, which would say nothing here.
    let dot = if look.ascii { "*" } else { "●" };
    let health = health(app, dot);
    let taken = u16::try_from(plain::width(&health.text)).unwrap_or(u16::MAX);
    let room = rest.width.saturating_sub(taken + 4).min(30);
    let mut right = vec![];
    if let Some(snapshot) = &app.feed.shown
        && room >= 4
        && form != TabForm::Number
    {
        let host = words::fit(&snapshot.host, usize::from(room));
        right.push(Piece::new(Role::Dim, format!("{host}  ")));
    }
    right.push(health);
    right.push(Piece::new(Role::Text, " "));
    draw_right(buffer, rest, &right, theme);
}

fn tab_piece(view: View, form: TabForm, app: &App) -> Piece {
    let number = view as usize + 1;
    let mut title = match form {
        TabForm::Whole => format!("{number} {}", view.title()),
        TabForm::Short => format!("{number} {}", view.short_title()),
        TabForm::Number => number.to_string(),
    };
    if view == View::Findings {
        let most = if layout::TAB_COUNT > 2 { 99 } else { 9 };
        // Beside a number alone another number needs a sign between them.
        let between = if form == TabForm::Number { ':' } else { ' ' };
        let count = match app.feed.totals.alarming {
            0 => String::new(),
            count if count > most => format!("{between}{most}+"),
            count => format!("{between}{count}"),
        };
        title.push_str(&words::fit(&count, usize::from(layout::TAB_COUNT)));
    }
    if view == app.view {
        Piece::new(Role::Key, format!("[{title}]"))
    } else {
        Piece::new(Role::Dim, format!(" {title} "))
    }
}

/// The way to the page on top.
pub(super) fn crumbs(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    if area.is_empty() {
        return;
    }
    let crumbs: Vec<_> = app.crumbs().into_iter().map(|crumb| crumb.0).collect();
    let text = format!(" {}", crumbs.join(BETWEEN_CRUMBS));
    let text = words::fit(&text, usize::from(area.width));
    put(buffer, area, &Piece::new(Role::Text, text), theme);
}

/// How the collector is doing, with this `dot` where all is well.
fn health(app: &App, dot: &str) -> Piece {
    if let Some(at) = app.feed.paused {
        let time = words::clock(at, &app.setup.zone);
        return Piece::new(Role::Changed, format!("PAUSED {time}"));
    }
    let recording = app.setup.recording.as_deref();
    match (&app.feed.health, recording) {
        (Health::Waiting, _) if app.feed.shown.is_some() => {
            Piece::new(Role::Changed, format!("{dot} reading owners…"))
        }
        (Health::Waiting, _) => Piece::new(Role::Dim, format!("{dot} reading…")),
        (Health::Live, None) => {
            let every = words::interval(app.interval);
            Piece::new(Role::Received, format!("{dot} LIVE {every}"))
        }
        (Health::Live | Health::Late(_), Some(name)) => {
            Piece::new(Role::Accent, format!("▸ {}", words::middle(name, 24)))
        }
        (Health::Late(span), None) => {
            Piece::new(Role::Changed, format!("▲ LATE {}", words::age(*span)))
        }
        (Health::Failed(_) | Health::Stopped, _) => {
            Piece::new(Role::Tone(Verdict::Suspicious), "✕ no data")
        }
        (Health::Ended, name) => {
            let name = words::middle(name.unwrap_or("recording"), 24);
            Piece::new(Role::Accent, format!("{name} has ended"))
        }
    }
}

/// How many sockets of each kind, and how many of each verdict.
pub(super) fn counts(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let totals = &app.feed.totals;
    let long = area.width >= 80;
    let badges = badges(app, long);
    let taken: usize = badges.iter().map(|piece| plain::width(&piece.text)).sum();
    let taken = u16::try_from(taken).unwrap_or(u16::MAX);
    let left = Rect {
        width: area.width.saturating_sub(taken + 1),
        ..area
    };
    draw_right(buffer, area, &badges, theme);
    let mut words = summary(app, long);
    if area.width >= 60
        && app.regions().rates.is_empty()
        && let Some((rx, tx)) = totals.rates
    {
        let unit = app.writing.unit;
        words.push(format!("  ↓ {}  ↑ {}", unit.rate(rx), unit.rate(tx)));
    }
    let gap = if long { "  " } else { " " };
    let mut text = String::new();
    // A number that is cut would be another number.
    for word in words {
        let more = format!("{text}{}{word}", if text.is_empty() { " " } else { gap });
        if plain::width(&more) > usize::from(left.width) {
            break;
        }
        text = more;
    }
    put(buffer, left, &Piece::new(Role::Text, text), theme);
}

/// What there is of what the view is about, the most important first.
fn summary(app: &App, long: bool) -> Vec<String> {
    let totals = &app.feed.totals;
    let (rows, all) = app.count();
    match app.view {
        View::Sockets => {
            let kinds = [
                ("listen ", "L", totals.listening),
                ("estab ", "E", totals.established),
                ("udp ", "U", totals.udp),
                ("tw ", "T", totals.time_wait),
                ("other ", "+", totals.other),
            ];
            let words = kinds.map(|(word, letter, count)| {
                // Where counts stand close together, thousands would not stand apart.
                if long {
                    format!("{word}{}", words::grouped(count))
                } else {
                    format!("{letter}{count}")
                }
            });
            let mut words = Vec::from(words);
            let others = app.feed.shown.as_ref();
            let others = others.map_or(0, |shown| shown.coverage.other_namespaces);
            if long && others > 0 {
                words.push(format!("+{}", words::plural(others as usize, "namespace")));
            }
            words
        }
        View::Processes => {
            let owned = app.processes.list.there();
            let owned = owned.filter(|row| row.process.is_some()).count();
            vec![
                words::plural(owned, "process"),
                words::plural(all, "socket"),
            ]
        }
        View::Ports if app.ports.browsing => {
            let found = words::plural(app.ports.every.rows.len(), "port");
            vec![format!("{found} of {}", words::grouped(65_536))]
        }
        View::Ports => vec![format!("{} in use", words::plural(rows, "port"))],
        View::Findings => {
            let accepted = app.accepted_stories;
            let shown = if app.with_accepted { accepted } else { 0 };
            let found = words::plural(rows.saturating_sub(shown), "program");
            let mut words = vec![format!("{found} with findings")];
            if accepted > 0 {
                words.push(format!("{} accepted", words::grouped(accepted)));
            }
            words
        }
        View::Timeline => {
            let mut words = vec![words::plural(all, "event")];
            if app.timeline.dropped > 0 {
                let dropped =
                    words::grouped(usize::try_from(app.timeline.dropped).unwrap_or(usize::MAX));
                words.push(format!("{dropped} older dropped"));
            }
            words
        }
    }
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
            (true, Verdict::Unknown) => format!(" {glyph} {} ", words::grouped(count)),
            (true, _) => format!(" {glyph} {} {word} ", words::grouped(count)),
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
        let text = if app.feed.totals.established == 0 {
            " ↓ -  ↑ -   no connection to measure"
        } else {
            " ↓ -  ↑ -   not measured yet"
        };
        put(buffer, area, &Piece::new(Role::Dim, text), theme);
        return;
    };
    let unit = app.writing.unit;
    let wide = area.width >= layout::WIDE;
    let beside = if wide { 70 } else { 38 };
    let graph = usize::from(area.width.saturating_sub(beside) / 2).min(60);
    let history = &app.feed.history;
    let received: Vec<f64> = history.iter().map(|one| one.received).collect();
    let sent: Vec<f64> = history.iter().map(|one| one.sent).collect();
    let (received, sent) = (newest(&received, graph), newest(&sent, graph));
    let room = match unit {
        Unit::Bytes => 10,
        Unit::Bits => 12,
    };
    let pieces = [
        Piece::new(
            Role::Received,
            format!(" ↓ {:>room$} {}", unit.rate(rx), blocks(received)),
        ),
        Piece::new(Role::Text, "   "),
        Piece::new(
            Role::Sent,
            format!("↑ {:>room$} {}", unit.rate(tx), blocks(sent)),
        ),
    ];
    draw_left(buffer, area, &pieces, theme);
    if wide {
        let shown = history.iter().skip(history.len() - received.len());
        let span = rounded(feed::time_of(shown));
        let peak = received.iter().chain(sent).copied().fold(0.0, f64::max);
        let peak = unit.rate(peak);
        let text = if span.is_zero() {
            format!("peak {peak} ")
        } else {
            format!("last {}, peak {peak} ", words::age(span))
        };
        let tail = Piece::new(Role::Dim, text);
        draw_right(buffer, area, &[tail], theme);
    }
}

/// To whole seconds, since samples come a little earlier or later.
fn rounded(span: Duration) -> Duration {
    Duration::from_secs((span + Duration::from_millis(500)).as_secs())
}

/// The newest numbers, at most so many.
fn newest(numbers: &[f64], most: usize) -> &[f64] {
    let newest = numbers.get(numbers.len().saturating_sub(most)..);
    newest.unwrap_or(numbers)
}

/// Numbers as blocks, the highest being full.
fn blocks(numbers: &[f64]) -> String {
    let numbers: Vec<_> = numbers.iter().copied().map(Some).collect();
    blocks_or_blank(&numbers)
}

/// Numbers as blocks, the highest being full; nothing stands where none is known.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the share lies between 0 and 7"
)]
pub(super) fn blocks_or_blank(numbers: &[Option<f64>]) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let highest = numbers.iter().flatten().copied().fold(1.0, f64::max);
    let block = |number: &Option<f64>| {
        let Some(number) = number else { return ' ' };
        let share = (number / highest * 7.0).clamp(0.0, 7.0) as usize;
        BLOCKS.get(share).copied().unwrap_or('▁')
    };
    numbers.iter().map(block).collect()
}

/// What cannot be seen.
pub(super) fn notice(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let Some(text) = app.notice() else { return };
    if area.is_empty() {
        return;
    }
    let rest = put(buffer, area, &Piece::new(Role::Changed, " ! "), theme);
    let width = usize::from(rest.width);
    let text = match app.more_of_notice() {
        Some(key) => with_more(&text, &key, width),
        None => text,
    };
    put(
        buffer,
        rest,
        &Piece::new(Role::Text, words::fit(&text, width)),
        theme,
    );
}

/// A notice and the key that tells more, as far as there is room: that key goes before the remedy does, and the remedy
/// before what is wrong.
fn with_more(text: &str, key: &str, width: usize) -> String {
    let first = text.split(".  ").next().unwrap_or(text);
    let ways = [
        format!("{text}  {key} tells more."),
        text.to_owned(),
        format!("{first}: press {key}"),
        first.to_owned(),
    ];
    let mut ways = ways.into_iter();
    ways.find(|way| plain::width(way) <= width)
        .unwrap_or_else(|| text.to_owned())
}
