//! Builds what the feature `ebpf` loads into the kernel, from the source in this repository. Does nothing without it.

use std::{
    env,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const SOURCE: &str = "src/collect/linux/pass/files.bpf.c";

fn main() -> ExitCode {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={SOURCE}");
    println!("cargo::rerun-if-env-changed=CLANG");
    let is_linux = env::var_os("CARGO_CFG_TARGET_OS").is_some_and(|system| system == "linux");
    if env::var_os("CARGO_FEATURE_EBPF").is_none() || !is_linux {
        return ExitCode::SUCCESS;
    }
    match build() {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            println!("cargo::error={why}");
            ExitCode::FAILURE
        }
    }
}

fn build() -> Result<(), String> {
    let folder = env::var_os("OUT_DIR").ok_or("cargo gave no OUT_DIR")?;
    let clang = env::var_os("CLANG").unwrap_or_else(|| OsString::from("clang"));
    let little = env::var_os("CARGO_CFG_TARGET_ENDIAN").is_some_and(|order| order == "little");
    let mut command = Command::new(&clang);
    command
        .args(["-target", if little { "bpfel" } else { "bpfeb" }])
        // The oldest instruction set that every kernel with iterators over files has.
        .args(["-mcpu=v2", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-c", SOURCE, "-o"])
        .arg(object(&folder));
    let done = command.status().map_err(|error| {
        let clang = clang.display();
        format!("the feature `ebpf` needs clang (Debian: apt install clang; CLANG names another): {clang}: {error}")
    })?;
    if done.success() {
        Ok(())
    } else {
        Err(format!("clang could not build {SOURCE}: {done}"))
    }
}

fn object(folder: impl AsRef<Path>) -> PathBuf {
    folder.as_ref().join("files.bpf.o")
}
