//! Real daemons as Debian configures them, and what an intruder does, each judged as `tests/judgement/` says.
//!
//! With `PORTWISE_RECORD` set, what was judged is kept in `tests/recordings/`.

use crate::support::{
    deadline::{deadline, is_over},
    judged::{Judged, Scenario, recordings, scenarios},
    network::alone,
    process::Spawned,
    skip::{installed, is_root, skip},
};
use portwise::{
    collect::{self, SourceChoice, recording::Writer},
    model::{Extent, Sample, Text},
};
use std::{
    collections::BTreeSet, env, fs, os::unix::fs::PermissionsExt as _, path::Path,
    process::Command, sync::Arc, thread, time::Duration,
};

/// The folder that a scenario runs in: the same everywhere, so that no recording names this machine's own.
const STAGE: &str = "/run/stage";

/// How often to look again.
const AGAIN: Duration = Duration::from_millis(100);

/// The most samples that are kept of what takes time to show.
const MOST_SAMPLES: usize = 60;

/// Gives each scenario a test of its own name, in a network and with mounts of its own.
macro_rules! play {
    ($($name:ident)*) => {
        const PLAYED: &[&str] = &[$(stringify!($name)),*];
        $(
            #[test]
            fn $name() {
                alone(|| play(stringify!($name)));
            }
        )*
    };
}

play! {
    openssh_server
    nginx
    postgresql
    redis_server
    postfix
    dovecot_imapd
    unbound
    mosquitto
    memcached
    mariadb_server
    prometheus_node_exporter
    chrony
    avahi_daemon
    cups
    rsync
    node_development_server
    python_development_server
    interpreters_with_options
    curl
    git
    apt
    apache2
    haproxy
    squid
    exim4
    lighttpd
    php_fpm
    samba
    nfs
    dnsmasq
    slapd
    rabbitmq
    etcd
    prometheus
    influxdb
    tor
    xrdp
    syncthing
    transmission
    mpd
    stunnel
    zabbix_agent
    snmpd
    munin_node
    nsd
    bind9
    varnish
    icecast2
    prosody
    inspircd
    ngircd
    mumble_server
    dropbear
    tftpd
    rsyslog
    minidlna
    tomcat
    jetty
    proftpd
    privoxy
    tinyproxy
    krb5_kdc
    apt_cacher_ng
    nrpe
    monit
    blackbox_exporter
    pushgateway
    pgbouncer
    beanstalkd
    gearmand
    nats
    redis_sentinel
    spamd
    rspamd
    opendkim
    mini_httpd
    lldpd
    iperf3
    kea
    caddy
    pdns_recursor
    alertmanager
    pgpool
    keepalived
    frr
    gunicorn
    django
    uwsgi
    puma
    jupyter
    uvicorn
    vite_like
    ssh_forwards
    mosh
    tigervnc
    novnc
    x11vnc
    dhclient
    openvpn
    aria2
    sslh
    dante
    shadowsocks
    strongswan
    nbd
    tgt
    bacula_fd
    ptp4l
    darkstat
    node_inspect
    health_checks
    svnserve
    hg_serve
    bitlbee
    dnsdist
    stubby
    graphite_carbon
    freeradius
    isc_dhcp_server
    radvd
    distccd
    rinetd
    saned
    postgrey
    snapserver
    ganglia_monitor
    deluged
    icecc_scheduler
    webfsd
    mysqld_exporter
    postgres_exporter
    snmp_exporter
    process_exporter
    kamailio
    vsftpd
    owserver
    postsrsd
    conserver
    softflowd
    pmacctd
    babeld
    igmpproxy
    tinc
    hitch
    iodined
    wpa_supplicant
    hostapd
    mtail
    php_development_server
    database_clients
    ssh_client
    reverse_shell_bash
    reverse_shell_python
    reverse_shell_perl
    reverse_shell_php
    reverse_shell_socat_pty
    reverse_shell_netcat
    reverse_shell_mkfifo
    bind_shell_netcat_waits
    bind_shell_netcat
    listener_in_shared_memory
    listener_deleted
    listener_in_memory
    kernel_thread_by_name
    sshd_in_a_home
    preloaded_library
    netcat_on_22
    netcat_on_25
    netcat_on_587
    netcat_on_3306
    redis_for_everybody
    docker_api
    sniffer
    accept_queue_full
    reverse_shell_socat
    bind_shell_socat
    reverse_shell_node
    beacon
    port_sweep
    port_sweep_of_listeners
    close_wait_pile
    reverse_shell_ruby
    reverse_shell_ruby_popen
    reverse_shell_lua
    reverse_shell_awk
    reverse_shell_openssl
    reverse_shell_telnet
    reverse_shell_socat_tls
    reverse_shell_ncat
    reverse_shell_busybox
    reverse_shell_python_pty
    reverse_shell_python_popen
    reverse_shell_renamed
    piped_into_shell
    bind_shell_perl
    bind_shell_ruby
    bind_shell_php_waits
    bind_shell_inetd
    bind_shell_socat_pty
    udp_shell
    listener_deleted_folder
    listener_in_var_tmp
    listener_in_hidden_folder
    name_with_trailing_space
    name_in_cyrillic
    renamed_by_prctl
    kernel_thread_calls_home
    preloaded_everywhere
    library_path_in_temp
    python_modules_in_temp
    node_option_in_temp
    miner
    socks_by_nobody_known
    memcached_for_everybody
    etcd_for_everybody
    mongo_mimic
    elasticsearch_mimic
    kubelet_mimic
    kubelet_mimic_10250
    backdoor_31337
    backdoor_1337
    icmp_shell
    orphan
    obscure_1587
    script_in_temp
    telnetd
    x_for_everybody
    node_debugger
    packaged_file_changed
    bind_shell_socat_waits
    beacon_between_looks
    reverse_shell_zsh
    reverse_shell_node_net
    reverse_shell_perl_fork
    reverse_shell_bash_one_way
    reverse_shell_bash_loop
    reverse_shell_as_www_data
    reverse_shell_postgres
    reverse_shell_renamed_pipes
    reverse_shell_renamed_netcat
    reverse_shell_renamed_shell
    sshd_from_temp
    proxy_as_kernel_thread
    hidden_cron_job
    deleted_and_renamed
    ld_audit
    memfd_python
    miner_as_mysqld
    sniffer_by_web_user
    udp_shell_python
    unix_relayed_shell
    wrong_program_on_443
    wrong_program_on_5432
    compiled_from_var_tmp
    bind_shell_node
    python_exec_loop
    base64_python
}

