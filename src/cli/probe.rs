//! `probe`: asks ports what they speak.

use super::{
    Ending,
    args::{PageFormat, Probe},
    context::Context,
    error::Failure,
    heard, output,
};
use crate::{
    model::{Probed, Protocol, Text},
    probe,
    registry::Registry,
    report::probe::{write_json, write_markdown, write_text},
    rules::speaks_otherwise,
};
use std::{
    error::Error as _,
    io::Write as _,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};
use tokio::{
    net::lookup_host,
    time::{Instant, timeout_at},
};

/// The most addresses of one name that are tried.
const MOST_ADDRESSES: usize = 8;

pub(super) fn run(context: &Context, args: &Probe) -> Result<Ending, Failure> {
    let targets: Vec<Target> = args
        .targets
        .iter()
        .map(|text| Target::read(text))
        .collect::<Result<_, _>>()?;
    if context.is_recording {
        return Err(Failure::Usage(
            "the ports of a recording cannot be asked\nhint: leave out --recording".to_owned(),
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let probed = runtime.block_on(async {
        let mut probed = vec![];
        for target in targets {
            probed.push(target.ask(args.timeout, context.registry()).await);
        }
        probed
    });
    heard::keep(context, &probed);
    let mut out = output::stdout();
    match args.format {
        PageFormat::Text => write_text(&mut out, &probed, context.style())?,
        PageFormat::Json => write_json(&mut out, &probed)?,
        PageFormat::Markdown => write_markdown(&mut out, &probed)?,
    }
    out.flush()?;
    Ok(if probed.iter().all(|one| one.outcome.is_ok()) {
        Ending::Well
    } else {
        Ending::Negative
    })
}

/// Whom to ask.
#[derive(Debug, PartialEq, Eq)]
struct Target {
    text: String,
    /// `None` is this machine.
    host: Option<String>,
    port: u16,
}

impl Target {
    /// Reads `:587`, `587`, `host:587` or `[::1]:587`.
    fn read(text: &str) -> Result<Self, Failure> {
        let wrong = |place: &str, what: &str| {
            let before = Text::from(text.strip_suffix(place).unwrap_or_default());
            let width = unicode_width::UnicodeWidthStr::width;
            let indent = " ".repeat(width(before.as_str()));
            let carets = "^".repeat(width(Text::from(place).as_str()).max(1));
            Failure::Usage(format!(
                "the target is not valid\n{}\n{indent}{carets}\n{what}\nhint: write :587 for this \
                 machine, host:587 or [::1]:587",
                Text::from(text)
            ))
        };
        let (host, number) = text.rsplit_once(':').unwrap_or(("", text));
        let digits = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        let port = number.parse().ok().filter(|port| digits && *port > 0);
        let port = port.ok_or_else(|| wrong(number, "a port is a number from 1 to 65535"))?;
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'));
        let is_address = |host: &str| host.parse::<Ipv6Addr>().is_ok();
        let host = match bare {
            Some(address) if is_address(address) => address,
            Some(_) => return Err(wrong(text, "there is no IPv6 address in the brackets")),
            None if host.contains(':') => {
                return Err(wrong(text, "an IPv6 address stands in brackets"));
            }
            None => host,
        };
        Ok(Self {
            text: text.to_owned(),
            host: (!host.is_empty()).then(|| host.to_owned()),
            port,
        })
    }

    /// Asks one address after the other until one takes the connection, within `patience` in all.
    async fn ask(self, patience: Duration, registry: &Registry) -> Probed {
        let end = Instant::now() + patience;
        let failed = |address, why: String| Probed {
            target: Text::from(&*self.text),
            address,
            port: self.port,
            outcome: Err(Text::from(why)),
            finding: None,
        };
        let addresses = match self.addresses(end).await {
            Ok(addresses) => addresses,
            Err(why) => return failed(None, why),
        };
        let mut first = None;
        for address in addresses {
            let left = end.saturating_duration_since(Instant::now());
            let service = registry.service(address.port(), Protocol::Tcp);
            match probe::ask(address, left, service).await {
                Ok(answer) => {
                    return Probed {
                        finding: speaks_otherwise::of_answer(service, &answer),
                        outcome: Ok(answer),
                        ..failed(Some(address), String::new())
                    };
                }
                Err(error) => {
                    first.get_or_insert_with(|| failed(Some(address), words(&error)));
                }
            }
        }
        first.unwrap_or_else(|| failed(None, "the name has no address".to_owned()))
    }

    async fn addresses(&self, end: Instant) -> Result<Vec<SocketAddr>, String> {
        let Some(host) = &self.host else {
            let here: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            return Ok(here.map(|address| (address, self.port).into()).into());
        };
        let found = timeout_at(end, lookup_host((host.as_str(), self.port))).await;
        let found = found
            .map_err(|_elapsed| "the name was not resolved in time".to_owned())?
            .map_err(|error| format!("the name was not resolved: {error}"))?;
        Ok(found.take(MOST_ADDRESSES).collect())
    }
}

/// An error and its cause. Which address it was is said elsewhere.
pub(super) fn words(error: &probe::Error) -> String {
    match error.source() {
        Some(cause) => cause.to_string(),
        None => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<(Option<String>, u16)> {
        Target::read(text)
            .ok()
            .map(|target| (target.host, target.port))
    }

    #[test]
    fn a_target_is_a_port_here_or_on_a_host() {
        let host = |host: &str, port| Some((Some(host.to_owned()), port));
        assert_eq!(read(":587"), Some((None, 587)));
        assert_eq!(read("587"), Some((None, 587)));
        assert_eq!(read("mail.example:25"), host("mail.example", 25));
        assert_eq!(read("10.0.0.5:25"), host("10.0.0.5", 25));
        assert_eq!(read("[::1]:25"), host("::1", 25));
    }

    #[test]
    fn what_is_no_target_is_pointed_at() {
        for text in [
            "",
            ":",
            ":0",
            ":70000",
            "host",
            "host:",
            "host:ssh",
            "host:-1",
            "host:+1",
            "::1:25",
            "[::1]",
            "[host]:25",
        ] {
            let Err(Failure::Usage(message)) = Target::read(text) else {
                panic!("{text} was taken")
            };
            assert!(message.contains('^'), "{message}");
        }
    }
}
