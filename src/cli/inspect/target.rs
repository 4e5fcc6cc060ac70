//! What `inspect` can be asked about.

use crate::{cli::error::Failure, model::Transport};

/// What can be asked about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Target {
    /// What waits on a port, of one transport or of any.
    Port(u16, Option<Transport>),
    /// A process by its number.
    Pid(u32),
    /// The processes that run a program.
    Name(String),
}

/// Reads a target: `:1587`, `:1587/udp`, `4711` or `nginx`.
pub(super) fn target(text: &str) -> Result<Target, Failure> {
    let wrong = |why: &str| {
        Failure::Usage(format!(
            "{text:?} {why}\nhint: `:1587` is a port, `:1587/udp` its UDP side, `4711` a process, `nginx` a program"
        ))
    };
    if let Some(port) = text.strip_prefix(':') {
        let (port, transport) = match port.split_once('/') {
            Some((port, name)) => {
                let found = Transport::ALL.into_iter().find(|one| one.name() == name);
                (
                    port,
                    Some(found.ok_or_else(|| wrong("names no transport"))?),
                )
            }
            None => (port, None),
        };
        let Ok(port) = port.parse() else {
            return Err(wrong("is no port: ports go from 0 to 65535"));
        };
        return Ok(Target::Port(port, transport));
    }
    if text.is_empty() {
        return Err(wrong("names nothing"));
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        let pid = text.parse().ok().map(Target::Pid);
        return pid.ok_or_else(|| wrong("is no process"));
    }
    Ok(Target::Name(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_port_a_process_or_a_program() {
        assert_eq!(target(":1587").unwrap(), Target::Port(1587, None));
        assert_eq!(
            target(":53/udp").unwrap(),
            Target::Port(53, Some(Transport::Udp))
        );
        assert_eq!(target("4711").unwrap(), Target::Pid(4711));
        assert_eq!(target("nginx").unwrap(), Target::Name("nginx".to_owned()));
        for wrong in [":70000", ":1587/tpc", ":", "", "99999999999"] {
            assert!(matches!(target(wrong), Err(Failure::Usage(_))), "{wrong}");
        }
    }
}
