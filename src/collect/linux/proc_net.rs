//! The kernel's socket tables as text, from `/proc/net`.
//!
//! For kernels that answer no netlink request: gVisor, a seccomp filter, a family whose module is not
//! there. They tell neither cookie nor `tcp_info`. Read in pieces, line by line; a line that is in no
//! form we know is counted, never guessed at.

mod inet;
mod packet;
mod unix;

use super::{found::Found, procfs::read_file};
use crate::model::{Limit, LimitKind, Protocol, Text, ToldSocket};
use rustix::{
    fd::OwnedFd,
    fs::{CWD, Mode, OFlags, openat},
    io::{Errno, read},
    path::Arg,
};

/// How much is read at once.
const PIECE: usize = 32 * 1024;
/// Longer than the kernel writes a line: a path of a UNIX socket has up to 108 bytes.
const LONGEST_LINE: usize = 1024;

/// One of the files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Table {
    /// Its name in `/proc/net`.
    pub(super) file: &'static str,
    /// What its sockets speak.
    pub(super) protocol: Protocol,
}

const fn table(file: &'static str, protocol: Protocol) -> Table {
    Table { file, protocol }
}

/// TCP and UDP.
pub(super) const COMMON: [Table; 4] = [
    table("tcp", Protocol::Tcp),
    table("tcp6", Protocol::Tcp),
    table("udp", Protocol::Udp),
    table("udp6", Protocol::Udp),
];
/// UDP-Lite.
pub(super) const UDP_LITE: [Table; 2] = [
    table("udplite", Protocol::UdpLite),
    table("udplite6", Protocol::UdpLite),
];
/// Raw sockets.
pub(super) const RAW: [Table; 2] = [table("raw", Protocol::Raw), table("raw6", Protocol::Raw)];
/// Sockets that ping; no netlink request tells of them.
pub(super) const ICMP: [Table; 2] = [
    table("icmp", Protocol::Icmp),
    table("icmp6", Protocol::Icmp),
];
/// Packet sockets.
pub(super) const PACKET: [Table; 1] = [table("packet", Protocol::Packet)];
/// UNIX sockets.
pub(super) const UNIX: [Table; 1] = [table("unix", Protocol::Unix)];

/// The `net` directory of a process: its network namespace's tables.
#[derive(Debug)]
pub(super) struct Net {
    directory: OwnedFd,
}

impl Net {
    /// Opens the directory at `path`.
    pub(super) fn open(path: impl Arg) -> Result<Self, Errno> {
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let directory = openat(CWD, path, flags, Mode::empty())?;
        Ok(Self { directory })
    }

    /// Gives `take` every socket of a table; returns how many lines were in no form we know.
    pub(super) fn sockets(
        &self,
        table: Table,
        take: &mut dyn FnMut(Found),
    ) -> Result<usize, Errno> {
        let flags = OFlags::RDONLY | OFlags::CLOEXEC;
        let file = openat(&self.directory, table.file, flags, Mode::empty())?;
        let mut parser = Parser::new(table.protocol);
        let mut piece = vec![0; PIECE];
        loop {
            match read(&file, piece.as_mut_slice()) {
                Ok(0) => return Ok(parser.end(take)),
                Ok(length) => parser.add(piece.get(..length).unwrap_or(&[]), take),
                Err(Errno::INTR) => {}
                Err(errno) => return Err(errno),
            }
        }
    }

    /// Returns up to `limit` bytes of another file of the directory.
    pub(super) fn read(&self, file: &str, limit: usize) -> Result<Vec<u8>, Errno> {
        read_file(&self.directory, file, limit)
    }
}

/// Reads those of `tables` that are there.
///
/// # Errors
///
/// Only when the first cannot be read; what else is missing is a [`Limit`].
pub(super) fn read_all(
    net: &Net,
    tables: &[Table],
    found: &mut Vec<Found>,
    limits: &mut Vec<Limit>,
) -> Result<(), Errno> {
    for (at, table) in tables.iter().enumerate() {
        match net.sockets(*table, &mut |socket| found.push(socket)) {
            Ok(0) => {}
            Ok(_) => limits.push(missing(table.file, "has lines in no form we know")),
            Err(errno) if at == 0 => return Err(errno),
            // A kernel without IPv6 has no such file.
            Err(Errno::NOENT) => {}
            Err(errno) => limits.push(missing(table.file, &format!("cannot be read: {errno}"))),
        }
    }
    Ok(())
}

fn missing(file: &str, words: &str) -> Limit {
    Limit {
        kind: LimitKind::Sockets,
        detail: Text::from(format!("sockets may be missing: /proc/net/{file} {words}")),
        remedy: None,
    }
}

/// Takes a table in pieces. Pure.
#[derive(Debug)]
struct Parser {
    protocol: Protocol,
    /// The beginning of a line whose end has not come yet.
    rest: Vec<u8>,
    /// The first line names the columns.
    in_heading: bool,
    /// The line is longer than any that the kernel writes.
    overlong: bool,
    malformed: usize,
}

impl Parser {
    fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            rest: Vec::new(),
            in_heading: true,
            overlong: false,
            malformed: 0,
        }
    }

    fn add(&mut self, piece: &[u8], take: &mut dyn FnMut(Found)) {
        for part in piece.split_inclusive(|byte| *byte == b'\n') {
            let (line, whole) = match part.strip_suffix(b"\n") {
                Some(line) => (line, true),
                None => (part, false),
            };
            if self.rest.is_empty() && whole {
                self.line(line, take);
                continue;
            }
            let room = LONGEST_LINE.saturating_sub(self.rest.len());
            self.overlong |= line.len() > room;
            self.rest.extend(line.iter().take(room));
            if whole {
                let line = std::mem::take(&mut self.rest);
                self.line(&line, take);
            }
        }
    }

    /// Returns how many lines were malformed; one that was cut is.
    fn end(&mut self, take: &mut dyn FnMut(Found)) -> usize {
        let line = std::mem::take(&mut self.rest);
        if !line.is_empty() {
            self.line(&line, take);
        }
        self.malformed
    }

    fn line(&mut self, line: &[u8], take: &mut dyn FnMut(Found)) {
        let overlong = std::mem::take(&mut self.overlong) || line.len() > LONGEST_LINE;
        if std::mem::take(&mut self.in_heading) || line.iter().all(u8::is_ascii_whitespace) {
            return;
        }
        match parse(line, self.protocol).filter(|_| !overlong) {
            Some(line) => take(line),
            None => self.malformed += 1,
        }
    }
}

fn parse(line: &[u8], protocol: Protocol) -> Option<Found> {
    match protocol {
        Protocol::Unix => unix::parse(line).map(without_numbers),
        Protocol::Packet => packet::parse(line),
        Protocol::Tcp
        | Protocol::Udp
        | Protocol::Mptcp
        | Protocol::UdpLite
        | Protocol::Sctp
        | Protocol::Dccp
        | Protocol::Raw
        | Protocol::Icmp => inet::parse(line, protocol).map(without_numbers),
    }
}

fn without_numbers(socket: ToldSocket) -> Found {
    Found {
        socket,
        interface: 0,
        cgroup: 0,
    }
}

/// The fields of a line.
pub(super) fn fields(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace)
        .filter(|field| !field.is_empty())
}

/// The number that `digits` write in base sixteen, and nothing else.
fn hexadecimal(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() || digits.len() > 8 {
        return None;
    }
    digits.iter().try_fold(0, |number: u32, digit| {
        let digit = char::from(*digit).to_digit(16)?;
        Some(number << 4 | digit)
    })
}

#[cfg(test)]
mod tests;
