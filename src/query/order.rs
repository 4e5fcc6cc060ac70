//! Columns, and sorting by them.

mod beginning;
mod sorter;

use crate::model::{Endpoint, Snapshot, Socket, SocketKey, Verdict};
use sorter::Sorter;
use std::cmp::Ordering;

/// A column that a table of sockets can show and sort by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Column {
    /// Verdict, worst first.
    Verdict,
    /// Local port, then address.
    Local,
    /// Service name.
    Service,
    /// Program name, then pid.
    Process,
    /// Bytes received per second, most first.
    Rx,
    /// Bytes sent per second, most first.
    Tx,
    /// State.
    State,
    /// Transport.
    Protocol,
    /// Remote address and port.
    Remote,
    /// User.
    User,
    /// Pid.
    Pid,
    /// Age of the socket, youngest first.
    Age,
    /// The interface it is bound to.
    Interface,
    /// Round-trip time, longest first.
    Rtt,
    /// The service manager's unit of its owner.
    Unit,
    /// The container of its owner.
    Container,
    /// The network namespace, this one first.
    Namespace,
}

impl Column {
    /// What the dashboard shows when nothing else is asked for, from left to right.
    pub const USUAL: [Self; 11] = [
        Self::Verdict,
        Self::Protocol,
        Self::State,
        Self::Local,
        Self::Remote,
        Self::Service,
        Self::Process,
        Self::User,
        Self::Rx,
        Self::Tx,
        Self::Age,
    ];

    /// Every column.
    pub const ALL: [Self; 17] = [
        Self::Verdict,
        Self::Local,
        Self::Service,
        Self::Process,
        Self::Rx,
        Self::Tx,
        Self::State,
        Self::Protocol,
        Self::Remote,
        Self::User,
        Self::Pid,
        Self::Age,
        Self::Interface,
        Self::Rtt,
        Self::Unit,
        Self::Container,
        Self::Namespace,
    ];

    /// The name on the command line and in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Local => "local",
            Self::Service => "service",
            Self::Process => "process",
            Self::Rx => "rx",
            Self::Tx => "tx",
            Self::State => "state",
            Self::Protocol => "proto",
            Self::Remote => "remote",
            Self::User => "user",
            Self::Pid => "pid",
            Self::Age => "age",
            Self::Interface => "iface",
            Self::Rtt => "rtt",
            Self::Unit => "unit",
            Self::Container => "container",
            Self::Namespace => "netns",
        }
    }

    /// The column called `name`, in any letter case.
    ///
    /// # Errors
    ///
    /// The nearest name, when there is one that is near.
    pub fn parse(name: &str) -> Result<Self, Option<&'static str>> {
        let wanted = name.to_lowercase();
        let real = match wanted.as_str() {
            "protocol" => "proto",
            "port" => "local",
            "svc" => "service",
            "proc" | "program" => "process",
            "peer" => "remote",
            "interface" => "iface",
            "namespace" => "netns",
            other => other,
        };
        let mut columns = Self::ALL.into_iter();
        columns
            .find(|column| column.name() == real)
            .ok_or_else(|| super::error::nearest(&wanted, Self::ALL.map(Self::name)))
    }
}

/// How rows are sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    /// By which column.
    pub column: Column,
    /// The other way round.
    pub reverse: bool,
}

impl Default for Order {
    fn default() -> Self {
        Self {
            column: Column::Verdict,
            reverse: false,
        }
    }
}

/// Sorts rows of `snapshot`. Stable in the end: equal rows are told apart by their keys, so the order
/// does not depend on the one the source has.
///
/// What is not known comes last, reversed or not. Rows that `snapshot` does not have come after that.
pub fn sort(snapshot: &Snapshot, rows: &mut [usize], order: Order) {
    by_column(order.column, Sorter::new(snapshot, rows, order.reverse));
}

/// How two sockets stand to each other in what [`sort`] makes.
pub fn compare(one: &Socket, other: &Socket, order: Order) -> Ordering {
    let pair = Pair {
        one,
        other,
        reverse: order.reverse,
    };
    by_column(order.column, pair)
}

