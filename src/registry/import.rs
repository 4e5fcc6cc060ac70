//! Reads what IANA publishes, CSV or XML, and makes our table of it.
//!
//! Pure: bytes in, text out. The bytes may be anything; a fault is told with its place, and nothing is
//! guessed.

use crate::model::text::must_escape;

mod csv;
mod fold;
pub mod names;
pub mod plausible;
mod xml;

pub use fold::Cell;

/// The most bytes that are taken for a registry; IANA's files have one to five million.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// The longest text in one field, in bytes; IANA's longest has a few hundred.
const LONGEST_FIELD: usize = 16 * 1024;

/// Why bytes are no registry.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportError {
    /// More than [`LARGEST`] bytes.
    #[error("it is larger than {} MiB, which no registry is", LARGEST / 1024 / 1024)]
    TooLarge,
    /// Nothing at all.
    #[error("it is empty")]
    Empty,
    /// A web page.
    #[error("it is a web page, not the registry's CSV or XML")]
    WebPage,
    /// Bytes that are no text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// The CSV begins with something else than IANA's columns.
    #[error("it does not begin with IANA's columns (Service Name, Port Number, …)")]
    Header,
    /// It breaks off.
    #[error("it breaks off in the middle of a field, as if it had been cut short")]
    Truncated,
    /// The CSV is not well formed.
    #[error("read it as CSV")]
    Csv(#[source] ::csv::Error),
    /// The XML is not well formed.
    #[error("read it as XML")]
    Xml(#[source] roxmltree::Error),
    /// The XML is of something else.
    #[error("its XML is not of the port registry")]
    OtherXml,
    /// A record that cannot be right.
    #[error("record {record}: {fault}")]
    Record {
        /// Counted from 1, the header included.
        record: usize,
        /// What is wrong with it.
        fault: String,
    },
    /// It cannot be the whole registry.
    #[error("{0}")]
    Implausible(String),
}

/// One record, as IANA has it: text with its blanks joined, people still in brackets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Record {
    name: String,
    number: String,
    transport: String,
    description: String,
    assignee: String,
    contact: String,
    registered: String,
    modified: String,
    references: String,
    service_code: String,
    unauthorized_use: String,
    notes: String,
}

/// The registry in `bytes`, IANA's CSV or XML, as cells in its order.
pub fn cells(bytes: &[u8]) -> Result<Vec<Cell>, ImportError> {
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST) {
        return Err(ImportError::TooLarge);
    }
    let text = str::from_utf8(bytes).map_err(|_where| ImportError::NotText)?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).trim_start();
    let records = if text.is_empty() {
        return Err(ImportError::Empty);
    } else if !text.starts_with('<') {
        csv::records(text)?
    } else if is_web_page(text) {
        return Err(ImportError::WebPage);
    } else {
        xml::records(text)?
    };
    for (at, record) in (1..).zip(&records) {
        check(record).map_err(|fault| ImportError::Record { record: at, fault })?;
    }
    fold::cells(&records)
}

/// Our table out of cells: one line per port or range, name and identical content, transports joined.
pub fn table(cells: &[Cell]) -> String {
    let mut text = String::with_capacity(1024 * 1024);
    text.push_str(HEADER);
    for line in fold::lines(cells) {
        text.push_str(&line);
        text.push('\n');
    }
    text
}

/// The first line of our table.
const HEADER: &str = "#port\tend\tprotos\tname\taliases\tdescription\tassignee\tcontact\tregistered\tmodified\treferences\tservice_code\tunauthorized_use\tnotes\tsrc\n";

fn is_web_page(text: &str) -> bool {
    let begin: String = text.chars().take(1024).collect();
    let begin = begin.to_ascii_lowercase();
    begin.starts_with("<!doctype html") || begin.contains("<html")
}

/// What is wrong with the text of a record.
fn check(record: &Record) -> Result<(), String> {
    let fields = [
        &record.name,
        &record.number,
        &record.transport,
        &record.description,
        &record.assignee,
        &record.contact,
        &record.registered,
        &record.modified,
        &record.references,
        &record.service_code,
        &record.unauthorized_use,
        &record.notes,
    ];
    for field in fields {
        if field.len() > LONGEST_FIELD {
            return Err(format!("a field has more than {LONGEST_FIELD} bytes"));
        }
        if let Some(character) = field.chars().find(|character| must_escape(*character)) {
            return Err(format!(
                "it holds a control or invisible character, U+{:04X}",
                u32::from(character)
            ));
        }
    }
    if record.name.contains('|') {
        return Err(String::from("a service name holds a bar"));
    }
    Ok(())
}

/// `text` with every run of blanks and line ends as one space.
fn joined(text: &str) -> String {
    let mut words = text
        .split([' ', '\t', '\r', '\n'])
        .filter(|word| !word.is_empty());
    let mut joined = String::from(words.next().unwrap_or_default());
    for word in words {
        joined.push(' ');
        joined.push_str(word);
    }
    joined
}

#[cfg(test)]
mod tests;
