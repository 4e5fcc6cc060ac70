//! Writes what is known as bytes on a writer: tables, JSON, CSV, text.
//!
//! The JSON shapes have structs of their own, so that the code can change and the interface not.
//! Text comes escaped from the model; nothing here asks the terminal or the clock.

pub mod acted;
pub mod check;
pub mod column;
mod compact;
pub mod diff;
pub mod doctor;
pub mod event;
pub mod explain;
pub mod inspect;
pub mod list;
pub mod probe;
pub mod sarif;
pub mod socket;
pub mod style;

pub use crate::model::text::plural;
pub use column::Column;
pub use style::Style;

#[cfg(test)]
mod tests;
