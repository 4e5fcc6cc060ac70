//! Entries into the text of a policy and out of it again; all else stays as it is written.

use super::{Fault, read};
use crate::model::Entry;
use jiff::tz::TimeZone;
use toml_edit::{
    Array, ArrayOfTables, DocumentMut, InlineTable, Item, Table, TableLike, Value, value,
};

/// What stands between two entries.
const BETWEEN: &str = "\n";

/// Returns `text` with `entries` behind the `[[expect]]` that are there.
///
/// Comments, order and everything else that was written stay. An entry that stands there already is
/// not added again.
///
/// # Errors
///
/// Names the place when `text` is no policy.
pub fn add(text: &str, entries: &[Entry]) -> Result<String, Fault> {
    let known = read::parse(text, &TimeZone::UTC, &|_| None)?;
    let mut new: Vec<&Entry> = vec![];
    for entry in entries {
        let stands_there = known.expect.iter().any(|known| same(&known.entry, entry));
        if !stands_there && !new.iter().any(|known| same(known, entry)) {
            new.push(entry);
        }
    }
    if new.is_empty() {
        return Ok(text.to_owned());
    }
    let mut document = document(text)?;
    let expect = document
        .entry("expect")
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match expect {
        Item::ArrayOfTables(tables) => {
            let first = tables.len();
            for entry in new {
                let mut table = Table::new();
                write(entry, &mut table);
                table.decor_mut().set_prefix(BETWEEN);
                tables.push(table);
            }
            put_behind_comments(&mut document, first);
        }
        Item::Value(Value::Array(array)) => {
            for entry in new {
                let mut table = InlineTable::new();
                write(entry, &mut table);
                array.push(table);
            }
        }
        Item::None | Item::Value(_) | Item::Table(_) => {}
    }
    Ok(with_endings_of(text, document.to_string()))
}

/// Returns `text` without the last `[[expect]]` that says the same as `entry`; `None` when there is none.
///
/// # Errors
///
/// Names the place when `text` is no policy.
pub fn remove(text: &str, entry: &Entry) -> Result<Option<String>, Fault> {
    let known = read::parse(text, &TimeZone::UTC, &|_| None)?;
    let mut entries = known.expect.iter();
    let Some(at) = entries.rposition(|known| same(&known.entry, entry)) else {
        return Ok(None);
    };
    let mut document = document(text)?;
    match document.get_mut("expect") {
        Some(Item::ArrayOfTables(tables)) => {
            let prefix = tables.get(at).map(prefix_of).unwrap_or_default();
            tables.remove(at);
            if tables.is_empty() {
                document.remove("expect");
            }
            put_comments_back(&mut document, &prefix);
        }
        Some(Item::Value(Value::Array(array))) => {
            array.remove(at);
        }
        Some(Item::None | Item::Value(_) | Item::Table(_)) | None => return Ok(None),
    }
    Ok(Some(with_endings_of(text, document.to_string())))
}

/// What stands at the end of a file stands above what is added to its end.
///
/// `first` is the first that was added. The first line of a file has no empty one before it.
fn put_behind_comments(document: &mut DocumentMut, first: usize) {
    let comments = document.trailing().as_str().unwrap_or_default().to_owned();
    document.set_trailing("");
    let is_alone = document.to_string().trim_start().starts_with("[[expect]]") && first == 0;
    let Some(Item::ArrayOfTables(tables)) = document.get("expect") else {
        return;
    };
    let last = tables.iter().last().map(ToString::to_string);
    let is_last = last.is_some_and(|last| document.to_string().ends_with(&last));
    let between = if is_alone && comments.is_empty() {
        ""
    } else {
        BETWEEN
    };
    let prefix = if is_last {
        comments.clone() + between
    } else {
        between.to_owned()
    };
    if !is_last {
        document.set_trailing(&comments);
    }
    if let Some(Item::ArrayOfTables(tables)) = document.get_mut("expect")
        && let Some(table) = tables.get_mut(first)
    {
        table.decor_mut().set_prefix(prefix);
    }
}

/// Puts the comments that stood above what was the last of a file at its end again.
fn put_comments_back(document: &mut DocumentMut, prefix: &str) {
    let comments = prefix.strip_suffix(BETWEEN).unwrap_or(prefix);
    let trailing = document.trailing().as_str().unwrap_or_default();
    if !comments.trim().is_empty() && trailing.is_empty() {
        document.set_trailing(comments.to_owned());
    }
}

fn prefix_of(table: &Table) -> String {
    let prefix = table.decor().prefix();
    let prefix = prefix.and_then(|prefix| prefix.as_str());
    prefix.unwrap_or_default().to_owned()
}

/// Whether two entries say the same. When they were made and why is no part of it.
fn same(known: &Entry, entry: &Entry) -> bool {
    let bare = |entry: &Entry| Entry {
        reason: None,
        until: None,
        ..entry.clone()
    };
    bare(known) == bare(entry)
        && known.until.as_ref().map(|until| &until.written)
            == entry.until.as_ref().map(|until| &until.written)
}

fn document(text: &str) -> Result<DocumentMut, Fault> {
    text.parse().map_err(|error: toml_edit::TomlError| Fault {
        span: error.span().unwrap_or(0..0),
        message: error.message().to_owned(),
        hint: None,
    })
}

/// Writes the fields of `entry` in the order a person reads them.
fn write(entry: &Entry, table: &mut dyn TableLike) {
    if let Some(ports) = entry.port {
        let alone = ports.range.first == ports.range.last && ports.transport.is_none();
        let port = if alone {
            value(i64::from(ports.range.first))
        } else {
            value(ports.to_string())
        };
        table.insert("port", port);
    }
    let texts = [
        ("program", entry.program.as_deref()),
        ("script", entry.script.as_deref()),
        ("exposure", entry.exposure.map(crate::model::Exposure::name)),
        ("user", entry.user.as_deref()),
        ("unit", entry.unit.as_deref()),
        ("container", entry.container.as_deref()),
    ];
    for (key, text) in texts {
        if let Some(text) = text {
            table.insert(key, value(text));
        }
    }
    if !entry.rules.is_empty() {
        table.insert(
            "rules",
            value(entry.rules.iter().copied().collect::<Array>()),
        );
    }
    if let Some(reason) = &entry.reason {
        table.insert("reason", value(reason.as_str()));
    }
    let until = entry.until.as_ref();
    if let Some(until) = until.and_then(|until| until.written.parse::<toml_edit::Datetime>().ok()) {
        table.insert("until", value(until));
    }
}

/// Gives `edited` the ends of lines that `text` has.
fn with_endings_of(text: &str, edited: String) -> String {
    if text.contains("\r\n") {
        edited.replace("\r\n", "\n").replace('\n', "\r\n")
    } else {
        edited
    }
}
