//! What is known of a process, in words.

pub(super) use crate::model::described::{chain, command_line, executable, told, user};