#[test]
fn every_scenario_is_played() {
    let scenarios = scenarios();
    let known: BTreeSet<&str> = scenarios
        .iter()
        .map(|scenario| scenario.name.as_str())
        .collect();
    assert_eq!(known, PLAYED.iter().copied().collect());
    assert_eq!(known.len(), scenarios.len(), "a name is there twice");
}

fn play(name: &str) {
    let scenarios = scenarios();
    let scenario = scenarios
        .iter()
        .find(|scenario| scenario.name == name)
        .unwrap();
    if !is_root() {
        return skip(name, "needs root, to start a daemon as its package does");
    }
    if let Some(missing) = scenario
        .needs
        .iter()
        .find(|program| installed(&[program]).is_none())
    {
        if scenario.optional {
            return eprintln!(
                "left out {name}: {missing} is not installed; its recording is judged"
            );
        }
        return skip(name, &format!("{missing} is not installed"));
    }
    set_the_stage();
    let mut command = Command::new("bash");
    command.args(["-euc", &format!("{PRELUDE}\n{}", scenario.run)]);
    command.current_dir(STAGE).env_clear().envs([
        ("HOME", "/root"),
        (
            "PATH",
            "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ),
        ("LC_ALL", "C.UTF-8"),
    ]);
    let _running = Spawned::quietly(&mut command);
    let (samples, judged) = watch(scenario);
    assert!(
        judged.faults.is_empty(),
        "{name}: {:#?}\nfindings: {:?}\nlog: {}",
        judged.faults,
        judged.findings,
        fs::read_to_string(format!("{STAGE}/log")).unwrap_or_default()
    );
    if env::var_os("PORTWISE_RECORD").is_some() {
        keep(name, samples);
    }
}

/// What every scenario can use. `as USER` and `bound USER` run what follows as that user, the latter with the right to
/// take any port. `other PORT` is somebody who takes connections on that port and keeps them.
const PRELUDE: &str = r#"
exec 2>log
as() { exec setpriv --reuid="$1" --regid="$(id -g "$1")" --init-groups "${@:2}"; }
bound() { as "$1" --inh-caps=+net_bind_service --ambient-caps=+net_bind_service "${@:2}"; }
other() {
  python3 -c 'import socket, sys
listener, kept = socket.create_server(("127.0.0.1", int(sys.argv[1]))), []
while True: kept.append(listener.accept())' "$1" &
  until (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>>/dev/null; do sleep 0.05; done
}
"#;

/// Mounts what a daemon writes to over what is there, and a fresh place for an intruder, for this test alone.
fn set_the_stage() {
    // No terminal: what is started by hand is judged otherwise.
    rustix::process::setsid().unwrap();
    // As a service manager starts daemons: theirs is what root makes for them, whatever was usual for who runs the tests.
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o022));
    mount(&["-t", "tmpfs", "-o", "mode=755", "tmpfs", "/run"]);
    fs::create_dir(KEPT).unwrap();
    mount(&["--bind", env!("CARGO_MANIFEST_DIR"), KEPT]);
    for folder in ["lock", "upper", "work", "stage"] {
        fs::create_dir(format!("/run/{folder}")).unwrap();
    }
    let layers = "lowerdir=/var,upperdir=/run/upper,workdir=/run/work";
    mount(&["-t", "overlay", "-o", layers, "overlay", "/var"]);
    for (folder, mode) in [("/home", "755"), ("/tmp", "1777"), ("/dev/shm", "1777")] {
        let mode = format!("mode={mode}");
        mount(&["-t", "tmpfs", "-o", &mode, "tmpfs", folder]);
    }
}

