//! Socket units of systemd: `ListenStream=` and `ListenDatagram=`.

use super::{Said, only};
use crate::model::{Protocol, Text};

/// The ports that a unit listens on. An empty value takes back what stood before, as in systemd.
pub(super) fn listens(unit: &str, text: &str) -> Vec<Said> {
    let mut section = "";
    let mut said: Vec<Said> = vec![];
    for line in text.lines().map(str::trim) {
        if line.starts_with('[') {
            section = line;
            continue;
        }
        let Some((key, value)) = line.split_once('=').filter(|_| section == "[Socket]") else {
            continue;
        };
        let protocol = match key.trim_end() {
            "ListenStream" => Protocol::Tcp,
            "ListenDatagram" => Protocol::Udp,
            _ => continue,
        };
        let value = value.trim();
        if value.is_empty() {
            said.clear();
        } else if let Some(port) = port(value) {
            said.push((only(port), protocol, Text::from(unit)));
        }
    }
    said
}

/// The port of `631`, `127.0.0.1:631` and `[::1]:631`; paths, abstract names and templates have none.
fn port(value: &str) -> Option<u16> {
    if value.starts_with(['/', '@']) || value.starts_with("vsock:") {
        return None;
    }
    let port = value.rsplit_once(':').map_or(value, |(_, port)| port);
    port.parse().ok().filter(|port| *port != 0)
}
