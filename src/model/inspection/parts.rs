//! An inspection in words, in the parts that pages and reports share.

use super::{
    Code, DescriptorKind, Descriptors, Environment, Identity, Inspection, Namespace, Privileges,
    ResourceLimit, Seccomp, Usage,
};
use crate::model::{
    Fact, Text, capability,
    described::{told, unseen},
    text::plural,
};
use std::time::Duration;

/// The limits that are worth a line.
const TOLD_LIMITS: [&str; 5] = [
    "open files",
    "processes",
    "locked memory",
    "core file size",
    "address space",
];
/// The kinds of namespaces, each with what it holds apart.
const KINDS: [(&str, &str); 8] = [
    ("cgroup", "control groups"),
    ("ipc", "shared memory"),
    ("mnt", "file systems"),
    ("net", "network"),
    ("pid", "processes"),
    ("time", "clocks"),
    ("user", "users"),
    ("uts", "host name"),
];

/// A part of an inspection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What it is about.
    pub title: String,
    /// What is known.
    pub lines: Vec<Line>,
}

/// A line of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// A label and what stands beside it.
    Field(&'static str, String),
    /// One of several.
    Item(String),
    /// The same, where something is wrong with it.
    Odd(String),
}

/// Returns what is known, part by part; secrets only when they are to be revealed.
pub fn parts(inspection: &Inspection, reveal: bool) -> Vec<Part> {
    let mut parts = vec![
        part("Family", family(inspection)),
        part("Rights", rights(inspection)),
        part("Resources", resources(inspection)),
        part("Confinement", confinement(inspection)),
        list(
            "Open files",
            &inspection.descriptors,
            Descriptors::count,
            files,
        ),
        list("Code", &inspection.code, |all| all.files, code),
        list(
            "Environment",
            &inspection.environment,
            |all| all.variables.len(),
            |all| environment(all, reveal),
        ),
    ];
    if inspection.is_restless {
        let said = "it began other programs while it was read: parts may be of different ones";
        parts.insert(0, part("Note", vec![Line::Odd(said.to_owned())]));
    }
    parts
}

fn part(title: &str, lines: Vec<Line>) -> Part {
    Part {
        title: title.to_owned(),
        lines,
    }
}

/// A part that is a list, or why there is none.
fn list<T>(
    title: &str,
    fact: &Fact<T>,
    count: impl FnOnce(&T) -> usize,
    lines: impl FnOnce(&T) -> Vec<Line>,
) -> Part {
    match fact {
        Fact::Known(value) => part(&format!("{title} ({})", count(value)), lines(value)),
        Fact::Unknown(why) => part(title, vec![Line::Item(unseen(*why))]),
    }
}

fn family(inspection: &Inspection) -> Vec<Line> {
    let family = match &inspection.family {
        Fact::Known(family) => family,
        Fact::Unknown(why) => return vec![Line::Field("children", unseen(*why))],
    };
    let named = family.children.iter();
    let mut named: Vec<String> = named
        .map(|kin| format!("{} {}", kin.name, kin.pid))
        .collect();
    if named.is_empty() {
        named.push("none".to_owned());
    }
    if family.more > 0 {
        named.push(format!("and {} more", family.more));
    }
    let mut lines = vec![Line::Field("children", named.join(", "))];
    lines.extend(family.of_user.map(|count| {
        let others = match count {
            1 => "1 other process".to_owned(),
            _ => format!("{count} other processes"),
        };
        Line::Field("its user", format!("runs {others}"))
    }));
    lines
}

fn rights(inspection: &Inspection) -> Vec<Line> {
    let mut lines = match &inspection.identity {
        Fact::Known(identity) => identities(identity),
        Fact::Unknown(why) => vec![Line::Field("groups", unseen(*why))],
    };
    match &inspection.privileges {
        Fact::Known(privileges) => lines.extend(capabilities(privileges)),
        Fact::Unknown(why) => lines.push(Line::Field("capabilities", unseen(*why))),
    }
    lines
}

fn identities(identity: &Identity) -> Vec<Line> {
    let [_, group, ..] = &identity.groups;
    let mut lines = vec![];
    let names = ["real", "effective", "saved", "for files"];
    let differing = |ids: &[super::Id; 4]| {
        let differs = ids
            .windows(2)
            .any(|two| matches!(two, [one, next] if one.number != next.number));
        let each = names
            .iter()
            .zip(ids)
            .map(|(name, id)| format!("{name} {id}"));
        differs.then(|| each.collect::<Vec<_>>().join(", "))
    };
    lines.extend(differing(&identity.users).map(|all| Line::Field("users", all)));
    lines.push(Line::Field("group", group.to_string()));
    lines.extend(differing(&identity.groups).map(|all| Line::Field("all groups", all)));
    if !identity.more_groups.is_empty() {
        let all: Vec<String> = identity
            .more_groups
            .iter()
            .map(ToString::to_string)
            .collect();
        lines.push(Line::Field("also in", all.join(", ")));
    }
    if let Some(umask) = identity.umask {
        lines.push(Line::Field("umask", format!("{umask:04o}")));
    }
    lines
}

