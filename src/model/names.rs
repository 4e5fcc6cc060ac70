//! What the other end of a connection is called, as whoever owns its address says.
//!
//! Such a name is a claim: it is shown, and nothing is judged by it.

use super::{SampledSocket, Text};
use std::{
    collections::{HashMap, VecDeque},
    net::{IpAddr, Ipv4Addr},
};

/// The names of addresses that were asked for.
#[derive(Debug, Clone, Default)]
pub struct Names {
    known: HashMap<IpAddr, Text>,
    /// The addresses of `known`, those named first in front.
    order: VecDeque<IpAddr>,
}

impl Names {
    /// The most names that are kept; then the oldest go.
    pub const MOST: usize = 8192;

    /// Whether the next name drives out another one.
    pub fn is_full(&self) -> bool {
        self.order.len() >= Self::MOST
    }

    /// Takes an answer: the name of `address`, or that it has none.
    pub fn learn(&mut self, address: IpAddr, name: Option<Text>) {
        self.learn_keeping(address, name, |_| false);
    }

    /// [`learn`](Self::learn), where names that are wanted do not go as long as others can.
    pub fn learn_keeping(
        &mut self,
        address: IpAddr,
        name: Option<Text>,
        is_wanted: impl Fn(IpAddr) -> bool,
    ) {
        let address = address.to_canonical();
        let Some(name) = name else {
            if self.known.remove(&address).is_some() {
                self.order.retain(|one| *one != address);
            }
            return;
        };
        if self.known.insert(address, name).is_none() {
            self.order.push_back(address);
        }
        if self.order.len() > Self::MOST
            && let Some(oldest) = pop_unwanted(&mut self.order, is_wanted)
        {
            self.known.remove(&oldest);
        }
    }

    /// The name of `address`, where one is known.
    pub fn of(&self, address: IpAddr) -> Option<&Text> {
        self.known.get(&address.to_canonical())
    }

    /// The name of the other end of a socket, where one is known.
    pub fn of_peer(&self, socket: &SampledSocket) -> Option<&Text> {
        self.of(socket.peer()?.address)
    }
}

/// Takes out the first address that is not wanted, else the first; those before it move to the end.
pub fn pop_unwanted(
    order: &mut VecDeque<IpAddr>,
    is_wanted: impl Fn(IpAddr) -> bool,
) -> Option<IpAddr> {
    for _ in 0..order.len() {
        let first = order.pop_front()?;
        if !is_wanted(first) {
            return Some(first);
        }
        order.push_back(first);
    }
    order.pop_front()
}

/// Whether somebody else could know a name of `address`: not of this machine's own, of its cable, or of nobody.
pub fn may_have_name(address: IpAddr) -> bool {
    let address = address.to_canonical();
    let is_near = match address {
        IpAddr::V4(address) => {
            address.is_link_local()
                || address.is_broadcast()
                || address.octets().first() == Some(&0)
        }
        IpAddr::V6(address) => address.is_unicast_link_local(),
    };
    !(is_near || address.is_loopback() || address.is_unspecified() || address.is_multicast())
}

/// `answer` as the name of a host, lower case and without the last point; `None` when it is no plausible one.
///
/// Whoever owns an address may call it anything, so what reads as an address or as this machine is none either.
pub fn host_name(answer: &str) -> Option<Text> {
    const LONGEST: usize = 253;
    let name = answer.strip_suffix('.').unwrap_or(answer);
    if name.len() > LONGEST || !name.split('.').all(is_label) {
        return None;
    }
    let name = name.to_ascii_lowercase();
    let last = name.rsplit('.').next()?;
    let reads_as_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || name.starts_with("0x")
        || name.parse::<Ipv4Addr>().is_ok();
    let reads_as_us = last == "localhost" || name.starts_with("localhost.");
    (!reads_as_number && !reads_as_us).then(|| Text::from(name))
}

