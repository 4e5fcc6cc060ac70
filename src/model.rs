//! Plain data: what a sample holds, what a snapshot says, what an action did.
//!
//! Reads nothing, changes nothing, knows no clock and no other module. Text from outside
//! enters through [`Text`], which escapes it once.

pub mod ability;
pub mod acted;
pub mod action;
pub mod aftermath;
pub mod annotation;
pub mod answer;
pub mod background;
pub mod capability;
pub mod connection;
pub mod consequences;
pub mod coverage;
pub mod declared;
pub mod described;
pub mod endpoint;
pub mod event;
pub mod fact;
pub mod few;
pub mod finding;
pub mod identity;
pub mod inspection;
pub mod moment;
pub mod names;
pub mod page;
pub mod place;
pub mod policy;
pub mod portless;
pub mod process;
pub mod program;
pub mod rates;
pub mod reference;
pub mod registration;
pub mod sample;
pub mod sampled;
pub mod secrets;
pub mod snapshot;
pub mod socket;
pub mod story;
pub mod surroundings;
pub mod text;
pub mod told;
pub mod transport;
pub mod why;

pub use ability::{Ability, Works};
pub use acted::{Acted, Deed};
pub use action::{Closing, Elevator, Hold, Manager, Order, Outcome, Request, Signal, Target};
pub use aftermath::{HeldPort, PortNow};
pub use annotation::{Backdoor, Practice, Reach, Service, Status, Tier};
pub use answer::{Agreement, Answer, Heard, Probed};
pub use background::{Background, Gives, Integrity, Script, Setting, Variable};
pub use connection::Connection;
pub use consequences::Stakes;
pub use coverage::{Coverage, Limit, LimitKind, OwnersSeen};
pub use declared::{Declared, DeclaredBy};
pub use endpoint::{Endpoint, Exposure};
pub use event::{Event, EventKind, Gap, Past};
pub use fact::{Fact, Unseen};
pub use few::Few;
pub use finding::{Advice, Assessment, Evidence, Finding, Severity, Verdict};
pub use inspection::Inspection;
pub use moment::Moment;
pub use names::Names;
pub use page::{Check, HereNow, Page, Related, Scope};
pub use place::{ControlGroup, Extent, NetNamespace};
pub use policy::{Breadth, Entry, PolicyNotes, Ports, Until};
pub use portless::{BoundTo, ConnectedTo, Mode, Portless};
pub use process::{Ancestor, Executable, Piped, Process, ProcessKey, Started, Stream};
pub use program::ProgramKind;
pub use rates::Rates;
pub use registration::{Registration, Registrations};
pub use sample::{PortRange, Sample, SourceKind};
pub use sampled::{Owners, SampledSocket, Sharing, TcpCounters};
pub use snapshot::{About, Direction, Holdings, Snapshot, Socket};
pub use socket::{Family, Owner, Protocol, SocketKey, State};
pub use story::Story;
pub use surroundings::{Relative, Restarts, Supervisor, Surroundings};
pub use text::Text;
pub use told::{TcpInfo, ToldSocket};
pub use transport::Transport;
pub use why::Why;

#[cfg(test)]
pub(crate) mod fixture;
