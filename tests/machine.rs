//! The program on real sockets, real processes and real daemons. What cannot run here says why in one line.
#![cfg(target_os = "linux")]

#[cfg(test)]
#[path = "machine/comparison.rs"]
mod comparison;
#[cfg(test)]
#[path = "machine/doctor.rs"]
mod doctor;
#[cfg(test)]
#[cfg(feature = "ebpf")]
#[path = "machine/ebpf.rs"]
mod ebpf;
#[cfg(test)]
#[path = "machine/engine.rs"]
mod engine;
#[cfg(test)]
#[path = "machine/families.rs"]
mod families;
#[cfg(test)]
#[path = "machine/hostile.rs"]
mod hostile;
#[cfg(test)]
#[path = "machine/inspection.rs"]
mod inspection;
#[cfg(test)]
#[path = "machine/judgement.rs"]
mod judgement;
#[cfg(test)]
#[path = "machine/names.rs"]
mod names;
#[cfg(test)]
#[path = "machine/namespaces.rs"]
mod namespaces;
#[cfg(test)]
#[path = "machine/plain_user.rs"]
mod plain_user;
#[cfg(test)]
#[path = "machine/programs.rs"]
mod programs;
#[cfg(test)]
#[path = "machine/recycled.rs"]
mod recycled;
#[cfg(test)]
#[path = "machine/short_way.rs"]
mod short_way;
#[cfg(test)]
#[path = "machine/sockets.rs"]
mod sockets;
#[cfg(test)]
#[path = "machine/ss.rs"]
mod ss;
#[cfg(test)]
#[expect(dead_code, reason = "each test program uses its own part of it")]
#[path = "support/lib.rs"]
mod support;
