"""What `engine.py` measures with: programs run once, a dashboard in a pseudo-terminal, a listener in a control group.

Everything that is started here is ended here, by its process id. Linux, Python 3.8+, the standard library alone.
"""
import atexit
import contextlib
import fcntl
import json
import os
import pty
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
INSIDE = "PORTWISE_BENCH_ALONE"
CONTROL_GROUPS = ("/sys/fs/cgroup/unified", "/sys/fs/cgroup")


class CannotMeasure(Exception):
    """Something that is needed is not there, or did not do what it should."""


class Run:
    """One finished process: CPU milliseconds, peak megabytes, the lines and the first bytes of what it printed."""

    def __init__(self, cpu_ms, peak_mb, lines, head):
        self.cpu_ms, self.peak_mb, self.lines, self.head = cpu_ms, peak_mb, lines, head

    def json(self):
        """The objects that it printed, one a line."""
        try:
            said = [json.loads(line) for line in self.head.splitlines() if line.strip()]
        except ValueError as error:
            raise CannotMeasure(f"no JSON: {error}: {self.head[:200]!r}") from error
        if not said:
            raise CannotMeasure("nothing was said")
        return said


def in_a_network_of_its_own():
    """Starts this script again in a network namespace, where that is permitted.

    And among processes of its own: what else this machine starts meanwhile would be looked at by everyone.
    """
    if os.environ.get(INSIDE) or os.geteuid() != 0 or not shutil.which("unshare"):
        return
    os.environ[INSIDE] = "1"
    enter = 'ip link set lo up && exec "$0" "$@"'
    alone = ["--net", "--pid", "--fork", "--mount-proc", "--kill-child"]
    os.execvp("unshare", ["unshare", *alone, "sh", "-c", enter, sys.executable, *sys.argv])


@contextlib.contextmanager
def workload(size, *more):
    """The sockets of `workload.py`; gives what it made."""
    command = [sys.executable, os.path.join(HERE, "workload.py"), "--size", size, *map(str, more)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        if not line.startswith("READY "):
            raise CannotMeasure("the workload did not start")
        yield json.loads(line[len("READY "):])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def run(command):
    """Runs a program to its end, its output read as fast as it comes."""
    reader, writer = os.pipe()
    opened = [(os.POSIX_SPAWN_DUP2, writer, 1), (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
              (os.POSIX_SPAWN_CLOSE, reader)]
    # Not by a fork: what the copy of this Python costs would be counted as the program's.
    try:
        pid = os.posix_spawnp(command[0], [str(word) for word in command], os.environ, file_actions=opened)
    except OSError as error:
        raise CannotMeasure(f"{command[0]}: {error.strerror}") from error
    os.close(writer)
    lines, head = 0, b""
    while chunk := os.read(reader, 1 << 20):
        lines += chunk.count(b"\n")
        if len(head) < 1 << 16:
            head += chunk
    os.close(reader)
    _, status, usage = os.wait4(pid, 0)
    # lsof ends with 1 when there is anything that it could not look at.
    if os.waitstatus_to_exitcode(status) not in (0, 1):
        raise CannotMeasure(f"{command}: status {status}")
    return Run((usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024, lines, head)


def in_a_home_of_its_own():
    """The variables of a dashboard that remembers nothing and that nobody has configured, here or in a run before: a
    table in another order costs something else."""
    folder = tempfile.TemporaryDirectory(prefix="portwise-bench-")
    atexit.register(folder.cleanup)
    return {"XDG_STATE_HOME": folder.name, "XDG_CONFIG_HOME": folder.name}


def dashboard(program, seconds, columns=120, rows=36):
    """Lets the dashboard run at 1 Hz; returns the share of a core after its first seconds, in percent, its
    peak memory in megabytes, and the bytes a second that it wrote."""
    home = in_a_home_of_its_own()
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ.update(home, TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8")
        try:
            os.execv(program, [program, "--interval", "1s"])
        except OSError:
            os._exit(127)
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        # The first frames and the first scan are not what a second costs.
        drain(terminal, 4)
        begin, before = time.monotonic(), cpu_of(pid)
        written = drain(terminal, seconds)
        share = (cpu_of(pid) - before) / (time.monotonic() - begin) * 100
        peak = status_of(pid, "VmHWM") / 1024
    finally:
        os.kill(pid, signal.SIGTERM)
        drain(terminal, 0.3)
        os.close(terminal)
        os.waitpid(pid, 0)
    if not written:
        raise CannotMeasure("the dashboard drew nothing")
    return share, peak, written / seconds


def drain(terminal, seconds):
    """Reads what a terminal is told for some seconds; returns how many bytes that was."""
    end, count = time.monotonic() + seconds, 0
    while (left := end - time.monotonic()) > 0:
        ready, _, _ = select.select([terminal], [], [], left)
        if ready:
            try:
                count += len(os.read(terminal, 1 << 16))
            except OSError:
                break
    return count


def cpu_of(pid):
    """Seconds of CPU time that a process has used, user and system."""
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def status_of(pid, key):
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith(key + ":"))


@contextlib.contextmanager
def listener_in_a_group_of_its_own(port):
    """A listener whose process is alone in its control group; gives its pid, or nothing where that is not permitted."""
    group = make_group()
    if group is None:
        yield None
        return
    code = ("import socket, sys, time\n"
            "open(sys.argv[1] + '/cgroup.procs', 'w').write('0')\n"
            "listener = socket.create_server(('127.0.0.1', int(sys.argv[2])))\n"
            "print('READY', flush=True)\n"
            "time.sleep(900)\n")
    process = subprocess.Popen([sys.executable, "-c", code, group, str(port)], stdout=subprocess.PIPE, text=True)
    try:
        if process.stdout.readline() != "READY\n":
            raise CannotMeasure("no listener in a control group of its own")
        yield process.pid
    finally:
        process.kill()
        process.wait()
        # The kernel lets go of a group a moment after its last process.
        for _ in range(100):
            with contextlib.suppress(OSError):
                os.rmdir(group)
                break
            time.sleep(0.02)


def make_group():
    for base in CONTROL_GROUPS:
        if os.path.exists(os.path.join(base, "cgroup.procs")):
            group = os.path.join(base, f"portwise-bench-{os.getpid()}")
            with contextlib.suppress(OSError):
                os.mkdir(group)
                return group
    return None


def bench(name):
    """The path of one of our bench programs, built; `None` when there is no such bench."""
    if not os.path.exists(os.path.join(HERE, f"{name}.rs")):
        return None
    command = ["cargo", "bench", "--quiet", "--no-run", "--bench", name, "--message-format", "json"]
    built = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    for line in built.stdout.splitlines():
        message = json.loads(line)
        if message.get("executable") and message.get("target", {}).get("name") == name:
            return message["executable"]
    raise CannotMeasure(f"cargo bench --no-run --bench {name} failed")
