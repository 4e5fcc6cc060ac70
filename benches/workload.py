#!/usr/bin/env python3
"""A socket workload on loopback, for measuring network monitors on the same ground.

One command starts it, one SIGTERM (or Ctrl-C) to its pid ends all of it:

    python3 benches/workload.py --size M &      # prints one line "READY {...}" when all is up
    ...measure...
    kill -TERM $!                             # every process it made is gone afterwards

What it makes (Linux, Python 3.8+, nothing but the standard library):

  * P worker processes (comm "wl-0000", "wl-0001", ...), each the owner of
    - its share of L listening TCP sockets, on 127.x.y.z:20000+j, one address a process,
    - its share of C established TCP connections to listeners of all the workers
      (both ends live in the workload: C connections are 2*C sockets),
    - its share of U UDP sockets, half bound only, half connected,
    - --extra-fds descriptors that are no sockets (pipes), as real programs have.
  * --idle N processes that own no socket at all (only the extra descriptors).
  * --churn R: R short connections a second are opened and closed again, each held for
    --churn-hold milliseconds (0: closed at once), by --churn-procs N processes (default 1),
    each with both ends of its own connections.
  * --traffic K --traffic-bps B: one sender and one receiver process with K connections
    to 127.0.0.2:30000+k, each carrying B bytes a second.

  size   procs   listeners   connections   UDP     sockets in all (TCP + UDP)
  S         20         100           500    100      1,200
  M        200       1,000         5,000  1,000     12,000
  L        500       2,000        25,000  2,000     54,000

Any number can be given by itself (--procs, --listeners, --conns, --udp), on top of a size.

Bounds: only addresses in 127.0.0.0/8 are used; it ends by itself after --max-seconds
(default 900); every child dies with the parent (PR_SET_PDEATHSIG); connections are closed
with a reset (SO_LINGER 0), so no TIME_WAIT sockets are left to spoil the next run.
The soft limit of open files is raised to the hard one; the start fails with a clear
message if that is still too small.  Needs about 1.5 MB of memory a process.

The READY line is JSON after the word READY: what exists, for checking how complete a
tool's picture is:  procs, listeners, conns, udp, tcp_sockets, udp_sockets, sockets,
pid (of the parent), setup_s.
"""
import argparse
import ctypes
import gc
import json
import os
import resource
import select
import signal
import socket
import struct
import sys
import time

SIZES = {
    #      procs, listeners, conns, udp
    "S": (20, 100, 500, 100),
    "M": (200, 1000, 5000, 1000),
    "L": (500, 2000, 25000, 2000),
}
PORT0 = 20000          # listeners: PORT0 + j
UDP_PORT0 = 40000      # UDP: UDP_PORT0 + j
TRAFFIC_ADDR, TRAFFIC_PORT0 = "127.0.0.2", 30000
CHURN_ADDR, CHURN_PORT = "127.0.0.3", 31000
LINGER0 = struct.pack("ii", 1, 0)
PRIME = 7919           # spreads connection k over the listeners

libc = ctypes.CDLL(None, use_errno=True)


def prctl(option, arg):
    libc.prctl(option, arg, 0, 0, 0)


