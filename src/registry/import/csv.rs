//! IANA's CSV: twelve columns, fields in quotes that may span lines.

use super::{ImportError, Record, joined};

/// The columns, in IANA's order.
const COLUMNS: [&str; 12] = [
    "Service Name",
    "Port Number",
    "Transport Protocol",
    "Description",
    "Assignee",
    "Contact",
    "Registration Date",
    "Modification Date",
    "Reference",
    "Service Code",
    "Unauthorized Use Reported",
    "Assignment Notes",
];

/// The records of the file, the header's among them as an empty one so that the count is the file's.
pub(super) fn records(text: &str) -> Result<Vec<Record>, ImportError> {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let mut records = vec![];
    let mut row = csv::StringRecord::new();
    while reader
        .read_record(&mut row)
        .map_err(|error| fault(text, error))?
    {
        if records.is_empty() {
            if !row.iter().map(str::trim).eq(COLUMNS) {
                return Err(ImportError::Header);
            }
            records.push(Record::default());
            continue;
        }
        records.push(record(&row));
    }
    if is_cut(text) {
        return Err(ImportError::Truncated);
    }
    Ok(records)
}

fn record(row: &csv::StringRecord) -> Record {
    let field = |at| joined(row.get(at).unwrap_or_default());
    Record {
        name: field(0),
        number: field(1),
        transport: field(2),
        description: field(3),
        assignee: field(4),
        contact: field(5),
        registered: field(6),
        modified: field(7),
        references: field(8),
        service_code: field(9),
        unauthorized_use: field(10),
        notes: field(11),
    }
}

/// A file that was cut short has a last row with too few columns, or one with a quote left open.
fn fault(text: &str, error: csv::Error) -> ImportError {
    if is_cut(text) {
        ImportError::Truncated
    } else {
        ImportError::Csv(error)
    }
}

/// Whether a quote is left open. A quote inside a field is written twice, so they come in pairs.
fn is_cut(text: &str) -> bool {
    memchr::memchr_iter(b'"', text.as_bytes()).count() % 2 == 1
}
