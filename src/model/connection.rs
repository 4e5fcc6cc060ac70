//! What the kernel tells of one connection when somebody asks for it alone.
//!
//! Nothing of it is in a sample: of tens of thousands of connections a person looks at one.

use super::Text;
use std::time::Duration;

/// What was told at one moment. What this kernel does not have is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Connection {
    /// When, by a clock of whoever reads: only the time between two means anything.
    pub read_at: Duration,
    /// The timer that runs, if one does.
    pub timer: Option<Timer>,
    /// Bytes received and not yet read.
    pub unread: u32,
    /// Bytes written and not yet acknowledged.
    pub unsent: u32,
    /// The memory that its queues take.
    pub buffers: Option<Buffers>,
    /// Its congestion control algorithm.
    pub congestion: Option<Text>,
    /// The numbers of `tcp_info`; a connection that only waits to be forgotten has none.
    pub tcp: Option<Box<Numbers>>,
}

/// A timer of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timer {
    /// What it is for.
    pub kind: TimerKind,
    /// How long until it goes off.
    pub left: Duration,
    /// How often it went off in a row without an answer.
    pub tries: u8,
}

/// What a timer is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimerKind {
    /// To send again what was not acknowledged.
    Retransmit,
    /// To ask whether the other end is still there.
    KeepAlive,
    /// To forget the connection.
    TimeWait,
    /// To ask whether the other end has room again.
    Probe,
    /// Another one of this kernel.
    Other,
}

/// Bytes of memory, as the kernel counts them: with what stands around the data.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Buffers {
    /// Taken by what was received, and the most that may be.
    pub received: (u32, u32),
    /// Taken by what is to be sent, and the most that may be.
    pub sent: (u32, u32),
    /// What came while the program was reading.
    pub backlog: Option<u32>,
    /// Packets that there was no room for.
    pub drops: Option<u32>,
}

/// The numbers of `tcp_info` that no sample has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Numbers {
    /// What both ends agreed on.
    pub options: Options,
    /// How long is waited for an acknowledgement before something is sent again.
    pub patience: Duration,
    /// The most bytes of data in a segment that is sent.
    pub segment: u32,
    /// The same of those that are received.
    pub received_segment: u32,
    /// The same that this end told the other.
    pub advertised_segment: u32,
    /// The longest packet that the way lets through.
    pub path: u32,
    /// Segments that were sent and not acknowledged.
    pub unacked: u32,
    /// Of these, taken for lost.
    pub lost: u32,
    /// Of these, received behind a gap.
    pub behind_gap: u32,
    /// How many segments may be overtaken before one counts as lost.
    pub overtaken: u32,
    /// Segments that were sent again in all.
    pub again: u32,
    /// How long ago data was sent.
    pub since_sent: Duration,
    /// How long ago data was received.
    pub since_received: Duration,
    /// How long ago an acknowledgement was received.
    pub since_acked: Duration,
    /// Segments that may be under way.
    pub window: u32,
    /// Up to how many the window grows fast; `None` without a bound.
    pub slow_start: Option<u32>,
    /// Bytes a second that are let out at most; `None` without a bound.
    pub pacing: Option<u64>,
    /// Segments sent that had data.
    pub segments_sent: Option<u32>,
    /// Segments received that had data.
    pub segments_received: Option<u32>,
    /// Bytes that were written and not sent even once.
    pub never_sent: Option<u32>,
    /// What kept it from sending.
    pub waits: Option<Waits>,
    /// Segments that arrived after later ones.
    pub reordered: Option<u32>,
    /// Bytes that the other end has room for.
    pub peers_room: Option<u32>,
    /// Bytes that this end told that it has room for.
    pub own_room: Option<u32>,
}

/// What both ends of a connection agreed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option by itself, as in the kernel"
)]
pub struct Options {
    /// Segments carry the time.
    pub timestamps: bool,
    /// Gaps are told apart.
    pub selective: bool,
    /// Windows are multiplied by two so many times: what the other end tells, what this one does.
    pub scales: Option<(u8, u8)>,
    /// Routers can say that a queue grows instead of dropping.
    pub congestion_marks: bool,
    /// One of them did.
    pub was_marked: bool,
    /// Data went with the first segment.
    pub fast_open: bool,
}

