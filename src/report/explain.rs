//! Writes the page of a port as text, JSON or Markdown.
//!
//! Text and Markdown stay within 80 columns, text within those of a narrower terminal; a longer command goes on in lines that a shell joins again.

use super::Style;
use crate::model::{Declared, HereNow, Page};
use serde::Serialize;
use std::io;

mod json;
mod lines;
pub(super) mod markdown;
mod text;
pub(in crate::report) mod wrap;

/// A page, and what is true about its port on this machine.
#[derive(Debug, Clone, Copy)]
pub struct Entry<'a, T> {
    /// The page.
    pub page: &'a Page,
    /// The sockets that have to do with it; `None` when nobody looked.
    pub here_now: Option<&'a [T]>,
    /// What this machine's own files say about it.
    pub declared: &'a [&'a Declared],
}

/// Writes the pages as text, with headings that stand out where there are colours.
pub fn write_text(
    out: &mut dyn io::Write,
    entries: &[Entry<'_, HereNow>],
    style: Style,
) -> io::Result<()> {
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        for line in text::page(entry, style.prose()).text().lines() {
            // What stands at the edge is a heading; everything else is indented.
            if line.is_empty() || line.starts_with(' ') {
                writeln!(out, "{line}")?;
            } else {
                writeln!(out, "{}", style.heading(line))?;
            }
        }
    }
    Ok(())
}

/// Writes the pages as one JSON array; `here_now` holds what the caller serialises.
pub fn write_json<T: Serialize>(
    out: &mut dyn io::Write,
    entries: &[Entry<'_, T>],
) -> io::Result<()> {
    let pages: Vec<json::Explained<'_, T>> = entries.iter().map(json::explained).collect();
    serde_json::to_writer_pretty(&mut *out, &pages)?;
    writeln!(out)
}

/// Writes the pages as Markdown.
pub fn write_markdown(out: &mut dyn io::Write, entries: &[Entry<'_, HereNow>]) -> io::Result<()> {
    for (at, entry) in entries.iter().enumerate() {
        if at > 0 {
            writeln!(out)?;
        }
        out.write_all(markdown::page(entry).as_bytes())?;
    }
    Ok(())
}
