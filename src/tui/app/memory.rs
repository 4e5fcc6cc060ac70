//! What is remembered from one run to the next.

use super::{App, groups::Grouping};
use crate::tui::{action::View, remembered::Remembered};

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
            notice_read: self.notice_read,
            filters: self.kept.clone(),
        }
    }
}