/// Letters, digits, `-` and `_`, which some use; no `-` at either end.
fn is_label(label: &str) -> bool {
    const LONGEST: usize = 63;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    (1..=LONGEST).contains(&label.len())
        && label.bytes().all(plain)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture::address;

    #[test]
    fn only_what_could_be_a_host_is_a_name() {
        let long_label = format!("{}.example", "a".repeat(63));
        for (answer, name) in [
            ("mail.example.com", "mail.example.com"),
            ("Mail.Example.COM.", "mail.example.com"),
            (
                "ip-10-0-0-5.xn--bcher-kva.example",
                "ip-10-0-0-5.xn--bcher-kva.example",
            ),
            ("_tcp.router", "_tcp.router"),
            (&long_label, &long_label),
        ] {
            assert_eq!(host_name(answer).as_deref(), Some(name), "{answer}");
        }
        let label = format!("{}.example", "a".repeat(64));
        let whole = ["a".repeat(60).as_str(); 5].join(".");
        for answer in [
            "",
            ".",
            "a..b",
            "-a.example",
            "a-.example",
            "a b",
            "a\x1b[2J.example",
            "b\u{fc}cher",
            "a/b",
            "10.0.0.5",
            "evil.1",
            "0x7f000001",
            "localhost",
            "LOCALHOST.",
            "a.localhost",
            "localhost.localdomain",
            "::1",
            &label,
            &whole,
        ] {
            assert_eq!(host_name(answer), None, "{answer:?}");
        }
    }

    #[test]
    fn nobody_is_asked_about_addresses_that_only_we_know() {
        for own in [
            "127.0.0.1",
            "127.9.9.9",
            "0.0.0.0",
            "0.1.2.3",
            "169.254.1.1",
            "255.255.255.255",
            "224.0.0.251",
            "::",
            "::1",
            "fe80::1",
            "ff02::fb",
            "::ffff:127.0.0.1",
            "::ffff:169.254.1.1",
        ] {
            assert!(!may_have_name(address(own)), "{own}");
        }
        for other in [
            "10.0.0.5",
            "203.0.113.9",
            "2001:db8::1",
            "fd00::1",
            "::ffff:10.0.0.5",
        ] {
            assert!(may_have_name(address(other)), "{other}");
        }
    }

    #[test]
    fn names_are_bounded_and_the_oldest_go() {
        let mut names = Names::default();
        let at = |number: usize| {
            let number = u32::try_from(number).unwrap();
            IpAddr::from(Ipv4Addr::from_bits(0x0a00_0000 + number))
        };
        for number in 0..=Names::MOST {
            names.learn(at(number), host_name(&format!("host{number}.example")));
            names.learn(at(number), host_name(&format!("again{number}.example")));
        }
        assert_eq!(names.of(at(0)), None);
        assert_eq!(names.of(at(1)).map(Text::as_str), Some("again1.example"));
        assert_eq!(names.known.len(), Names::MOST);
        assert_eq!(names.order.len(), Names::MOST);
        names.learn(at(1), None);
        assert_eq!(names.of(at(1)), None);
        assert_eq!(names.order.len(), Names::MOST - 1);
    }

    #[test]
    fn a_name_that_is_wanted_stays_however_many_others_come() {
        let mut names = Names::default();
        let at = |number: usize| IpAddr::from(Ipv4Addr::from_bits(u32::try_from(number).unwrap()));
        let is_wanted = |one: IpAddr| one == at(1) || one == at(7);
        for number in 1..3 * Names::MOST {
            let name = host_name(&format!("host{number}.example"));
            names.learn_keeping(at(number), name, is_wanted);
        }
        assert!(names.of(at(1)).is_some() && names.of(at(7)).is_some());
        assert_eq!(names.of(at(2)), None);
        assert!(names.is_full());
        assert_eq!(names.known.len(), Names::MOST);
    }

    #[test]
    fn an_address_that_ipv6_speaks_has_the_name_of_the_address() {
        let mut names = Names::default();
        names.learn(address("::ffff:10.0.0.5"), host_name("five.example"));
        assert_eq!(
            names.of(address("10.0.0.5")).map(Text::as_str),
            Some("five.example")
        );
    }
}