/// Where the repository stands when `/tmp` is covered.
const KEPT: &str = "/run/kept";

#[track_caller]
fn mount(args: &[&str]) {
    let mounted = Command::new("mount").args(args).status().unwrap();
    assert!(mounted.success(), "mount {args:?}");
}

/// Looks until all is as it must be, or patience ends.
fn watch(scenario: &Scenario) -> (Vec<Sample>, Judged) {
    let mut source = collect::open(&SourceChoice::Auto, Extent::default()).unwrap();
    let end = deadline();
    let mut samples: Vec<Sample> = vec![];
    let mut declared = None;
    loop {
        let mut sample = source.sample().unwrap().unwrap();
        // Only the first sample says it, and it may not be among those that are kept.
        let declared = declared.get_or_insert_with(|| sample.declared.clone());
        sample.declared = vec![];
        samples.push(sample);
        let most = match scenario.every {
            Some(_) => MOST_SAMPLES,
            None => 1,
        };
        let first = samples.len().saturating_sub(most);
        samples.drain(..first);
        samples[0].declared.clone_from(declared);
        let judged = scenario.judge(&samples);
        let is_settled = judged.faults.is_empty() && samples.len() >= scenario.looks;
        if is_settled || is_over(end) {
            return (samples, judged);
        }
        thread::park_timeout(scenario.every.map_or(AGAIN, Duration::from_millis));
    }
}

/// Writes the recording of a scenario, without what only this machine says.
fn keep(name: &str, mut samples: Vec<Sample>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = Path::new(KEPT).join(recordings().strip_prefix(root).unwrap());
    let path = path.join(format!("{name}.jsonl"));
    drop(fs::remove_file(&path));
    let mut writer = Writer::create(&path).unwrap();
    for sample in &mut samples {
        depersonalise(sample);
        writer.append(sample).unwrap();
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
}

fn depersonalise(sample: &mut Sample) {
    sample.host = Text::from("machine");
    let ports: BTreeSet<u16> = sample
        .sockets
        .iter()
        .flat_map(|socket| {
            [
                Some(socket.local().port),
                socket.peer().map(|peer| peer.port),
            ]
        })
        .flatten()
        .collect();
    let is_asked = |port: &u16, first, last| (first..=last).contains(port);
    sample.declared.retain(|one| {
        ports
            .iter()
            .any(|port| is_asked(port, one.ports.first, one.ports.last))
    });
    for socket in Arc::make_mut(&mut sample.sockets)
        .iter_mut()
        .chain(&mut sample.ended)
    {
        let socket = Arc::make_mut(socket);
        socket.change(|told| (told.cgroup, told.netns) = (None, None));
    }
    for process in &mut sample.processes {
        for ancestor in &mut Arc::make_mut(process).ancestors {
            // The name of a test program ends in a number of its own.
            if ancestor.name.as_str().starts_with("machine-") {
                ancestor.name = Text::from("test");
            }
        }
    }
}
