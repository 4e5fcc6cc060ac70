//! How numbers, times and addresses are written in cells of a fixed width.

use super::plain;
pub(super) use crate::model::text::{grouped, grouped_plural as plural};
use crate::model::{
    Direction, Endpoint, Exposure, SampledSocket, Service, Socket, Transport, Verdict,
};
use jiff::{Timestamp, tz::TimeZone};
use std::{fmt::Write as _, time::Duration};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// The mark of a row whose socket, process or story is gone.
pub(super) const CLOSED: &str = "✕";

/// The mark of a row that the filter does not find any more, and that stays only while somebody reads.
pub(super) const HELD: &str = "-";

/// The word of a verdict in its badge.
pub(super) fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Expected => "ok",
        Verdict::Unknown => "?",
        Verdict::Notable => "NOTE",
        Verdict::Unusual => "ODD",
        Verdict::Suspicious => "ALERT",
    }
}

/// The glyph of a verdict.
pub(super) fn glyph(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Expected => "·",
        Verdict::Unknown => "?",
        Verdict::Notable => "●",
        Verdict::Unusual => "▲",
        Verdict::Suspicious => "◆",
    }
}

/// Glyph and word: `▲ ODD`.
pub(super) fn badge(of: Verdict) -> String {
    format!("{} {}", glyph(of), verdict(of))
}

/// Something per second or in all, in at most 7 columns: `48.0 k`, `1.3 M`, `120`.
pub(super) fn amount(number: f64) -> String {
    const UNITS: [&str; 5] = [" k", " M", " G", " T", " P"];
    if number < 999.5 {
        return format!("{number:.0}");
    }
    let mut scaled = number / 1000.0;
    let mut unit = UNITS.iter();
    let mut name = unit.next();
    while scaled >= 999.95 {
        let Some(next) = unit.next() else { break };
        scaled /= 1000.0;
        name = Some(next);
    }
    format!("{scaled:.1}{}", name.unwrap_or(&""))
}

/// In what throughput is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Unit {
    /// Bytes, as files are.
    #[default]
    Bytes,
    /// Bits, as links are.
    Bits,
}

impl Unit {
    /// Its name in words, and in the state that is kept.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::Bits => "bits",
        }
    }

    /// The unit called `name`; bytes for any other name.
    pub(super) fn named(name: &str) -> Self {
        if name == Self::Bits.name() {
            Self::Bits
        } else {
            Self::Bytes
        }
    }

    /// The other one.
    pub(super) fn other(self) -> Self {
        match self {
            Self::Bytes => Self::Bits,
            Self::Bits => Self::Bytes,
        }
    }

    /// So many bytes, in this unit.
    pub(super) fn of(self, bytes: f64) -> f64 {
        match self {
            Self::Bytes => bytes,
            Self::Bits => bytes * 8.0,
        }
    }

    /// The title of a column, which is written for bytes.
    pub(super) fn title(self, title: &'static str) -> &'static str {
        match (self, title) {
            (Self::Bits, "↓ B/s") => "↓ bit/s",
            (Self::Bits, "↑ B/s") => "↑ bit/s",
            (_, title) => title,
        }
    }

    /// Bytes per second where there is room for the unit: `48.0 kB/s`, `384.0 kbit/s`.
    pub(super) fn rate(self, bytes_per_second: f64) -> String {
        let symbol = match self {
            Self::Bytes => "B",
            Self::Bits => "bit",
        };
        format!("{}/s", with_unit(self.of(bytes_per_second), symbol))
    }
}

/// How a person wants numbers to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Writing {
    pub(super) unit: Unit,
    /// Names in place of the numbers of ports that have one.
    pub(super) port_names: bool,
    /// Names in place of the addresses of other machines, where they are known.
    pub(super) host_names: bool,
}

/// So many bytes where there is room for the unit: `4.6 MB`, `0 B`.
pub(super) fn bytes(count: f64) -> String {
    with_unit(count, "B")
}

/// The same of a count.
#[expect(
    clippy::cast_precision_loss,
    reason = "it is shown with one digit behind the point"
)]
pub(super) fn of_bytes(count: u64) -> String {
    bytes(count as f64)
}

fn with_unit(number: f64, symbol: &str) -> String {
    let amount = amount(number);
    let gap = if amount.contains(' ') { "" } else { " " };
    format!("{amount}{gap}{symbol}")
}

