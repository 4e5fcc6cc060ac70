//! Sockets that are gone while what was found of them is not over: a beat, a sweep.
//!
//! Such findings are about what a program does, not about one socket, and each of its sockets may be gone at the next look.

use crate::{
    model::{Finding, Socket},
    rules,
};
use std::{collections::VecDeque, net::IpAddr, sync::Arc, time::Duration};

/// For how long a finding about the past is told after its last socket has gone.
const KEEP: Duration = Duration::from_mins(5);
/// The most that are kept; of more, the newest.
const MOST: usize = 64;

/// What was found lately, oldest first.
#[derive(Debug, Default)]
pub(super) struct Lately(VecDeque<(Duration, Arc<Socket>)>);

impl Lately {
    /// Takes in what closed at this moment, and returns what is to be told.
    pub(super) fn observe(
        &mut self,
        closed: impl Iterator<Item = Arc<Socket>>,
        now: Duration,
    ) -> Vec<Arc<Socket>> {
        while let Some((at, _)) = self.0.front()
            && now.saturating_sub(*at) > KEEP
        {
            self.0.pop_front();
        }
        for socket in closed {
            let Some(subject) = subject(&socket) else {
                continue;
            };
            self.0
                .retain(|(_, known)| self::subject(known) != Some(subject));
            if self.0.len() == MOST {
                self.0.pop_front();
            }
            self.0.push_back((now, socket));
        }
        self.0
            .iter()
            .map(|(_, socket)| Arc::clone(socket))
            .collect()
    }
}

/// The rule whose finding is not over, the program, and the other machine.
fn subject(socket: &Socket) -> Option<(&'static str, Option<&str>, Option<IpAddr>)> {
    let is_lasting = |finding: &&Finding| rules::outlasts_its_socket(finding.rule);
    let rule = socket.assessment.findings.iter().find(is_lasting)?.rule;
    let program = socket.owner().map(|owner| owner.program().as_str());
    let peer = socket.raw.peer().map(|peer| peer.canonical());
    Some((rule, program, peer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Assessment, Severity, Verdict, fixture};

    fn gone(port: u16, host: u8, rule: &'static str) -> Arc<Socket> {
        let (local, peer) = (format!("10.0.0.5:{port}"), format!("192.0.2.{host}:443"));
        let mut socket = fixture::connection(&local, &peer)
            .owned_by("app", 7)
            .build();
        let finding = Finding {
            rule,
            severity: Severity::Medium,
            title: String::new(),
            evidence: vec![],
            advice: vec![],
        };
        socket.assessment = Arc::new(Assessment {
            verdict: Verdict::Unusual,
            reason: None,
            findings: vec![finding],
            accepted: vec![],
        });
        Arc::new(socket)
    }

    #[test]
    fn the_newest_of_each_stays_for_a_while() {
        let mut lately = Lately::default();
        let [second, minute, later] = [1, 60, 400].map(Duration::from_secs);
        let first = gone(40_000, 7, "beacon");
        assert_eq!(lately.observe([first].into_iter(), second).len(), 1);
        let told = lately.observe([gone(40_001, 7, "beacon")].into_iter(), minute);
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].raw.local().port, 40_001);
        let others = [
            gone(40_002, 8, "beacon"),
            gone(40_003, 8, "shell-on-socket"),
        ];
        assert_eq!(lately.observe(others.into_iter(), minute).len(), 2);
        assert!(lately.observe([].into_iter(), later).is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut lately = Lately::default();
        let all = (0..200).map(|host| gone(40_000, host, "fan-out"));
        assert_eq!(lately.observe(all, KEEP).len(), MOST);
    }
}
