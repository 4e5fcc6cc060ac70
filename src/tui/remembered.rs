//! What is remembered from one run to the next: plain values, wherever they are kept.

use crate::query;

/// What the dashboard remembers between two runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Remembered {
    /// The view it was left in, by its name.
    pub view: Option<String>,
    /// By what sockets are grouped.
    pub group: Option<String>,
    /// The columns of the table of sockets, in their order.
    pub columns: Option<Vec<query::Column>>,
    /// How rows are sorted.
    pub order: Option<query::Order>,
    /// The pane about the selected row.
    pub details: Option<bool>,
    /// Throughput in `bytes` or in `bits`.
    pub unit: Option<String>,
    /// Names in place of the numbers of ports.
    pub port_names: bool,
    /// The terminal's background was light; `None` where it never said.
    pub light: Option<bool>,
    /// The terminal did not answer when it was asked for its background.
    pub silent: bool,
    /// The person has read what cannot be seen.
    pub notice_read: bool,
    /// Filters that were kept, each with its name.
    pub filters: Vec<(String, String)>,
}
