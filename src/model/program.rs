//! What kind of program a file name stands for.

use super::Text;

/// What a program's name says about the service it offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProgramKind {
    /// A command shell.
    Shell,
    /// An interpreter or virtual machine: its script says what it does, not its name.
    Interpreter,
    /// A tool that connects anything to anything: `nc`, `socat`.
    Connector,
    /// A program whose work is to listen on any port for somebody else: `docker-proxy`, `systemd`.
    Forwarder,
    /// A person's program that listens on any port for another one: `ssh -L`, an emulator, an editor.
    Tunnel,
    /// Anything else: the name stands for what it does.
    Ordinary,
}

const SHELLS: &[&str] = &[
    "sh",
    "bash",
    "rbash",
    "dash",
    "zsh",
    "ksh",
    "ksh93",
    "mksh",
    "fish",
    "ash",
    "csh",
    "tcsh",
    "pwsh",
    "nu",
    "cmd.exe",
    "powershell.exe",
    "busybox",
];
const INTERPRETERS: &[&str] = &[
    "python",
    "pypy",
    "perl",
    "ruby",
    "node",
    "nodejs",
    "deno",
    "bun",
    "php",
    "lua",
    "luajit",
    "tclsh",
    "java",
    "mono",
    "dotnet",
    "awk",
    "gawk",
    "mawk",
    "guile",
    "racket",
    "r",
    "julia",
    "erl",
    "beam.smp",
    "wish",
    "expect",
    "osascript",
];
const CONNECTORS: &[&str] = &[
    "nc",
    "nc.openbsd",
    "nc.traditional",
    "ncat",
    "netcat",
    "socat",
    "openssl",
    "telnet",
    "cryptcat",
    "gs-netcat",
];
const FORWARDERS: &[&str] = &[
    "docker-proxy",
    "rootlessport",
    "slirp4netns",
    "pasta",
    "pasta.avx2",
    "passt",
    "conmon",
    "systemd",
    "launchd",
    "svchost.exe",
    "inetd",
    "xinetd",
    "openbsd-inetd",
    "inetutils-inetd",
    "rinetd",
    "redir",
    "haproxy",
    "envoy",
    "traefik",
    "stunnel",
    "stunnel4",
    "kube-proxy",
    "com.docker.backend",
    "com.docker.vpnkit",
    "vpnkit",
];

const TUNNELS: &[&str] = &[
    "ssh",
    "autossh",
    "kubectl",
    "oc",
    "VBoxHeadless",
    "VirtualBoxVM",
    "code",
    "code-insiders",
    "code-tunnel",
    "codium",
    "electron",
];

/// The lengths of the names in the lists, a bit each, by their first byte: most names are none of them, and this
/// is asked several times for every socket.
#[expect(
    clippy::indexing_slicing,
    reason = "computed by the compiler, which says so where it fails"
)]
const LENGTHS: [u32; 256] = {
    let mut lengths = [0; 256];
    let lists = [SHELLS, INTERPRETERS, CONNECTORS, FORWARDERS, TUNNELS];
    let mut list = 0;
    while list < lists.len() {
        let mut at = 0;
        while at < lists[list].len() {
            let name = lists[list][at].as_bytes();
            assert!(name.len() < 32, "a length has no bit");
            lengths[name[0] as usize] |= 1 << name.len();
            at += 1;
        }
        list += 1;
    }
    lengths
};

fn may_be_listed(name: &str) -> bool {
    let first = name.bytes().next().unwrap_or(0);
    let lengths = LENGTHS.get(usize::from(first)).copied().unwrap_or(0);
    name.len() < 32 && lengths & (1 << name.len()) != 0
}

/// QEMU's emulators, one for each machine: `qemu-system-x86_64`.
const EMULATORS: &str = "qemu-system-";

impl ProgramKind {
    /// Returns what kind of program `name`, an executable's file name, stands for.
    pub fn of(name: &str) -> Self {
        let base = base_name(name);
        if !may_be_listed(name) && !may_be_listed(base) && !name.starts_with(EMULATORS) {
            return Self::Ordinary;
        }
        let among = |list: &[&str]| list.iter().any(|known| *known == base || *known == name);
        if among(SHELLS) {
            Self::Shell
        } else if among(INTERPRETERS) {
            Self::Interpreter
        } else if among(CONNECTORS) {
            Self::Connector
        } else if among(FORWARDERS) {
            Self::Forwarder
        } else if among(TUNNELS) || name.starts_with(EMULATORS) {
            Self::Tunnel
        } else {
            Self::Ordinary
        }
    }