/// How long something has lasted: `4 s`, `3 m`, `2 h`, `9 d`.
pub(super) fn age(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} m", seconds / 60),
        3600..86_400 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// A length of time as exact as it is short: `3 ms`, `4.2 s`, `1 m 12 s`, `1 h 58 m`, `9 d`.
pub(super) fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0 => format!("{} ms", span.as_millis()),
        1..10 => format!("{:.1} s", span.as_secs_f64()),
        10..60 => format!("{seconds} s"),
        60..3600 => format!("{} m {} s", seconds / 60, seconds % 60),
        3600..86_400 => format!("{} h {} m", seconds / 3600, seconds % 3600 / 60),
        _ => age(span),
    }
}

/// The time from `then` to `now`; zero when `then` is later.
pub(super) fn since(then: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(now.duration_since(then)).unwrap_or_default()
}

/// A short interval: `1s`, `500ms`.
pub(super) fn interval(span: Duration) -> String {
    if span.subsec_millis() == 0 {
        format!("{}s", span.as_secs())
    } else {
        format!("{}ms", span.as_millis())
    }
}

/// A time of day: `23:14:02`.
pub(super) fn clock(moment: Timestamp, zone: &TimeZone) -> String {
    let local = moment.to_zoned(zone.clone());
    local.strftime("%H:%M:%S").to_string()
}

/// A moment and how long ago it was: `23:14:02 (3 m ago)`, with the date on another day.
pub(super) fn moment(then: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    format!("{} ({} ago)", time(then, now, zone), age(since(then, now)))
}

