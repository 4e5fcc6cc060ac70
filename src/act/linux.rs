//! What only Linux can do: hold on to a process, and close a connection.

#![cfg(target_os = "linux")]

mod destroy;
mod pin;
mod signal;

pub(super) use destroy::close;
pub(super) use pin::{Pin, Pinned, pin, started_at};
pub(super) use signal::{Begun, begin, finish};
