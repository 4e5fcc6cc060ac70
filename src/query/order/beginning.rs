//! The beginnings of keys, as numbers in their order: what is sorted by these is not looked at again and again.

use crate::model::{Endpoint, Moment, NetNamespace, SampledSocket};
use std::net::IpAddr;

/// Set in the beginning of a local endpoint that is not the whole of it.
pub(super) const IPV6: u64 = 1 << 47;
/// The same in that of a remote one, where the address comes first.
const FAR: u64 = 1 << 63;
/// The same in that of a namespace that is not our own.
const OTHER: u64 = 1 << 63;
/// Which turns the order of numbers with a sign into that of those without.
const SIGN: u64 = 1 << 63;

/// The first 64 bits of an endpoint, in the order of [`by_endpoint`](super::by_endpoint): the whole of an IPv4 one.
pub(super) fn of(end: &Endpoint) -> u64 {
    let address = match end.address {
        IpAddr::V4(address) => u64::from(address.to_bits()) << 15,
        IpAddr::V6(address) => IPV6 | first(address.to_bits() >> 81),
    };
    u64::from(end.port) << 48 | address
}

/// That of the local end of a socket; the highest there is where it has no port.
pub(super) fn of_local(raw: &SampledSocket) -> u64 {
    match raw.port() {
        Some(_) => of(&raw.local()),
        None => u64::MAX,
    }
}

pub(super) fn is_whole_local(beginning: u64) -> bool {
    beginning & IPV6 == 0
}

/// That of a remote end, which is sorted by its address first.
pub(super) fn of_remote(end: &Endpoint) -> u64 {
    match end.canonical() {
        IpAddr::V4(address) => u64::from(address.to_bits()) << 16 | u64::from(end.port),
        IpAddr::V6(address) => FAR | first(address.to_bits() >> 65),
    }
}

pub(super) fn is_whole_remote(beginning: u64) -> bool {
    beginning & FAR == 0
}

/// That of a namespace, which is sorted by its name; there is one that is our own.
pub(super) fn of_namespace(netns: &NetNamespace) -> u64 {
    if netns.own {
        return 0;
    }
    let name = netns.name.as_deref().unwrap_or_default();
    let bytes = name.bytes().chain([0; 7]).take(7);
    OTHER | bytes.fold(0, |number, byte| number << 8 | u64::from(byte))
}

pub(super) fn is_whole_namespace(beginning: u64) -> bool {
    beginning & OTHER == 0
}

/// A number for an age, the youngest first, to two nanoseconds.
pub(super) fn of_age(before_us: bool, first_seen: Moment) -> u64 {
    let since_the_first = first_seen.nanoseconds().cast_unsigned() ^ SIGN;
    u64::from(before_us) << 63 | !since_the_first >> 1
}

fn first(bits: u128) -> u64 {
    u64::try_from(bits).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{super::by_endpoint, *};
    use crate::model::fixture;

    #[test]
    fn the_beginning_of_an_endpoint_is_in_the_order_of_the_whole() {
        let ends = [
            "0.0.0.0:1",
            "10.0.0.1:1",
            "255.255.255.255:1",
            "[::]:1",
            "[::1]:1",
            "[::2]:1",
            "[2001:db8::1]:1",
            "[2001:db8::2]:1",
            "[ffff::]:1",
            "0.0.0.0:2",
            "[::]:65535",
        ]
        .map(fixture::endpoint);
        for (one, next) in ends.iter().zip(ends.iter().skip(1)) {
            assert!(by_endpoint(one) < by_endpoint(next));
            assert!(of(one) <= of(next), "{one} {next}");
        }
    }
}
