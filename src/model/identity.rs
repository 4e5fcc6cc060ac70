//! Targets as words of a command line, so that another process can be told exactly which one is meant.
//!
//! A process is `PID@START.NUMBER:EXECUTABLE`: its start in ticks of the kernel's clock, or in seconds
//! since 1970 behind an `e`; its number in pidfs and its executable where they are known. A connection is
//! `COOKIE/FAMILY/LOCAL/PEER`.

use super::{Closing, Endpoint, Family, ProcessKey, Started, Target, Text};
use std::{fmt::Write as _, net::SocketAddr};

impl Target {
    /// Its identity in one word.
    pub fn identity(&self) -> String {
        let mut word = match self.key.started {
            Started::Ticks(ticks) => format!("{}@{ticks}", self.key.pid),
            Started::Epoch(seconds) => format!("{}@e{seconds}", self.key.pid),
        };
        // Writing to a string cannot fail.
        if let Some(number) = self.pidfs {
            _ = write!(word, ".{number}");
        }
        if let Some(executable) = &self.executable {
            _ = write!(word, ":{executable}");
        }
        word
    }

    /// Reads [`Self::identity`]; `None` for anything else.
    pub fn parse(word: &str) -> Option<Self> {
        let (numbers, executable) = match word.split_once(':') {
            Some((numbers, executable)) => (numbers, Some(Text::from(executable))),
            None => (word, None),
        };
        let (pid, rest) = numbers.split_once('@')?;
        let (started, pidfs) = match rest.split_once('.') {
            Some((started, pidfs)) => (started, Some(pidfs.parse().ok()?)),
            None => (rest, None),
        };
        let started = match started.strip_prefix('e') {
            Some(seconds) => Started::Epoch(seconds.parse().ok()?),
            None => Started::Ticks(started.parse().ok()?),
        };
        let pid = pid.parse().ok()?;
        Some(Self {
            key: ProcessKey { pid, started },
            executable,
            pidfs,
        })
    }
}

impl Closing {
    /// Its identity in one word.
    pub fn identity(&self) -> String {
        format!(
            "{:x}/{}/{}/{}",
            self.cookie,
            self.family.name(),
            self.local,
            self.peer
        )
    }

    /// Reads [`Self::identity`]; `None` for anything else.
    pub fn parse(word: &str) -> Option<Self> {
        let mut parts = word.split('/');
        let mut part = || parts.next();
        let cookie = u64::from_str_radix(part()?, 16).ok()?;
        let family = match part()? {
            "ipv4" => Family::Ipv4,
            "ipv6" => Family::Ipv6,
            _ => return None,
        };
        let (local, peer) = (endpoint(part()?)?, endpoint(part()?)?);
        part().is_none().then_some(Self {
            cookie,
            family,
            local,
            peer,
        })
    }
}

fn endpoint(word: &str) -> Option<Endpoint> {
    let address: SocketAddr = word.parse().ok()?;
    Some(Endpoint::new(address.ip(), address.port()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(started: Started, pidfs: Option<u64>, executable: Option<&str>) -> Target {
        Target {
            key: ProcessKey { pid: 4711, started },
            executable: executable.map(Text::from),
            pidfs,
        }
    }

    #[test]
    fn a_process_is_told_in_one_word_and_understood() {
        let hostile = "/tmp/a b:c@d.e\n\u{202e}";
        for target in [
            target(Started::Ticks(815), Some(99), Some("/usr/bin/nc.openbsd")),
            target(Started::Ticks(815), None, Some(hostile)),
            target(Started::Epoch(1_795_000_000), None, None),
        ] {
            assert_eq!(Target::parse(&target.identity()), Some(target));
        }
    }

    #[test]
    fn a_connection_is_told_in_one_word_and_understood() {
        for (family, local, peer) in [
            (Family::Ipv4, "127.0.0.1:3000", "127.0.0.1:50000"),
            (Family::Ipv6, "[::1]:3000", "[2001:db8::1]:50000"),
            (Family::Ipv6, "[::ffff:10.0.0.5]:443", "[::ffff:10.0.0.6]:5"),
        ] {
            let closing = Closing {
                cookie: 0x1f,
                family,
                local: endpoint(local).unwrap(),
                peer: endpoint(peer).unwrap(),
            };
            assert_eq!(Closing::parse(&closing.identity()), Some(closing));
        }
    }

    #[test]
    fn what_is_no_identity_is_refused() {
        for word in ["", "1", "1@", "@1", "x@1", "1@x", "1@2.x", "1@e", "-1@2"] {
            assert_eq!(Target::parse(word), None, "{word}");
        }
        for word in [
            "",
            "1",
            "1/ipv4",
            "g/ipv4/1.2.3.4:5/1.2.3.4:6",
            "1/unix/1.2.3.4:5/1.2.3.4:6",
            "1/ipv4/1.2.3.4:5/1.2.3.4:6/7",
        ] {
            assert_eq!(Closing::parse(word), None, "{word}");
        }
    }
}
