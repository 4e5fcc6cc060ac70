//! Watch the ports of this machine: who listens, what the port is for, whether that is fine, and how to end it.
//!
//! One pure middle, two thin edges; `ARCHITECTURE.md` draws it.

pub mod act; // the only code that changes the machine
pub mod cli; // commands, exit codes, the words of the errors
pub mod collect; // the only code that reads the machine
pub mod config; // three layers into one value
pub mod given; // files that somebody named: no wait, no end missing
pub mod model; // plain data
pub mod monitor; // sample → snapshot
pub mod probe; // asking a port what it speaks
pub mod query; // the filter language, sorting
pub mod registry; // what a port number means
pub mod report; // table, JSON, CSV, text on a writer
pub mod rules; // one judgement a file
pub mod store; // the history on disk
pub mod tui; // the dashboard