def become(name, parent):
    """Name this process and let it die with the parent."""
    prctl(15, ctypes.c_char_p(name.encode()[:15]))          # PR_SET_NAME
    prctl(1, ctypes.c_ulong(signal.SIGKILL))                # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(0)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def addr_of(worker):
    """A loopback address of its own for each worker: 127.1.0.1, 127.1.0.2, ..."""
    return "127.1.%d.%d" % (worker // 250, worker % 250 + 1)


def listener_addr(index, procs):
    """Listener number index belongs to worker index % procs."""
    return addr_of(index % procs), PORT0 + index // procs


def worker(i, a, expected, report, go):
    """Listeners first, then (told to go) connections and accepts, then sleep for ever."""
    keep = []
    mine = list(range(i, a.listeners, a.procs))
    ls = []
    for index in mine:
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind(listener_addr(index, a.procs))
        s.listen(4096)
        ls.append(s)
    for _ in range(a.extra_fds // 2):
        keep.append(os.pipe())
    for n, index in enumerate(range(i, a.udp, a.procs)):
        u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        u.bind((addr_of(i), UDP_PORT0 + index // a.procs))
        if n % 2:
            u.connect((addr_of((i + 1) % a.procs), UDP_PORT0))
        keep.append(u)
    os.write(report, b"L")
    os.read(go, 1)
    for k in range(i, a.conns, a.procs):
        c = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)
        c.connect(listener_addr(k * PRIME % a.listeners, a.procs))
        keep.append(c)
    for index, s in zip(mine, ls):
        for _ in range(expected[index]):
            c, _peer = s.accept()
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)
            keep.append(c)
    keep.append(ls)
    os.write(report, b"C")
    while True:
        signal.pause()


def idle(a, report):
    keep = [os.pipe() for _ in range(a.extra_fds // 2)]
    os.write(report, b"I")
    while keep:
        signal.pause()


def churn(a, n, report):
    """Its share of the R short connections a second, in ticks of 10 ms, both ends in this process."""
    rate, port = a.churn / a.churn_procs, CHURN_PORT + n
    ls = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    ls.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    ls.bind((CHURN_ADDR, port))
    ls.listen(4096)
    os.write(report, b"I")
    alive, t0, done, hold = [], time.monotonic(), 0, a.churn_hold / 1000.0
    while True:
        now = time.monotonic()
        due = int((now - t0) * rate)
        while done < due:
            c = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)
            c.connect((CHURN_ADDR, port))
            d, _peer = ls.accept()
            d.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)
            alive.append((time.monotonic() + hold, c, d))
            done += 1
        now, cut = time.monotonic(), 0
        while cut < len(alive) and alive[cut][0] <= now:
            alive[cut][1].close()
            alive[cut][2].close()
            cut += 1
        del alive[:cut]
        time.sleep(0.01)


def traffic_receiver(a, report):
    ls = []
    for k in range(a.traffic):
        s = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        s.bind((TRAFFIC_ADDR, TRAFFIC_PORT0 + k))
        s.listen(16)
        ls.append(s)
    os.write(report, b"I")
    ep, conns = select.epoll(), {}
    for s in ls:
        c, _peer = s.accept()
        c.setblocking(False)
        ep.register(c.fileno(), select.EPOLLIN)
        conns[c.fileno()] = c
    while True:
        for fd, _event in ep.poll():
            try:
                if not conns[fd].recv(1 << 20):
                    return
            except BlockingIOError:
                pass


def traffic_sender(a, report):
    conns = []
    for k in range(a.traffic):
        c = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER0)
        for _ in range(200):
            try:
                c.connect((TRAFFIC_ADDR, TRAFFIC_PORT0 + k))
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        conns.append(c)
    os.write(report, b"I")
    t0, sent, block = time.monotonic(), 0, bytes(1 << 20)
    while True:
        due = int((time.monotonic() - t0) * a.traffic_bps)
        while sent < due:
            n = min(due - sent, len(block))
            for c in conns:
                c.sendall(block[:n])
            sent += n
        time.sleep(0.02)


def main():
    ap = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    ap.add_argument("--size", choices=sorted(SIZES), default="S")
    for name in ("procs", "listeners", "conns", "udp"):
        ap.add_argument("--" + name, type=int)
    ap.add_argument("--extra-fds", type=int, default=10, help="descriptors a process that are no sockets (default 10)")
    ap.add_argument("--idle", type=int, default=0, help="processes without any socket (default 0)")
    ap.add_argument("--churn", type=float, default=0, help="short connections opened and closed a second")
    ap.add_argument("--churn-hold", type=float, default=0, help="milliseconds each of them is held (default 0)")
    ap.add_argument("--churn-procs", type=int, default=1, help="processes that share the churn (default 1)")
    ap.add_argument("--traffic", type=int, default=0, help="connections that carry traffic")
    ap.add_argument("--traffic-bps", type=float, default=1e6, help="bytes a second on each of them (default 1e6)")
    ap.add_argument("--max-seconds", type=int, default=900, help="ends by itself after this long (default 900)")
    a = ap.parse_args()
    for name, value in zip(("procs", "listeners", "conns", "udp"), SIZES[a.size]):
        if getattr(a, name) is None:
            setattr(a, name, value)
    if a.procs < 1 or a.listeners < 1:
        sys.exit("workload: at least one process and one listener")
    if a.procs > 60000:
        sys.exit("workload: too many processes for the addresses 127.1.0.0/16")

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    need = 2 * a.conns // a.procs + a.listeners // a.procs + a.udp // a.procs + a.extra_fds + 2 * a.procs + 200
    if hard != resource.RLIM_INFINITY and need > hard:
        sys.exit("workload: about %d open files a process needed, the hard limit is %d" % (need, hard))

    expected = [0] * a.listeners
    for k in range(a.conns):
        expected[k * PRIME % a.listeners] += 1

    t0 = time.monotonic()
    parent, pids = os.getpid(), []
    report_r, report_w = os.pipe()
    go_r, go_w = os.pipe()
    gc.collect()
    gc.freeze()

    def spawn(name, body):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                become(name, parent)
                os.close(report_r)
                os.close(go_w)
                body()
                code = 0
            except BaseException as e:                      # said once, then the child is gone
                sys.stderr.write("workload: %s: %r\n" % (name, e))
            finally:
                os._exit(code)
        pids.append(pid)

    def stop(_sig=None, _frame=None, code=0):
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        for pid in pids:
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass
        os._exit(code)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(a.max_seconds)

    def await_reports(n, what):
        deadline, got = time.monotonic() + 120, 0
        while got < n:
            left = deadline - time.monotonic()
            if left <= 0 or not select.select([report_r], [], [], left)[0]:
                sys.stderr.write("workload: only %d of %d processes %s\n" % (got, n, what))
                stop(code=1)
            got += len(os.read(report_r, n - got))

    for i in range(a.procs):
        spawn("wl-%04d" % i, lambda i=i: worker(i, a, expected, report_w, go_r))
    for i in range(a.idle):
        spawn("wl-idle-%04d" % i, lambda: idle(a, report_w))
    await_reports(a.procs + a.idle, "have their listeners")
    os.write(go_w, b"g" * a.procs)
    await_reports(a.procs, "have their connections")
    extra = 0
    if a.churn > 0:
        for n in range(a.churn_procs):
            spawn("wl-churn-%04d" % n, lambda n=n: churn(a, n, report_w))
        extra += a.churn_procs
    if a.traffic > 0:
        spawn("wl-receive", lambda: traffic_receiver(a, report_w))
        spawn("wl-send", lambda: traffic_sender(a, report_w))
        extra += 2
    await_reports(extra, "have their traffic")

    tcp = a.listeners + 2 * a.conns + 3 * a.traffic + (a.churn_procs if a.churn > 0 else 0)
    print("READY " + json.dumps({
        "pid": parent, "size": a.size, "procs": a.procs, "idle": a.idle, "listeners": a.listeners,
        "conns": a.conns, "udp": a.udp, "traffic": a.traffic, "churn": a.churn,
        "tcp_sockets": tcp, "udp_sockets": a.udp, "sockets": tcp + a.udp,
        "setup_s": round(time.monotonic() - t0, 2)}), flush=True)
    while True:
        try:
            os.wait()                                       # a child that ends early is worth a word
            sys.stderr.write("workload: a child ended\n")
        except ChildProcessError:
            return
        except InterruptedError:
            continue


if __name__ == "__main__":
    main()