impl Options {
    /// Their names, as `ss` has them; `None` when there are none.
    pub fn names(&self) -> Option<String> {
        let scales = self
            .scales
            .map(|(theirs, ours)| format!("wscale {theirs}:{ours}"));
        let flags = [
            (self.timestamps, "ts"),
            (self.selective, "sack"),
            (self.congestion_marks, "ecn"),
            (self.was_marked, "ecnseen"),
            (self.fast_open, "fastopen"),
        ];
        let set = flags.into_iter().filter(|(is_set, _)| *is_set);
        let mut names: Vec<String> = set.map(|(_, name)| name.to_owned()).collect();
        names.extend(scales);
        (!names.is_empty()).then(|| names.join(" "))
    }
}

/// For how long a connection had something to send, since it began, and what it waited for meanwhile.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waits {
    /// It had something to send: whatever it waited for.
    pub busy: Duration,
    /// Of that, the other end had no room.
    pub receiver: Duration,
    /// Of that, its own buffer was too small.
    pub sender: Duration,
}

/// What a connection was limited by during some time, in percent of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LimitedBy {
    /// Nothing was there to be sent.
    pub application: f64,
    /// The other end had no room.
    pub receiver: f64,
    /// Its own buffer was too small.
    pub sender: f64,
    /// It sent as fast as the way there and its congestion control let it.
    pub network: f64,
}

impl Waits {
    /// What limited it in the time `span` from `before` to now; `None` when no time passed, or the counters went back.
    pub fn limited_by(&self, before: &Self, span: Duration) -> Option<LimitedBy> {
        let busy = self.busy.checked_sub(before.busy)?;
        let receiver = self.receiver.checked_sub(before.receiver)?;
        let sender = self.sender.checked_sub(before.sender)?;
        // The kernel counts in ticks of its own, so that busy can come out a little longer than the time.
        let whole = span.max(busy);
        let percent = |part: Duration| 100.0 * part.as_secs_f64() / whole.as_secs_f64();
        (!whole.is_zero()).then(|| LimitedBy {
            application: percent(whole.saturating_sub(busy)),
            receiver: percent(receiver),
            sender: percent(sender),
            network: percent(busy.saturating_sub(receiver).saturating_sub(sender)),
        })
    }

    /// What limited it while it had something to send, since it began; `None` when it never had.
    pub fn in_all(&self) -> Option<LimitedBy> {
        self.limited_by(&Self::default(), self.busy)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn waits(busy: u64, receiver: u64, sender: u64) -> Waits {
        let ms = Duration::from_millis;
        Waits {
            busy: ms(busy),
            receiver: ms(receiver),
            sender: ms(sender),
        }
    }

    fn rounded(limited: LimitedBy) -> [String; 4] {
        let LimitedBy {
            application,
            receiver,
            sender,
            network,
        } = limited;
        [application, receiver, sender, network].map(|percent| format!("{percent:.0}"))
    }

    #[test]
    fn what_limits_adds_up_to_the_time_that_passed() {
        let (before, now) = (waits(1000, 0, 100), waits(1390, 100, 290));
        let limited = now.limited_by(&before, Duration::from_secs(1)).unwrap();
        assert_eq!(rounded(limited), ["61", "10", "19", "10"]);
        // Ticks are coarser than the time between two looks.
        let limited = now.limited_by(&before, Duration::from_millis(380)).unwrap();
        assert_eq!(rounded(limited), ["0", "26", "49", "26"]);
    }

    #[test]
    fn without_time_or_with_counters_gone_back_nothing_is_said() {
        let one = waits(10, 0, 0);
        assert_eq!(one.limited_by(&one, Duration::ZERO), None);
        assert_eq!(
            one.limited_by(&waits(20, 0, 0), Duration::from_secs(1)),
            None
        );
        assert_eq!(waits(0, 0, 0).in_all(), None);
        assert_eq!(
            rounded(waits(100, 93, 0).in_all().unwrap()),
            ["0", "93", "0", "7"]
        );
    }

    #[test]
    fn options_are_named_as_ss_names_them() {
        let options = Options {
            timestamps: true,
            selective: true,
            scales: Some((7, 10)),
            ..Options::default()
        };
        assert_eq!(options.names().unwrap(), "ts sack wscale 7:10");
        assert_eq!(Options::default().names(), None);
    }
}
