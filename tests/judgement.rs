//! The judgement, proved on recordings of what `tests/machine` played: neither root nor a daemon is needed.
//!
//! `docs/judgement.md` is the report; `PORTWISE_WRITE=1 cargo test --test judgement` writes it.

#[cfg(test)]
#[expect(dead_code, reason = "each test program uses its own part of it")]
#[path = "support/judged.rs"]
mod judged;
#[cfg(test)]
#[path = "judgement/recorded.rs"]
mod recorded;