/// What is made of the key of a column.
trait Keyed<'s>: Sized {
    type Made;
    /// Takes a key, `None` where it is not known, and the beginning of it: a number in the order of the keys, which
    /// `is_whole` where no other key has the same.
    fn by<K: Ord>(
        self,
        beginning: impl Fn(&'s Socket) -> Option<u64>,
        is_whole: impl Fn(u64) -> bool,
        key: impl Fn(&'s Socket) -> Option<K>,
    ) -> Self::Made;
    /// Takes a number that is the whole key.
    fn by_number(self, number: impl FnMut(&'s Socket) -> Option<u64>) -> Self::Made;
    /// Takes a text, of which thousands of sockets have the same, and a number for where it is the same.
    fn by_text(self, text: impl Fn(&'s Socket) -> Option<(&'s str, u32)>) -> Self::Made;
}

/// Hands the key of `column` over.
fn by_column<'s, U: Keyed<'s>>(column: Column, user: U) -> U::Made {
    match column {
        Column::Verdict => user.by_number(|socket| Some(by_verdict(socket))),
        Column::Local => user.by(
            |socket| Some(beginning::of_local(&socket.raw)),
            beginning::is_whole_local,
            |socket| {
                let raw = &socket.raw;
                // What has no port comes after all that has one, by path or interface.
                let portless = raw.portless();
                let path = portless.and_then(|portless| portless.path.as_ref());
                let name = (raw.protocol, path.or(raw.interface()));
                let name = raw.port().is_none().then_some(name);
                Some((name, by_endpoint(&raw.local())))
            },
        ),
        Column::Service => user.by_text(|socket| {
            let service = socket.service?;
            Some((service.label()?, service.port.into()))
        }),
        Column::Process => user.by_text(|socket| {
            let owner = socket.owner()?;
            Some((owner.name.as_str(), owner.key.pid))
        }),
        Column::Rx => {
            user.by_number(|socket| Some(largest_first(socket.rates?.rx_bytes_per_second())))
        }
        Column::Tx => {
            user.by_number(|socket| Some(largest_first(socket.rates?.tx_bytes_per_second())))
        }
        Column::State => user.by_number(|socket| Some(socket.raw.state as u64)),
        Column::Protocol => user.by_number(|socket| {
            let raw = &socket.raw;
            Some((raw.protocol as u64) << 8 | raw.family as u64)
        }),
        Column::Remote => user.by(
            |socket| Some(beginning::of_remote(&socket.raw.peer()?)),
            beginning::is_whole_remote,
            |socket| {
                let peer = socket.raw.peer()?;
                Some((peer.canonical(), peer.port))
            },
        ),
        Column::User => user.by_text(|socket| {
            let of_owner = || socket.owner()?.user.as_deref();
            Some((socket.user.as_deref().or_else(of_owner)?, 0))
        }),
        Column::Pid => user.by_number(|socket| Some(socket.owner()?.key.pid.into())),
        Column::Interface => user.by_text(|socket| Some((socket.raw.interface()?, 0))),
        Column::Rtt => user.by_number(|socket| Some(!u64::from(socket.raw.tcp()?.rtt_us))),
        Column::Unit => user.by_text(|socket| Some((socket.owner()?.unit.as_deref()?, 0))),
        Column::Container => {
            user.by_text(|socket| Some((socket.owner()?.container.as_deref()?, 0)))
        }
        Column::Namespace => user.by(
            |socket| Some(beginning::of_namespace(socket.raw.netns()?)),
            beginning::is_whole_namespace,
            |socket| {
                let netns = socket.raw.netns()?;
                let other = (!netns.own).then_some((netns.name.as_deref(), netns.inode));
                Some(other)
            },
        ),
        // A socket older than us has no known age, but it is no younger than its sighting.
        Column::Age => {
            user.by_number(|socket| Some(beginning::of_age(socket.before_us, socket.first_seen)))
        }
    }
}

/// Worst first; in each verdict those that wait before those that are connected, then by port.
fn by_verdict(socket: &Socket) -> u64 {
    let rank: u64 = match socket.assessment.verdict {
        Verdict::Suspicious => 0,
        Verdict::Unusual => 1,
        Verdict::Notable => 2,
        Verdict::Unknown => 3,
        Verdict::Expected => 4,
    };
    let raw = &socket.raw;
    rank << 24
        | u64::from(!raw.is_listening()) << 17
        | u64::from(raw.port().is_none()) << 16
        | u64::from(raw.local().port)
}

fn by_endpoint(end: &Endpoint) -> (u16, std::net::IpAddr) {
    (end.port, end.address)
}

/// A number for a rate, the smaller the larger it is: in the order of [`f64::total_cmp`], turned round.
fn largest_first(rate: f64) -> u64 {
    const SIGN: u64 = 1 << 63;
    let bits = rate.to_bits();
    if bits & SIGN == 0 {
        !(bits | SIGN)
    } else {
        bits
    }
}

/// What tells equal rows apart.
type Last = ((u16, std::net::IpAddr), SocketKey);

fn last(socket: &Socket) -> Last {
    (by_endpoint(&socket.raw.local()), socket.key())
}

/// Two sockets that are compared.
struct Pair<'s> {
    one: &'s Socket,
    other: &'s Socket,
    reverse: bool,
}

impl<'s> Keyed<'s> for Pair<'s> {
    type Made = Ordering;

    fn by<K: Ord>(
        self,
        _: impl Fn(&'s Socket) -> Option<u64>,
        _: impl Fn(u64) -> bool,
        key: impl Fn(&'s Socket) -> Option<K>,
    ) -> Ordering {
        self.compare(key)
    }

    fn by_number(self, number: impl FnMut(&'s Socket) -> Option<u64>) -> Ordering {
        self.compare(number)
    }

    fn by_text(self, text: impl Fn(&'s Socket) -> Option<(&'s str, u32)>) -> Ordering {
        self.compare(text)
    }
}

impl<'s> Pair<'s> {
    fn compare<K: Ord>(self, mut key: impl FnMut(&'s Socket) -> Option<K>) -> Ordering {
        known_first(key(self.one), key(self.other), self.reverse)
            .then_with(|| last(self.one).cmp(&last(self.other)))
    }
}

/// Compares two values; one that is not known is always the later.
fn known_first<T: Ord>(a: Option<T>, b: Option<T>, reverse: bool) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) if reverse => b.cmp(&a),
        (Some(a), Some(b)) => a.cmp(&b),
        (a, b) => b.is_some().cmp(&a.is_some()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{
        Family, NetNamespace, Portless, Protocol, Severity, State, Text,
        fixture::{self, connection, listener, udp},
    };
    use std::sync::Arc;

    fn machine() -> Snapshot {
        fixture::snapshot(vec![
            // 0
            connection("10.0.0.5:43210", "192.0.2.7:443")
                .owned_by("curl", 4000)
                .rates(10.0, 500.0)
                .age(5)
                .build(),
            // 1
            listener(8080).owned_by("nginx", 900).user("root").build(),
            // 2
            listener(22)
                .owned_by("sshd", 812)
                .user("root")
                .verdict(Verdict::Expected)
                .build(),
            // 3
            udp(5353).build(),
            // 4
            listener(31337)
                .owned_by("nginx", 70)
                .finding("unassigned-port", Severity::High)
                .build(),
            // 5
            connection("10.0.0.5:43211", "10.0.0.9:22")
                .state(State::TimeWait)
                .rates(900.0, 0.0)
                .age(50)
                .build(),
        ])
    }

    fn sorted(column: Column, reverse: bool) -> Vec<usize> {
        let mut rows = vec![5, 3, 1, 0, 2, 4];
        sort(&machine(), &mut rows, Order { column, reverse });
        rows
    }

    #[test]
    fn the_worst_verdict_is_first_and_listeners_go_before_connections() {
        assert_eq!(sorted(Column::Verdict, false), [4, 3, 1, 0, 5, 2]);
    }

    #[test]
    fn unknown_values_are_last_in_both_directions() {
        assert_eq!(sorted(Column::Rx, false), [5, 0, 2, 3, 1, 4]);
        assert_eq!(sorted(Column::Rx, true), [0, 5, 2, 3, 1, 4]);
        assert_eq!(sorted(Column::Process, false), [0, 4, 1, 2, 3, 5]);
        assert_eq!(sorted(Column::Process, true), [2, 1, 4, 0, 3, 5]);
    }

    #[test]
    fn each_column_sorts_by_what_it_shows() {
        assert_eq!(sorted(Column::Local, false), [2, 3, 1, 4, 0, 5]);
        assert_eq!(sorted(Column::Remote, false), [5, 0, 2, 3, 1, 4]);
        assert_eq!(sorted(Column::Tx, false), [0, 5, 2, 3, 1, 4]);
        assert_eq!(sorted(Column::Pid, false), [4, 2, 1, 0, 3, 5]);
        assert_eq!(sorted(Column::Age, false), [0, 5, 2, 3, 1, 4]);
        assert_eq!(sorted(Column::User, false), [3, 4, 0, 5, 2, 1]);
        assert_eq!(sorted(Column::State, false), [2, 1, 4, 0, 5, 3]);
        assert_eq!(sorted(Column::Protocol, true), [3, 2, 1, 4, 0, 5]);
        assert_eq!(sorted(Column::Service, false), [2, 3, 1, 4, 0, 5]);
    }

    #[test]
    fn the_order_does_not_depend_on_the_one_before() {
        for column in Column::ALL {
            let order = Order {
                column,
                reverse: true,
            };
            let (mut one, mut other) = (vec![0, 1, 2, 3, 4, 5], vec![5, 4, 3, 2, 1, 0]);
            sort(&machine(), &mut one, order);
            sort(&machine(), &mut other, order);
            assert_eq!(one, other, "{column:?}");
        }
    }

    /// Sockets of several network namespaces, and without ports.
    fn spaces() -> impl Iterator<Item = Socket> {
        let names = [
            (true, None, Some(9)),
            (true, None, None),
            (true, Some("here"), Some(1)),
            (false, None, Some(3)),
            (false, Some("blue"), Some(7)),
            (false, Some("blue-green"), Some(2)),
            (false, Some("blue-gray"), None),
        ];
        let spaces = names.into_iter().map(|(own, name, inode)| {
            Some(Arc::new(NetNamespace {
                inode,
                name: name.map(Text::from),
                own,
            }))
        });
        let paths = ["/run/b", "/run/a"].map(Text::from);
        let local = spaces.map(|netns| {
            let mut socket = listener(80).build();
            Arc::make_mut(&mut socket.raw).change(|told| told.netns = netns);
            socket
        });
        let unix = paths.into_iter().map(|path| {
            let mut socket = listener(0).build();
            Arc::make_mut(&mut socket.raw).change(|told| {
                (told.protocol, told.family) = (Protocol::Unix, Family::Unix);
                told.portless = Some(Box::new(Portless {
                    path: Some(path),
                    ..Portless::default()
                }));
            });
            socket
        });
        local.chain(unix)
    }

    #[test]
    fn two_sockets_stand_to_each_other_as_they_do_in_the_whole() {
        let mut machine = machine();
        let six = connection("[2001:db8::5]:43210", "[2001:db8::7]:443").build();
        let again = six.clone();
        let near = connection("[2001:db8::5]:43210", "[2001:db8::7:1]:443").build();
        let mapped = connection("10.0.0.5:43210", "[::ffff:192.0.2.7]:80").build();
        machine
            .sockets
            .extend([six.into(), again.into(), near.into(), mapped.into()]);
        machine.sockets.extend(spaces().map(Arc::new));
        let orders =
            Column::ALL.map(|column| [false, true].map(|reverse| Order { column, reverse }));
        for order in orders.into_iter().flatten() {
            let mut rows: Vec<_> = (0..machine.sockets.len()).collect();
            let mut compared = rows.clone();
            sort(&machine, &mut rows, order);
            compared.sort_by(|a, b| compare(&machine.sockets[*a], &machine.sockets[*b], order));
            assert_eq!(rows, compared, "{order:?}");
            for pair in rows.windows(2) {
                let (one, next) = (&machine.sockets[pair[0]], &machine.sockets[pair[1]]);
                assert!(compare(one, next, order).is_le(), "{order:?}");
            }
        }
    }

    #[test]
    fn the_number_of_a_rate_is_in_the_order_of_rates_turned_round() {
        let rates = [
            -f64::NAN,
            -1.0,
            -0.0,
            0.0,
            1e-300,
            0.5,
            1.0,
            2.5e9,
            f64::INFINITY,
            f64::NAN,
        ];
        for (one, next) in rates.iter().zip(&rates[1..]) {
            assert!(one.total_cmp(next).is_lt());
            assert!(largest_first(*one) > largest_first(*next), "{one} {next}");
        }
    }

    #[test]
    fn a_row_that_is_not_there_is_last() {
        let mut rows = vec![99, 2];
        sort(&machine(), &mut rows, Order::default());
        assert_eq!(rows, [2, 99]);
    }

    #[test]
    fn columns_are_found_by_name_and_near_names_are_suggested() {
        for column in Column::ALL {
            assert_eq!(Column::parse(column.name()), Ok(column));
        }
        assert_eq!(Column::parse("verdit"), Err(Some("verdict")));
        assert_eq!(Column::parse("qqq"), Err(None));
    }
}
