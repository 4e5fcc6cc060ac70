//! The pictures of the README, drawn by the real views and compared with what is committed.
//!
//! `UPDATE_PICTURES=1 cargo test --lib pictures` draws them anew; `docs/pictures.sh` does that.

use super::*;
use crate::tui::action::View;
use ratatui::style::{Color, Modifier};
use std::{fmt::Write as _, fs, path::Path};

/// Width and height of a cell, in the picture's units.
const CELL: (f64, f64) = (8.4, 17.0);
const MARGIN: f64 = 12.0;
const BACKGROUND: &str = "#10141c";
const FOREGROUND: &str = "#d8dee9";

/// What is on a dark screen, as a picture.
fn svg(app: &App) -> String {
    let buffer = drawn(app, truecolor());
    let (columns, rows) = (buffer.area.width, buffer.area.height);
    let width = f64::from(columns) * CELL.0 + 2.0 * MARGIN;
    let height = f64::from(rows) * CELL.1 + 2.0 * MARGIN;
    let mut picture = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width:.1} {height:.1}\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" \
         xml:space=\"preserve\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n"
    );
    for row in 0..rows {
        let mut column = 0;
        while column < columns {
            let end = run_end(&buffer, row, column);
            run(&mut picture, &buffer, row, column..end);
            column = end;
        }
    }
    picture.push_str("</svg>\n");
    picture
}

/// The column behind the cells that look like the one at `column`.
fn run_end(buffer: &Buffer, row: u16, column: u16) -> u16 {
    let style = buffer[(column, row)].style();
    let is_drawn = |at: u16| shape(buffer[(at, row)].symbol()).is_some();
    let mut end = column + 1;
    while end < buffer.area.width
        && buffer[(end, row)].style() == style
        && is_drawn(end) == is_drawn(column)
    {
        end += 1;
    }
    end
}

/// Cells that look alike: their ground, and text or shapes on it.
fn run(picture: &mut String, buffer: &Buffer, row: u16, columns: std::ops::Range<u16>) {
    let style = buffer[(columns.start, row)].style();
    let (mut text, mut ground) = (hex(style.fg), hex(style.bg));
    if style.add_modifier.contains(Modifier::REVERSED) {
        let before = text.unwrap_or_else(|| FOREGROUND.to_owned());
        text = Some(ground.unwrap_or_else(|| BACKGROUND.to_owned()));
        ground = Some(before);
    }
    let text = text.unwrap_or_else(|| FOREGROUND.to_owned());
    let x = |column: u16| MARGIN + f64::from(column) * CELL.0;
    let y = MARGIN + f64::from(row) * CELL.1;
    let width = f64::from(columns.end - columns.start) * CELL.0;
    // Writing to a string cannot fail.
    if let Some(ground) = ground {
        _ = writeln!(
            picture,
            "<rect x=\"{:.1}\" y=\"{y:.1}\" width=\"{width:.1}\" height=\"{:.1}\" fill=\"{ground}\"/>",
            x(columns.start),
            CELL.1
        );
    }
    let symbols: String = columns
        .clone()
        .map(|at| buffer[(at, row)].symbol())
        .collect();
    if symbols.trim().is_empty() {
        return;
    }
    for at in columns.clone() {
        if let Some([left, top, wide, tall]) = shape(buffer[(at, row)].symbol()) {
            _ = writeln!(
                picture,
                "<rect x=\"{:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{:.1}\" fill=\"{text}\"/>",
                x(at) + left * CELL.0,
                y + top * CELL.1,
                wide * CELL.0,
                tall * CELL.1
            );
        }
    }
    if shape(buffer[(columns.start, row)].symbol()).is_none() {
        let bold = if style.add_modifier.contains(Modifier::BOLD) {
            " font-weight=\"bold\""
        } else {
            ""
        };
        let strike = if style.add_modifier.contains(Modifier::CROSSED_OUT) {
            " text-decoration=\"line-through\""
        } else {
            ""
        };
        let words = symbols.replace('&', "&amp;").replace('<', "&lt;");
        let base = y + CELL.1 * 0.76;
        _ = writeln!(
            picture,
            "<text x=\"{:.1}\" y=\"{base:.1}\" fill=\"{text}\"{bold}{strike} textLength=\"{width:.1}\" \
             lengthAdjust=\"spacingAndGlyphs\">{words}</text>",
            x(columns.start)
        );
    }
}

/// Left, top, width and height of what fills a part of a cell, as shares of it.
fn shape(symbol: &str) -> Option<[f64; 4]> {
    let blocks = "▁▂▃▄▅▆▇█";
    if let Some(at) = blocks.chars().position(|block| symbol == block.to_string()) {
        let share = f64::from(u8::try_from(at).unwrap() + 1) / 8.0;
        return Some([0.0, 1.0 - share, 1.0, share]);
    }
    match symbol {
        "─" => Some([0.0, 0.47, 1.0, 0.06]),
        "│" => Some([0.44, 0.0, 0.12, 1.0]),
        "┃" => Some([0.36, 0.0, 0.28, 1.0]),
        _ => None,
    }
}

fn hex(color: Option<Color>) -> Option<String> {
    let color = color?;
    if let Color::Rgb(red, green, blue) = color {
        return Some(format!("#{red:02x}{green:02x}{blue:02x}"));
    }
    assert_eq!(color, Color::Reset, "a picture is drawn in 24 bits");
    None
}

#[track_caller]
#[expect(
    clippy::disallowed_methods,
    reason = "the one switch of this test, not of the program"
)]
fn is_committed(app: &App, name: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("docs")
        .join(name);
    let picture = svg(app);
    if std::env::var("UPDATE_PICTURES").is_ok() {
        fs::write(&path, &picture).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == picture,
        "docs/{name} shows another screen; docs/pictures.sh draws it anew"
    );
}

#[test]
fn the_picture_of_the_dashboard_is_the_dashboard() {
    let mut app = busy(120, 30);
    press(&mut app, KeyCode::Down);
    is_committed(&app, "dashboard.svg");
}

#[test]
fn the_picture_of_a_port_is_its_page() {
    let mut app = busy(120, 34);
    app.show(View::Ports);
    app.pages.push(Page::new(Subject::Port(1587, None)));
    is_committed(&app, "port.svg");
}