fn capabilities(privileges: &Privileges) -> Vec<Line> {
    let words = |bits| capability::words(bits, privileges.all);
    let mut lines = vec![Line::Field("capabilities", words(privileges.effective))];
    if privileges.permitted != privileges.effective {
        lines.push(Line::Field("permitted", words(privileges.permitted)));
    }
    if privileges.bounding & privileges.all != privileges.all {
        lines.push(Line::Field("at most", words(privileges.bounding)));
    }
    for (label, bits) in [
        ("inheritable", privileges.inheritable),
        ("ambient", privileges.ambient),
    ] {
        if bits != 0 {
            lines.push(Line::Field(label, words(bits)));
        }
    }
    let filters = privileges.filters.filter(|count| *count > 0);
    let filters = filters.map_or(String::new(), |count| {
        format!(
            " ({})",
            plural(usize::try_from(count).unwrap_or(usize::MAX), "filter")
        )
    });
    let seccomp = match privileges.seccomp {
        Some(Seccomp::Off) => "off: any system call".to_owned(),
        Some(Seccomp::Strict) => "strict: reading, writing and ending only".to_owned(),
        Some(Seccomp::Filter) => format!("system calls are filtered{filters}"),
        None => "this kernel does not tell".to_owned(),
    };
    lines.push(Line::Field("seccomp", seccomp));
    let gains = match privileges.no_new_privileges {
        Some(true) => "cannot gain any by starting a program (no_new_privs)",
        Some(false) => "can gain more by starting a program",
        None => "this kernel does not tell",
    };
    lines.push(Line::Field("new rights", gains.to_owned()));
    if let Some(tracer) = privileges.tracer {
        lines.push(Line::Odd(format!(
            "process {tracer} traces it, as a debugger does"
        )));
    }
    lines
}

fn resources(inspection: &Inspection) -> Vec<Line> {
    let mut lines = match &inspection.usage {
        Fact::Known(usage) => used(usage),
        Fact::Unknown(why) => vec![Line::Field("CPU", unseen(*why))],
    };
    let limits = match &inspection.limits {
        Fact::Known(limits) => limits,
        Fact::Unknown(why) => {
            lines.push(Line::Field("limits", unseen(*why)));
            return lines;
        }
    };
    let open = inspection.descriptors.known().map(Descriptors::count);
    for limit in limits {
        if TOLD_LIMITS.contains(&limit.name.as_str()) {
            let used = open.filter(|_| limit.name == "open files");
            lines.push(Line::Field("limit", limit_words(limit, used)));
        }
    }
    lines
}

fn limit_words(limit: &ResourceLimit, used: Option<usize>) -> String {
    let is_bytes = limit.unit == "bytes";
    let number = |number: Option<u64>| match number {
        None => "no limit".to_owned(),
        Some(bytes) if is_bytes => size(bytes),
        Some(number) => number.to_string(),
    };
    let soft = number(limit.soft);
    let hard = if limit.hard == limit.soft {
        String::new()
    } else {
        limit
            .hard
            .map_or(", can be raised without limit".to_owned(), |_| {
                format!(", can be raised to {}", number(limit.hard))
            })
    };
    let used = used.map_or(String::new(), |used| format!("{used} of "));
    format!("{}: {used}{soft}{hard}", limit.name)
}

fn used(usage: &Usage) -> Vec<Line> {
    let mean = usage.mean_percent();
    let mean = mean.map_or(String::new(), |mean| {
        format!("; {mean:.1} % of one on average")
    });
    let cpu = format!(
        "{} in its own code, {} in the kernel{mean}",
        span(usage.user),
        span(usage.system)
    );
    let mut memory = vec![];
    memory.extend(usage.resident.map(size));
    memory.extend(
        usage
            .most_resident
            .map(|most| format!("at most {}", size(most))),
    );
    let swapped = usage.swapped.filter(|bytes| *bytes > 0);
    memory.extend(swapped.map(|bytes| format!("swapped out {}", size(bytes))));
    memory.extend(
        usage
            .addresses
            .map(|all| format!("addresses {}", size(all))),
    );
    if memory.is_empty() {
        memory.push("none of its own".to_owned());
    }
    let threads = usize::try_from(usage.threads).unwrap_or(usize::MAX);
    vec![
        Line::Field("state", usage.state.to_string()),
        Line::Field("CPU", cpu),
        Line::Field("memory", memory.join(", ")),
        Line::Field("threads", threads.to_string()),
    ]
}

