//! House rules that no compiler checks, read from the real source.
//!
//! Owns the layering and where the outside may be named. Never judges style: rustfmt and clippy do.

#[cfg(test)]
#[path = "tidy/checker.rs"]
mod checker;
#[cfg(test)]
#[path = "tidy/files.rs"]
mod files;
#[cfg(test)]
#[path = "tidy/lexer.rs"]
mod lexer;
#[cfg(test)]
#[path = "tidy/outside.rs"]
mod outside;
#[cfg(test)]
#[path = "tidy/paths.rs"]
mod paths;
#[cfg(test)]
#[path = "tidy/rules.rs"]
mod rules;
#[cfg(test)]
#[path = "tidy/tree.rs"]
mod tree;
