//! The JSON shape of what was read of a process besides (`CONTRACT`: it may only grow).

use crate::model::{
    Fact, Inspection, Text, Unseen, capability,
    inspection::{
        Code, Descriptors, Environment, Id, Identity, Kin, Namespace, Privileges, ResourceLimit,
        Seccomp, Standing, Usage,
    },
};
use serde::Serialize;
use std::{collections::BTreeMap, time::Duration};

/// The keys that stand beside those of the process itself. What could not be read is `null`, and `unseen` says why.
#[derive(Serialize)]
pub(super) struct DeepJson<'a> {
    inspected_at: Option<jiff::Timestamp>,
    sha256: Option<&'a str>,
    exe_bytes: Option<u64>,
    users: Option<IdsJson<'a>>,
    groups: Option<IdsJson<'a>>,
    supplementary_groups: Option<Vec<IdJson<'a>>>,
    umask: Option<String>,
    capability_sets: Option<CapabilitiesJson>,
    seccomp: Option<&'static str>,
    seccomp_filters: Option<u32>,
    no_new_privs: Option<bool>,
    tracer_pid: Option<u32>,
    state: Option<&'a str>,
    threads: Option<u64>,
    cpu_user_ms: Option<u64>,
    cpu_system_ms: Option<u64>,
    age_ms: Option<u64>,
    resident_bytes: Option<u64>,
    peak_resident_bytes: Option<u64>,
    swapped_bytes: Option<u64>,
    virtual_bytes: Option<u64>,
    limits: Option<Vec<LimitJson<'a>>>,
    root: Option<&'a str>,
    cgroups: Option<&'a [Text]>,
    namespaces: Option<Vec<NamespaceJson<'a>>>,
    open_files: Option<FilesJson<'a>>,
    code: Option<CodeJson<'a>>,
    environment: Option<Vec<VariableJson<'a>>>,
    environment_cut: Option<bool>,
    children: Option<Vec<KinJson<'a>>>,
    children_left_out: Option<usize>,
    others_of_user: Option<usize>,
    restless: bool,
    unseen: BTreeMap<&'static str, &'static str>,
}

#[derive(Serialize)]
struct IdJson<'a> {
    id: u32,
    name: Option<&'a str>,
}

#[derive(Serialize)]
struct IdsJson<'a> {
    real: IdJson<'a>,
    effective: IdJson<'a>,
    saved: IdJson<'a>,
    filesystem: IdJson<'a>,
}

#[derive(Serialize)]
struct CapabilitiesJson {
    effective: Vec<String>,
    permitted: Vec<String>,
    inheritable: Vec<String>,
    bounding: Vec<String>,
    ambient: Vec<String>,
}

#[derive(Serialize)]
struct LimitJson<'a> {
    name: &'a str,
    soft: Option<u64>,
    hard: Option<u64>,
    soft_unlimited: bool,
    hard_unlimited: bool,
    unit: Option<&'a str>,
}

#[derive(Serialize)]
struct NamespaceJson<'a> {
    kind: &'a str,
    inode: u64,
    ours: Option<bool>,
}

#[derive(Serialize)]
struct FilesJson<'a> {
    total: usize,
    by_kind: BTreeMap<&'static str, usize>,
    notable: Vec<FileJson<'a>>,
    notable_left_out: usize,
    cut: bool,
}

#[derive(Serialize)]
struct FileJson<'a> {
    fd: u32,
    what: &'a str,
    why: &'static str,
}

#[derive(Serialize)]
struct CodeJson<'a> {
    files: usize,
    notable: Vec<MappedJson<'a>>,
    notable_left_out: usize,
    writable_bytes: u64,
    cut: bool,
}

#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a key of its own")]
struct MappedJson<'a> {
    path: &'a str,
    deleted: bool,
    replaced: bool,
    memfd: bool,
    in_shared_directory: Option<&'a str>,
    hidden: bool,
    odd: bool,
}

#[derive(Serialize)]
struct KinJson<'a> {
    pid: u32,
    name: &'a str,
}

#[derive(Serialize)]
struct VariableJson<'a> {
    name: &'a str,
    value: &'a str,
    masked: bool,
}

