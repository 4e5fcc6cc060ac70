//! The dashboard in a real pseudo-terminal, as a person would use it.
#![cfg(target_os = "linux")]

#[cfg(test)]
#[path = "pty/acting.rs"]
mod acting;
#[cfg(test)]
#[path = "pty/daily.rs"]
mod daily;
#[cfg(test)]
#[path = "pty/ending.rs"]
mod ending;
#[cfg(test)]
#[path = "pty/leaving.rs"]
mod leaving;
#[cfg(test)]
#[path = "pty/looks.rs"]
mod looks;
#[cfg(test)]
#[path = "pty/moving.rs"]
mod moving;
#[cfg(test)]
#[path = "pty/pages.rs"]
mod pages;
#[cfg(test)]
#[path = "pty/privilege.rs"]
mod privilege;
#[cfg(test)]
#[expect(dead_code, reason = "each test program uses its own part of it")]
#[path = "support/lib.rs"]
mod support;
