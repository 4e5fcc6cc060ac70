//! Where the text of a socket stands, read without copying it.

use super::{Memo, Pattern, RowPattern, TextOf};
use crate::model::{About, ControlGroup, Process, Service, Socket, Text, text::digits};
use std::{
    fmt::{self, Write as _},
    net::{IpAddr, Ipv4Addr},
};

impl TextOf {
    /// Whether one of the texts matches one of `patterns`.
    pub(super) fn matches(
        self,
        patterns: &[Pattern],
        socket: &Socket,
        memo: Option<&Memo>,
    ) -> bool {
        let ask = || self.matches_anew(patterns, socket);
        match memo.filter(|_| self.is_shared()) {
            Some(memo) => memo.answer(patterns, &socket.about, ask),
            None => ask(),
        }
    }

    /// Whether it stands in what many sockets have in common, and in nothing else.
    fn is_shared(self) -> bool {
        match self {
            Self::Program
            | Self::User
            | Self::Executable
            | Self::Command
            | Self::Package
            | Self::Service
            | Self::Description
            | Self::Rule => true,
            Self::Unit | Self::Container | Self::NetNamespace | Self::Interface => false,
        }
    }

    fn matches_anew(self, patterns: &[Pattern], socket: &Socket) -> bool {
        let fits = |text: &str| patterns.iter().any(|pattern| pattern.matches(text));
        let fits_some = |text: Option<&Text>| text.is_some_and(|text| fits(text));
        let mut owners = socket.owners();
        match self {
            Self::Program => owners.any(|owner| fits(&owner.name)),
            Self::User => {
                fits_some(socket.user.as_ref())
                    || owners.any(|owner| fits_some(owner.user.as_ref()))
            }
            Self::Executable => owners.any(|owner| {
                let executable = owner.executable.known();
                executable.is_some_and(|executable| fits(&executable.path))
            }),
            Self::Command => owners.any(|owner| command_line(owner, fits)),
            Self::Unit => {
                owners.any(|owner| fits_some(owner.unit.as_ref()))
                    || in_group(socket).is_some_and(|group| fits_some(group.unit.as_ref()))
            }
            Self::Container => {
                owners.any(|owner| fits_some(owner.container.as_ref()))
                    || in_group(socket).is_some_and(|group| fits_some(group.container.as_ref()))
            }
            Self::NetNamespace => socket.raw.netns().is_some_and(|netns| {
                fits_some(netns.name.as_ref())
                    || netns.own && fits("own")
                    || netns.inode.is_some_and(|inode| number(inode, fits))
            }),
            Self::Package => owners.any(|owner| {
                let package = owner.package.known();
                fits_some(package.and_then(Option::as_ref))
            }),
            Self::Interface => fits_some(socket.raw.interface()),
            Self::Service => socket
                .service
                .is_some_and(|service| service_name(&service, fits)),
            Self::Description => socket.service.is_some_and(|service| {
                let mut registrations = service.registrations.iter();
                registrations.any(|one| !one.description.is_empty() && fits(one.description))
            }),
            Self::Rule => {
                let mut findings = socket.assessment.findings.iter();
                findings.any(|finding| fits(finding.rule))
            }
        }
    }
}

impl RowPattern {
    /// Whether the text stands anywhere in the row.
    pub(super) fn matches(&self, socket: &Socket, memo: Option<&Memo>) -> bool {
        let about = &socket.about;
        let ask = || self.matches_about(about, memo);
        memo.map_or_else(ask, |memo| memo.answer(self, about, ask)) || self.matches_ends(socket)
    }

    fn matches_ends(&self, socket: &Socket) -> bool {
        let raw = &socket.raw;
        let fits = |text: &str| self.pattern.matches(text);
        let netns = raw.netns().filter(|netns| !netns.own);
        let netns = netns.and_then(|netns| netns.name.as_ref());
        let mut names = [raw.interface(), netns].into_iter().flatten();
        if names.any(|name| fits(name)) {
            return true;
        }
        if !raw.protocol.has_ports() {
            let ends = [
                Some(raw.bound_to().to_string()),
                raw.connected_to().map(|peer| peer.to_string()),
            ];
            return ends.iter().flatten().any(|end| fits(end));
        }
        let may_be = |address: IpAddr| match address {
            IpAddr::V4(_) => self.may_be_v4,
            IpAddr::V6(_) => self.may_be_endpoint,
        };
        let mut ends = [Some(raw.local()), raw.peer()].into_iter().flatten();
        self.may_be_endpoint
            && ends.any(|end| {
                let address = end.canonical();
                may_be(address) && written(address, Some(end.port), fits)
            })
    }

