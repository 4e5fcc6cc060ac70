//! The only code that changes the machine. Proves the identity of its target again just before.

use crate::model::{Order, Outcome};

/// What can be done to the machine.
pub trait Actions: Send + Sync {
    /// Carries `order` out and says what came of it. Blocks for up to the order's patience.
    fn signal(&self, order: &Order) -> Outcome;
}

/// The machine itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct System;

impl Actions for System {
    fn signal(&self, _order: &Order) -> Outcome {
        Outcome::Failed("not built".into())
    }
}
