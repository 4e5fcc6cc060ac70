//! The dashboard: a message comes in, `App` changes and may ask for an effect, `view` draws.
//!
//! `run` is the only part that knows the time, the terminal and the machine.

mod action;
mod app;
mod ascii;
mod document;
mod effect;
mod input;
mod keymap;
mod layout;
mod message;
mod pages;
mod picture;
mod plain;
mod remembered;
pub mod run;
mod terminal;
mod theme;
mod tty;
mod view;
mod words;

pub use ascii::GraphSigns;
pub use keymap::{Keymap, KeysError};
pub use remembered::Remembered;
pub use run::{Asker, Decisions, Options, Start, Wiring, Witness};
pub use theme::{ColorDepth, Theme, ThemeError};