/// A time of day, with the date where that is another one than at `now`: `23:14:02`, `2026-07-01 23:14:02`.
pub(super) fn time(then: Timestamp, now: Timestamp, zone: &TimeZone) -> String {
    let local = then.to_zoned(zone.clone());
    let same_day = local.date() == now.to_zoned(zone.clone()).date();
    let form = if same_day {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    local.strftime(form).to_string()
}

/// An endpoint in at most `width` columns. The port is never cut; the address is, in the middle.
pub(super) fn endpoint(endpoint: Endpoint, width: usize) -> String {
    let whole = endpoint.to_string();
    if whole.len() <= width {
        return whole;
    }
    let port = format!(":{}", endpoint.port);
    let address = whole.strip_suffix(&port).unwrap_or(&whole);
    format!(
        "{}{port}",
        middle(address, width.saturating_sub(port.len()))
    )
}

/// An endpoint with the name of its port in place of the number. The name is cut last.
pub(super) fn named_endpoint(endpoint: Endpoint, name: &str, width: usize) -> String {
    let name = format!(":{}", fit(name, width.saturating_sub(5).max(1)));
    let whole = endpoint.to_string();
    let port = format!(":{}", endpoint.port);
    let address = whole.strip_suffix(&port).unwrap_or(&whole);
    let room = width.saturating_sub(name.width());
    format!("{}{name}", middle(address, room))
}

/// An endpoint whose address has a name, and maybe its port; that is cut last.
pub(super) fn named_host(host: &str, port: &str, width: usize) -> String {
    let port = format!(":{}", fit(port, width.saturating_sub(5).max(1)));
    let room = width.saturating_sub(port.width());
    format!("{}{port}", middle(host, room))
}

/// What a socket is bound to, in at most `width` columns.
pub(super) fn local(socket: &SampledSocket, width: usize) -> String {
    if socket.protocol.has_ports() {
        endpoint(socket.local(), width)
    } else {
        middle(&socket.bound_to().to_string(), width)
    }
}

/// What a socket is connected to, in at most `width` columns.
pub(super) fn remote(socket: &SampledSocket, width: usize) -> Option<String> {
    if socket.protocol.has_ports() {
        return socket.peer().map(|peer| endpoint(peer, width));
    }
    let peer = socket.connected_to()?;
    Some(middle(&peer.to_string(), width))
}

/// `text` in at most `width` columns, the middle of what is too long replaced by `…`.
pub(super) fn middle(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width || width == 0 {
        return text.to_owned();
    }
    let kept = width - 1;
    let tail = kept / 3;
    let mut short: String = text.chars().take(kept - tail).collect();
    short.push('…');
    short.extend(text.chars().skip(length - tail));
    short
}

/// `text` in at most `width` columns, its end replaced by `…` when it is too long.
pub(super) fn fit(text: &str, width: usize) -> String {
    if plain::width(text) <= width {
        return text.to_owned();
    }
    let mut short = String::new();
    let mut used = 1;
    for character in text.chars() {
        used += character.width().unwrap_or(0);
        if used > width {
            break;
        }
        short.push(character);
    }
    if width > 0 {
        short.push('…');
    }
    short
}

/// The service of a socket in a cell: `ssh`, `https →443` for one that calls another, `-`.
pub(super) fn service(socket: &Socket) -> String {
    let Some(service) = &socket.service else {
        return "-".to_owned();
    };
    // The number of the other end is what counts for whoever called.
    if socket.direction != Direction::Listen && service.port != socket.raw.local().port {
        outbound(service)
    } else {
        named(service)
    }
}

fn outbound(service: &Service) -> String {
    match service.label() {
        Some(label) => format!("{label} →{}", service.port),
        None => format!("→{}", service.port),
    }
}

fn named(service: &Service) -> String {
    let mut text = service.label().unwrap_or("-").to_owned();
    let others = others(service);
    if others > 0 {
        // Writing to a string cannot fail.
        _ = write!(text, " +{others}");
    }
    text
}

/// How many other names the registry has for the port.
fn others(service: &Service) -> usize {
    let best = service.name();
    let mut names: Vec<_> = service.registrations.iter().map(|one| one.name).collect();
    names.retain(|name| !name.is_empty() && Some(*name) != best);
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// `1587/tcp`.
pub(super) fn port_of(port: u16, transport: Transport) -> String {
    format!("{port}/{}", transport.name())
}

/// Who holds a socket, in at most `width` columns: `nginx 990 +3`. The pid is not cut.
pub(super) fn owner(socket: &Socket, seen: bool, width: usize) -> String {
    let Some(process) = socket.owner() else {
        let hidden = !seen && socket.raw.state.can_have_owner();
        return fit(if hidden { "? hidden" } else { "-" }, width);
    };
    let mut tail = format!(" {}", process.key.pid);
    if socket.processes.len() > 1 {
        // Writing to a string cannot fail.
        _ = write!(tail, " +{}", socket.processes.len() - 1);
    }
    let room = width.saturating_sub(tail.len()).max(1);
    fit(&format!("{}{tail}", fit(&process.name, room)), width)
}

/// `1 process`, `2 processes`.
pub(super) fn processes(count: usize) -> String {
    plural(count, "process")
}

/// From where a socket can be reached.
pub(super) fn exposure(exposure: Exposure) -> &'static str {
    match exposure {
        Exposure::Loopback => "only this machine",
        Exposure::Interface => "one address",
        Exposure::AllInterfaces => "every address",
    }
}

/// `text` as a sentence of its own: with a capital.
pub(super) fn sentence(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(first) = text.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fixture;

    #[test]
    fn amounts_keep_to_seven_columns() {
        for (number, text) in [
            (0.0, "0"),
            (999.4, "999"),
            (999.6, "1.0 k"),
            (48_000.0, "48.0 k"),
            (999_960.0, "1.0 M"),
            (2.5e9, "2.5 G"),
        ] {
            assert_eq!(amount(number), text);
        }
        assert!(amount(f64::MAX / 1e300).len() <= 12);
    }

    #[test]
    fn thousands_stand_apart() {
        for (count, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1 000"),
            (41_212, "41 212"),
            (1_234_567, "1 234 567"),
        ] {
            assert_eq!(grouped(count), text);
        }
        assert_eq!(plural(41_212, "socket"), "41 212 sockets");
        assert_eq!(plural(1, "socket"), "1 socket");
    }

    #[test]
    fn a_port_is_never_cut() {
        let long = fixture::endpoint("[2001:db8:1111:2222:3333:4444:5555:6666]:54321");
        assert_eq!(endpoint(long, 20), "[2001:db8…666]:54321");
        assert_eq!(endpoint(fixture::endpoint("1.2.3.4:5"), 20), "1.2.3.4:5");
    }

    #[test]
    fn wide_characters_count_as_two_columns() {
        assert_eq!(fit("日本語アプリ", 7), "日本語…");
        assert_eq!(fit("plain", 5), "plain");
    }

    #[test]
    fn a_long_name_does_not_push_its_pid_out() {
        let socket = fixture::listener(9100)
            .owned_by("node_exporter", 700)
            .build();
        assert_eq!(owner(&socket, true, 13), "node_exp… 700");
    }

    #[test]
    fn an_outbound_socket_shows_the_remote_port() {
        let socket = fixture::connection("10.0.0.5:43210", "192.0.2.7:443").build();
        assert_eq!(service(&socket), "→443");
    }
}
