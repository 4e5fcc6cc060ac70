//! IANA's XML: one `record` element each, with the columns of the CSV as its children.

use super::{ImportError, Record, joined};
use roxmltree::{Document, Node, ParsingOptions};

/// More elements than any registry has; IANA's has a few hundred thousand.
const MOST_NODES: u32 = 4_000_000;

/// The records of the file.
pub(super) fn records(text: &str) -> Result<Vec<Record>, ImportError> {
    // Without a document type there are no entities that could grow.
    let options = ParsingOptions {
        allow_dtd: false,
        nodes_limit: MOST_NODES,
        ..ParsingOptions::default()
    };
    let document = Document::parse_with_options(text, options).map_err(ImportError::Xml)?;
    let root = document.root_element();
    if root.tag_name().name() != "registry" {
        return Err(ImportError::OtherXml);
    }
    let records: Vec<Record> = root
        .descendants()
        .filter(|node| node.tag_name().name() == "record")
        .map(record)
        .collect();
    if records.iter().all(|record| record.number.is_empty()) {
        return Err(ImportError::OtherXml);
    }
    Ok(records)
}

fn record(node: Node<'_, '_>) -> Record {
    let text = |name: &str| -> String {
        let parts: Vec<String> = node
            .children()
            .filter(|child| child.tag_name().name() == name)
            .map(words)
            .filter(|part| !part.is_empty())
            .collect();
        parts.join(" ")
    };
    let date = |name: &str| joined(node.attribute(name).unwrap_or_default());
    Record {
        name: text("name"),
        number: text("number"),
        transport: text("protocol"),
        description: text("description"),
        assignee: text("assignee"),
        contact: text("contact"),
        registered: date("date"),
        modified: date("updated"),
        references: node
            .children()
            .filter(|child| child.tag_name().name() == "xref")
            .map(reference)
            .collect(),
        service_code: text("code"),
        unauthorized_use: text("unauthorized"),
        notes: text("note"),
    }
}

/// The text of an element, with what it refers to in brackets, as the CSV has it.
fn words(node: Node<'_, '_>) -> String {
    let mut words = String::new();
    for child in node.children() {
        if child.is_text() {
            words.push_str(child.text().unwrap_or_default());
        } else if child.tag_name().name() == "xref" {
            words.push_str(&reference(child));
        } else if child.is_element() {
            words.push(' ');
            words.push_str(&self::words(child));
        }
    }
    joined(&words)
}

/// `[RFC6409]` for `<xref type="rfc" data="rfc6409"/>`.
fn reference(node: Node<'_, '_>) -> String {
    let data = node.attribute("data").unwrap_or_default();
    let shown = match node.attribute("type") {
        Some("rfc") => data.to_ascii_uppercase(),
        Some("person") => String::from(data),
        _ => match joined(node.text().unwrap_or_default()) {
            text if text.is_empty() => String::from(data),
            text => text,
        },
    };
    if shown.is_empty() {
        shown
    } else {
        format!("[{shown}]")
    }
}
