//! Where verbs hold: sets of views and pages, by what these have in common.

use super::{Place, View};

pub(super) const SOCKETS: Place = Place::View(View::Sockets);
pub(super) const PROCESSES: Place = Place::View(View::Processes);
pub(super) const PORTS: Place = Place::View(View::Ports);
pub(super) const FINDINGS: Place = Place::View(View::Findings);
pub(super) const TIMELINE: Place = Place::View(View::Timeline);

pub(super) const EVERYWHERE: &[Place] = &[
    SOCKETS,
    PROCESSES,
    PORTS,
    FINDINGS,
    TIMELINE,
    Place::Port,
    Place::Process,
    Place::Connection,
];
/// Where nothing asks for a place to go to.
pub(super) const UNASKED: &[Place] = &[
    SOCKETS,
    PROCESSES,
    PORTS,
    FINDINGS,
    Place::Process,
    Place::Connection,
];
pub(super) const ASKED: &[Place] = &[TIMELINE, Place::Port];
pub(super) const BUT_TIMELINE: &[Place] = &[
    SOCKETS,
    PROCESSES,
    PORTS,
    FINDINGS,
    Place::Port,
    Place::Process,
    Place::Connection,
];
pub(super) const VIEWS: &[Place] = &[SOCKETS, PROCESSES, PORTS, FINDINGS, TIMELINE];
/// Where one socket can be filtered by.
pub(super) const WITH_ROW: &[Place] = &[
    SOCKETS,
    PROCESSES,
    PORTS,
    FINDINGS,
    TIMELINE,
    Place::Connection,
];
pub(super) const PAGES: &[Place] = &[Place::Port, Place::Process, Place::Connection];
pub(super) const PORT: &[Place] = &[Place::Port];
pub(super) const SORTED: &[Place] = &[SOCKETS, PROCESSES, PORTS];
pub(super) const WITH_OWNER: &[Place] = &[
    SOCKETS,
    PORTS,
    FINDINGS,
    TIMELINE,
    Place::Port,
    Place::Connection,
];
pub(super) const WITH_PORT: &[Place] = &[
    SOCKETS,
    PROCESSES,
    FINDINGS,
    TIMELINE,
    Place::Process,
    Place::Connection,
];
pub(super) const WITH_SOCKET_OR_PAGE: &[Place] = &[
    SOCKETS,
    FINDINGS,
    Place::Port,
    Place::Process,
    Place::Connection,
];
pub(super) const WITH_SOCKET: &[Place] = &[SOCKETS, FINDINGS, TIMELINE];
