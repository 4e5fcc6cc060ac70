//! What would be unusual on a port: from its advice, else from what is known about its use.

use super::detail::Detail;
use crate::model::{Page, Practice, Reach, Tier};

/// How many programs to name.
const PROGRAMS: usize = 4;

/// The sentences about what would be unusual on the port of `page`; never empty.
pub(super) fn of(page: &Page, detail: Option<&Detail>) -> Vec<String> {
    let mut sentences: Vec<String> = vec![];
    if let Some(told) = detail.and_then(|detail| detail.unusual.as_ref()) {
        sentences.push(told.clone());
    } else {
        for sentence in page.in_practice.iter().flat_map(|one| derived(one)) {
            if !sentences.contains(&sentence) {
                sentences.push(sentence);
            }
        }
    }
    if sentences.is_empty() {
        sentences.push(by_tier(page));
    }
    sentences.extend(page.backdoors.iter().map(|backdoor| {
        let transports: Vec<&str> = backdoor
            .protocols
            .iter()
            .map(|protocol| protocol.name())
            .collect();
        format!(
            "{}/{} {}. That is no proof, but a reason to look at the program.",
            page.port,
            transports.join(", "),
            backdoor.wording
        )
    }));
    sentences
}

fn derived(practice: &Practice) -> Vec<String> {
    let named: Vec<&str> = practice.programs.iter().copied().take(PROGRAMS).collect();
    let more = if practice.programs.len() > PROGRAMS {
        " and the others named above"
    } else {
        ""
    };
    let named = named.join(", ");
    let mut sentences = vec![match (named.is_empty(), practice.kernel) {
        (true, _) => String::from("Any program that owns the socket."),
        (false, true) => format!("An owner other than the kernel or {named}{more}."),
        (false, false) => format!("A program other than {named}{more}."),
    }];
    sentences.extend(match practice.reach {
        Reach::Local => Some(String::from("A client on another machine.")),
        Reach::Trusted => Some(String::from("A client from the internet.")),
        Reach::Anyone => None,
    });
    sentences
}

fn by_tier(page: &Page) -> String {
    let port = page.port;
    match page.tier {
        _ if port == 0 => String::from("Any packet to it: no program can listen on port 0."),
        Tier::Dynamic => format!(
            "A program that waits on {port} for days, or for other machines: numbers from here are \
             for connections that come and go."
        ),
        Tier::Common | Tier::Known | Tier::Obscure | Tier::Unassigned => {
            format!("Any listener on {port} that you did not set up yourself.")
        }
    }
}