    fn matches_about(&self, about: &About, memo: Option<&Memo>) -> bool {
        let fits = |text: &str| self.pattern.matches(text);
        about.user.as_ref().is_some_and(|user| fits(user))
            || about.service.is_some_and(|service| {
                let ask = || service_name(&service, fits);
                match memo {
                    Some(memo) => memo.answer_of_service(self, &service, ask),
                    None => ask(),
                }
            })
            || about.processes.iter().any(|owner| {
                let ask = || self.matches_owner(owner);
                memo.map_or_else(ask, |memo| memo.answer(self, owner, ask))
            })
    }

    fn matches_owner(&self, owner: &Process) -> bool {
        let fits = |text: &str| self.pattern.matches(text);
        let texts = [
            owner.user.as_ref(),
            owner.unit.as_ref(),
            owner.container.as_ref(),
        ];
        let executable = owner.executable.known();
        let arguments = |arguments: &Vec<Text>| arguments.iter().any(|argument| fits(argument));
        fits(&owner.name)
            || texts.into_iter().flatten().any(|text| fits(text))
            || executable.is_some_and(|executable| fits(&executable.path))
            || if self.has_blank {
                command_line(owner, fits)
            } else {
                owner.cmdline.known().is_some_and(arguments)
            }
    }
}

/// The control group that stands in for owners nobody can see.
fn in_group(socket: &Socket) -> Option<&ControlGroup> {
    let group = socket.raw.cgroup().map(|group| &**group);
    group.filter(|_| socket.processes.is_empty())
}

/// Shows a number as it is written.
fn number(number: u64, fits: impl Fn(&str) -> bool) -> bool {
    let mut line = Line::default();
    write!(line, "{number}").is_ok() && line.as_str().is_some_and(fits)
}

fn service_name(service: &Service, fits: impl Fn(&str) -> bool) -> bool {
    let names = service.registrations.names().flat_map(|(name, aliases)| {
        std::iter::once(name).chain(aliases.split('|').filter(|_| !aliases.is_empty()))
    });
    names.filter(|name| !name.is_empty()).any(&fits)
        || service
            .practice
            .is_some_and(|practice| fits(practice.software))
}

/// Shows the arguments with blanks between them. The one text that has to be made.
fn command_line(owner: &Process, fits: impl Fn(&str) -> bool) -> bool {
    let Some(arguments) = owner
        .cmdline
        .known()
        .filter(|arguments| !arguments.is_empty())
    else {
        return false;
    };
    if let [only] = arguments.as_slice() {
        return fits(only);
    }
    let length = arguments.iter().map(|argument| argument.len() + 1).sum();
    let mut line = String::with_capacity(length);
    for (place, argument) in arguments.iter().enumerate() {
        if place > 0 {
            line.push(' ');
        }
        line.push_str(argument);
    }
    fits(&line)
}

/// Shows an address as it is written, with its port behind it when there is one.
pub(super) fn written(address: IpAddr, port: Option<u16>, fits: impl Fn(&str) -> bool) -> bool {
    let mut line = Line::default();
    let done = match (address, port) {
        (IpAddr::V4(address), port) => line.push_v4(address, port),
        (_, None) => write!(line, "{address}"),
        (IpAddr::V6(address), Some(port)) => write!(line, "[{address}]:{port}"),
    };
    done.is_ok() && line.as_str().is_some_and(fits)
}

/// A short text on the stack; the longest endpoint has 53 bytes.
struct Line {
    bytes: [u8; 64],
    length: usize,
}

impl Default for Line {
    fn default() -> Self {
        Self {
            bytes: [0; 64],
            length: 0,
        }
    }
}

impl Line {
    /// As `write!` does, in a fifth of the time: a filter over 50,000 sockets writes 100,000 of them.
    fn push_v4(&mut self, address: Ipv4Addr, port: Option<u16>) -> fmt::Result {
        for (place, byte) in address.octets().into_iter().enumerate() {
            if place > 0 {
                self.write_str(".")?;
            }
            self.push_number(byte.into())?;
        }
        let Some(port) = port else { return Ok(()) };
        self.write_str(":")?;
        self.push_number(port)
    }

    fn push_number(&mut self, number: u16) -> fmt::Result {
        let mut room = [0; 5];
        self.push(digits(number.into(), &mut room))
    }

    fn push(&mut self, bytes: &[u8]) -> fmt::Result {
        let end = self.length + bytes.len();
        let room = self.bytes.get_mut(self.length..end).ok_or(fmt::Error)?;
        room.copy_from_slice(bytes);
        self.length = end;
        Ok(())
    }

    fn as_str(&self) -> Option<&str> {
        str::from_utf8(self.bytes.get(..self.length)?).ok()
    }
}

impl fmt::Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.push(text.as_bytes())
    }
}
