//! Writes what is known as bytes on a writer: tables, JSON, CSV, text.

pub mod explain;