    /// Whether the program says nothing about the service it offers.
    pub fn is_general_purpose(self) -> bool {
        match self {
            Self::Shell | Self::Interpreter | Self::Connector => true,
            Self::Forwarder | Self::Tunnel | Self::Ordinary => false,
        }
    }
}

/// Programs that fetch what is to be read by another.
const FETCHERS: &[&str] = &["curl", "wget", "wget2", "aria2c", "lwp-download"];

/// Whether what the program `name` fetches can go straight to a shell: `curl … | sh`.
pub fn fetches(name: &str) -> bool {
    FETCHERS.contains(&name)
}

/// How an interpreter or a shell reads its own options.
struct Options {
    /// These take the next argument as their value.
    with_value: &'static [&'static str],
    /// Behind these stands no script: code on the command line, a server, standard input.
    instead: &'static [&'static str],
    /// Letters that say the same among others behind one dash: `-Ic`, `-ne`.
    code: &'static [char],
    /// Letters that take what stands behind them in the same argument: `-Mutf8`.
    attached: &'static [char],
}

impl Options {
    fn of(base: &str) -> Self {
        let plain = Self {
            with_value: &[],
            instead: &[],
            code: &[],
            attached: &[],
        };
        match base {
            "python" | "pypy" => Self {
                with_value: &["-W", "-X", "--check-hash-based-pycs"],
                code: &['c'],
                attached: &['W', 'X'],
                ..plain
            },
            "perl" => Self {
                with_value: &["-I"],
                code: &['e', 'E'],
                attached: &['M', 'm', 'I', 'i', 'F', 'D', 'C', 'x', 'V'],
                ..plain
            },
            "ruby" => Self {
                with_value: &["-r", "-I", "-C", "-E", "--encoding"],
                code: &['e'],
                attached: &['r', 'I', 'C', 'E', 'F', 'K', 'W', 'i', 'x'],
                ..plain
            },
            "php" => Self {
                with_value: &["-c", "-d", "-z", "-t", "--php-ini", "--define"],
                instead: &[
                    "-r", "-S", "-B", "-R", "-F", "-E", "-a", "--run", "--server",
                ],
                ..plain
            },
            "node" | "nodejs" | "bun" | "deno" => Self {
                with_value: &[
                    "-r",
                    "--require",
                    "--import",
                    "--loader",
                    "--experimental-loader",
                    "-C",
                ],
                instead: &["-e", "-p", "-pe", "--eval", "--print"],
                ..plain
            },
            "java" => Self {
                with_value: &["-cp", "-classpath", "--class-path", "-p", "--module-path"],
                ..plain
            },
            _ if SHELLS.contains(&base) => Self {
                with_value: &["-O", "-o", "+O", "+o", "--rcfile", "--init-file"],
                instead: &["-s"],
                code: &['c'],
                ..plain
            },
            _ => Self {
                with_value: &["-r", "-l"],
                instead: &["-c", "-e", "-E", "-p", "-S", "-s", "--eval", "--print"],
                ..plain
            },
        }
    }

    fn is_instead(&self, option: &str) -> bool {
        let letters = option
            .strip_prefix('-')
            .filter(|rest| !rest.starts_with('-'));
        let mut letters = letters.unwrap_or("").chars();
        self.instead.contains(&option)
            || letters
                .by_ref()
                .take_while(|letter| !self.attached.contains(letter))
                .any(|letter| self.code.contains(&letter))
    }
}

/// Returns the script that the interpreter or shell `name` was told to run by `arguments`, the program's
/// own name first.
///
/// `None` for other programs, and where there is none: `python3 -m http.server`, `bash -c …`.
pub fn script<'a>(name: &str, arguments: &'a [Text]) -> Option<&'a Text> {
    match task(name, arguments)? {
        Task::File(script) => Some(script),
        Task::Module(_) | Task::Class(_) => None,
    }
}

/// What an interpreter or shell was told to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task<'a> {
    /// A file.
    File(&'a Text),
    /// A module of Python: `-m http.server`.
    Module(&'a Text),
    /// A class of Java.
    Class(&'a Text),
}

/// Returns what the interpreter or shell `name` was told to run by `arguments`, the program's own name first.
///
/// `None` for other programs, and where it was told the code itself, or nothing.
pub fn task<'a>(name: &str, arguments: &'a [Text]) -> Option<Task<'a>> {
    match ProgramKind::of(name) {
        ProgramKind::Shell | ProgramKind::Interpreter => {}
        ProgramKind::Connector
        | ProgramKind::Forwarder
        | ProgramKind::Tunnel
        | ProgramKind::Ordinary => return None,
    }
    let base = base_name(name);
    let is_python = matches!(base, "python" | "pypy");
    let options = Options::of(base);
    let mut arguments = arguments.iter().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "-jar" | "-f" | "--" => return arguments.next().map(Task::File),
            "-m" if is_python => return arguments.next().map(Task::Module),
            option if options.is_instead(option) => return None,
            option if options.with_value.contains(&option) => _ = arguments.next(),
            option if option.starts_with('-') => {}
            _ if base == "java" => return Some(Task::Class(argument)),
            _ => return Some(Task::File(argument)),
        }
    }
    None
}