fn confinement(inspection: &Inspection) -> Vec<Line> {
    let mut lines = vec![];
    // The usual place is worth no line.
    if !matches!(&inspection.root, Fact::Known(root) if *root == "/") {
        lines.push(Line::Field(
            "root",
            told(&inspection.root, ToString::to_string),
        ));
    }
    match &inspection.control_groups {
        Fact::Known(groups) if groups.is_empty() => {
            lines.push(Line::Field("cgroup", "none".to_owned()));
        }
        Fact::Known(groups) => {
            // Of the first version there are a dozen, most of them at the top.
            let is_told = |group: &&Text| group.starts_with("0::") || !group.ends_with(":/");
            lines.extend(
                groups
                    .iter()
                    .filter(is_told)
                    .map(|group| Line::Field("cgroup", group.to_string())),
            );
        }
        Fact::Unknown(why) => {
            lines.push(Line::Field("cgroup", unseen(*why)));
        }
    }
    lines.push(Line::Field(
        "namespaces",
        told(&inspection.namespaces, |all| namespaces(all)),
    ));
    lines
}

fn namespaces(all: &[Namespace]) -> String {
    let meaning = |kind: &str| KINDS.iter().find(|(name, _)| *name == kind);
    let told = |one: &&Namespace| {
        meaning(&one.kind).map_or_else(
            || format!("{} {}", one.kind, one.inode),
            |(_, meaning)| format!("{} ({meaning}) {}", one.kind, one.inode),
        )
    };
    let own: Vec<String> = all
        .iter()
        .filter(|one| one.is_ours == Some(false))
        .map(|one| told(&one))
        .collect();
    let unsure: Vec<&str> = all
        .iter()
        .filter(|one| one.is_ours.is_none())
        .map(|one| &*one.kind)
        .collect();
    let mut words = if own.is_empty() {
        "all as ours".to_owned()
    } else {
        format!("apart from us: {}", own.join(", "))
    };
    if !unsure.is_empty() {
        words = format!("{words}; not compared: {}", unsure.join(", "));
    }
    words
}

fn files(all: &Descriptors) -> Vec<Line> {
    let counts = all.counts.iter().map(|(kind, count)| {
        if *kind == DescriptorKind::Other {
            format!("{count} other")
        } else {
            plural(*count, kind.noun())
        }
    });
    let counts: Vec<String> = counts.collect();
    let mut lines = vec![Line::Item(if counts.is_empty() {
        "none".to_owned()
    } else {
        counts.join(", ")
    })];
    lines.extend(
        all.notable
            .iter()
            .map(|one| Line::Odd(format!("{}: {} ({})", one.fd, one.what, one.why))),
    );
    lines.extend(more(all.more, all.is_cut));
    lines
}

fn code(all: &Code) -> Vec<Line> {
    let mut lines = vec![];
    if all.notable.is_empty() {
        lines.push(Line::Item("none deleted, none in an odd place".to_owned()));
    }
    lines.extend(all.notable.iter().map(|file| {
        let words = format!("{} ({})", file.path, file.why());
        if file.is_odd() {
            Line::Odd(words)
        } else {
            Line::Item(words)
        }
    }));
    lines.extend(more(all.more, all.is_cut));
    if all.writable > 0 {
        let bytes = size(all.writable);
        lines.push(Line::Item(format!(
            "{bytes} of memory can be both written and run, as a compiler at run time needs it"
        )));
    }
    lines
}

fn environment(all: &Environment, reveal: bool) -> Vec<Line> {
    let shown = all
        .variables
        .iter()
        .map(|one| Line::Item(format!("{}={}", one.name(), one.shown(reveal))));
    let mut lines: Vec<Line> = shown.collect();
    if lines.is_empty() && all.nameless == 0 {
        lines.push(Line::Item("empty".to_owned()));
    }
    if all.nameless > 0 {
        let parts = plural(all.nameless, "part");
        lines.push(Line::Item(format!(
            "{parts} without a name, not shown: the program wrote over its environment"
        )));
    }
    lines.extend(more(0, all.is_cut));
    let secret = all.variables.iter().filter(|one| one.is_secret()).count();
    if secret > 0 && !reveal {
        let values = plural(secret, "value");
        lines.push(Line::Item(format!("secrets are hidden in {values}")));
    }
    lines
}

fn more(more: usize, is_cut: bool) -> Vec<Line> {
    let mut lines = vec![];
    if more > 0 {
        lines.push(Line::Item(format!("and {more} more such")));
    }
    if is_cut {
        lines.push(Line::Item("there is more than was looked at".to_owned()));
    }
    lines
}

/// Bytes in at most four digits: `312 B`, `4.1 MB`.
fn size(bytes: u64) -> String {
    const UNITS: [(u64, &str); 4] = [
        (1_000, "kB"),
        (1_000_000, "MB"),
        (1_000_000_000, "GB"),
        (1_000_000_000_000, "TB"),
    ];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    let fits = UNITS.iter().find(|(unit, _)| bytes / unit < 1000);
    let (unit, name) = *fits.unwrap_or(&(1_000_000_000_000_000, "PB"));
    let tenths = u128::from(bytes) * 10 / u128::from(unit);
    if tenths < 1000 {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    } else {
        format!("{} {name}", tenths / 10)
    }
}

/// A length of time: `0.42 s`, `3 m 12 s`, `2 h 5 m`.
fn span(span: Duration) -> String {
    let seconds = span.as_secs();
    match seconds {
        0..60 => format!("{:.2} s", span.as_secs_f64()),
        60..3600 => format!("{} m {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} m", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests;
