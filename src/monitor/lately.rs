//! Sockets that are gone while what was found of them is not over: a beat, a sweep.
//!
//! Such findings are about what a program does, not about one socket, and each of its sockets may be gone at the next look.

use crate::{
    model::{Direction, Finding, Socket},
    rules::{
        self, Case, Machine,
        past::{NOTHING, NOTHING_OF_PORT},
    },
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
    /// Judges what is kept by the policy as it is now: what it accepts is over.
    fn judge_again(&mut self, machine: &Machine) {
        for (_, socket) in &mut self.0 {
            let case = Case {
                machine,
                socket: &socket.raw,
                processes: &socket.processes,
                direction: socket.direction,
                exposure: socket.exposure,
                service: socket.service,
                listener: None,
                client: socket.direction == Direction::Outbound,
                past: &NOTHING,
                port: &NOTHING_OF_PORT,
            };
            let assessment = rules::assess_again(&socket.assessment, &case);
            Arc::make_mut(socket).assessment = Arc::new(assessment);
        }
    }

    /// Takes in what closed at this moment. With a `machine`, whose policy has changed, all is judged again by that.
    pub(super) fn observe(
        &mut self,
        closed: impl Iterator<Item = Arc<Socket>>,
        now: Duration,
        machine: Option<&Machine>,
    ) {
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
        if let Some(machine) = machine {
            self.judge_again(machine);
        }
    }

    /// What is to be told.
    pub(super) fn told(&self) -> Vec<Arc<Socket>> {
        let kept = self.0.iter();
        kept.map(|(_, socket)| Arc::clone(socket)).collect()
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
    use crate::{
        model::{Assessment, OwnersSeen, Severity, Verdict, fixture},
        registry::Registry,
        rules::Policy,
    };
    use jiff::tz::TimeZone;

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
        lately.observe([first].into_iter(), second, None);
        assert_eq!(lately.told().len(), 1);
        lately.observe([gone(40_001, 7, "beacon")].into_iter(), minute, None);
        let told = lately.told();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].raw.local().port, 40_001);
        let others = [
            gone(40_002, 8, "beacon"),
            gone(40_003, 8, "shell-on-socket"),
        ];
        lately.observe(others.into_iter(), minute, None);
        assert_eq!(lately.told().len(), 2);
        lately.observe([].into_iter(), later, None);
        assert!(lately.told().is_empty());
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let mut lately = Lately::default();
        let all = (0..200).map(|host| gone(40_000, host, "fan-out"));
        lately.observe(all, KEEP, None);
        assert_eq!(lately.told().len(), MOST);
    }

    fn machine(policy: &str) -> Machine {
        Machine {
            registry: Registry::bundled(),
            euid: Some(0),
            user_uid: None,
            owners_seen: OwnersSeen::All,
            unreadable_processes: 0,
            ephemeral_ports: None,
            declared: Arc::default(),
            policy: Arc::new(Policy::parse(policy, &TimeZone::UTC, &|_| None).unwrap()),
            now: fixture::NOW,
        }
    }

    #[test]
    fn what_is_accepted_is_over_and_comes_back_when_that_is_undone() {
        let mut lately = Lately::default();
        lately.observe([gone(40_000, 7, "beacon")].into_iter(), KEEP, None);
        let found = |lately: &Lately| {
            let told = lately.told();
            let assessment = &told[0].assessment;
            (assessment.verdict, assessment.findings.len())
        };
        let accepts = "[[expect]]\nprogram = \"app\"\nrules = [\"beacon\"]\n";
        lately.observe([].into_iter(), KEEP, Some(&machine(accepts)));
        let (verdict, findings) = found(&lately);
        assert_eq!((verdict, findings), (Verdict::Expected, 0));
        lately.observe([].into_iter(), KEEP, Some(&machine("")));
        assert_eq!(found(&lately), (Verdict::Unusual, 1));
    }
}
