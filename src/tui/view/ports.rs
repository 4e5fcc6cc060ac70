//! The table of ports: those in use, or every one there is.

use super::{grid, nothing::nothing, prompt::prompt, put, rows::rate_cell};
use crate::{
    model::{Protocol, Service, Status},
    tui::{
        app::{App, Mode, ports::PortRow},
        document::Piece,
        layout::{
            Slot,
            fields::{EVERY_PORT, OfPort, PORTS, fit},
        },
        picture::Frame,
        theme::{Role, Theme},
        words::{self, Unit},
    },
};
use ratatui::{buffer::Buffer, layout::Rect};
use std::collections::BTreeMap;

/// The titles of the columns.
pub(super) fn titles(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    if app.ports.browsing {
        let slots = fit(EVERY_PORT, area.width);
        return grid::titles(
            buffer,
            area,
            (EVERY_PORT, &slots, app.writing.unit),
            None,
            theme,
        );
    }
    let slots = fit(PORTS, area.width);
    let order = app.ports.order;
    let order = Some((order.column, order.reverse));
    grid::titles(
        buffer,
        area,
        (PORTS, &slots, app.writing.unit),
        order,
        theme,
    );
}

/// The rows in sight, or why there are none.
pub(super) fn body(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    if app.ports.browsing {
        return every(buffer, area, app, theme);
    }
    let list = &app.ports.list;
    if list.rows.is_empty() {
        return nothing(buffer, area, app, theme);
    }
    let slots = fit(PORTS, area.width);
    let unit = app.writing.unit;
    let cell = |row: &PortRow, slot: Slot<OfPort>| cell(row, slot, unit);
    grid::rows(buffer, area, (list, &slots), cell, theme);
}

fn cell(row: &PortRow, slot: Slot<OfPort>, unit: Unit) -> (Piece, bool) {
    let width = usize::from(slot.width);
    let text = |role, text: &str| (Piece::new(role, words::fit(text, width)), false);
    let number = |number: String| (Piece::new(Role::Text, number), true);
    let verdict = row.sums.worst();
    match slot.column {
        OfPort::Verdict if width > 2 => text(Role::Badge(verdict), &words::badge(verdict)),
        OfPort::Verdict => text(Role::Badge(verdict), words::glyph(verdict)),
        OfPort::Port => number(row.port.to_string()),
        OfPort::Protocols => text(Role::Dim, &protocols(row.protocols.iter().copied())),
        OfPort::Service => text(Role::Accent, &label(row.service.as_ref())),
        OfPort::Tier => text(Role::Dim, row.tier().map_or("-", |tier| tier.name())),
        OfPort::Listeners => number(row.sums.listeners.to_string()),
        OfPort::Connections => number(row.connections().to_string()),
        OfPort::Programs => {
            let names: Vec<_> = row.programs.iter().map(String::as_str).collect();
            let names = if names.is_empty() {
                "-".to_owned()
            } else {
                names.join(" ")
            };
            text(Role::Text, &names)
        }
        OfPort::Rx => {
            let rate = row.sums.rates.map(|rates| rates.0);
            (rate_cell(Role::Received, rate, unit), true)
        }
        OfPort::Tx => {
            let rate = row.sums.rates.map(|rates| rates.1);
            (rate_cell(Role::Sent, rate, unit), true)
        }
    }
}

fn protocols(all: impl Iterator<Item = Protocol>) -> String {
    all.map(Protocol::name).collect::<Vec<_>>().join("/")
}

/// The name of a service, and the status of a port that has none.
fn label(service: Option<&Service>) -> String {
    let Some(service) = service else {
        return "-".to_owned();
    };
    match service.label() {
        Some(label) => label.to_owned(),
        None => service.status.name().to_owned(),
    }
}

/// Every port that is searched for, with what is here of it.
fn every(buffer: &mut Buffer, area: Rect, app: &App, theme: Theme) {
    let list = &app.ports.every;
    if list.rows.is_empty() {
        let text = format!(
            " No port is called \"{}\" or has it in its description.",
            words::fit(app.ports.search.value(), 40)
        );
        put(buffer, area, &Piece::new(Role::Dim, text), theme);
        return;
    }
    let slots = fit(EVERY_PORT, area.width);
    let here: BTreeMap<u16, &PortRow> = app.ports.list.there().map(|row| (row.port, row)).collect();
    let cell = |port: &u16, slot: Slot<OfPort>| {
        let width = usize::from(slot.width);
        every_cell(app, *port, here.get(port).copied(), slot.column, width)
    };
    grid::rows(buffer, area, (list, &slots), cell, theme);
}

fn every_cell(
    app: &App,
    port: u16,
    here: Option<&PortRow>,
    column: OfPort,
    width: usize,
) -> (Piece, bool) {
    let text = |role, text: &str| (Piece::new(role, words::fit(text, width)), false);
    let registry = app.setup.registry;
    let known = |protocol: &Protocol| registry.service(port, *protocol);
    let services = [Protocol::Tcp, Protocol::Udp].map(|protocol| known(&protocol));
    let named = services.iter().find(|service| service.label().is_some());
    let service = named.or(services.first());
    match column {
        OfPort::Verdict => match here.map(|row| row.sums.worst()) {
            Some(verdict) if width > 2 => text(Role::Badge(verdict), &words::badge(verdict)),
            Some(verdict) => text(Role::Badge(verdict), words::glyph(verdict)),
            None => text(Role::Text, ""),
        },
        OfPort::Port => (Piece::new(Role::Text, port.to_string()), true),
        OfPort::Protocols => {
            let held = [Protocol::Tcp, Protocol::Udp].into_iter().zip(&services);
            let held = held.filter(|(_, service)| service.status == Status::Assigned);
            text(Role::Dim, &protocols(held.map(|(protocol, _)| protocol)))
        }
        OfPort::Service => {
            let says = service.map(described).unwrap_or_default();
            let role = if named.is_some() {
                Role::Accent
            } else {
                Role::Dim
            };
            text(role, &says)
        }
        OfPort::Tier => text(Role::Dim, service.map_or("-", |one| one.tier.name())),
        OfPort::Listeners | OfPort::Connections | OfPort::Programs | OfPort::Rx | OfPort::Tx => {
            text(Role::Text, "")
        }
    }
}

/// A service by its name and what else is said of it: `submission  Message Submission`.
fn described(service: &Service) -> String {
    let label = label(Some(service));
    let software = service.practice.map(|practice| practice.software);
    let description = service.registrations.first().map(|one| one.description);
    let more = software.or(description).unwrap_or_default();
    if more.is_empty() || more.eq_ignore_ascii_case(&label) {
        label
    } else {
        format!("{label}  {more}")
    }
}

/// The line that a number or a name is typed in.
pub(super) fn search(frame: &mut Frame<'_>, area: Rect, app: &App, theme: Theme) {
    let found = format!("{} ", words::plural(app.ports.every.rows.len(), "port"));
    let found = Piece::new(Role::Dim, found);
    let has_keys = matches!(app.mode, Mode::Search);
    let line = (" port or name: ", &app.ports.search, found);
    prompt(frame, area, line, has_keys, theme);
}
