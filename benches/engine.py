#!/usr/bin/env python3
"""CPU time of `portwise list` against `ss -tuanp`, side by side on the same sockets.

    cargo build --release && python3 benches/engine.py [--size M] [--pairs 5]

Opens the sockets of `workload.py` in a network of its own (root), else beside those of this machine, runs both
programs in turn, and prints the CPU time (user and system) and the peak memory of each run. Ends with 1 when
the median of portwise is above that of ss, with 2 when it could not measure.
"""
import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
INSIDE = "PORTWISE_BENCH_ALONE"


def in_a_network_of_its_own():
    """Starts this script again in a network namespace, where that is permitted."""
    if os.environ.get(INSIDE) or os.geteuid() != 0 or not shutil.which("unshare"):
        return
    os.environ[INSIDE] = "1"
    enter = 'ip link set lo up && exec "$0" "$@"'
    os.execvp("unshare", ["unshare", "--net", "sh", "-c", enter, sys.executable, *sys.argv])


def start_workload(size):
    workload = subprocess.Popen(
        [sys.executable, os.path.join(HERE, "workload.py"), "--size", size], stdout=subprocess.PIPE, text=True
    )
    line = workload.stdout.readline()
    if not line.startswith("READY "):
        sys.exit("the workload did not start")
    return workload, json.loads(line.removeprefix("READY "))


def measure(command):
    """Runs command once; returns CPU milliseconds, peak megabytes and the lines it printed."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        os.dup2(writer, 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.execvp(command[0], command)
    os.close(writer)
    lines = 0
    while chunk := os.read(reader, 1 << 20):
        lines += chunk.count(b"\n")
    os.close(reader)
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"{command}: status {status}")
    return (usage.ru_utime + usage.ru_stime) * 1000, usage.ru_maxrss / 1024, lines


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--size", choices=["S", "M", "L"], default="M")
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--program", default=os.path.join(HERE, "..", "target", "release", "portwise"))
    asked = options.parse_args()
    if not os.path.exists(asked.program):
        sys.exit("no release build: cargo build --release")
    in_a_network_of_its_own()
    contestants = {
        "ss -tuanp": ["ss", "-tuanp"],
        "portwise list": [asked.program, "list"],
        "list --format json": [asked.program, "list", "--format", "json"],
        "portable": [asked.program, "list", "--source", "portable"],
    }
    workload, made = start_workload(asked.size)
    try:
        runs = {name: [] for name in contestants}
        for pair in range(asked.pairs + 1):
            for name, command in contestants.items():
                result = measure(command)
                # The first round only warms up.
                if pair > 0:
                    runs[name].append(result)
    finally:
        workload.send_signal(signal.SIGTERM)
        workload.wait()
    print(f"{made['sockets']} sockets of {made['procs']} processes, {asked.pairs} runs each")
    print(f"{'':20} {'CPU ms':>8} {'min':>8} {'max':>8} {'ratio':>6} {'peak MB':>8} {'lines':>8}")
    median = {name: statistics.median(run[0] for run in of) for name, of in runs.items()}
    bar = median["ss -tuanp"]
    for name, of in runs.items():
        times = [run[0] for run in of]
        peak, lines = max(run[1] for run in of), of[-1][2]
        print(f"{name:20} {median[name]:8.1f} {min(times):8.1f} {max(times):8.1f} "
              f"{median[name] / bar:6.2f} {peak:8.1f} {lines:8}")
    if median["portwise list"] > bar:
        sys.exit("portwise list takes more CPU time than ss -tuanp")


if __name__ == "__main__":
    try:
        main()
    except SystemExit as end:
        # A message means that the bar was missed or nothing could be measured.
        if isinstance(end.code, str):
            print(f"error: {end.code}", file=sys.stderr)
            sys.exit(1 if "takes more" in end.code else 2)
        raise
