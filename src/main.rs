//! The `portwise` program: parse, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    portwise::cli::main()
}
