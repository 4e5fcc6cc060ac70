//! What the dashboard's actions see and write down.

use super::{context::Context, deeds::Journal, doctor};
use crate::{
    collect::{self, SourceChoice},
    model::{Ability, Acted, Event, HeldPort, PortNow, ProcessKey, Surroundings, Text},
    tui::Witness,
};
use jiff::Timestamp;
use std::{
    sync::{Mutex, PoisonError},
    time::Instant,
};

/// Sees this machine, and writes into the history.
#[derive(Debug)]
pub(super) struct OfMachine {
    source: SourceChoice,
    journal: Journal,
    context: Mutex<Context>,
}

impl OfMachine {
    /// As `context` reads the machine.
    pub(super) fn of(context: &Context) -> Self {
        Self {
            source: context.source.clone(),
            journal: Journal::of(context),
            context: Mutex::new(context.clone()),
        }
    }
}

impl Witness for OfMachine {
    fn surroundings(&self, keys: &[ProcessKey]) -> Vec<Surroundings> {
        collect::surroundings(keys)
    }

    fn aftermath(
        &self,
        ports: &[HeldPort],
        gone: &[ProcessKey],
        ended: Instant,
    ) -> Vec<Option<PortNow>> {
        collect::aftermath(&self.source, ports, gone, ended)
    }

    fn write_down(&self, at: Timestamp, done: Vec<(Option<Event>, &Acted)>) -> Option<String> {
        let events = done.into_iter();
        let events = events.map(|(socket, acted)| self.journal.event(at, socket, acted));
        let written = self.journal.write(&events.collect::<Vec<_>>());
        match written {
            Ok(None) => None,
            Ok(Some(path)) => Some(format!("written down in {}", path.display())),
            Err(why) => Some(format!(
                "could not be written to the history: {}",
                Text::from(why)
            )),
        }
    }

    fn recent(&self, most: usize) -> Result<Vec<Event>, String> {
        let events = self.journal.recent(most);
        events.map_err(|why| Text::from(why).to_string())
    }

    fn examine(&self) -> Vec<Ability> {
        let context = self.context.lock();
        doctor::abilities(&context.unwrap_or_else(PoisonError::into_inner))
    }
}
