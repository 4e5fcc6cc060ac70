//! What tests of the whole program share: starting it, a terminal around it, a network of its own.
//!
//! Every process is ended by its id when its guard is dropped. Nothing here sleeps: it looks again until a deadline.

pub(crate) mod deadline;
pub(crate) mod hostile;
pub(crate) mod json;
#[cfg(target_os = "linux")]
pub(crate) mod judged;
#[cfg(target_os = "linux")]
pub(crate) mod network;
#[cfg(target_os = "linux")]
pub(crate) mod process;
pub(crate) mod program;
#[cfg(target_os = "linux")]
pub(crate) mod pty;
pub(crate) mod skip;