/// The shape of `inspection`; secrets only when they are to be revealed.
pub(super) fn deep(inspection: &Inspection, reveal: bool) -> DeepJson<'_> {
    let identity = inspection.identity.known();
    let privileges = inspection.privileges.known();
    let usage = inspection.usage.known();
    let digest = inspection.digest.known();
    let family = inspection.family.known();
    let environment = inspection.environment.known();
    let milliseconds = |span: Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
    DeepJson {
        inspected_at: inspection.taken_at,
        sha256: digest.map(|digest| &*digest.sha256),
        exe_bytes: digest.map(|digest| digest.bytes),
        users: identity.map(|all| ids(&all.users)),
        groups: identity.map(|all| ids(&all.groups)),
        supplementary_groups: identity.map(more_groups),
        umask: identity.and_then(|all| Some(format!("{:04o}", all.umask?))),
        capability_sets: privileges.map(capabilities),
        seccomp: privileges.and_then(|all| all.seccomp.map(Seccomp::name)),
        seccomp_filters: privileges.and_then(|all| all.filters),
        no_new_privs: privileges.and_then(|all| all.no_new_privileges),
        tracer_pid: privileges.and_then(|all| all.tracer),
        state: usage.map(|usage| &*usage.state),
        threads: usage.map(|usage| usage.threads),
        cpu_user_ms: usage.map(|usage| milliseconds(usage.user)),
        cpu_system_ms: usage.map(|usage| milliseconds(usage.system)),
        age_ms: usage.and_then(|usage: &Usage| usage.age.map(milliseconds)),
        resident_bytes: usage.and_then(|usage| usage.resident),
        peak_resident_bytes: usage.and_then(|usage| usage.most_resident),
        swapped_bytes: usage.and_then(|usage| usage.swapped),
        virtual_bytes: usage.and_then(|usage| usage.addresses),
        limits: inspection.limits.known().map(|all| limits(all)),
        root: inspection.root.known().map(|path| &**path),
        cgroups: inspection.control_groups.known().map(|all| &all[..]),
        namespaces: inspection.namespaces.known().map(|all| namespaces(all)),
        open_files: inspection.descriptors.known().map(files),
        code: inspection.code.known().map(code),
        environment: environment.map(|all| variables(all, reveal)),
        environment_cut: environment.map(|all| all.is_cut),
        children: family.map(|all| {
            let children = all.children.iter();
            children.map(kin).collect()
        }),
        children_left_out: family.map(|all| all.more),
        others_of_user: family.and_then(|all| all.of_user),
        restless: inspection.is_restless,
        unseen: unseen(inspection),
    }
}

fn kin(one: &Kin) -> KinJson<'_> {
    KinJson {
        pid: one.pid,
        name: &one.name,
    }
}

/// Why parts could not be read, by the key that is `null` for it.
fn unseen(inspection: &Inspection) -> BTreeMap<&'static str, &'static str> {
    fn why<T>(fact: &Fact<T>) -> Option<Unseen> {
        match fact {
            Fact::Known(_) => None,
            Fact::Unknown(why) => Some(*why),
        }
    }
    let parts = [
        ("users", why(&inspection.identity)),
        ("capability_sets", why(&inspection.privileges)),
        ("threads", why(&inspection.usage)),
        ("limits", why(&inspection.limits)),
        ("root", why(&inspection.root)),
        ("cgroups", why(&inspection.control_groups)),
        ("namespaces", why(&inspection.namespaces)),
        ("open_files", why(&inspection.descriptors)),
        ("code", why(&inspection.code)),
        ("sha256", why(&inspection.digest)),
        ("environment", why(&inspection.environment)),
        ("children", why(&inspection.family)),
    ];
    let parts = parts.into_iter();
    parts
        .filter_map(|(key, why)| Some((key, why?.words())))
        .collect()
}

fn id(id: &Id) -> IdJson<'_> {
    IdJson {
        id: id.number,
        name: id.name.as_deref(),
    }
}

fn ids([real, effective, saved, filesystem]: &[Id; 4]) -> IdsJson<'_> {
    IdsJson {
        real: id(real),
        effective: id(effective),
        saved: id(saved),
        filesystem: id(filesystem),
    }
}

fn more_groups(identity: &Identity) -> Vec<IdJson<'_>> {
    identity.more_groups.iter().map(id).collect()
}

fn capabilities(privileges: &Privileges) -> CapabilitiesJson {
    CapabilitiesJson {
        effective: capability::names(privileges.effective),
        permitted: capability::names(privileges.permitted),
        inheritable: capability::names(privileges.inheritable),
        bounding: capability::names(privileges.bounding),
        ambient: capability::names(privileges.ambient),
    }
}

fn limits(all: &[ResourceLimit]) -> Vec<LimitJson<'_>> {
    all.iter()
        .map(|limit| LimitJson {
            name: &limit.name,
            soft: limit.soft,
            hard: limit.hard,
            soft_unlimited: limit.soft.is_none(),
            hard_unlimited: limit.hard.is_none(),
            unit: Some(&*limit.unit).filter(|unit| !unit.is_empty()),
        })
        .collect()
}

fn namespaces(all: &[Namespace]) -> Vec<NamespaceJson<'_>> {
    all.iter()
        .map(|one| NamespaceJson {
            kind: &one.kind,
            inode: one.inode,
            ours: one.is_ours,
        })
        .collect()
}

fn files(all: &Descriptors) -> FilesJson<'_> {
    FilesJson {
        total: all.count(),
        by_kind: all
            .counts
            .iter()
            .map(|(kind, count)| (kind.name(), *count))
            .collect(),
        notable: all
            .notable
            .iter()
            .map(|one| FileJson {
                fd: one.fd,
                what: &one.what,
                why: one.why,
            })
            .collect(),
        notable_left_out: all.more,
        cut: all.is_cut,
    }
}

fn code(all: &Code) -> CodeJson<'_> {
    CodeJson {
        files: all.files,
        notable: all
            .notable
            .iter()
            .map(|file| MappedJson {
                path: &file.path,
                deleted: file.standing != Standing::There,
                replaced: file.standing == Standing::Replaced,
                memfd: file.standing == Standing::Memory,
                in_shared_directory: file.shared_directory.as_deref(),
                hidden: file.hidden,
                odd: file.is_odd(),
            })
            .collect(),
        notable_left_out: all.more,
        writable_bytes: all.writable,
        cut: all.is_cut,
    }
}

fn variables(all: &Environment, reveal: bool) -> Vec<VariableJson<'_>> {
    all.variables
        .iter()
        .map(|one| VariableJson {
            name: one.name(),
            value: one.shown(reveal),
            masked: one.is_secret() && !reveal,
        })
        .collect()
}
