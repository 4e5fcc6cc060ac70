//! What is remembered from one run to the next.

use super::{App, groups::Grouping};
use crate::tui::{
    action::View,
    remembered::Remembered,
    words::{Unit, Writing},
};

impl App {
    /// Begins as the run before ended.
    pub(in crate::tui) fn remember(&mut self, before: Remembered) {
        let view = before.view.as_deref();
        let known = View::ALL.into_iter().find(|one| Some(one.title()) == view);
        self.view = known.unwrap_or_default();
        let group = before.group.as_deref().and_then(Grouping::named);
        self.table.grouping = group.unwrap_or_default();
        if let Some(columns) = before.columns {
            self.columns = columns;
        }
        if let Some(order) = before.order {
            self.table.order = order;
        }
        self.details = before.details.unwrap_or(true);
        self.writing = Writing {
            unit: before.unit.as_deref().map(Unit::named).unwrap_or_default(),
            port_names: before.port_names,
            // Whom one looks at is told to others only where one says so, each time.
            host_names: self.writing.host_names,
        };
        if let Some(light) = before.light {
            // What the first frame looks like until the terminal has answered.
            drop(self.background(light));
            (self.guess, self.light) = (Some(light), None);
        }
        self.notice_read = before.notice_read;
        self.kept = before.filters;
    }

    /// What the next run is to begin with.
    pub(in crate::tui) fn to_remember(&self) -> Remembered {
        Remembered {
            view: Some(self.view.title().to_owned()),
            group: Some(self.table.grouping.name().to_owned()),
            columns: Some(self.columns.clone()),
            order: Some(self.table.order),
            details: Some(self.details),
            unit: Some(self.writing.unit.name().to_owned()),
            port_names: self.writing.port_names,
            light: self.light.or(self.guess),
            silent: self.asked && self.light.is_none(),
            notice_read: self.notice_read,
            filters: self.kept.clone(),
        }
    }
}