/// Returns `name` without the version its distribution put behind it: `python3.11` is `python`.
///
/// A name that is nothing but a version stays whole.
pub fn base_name(name: &str) -> &str {
    let base = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    let base = base.strip_suffix('-').unwrap_or(base);
    if base.is_empty() { name } else { base }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_behind_the_name_does_not_hide_an_interpreter() {
        assert_eq!(ProgramKind::of("python3.11"), ProgramKind::Interpreter);
        assert_eq!(ProgramKind::of("php8.2"), ProgramKind::Interpreter);
        assert_eq!(ProgramKind::of("ruby-3.2"), ProgramKind::Interpreter);
    }

    #[test]
    fn a_daemon_is_what_its_name_says() {
        assert_eq!(ProgramKind::of("sshd"), ProgramKind::Ordinary);
        assert_eq!(ProgramKind::of("php-fpm8.2"), ProgramKind::Ordinary);
        assert_eq!(ProgramKind::of("7"), ProgramKind::Ordinary);
    }

    #[test]
    fn an_emulator_is_a_tunnel_for_every_machine_it_emulates() {
        for name in [
            "ssh",
            "kubectl",
            "qemu-system-x86_64",
            "qemu-system-aarch64",
        ] {
            assert_eq!(ProgramKind::of(name), ProgramKind::Tunnel, "{name}");
        }
        assert_eq!(ProgramKind::of("qemu-img"), ProgramKind::Ordinary);
        assert_eq!(ProgramKind::of("sshd"), ProgramKind::Ordinary);
    }

    #[test]
    fn the_script_behind_an_interpreter_is_found() {
        let of = |name: &str, line: &str| {
            let arguments: Vec<_> = line.split(' ').map(Text::from).collect();
            script(name, &arguments).map(Text::to_string)
        };
        let some = |path: &str| Some(path.to_owned());
        assert_eq!(
            of("python3.11", "python3 -u /srv/app.py --port 1"),
            some("/srv/app.py")
        );
        assert_eq!(of("python3.11", "python3 -W ignore app.py"), some("app.py"));
        assert_eq!(of("python3.11", "python3 -m http.server 8000"), None);
        assert_eq!(of("bash", "bash -c make"), None);
        assert_eq!(of("node", "node --require x server.js"), some("server.js"));
        assert_eq!(of("java", "java -Xmx1g -jar app.jar"), some("app.jar"));
        assert_eq!(of("java", "java -cp lib org.example.Main"), None);
        assert_eq!(of("nginx", "nginx conf"), None);
        // What is a flag for one takes a value for another.
        for flag in ["-O", "-I", "-s", "-S", "-E", "-d"] {
            let line = format!("python3 {flag} evil.py /usr/sbin/postgrey");
            assert_eq!(of("python3.11", &line), some("evil.py"), "{flag}");
        }
        assert_eq!(of("python3.11", "python3 -Ic print app.py"), None);
        assert_eq!(of("perl", "perl -ne print app.pl"), None);
        assert_eq!(of("perl", "perl -MNet::Server app.pl"), some("app.pl"));
        assert_eq!(of("php", "php -d x=1 app.php"), some("app.php"));
    }

    #[test]
    fn what_is_no_file_is_told_too() {
        let module = ["python3", "-m", "http.server", "8000"].map(Text::from);
        let name = Text::from("http.server");
        assert_eq!(task("python3.11", &module), Some(Task::Module(&name)));
        let class = ["java", "-cp", "lib", "org.example.Main"].map(Text::from);
        let name = Text::from("org.example.Main");
        assert_eq!(task("java", &class), Some(Task::Class(&name)));
        assert_eq!(
            task("perl", &["perl", "-mX", "-e", "1"].map(Text::from)),
            None
        );
    }

    #[test]
    fn netcat_is_a_connector_in_each_packaging() {
        for name in ["nc", "nc.openbsd", "nc.traditional", "ncat"] {
            assert_eq!(ProgramKind::of(name), ProgramKind::Connector, "{name}");
        }
    }
}
