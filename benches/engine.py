#!/usr/bin/env python3
"""What portwise costs, side by side with `ss -tuanp` on the same sockets, against the bars we set ourselves.

    cargo build --release && python3 benches/engine.py [--sizes S,M,L] [--rounds 5] [--write docs/performance.md]

Opens the sockets of `workload.py` (S 1,200, M 12,000, L 54,000) in a network of its own (root), else beside those
of this machine, and runs everything in turn, so that whatever else this machine does falls on all alike. A ratio is
between the medians of CPU time (user and system) of one run of this script. Prints each bar with what we got.

Ends with 0 when every bar of the sizes asked for is met, with 1 when one is missed or could not be measured, with 2
when nothing could be measured at all.
"""
import argparse
import datetime
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import measure
from measure import CannotMeasure

PORT = 18_741
SS = "ss -tuanp"
JSON = "list --format json"
PEERS = {"lsof -nP -i": ["lsof", "-nP", "-i"], "netstat -tunap": ["netstat", "-tunap"]}
CHURN = {"M": 500, "L": 2000}
SECONDS = 20
# Long enough for several of the passes that are taken although nothing happens.
QUIET_SECONDS = 60
# Short programs are run so much more often: their times vary most.
ROUNDS = {"S": 4, "M": 2}
KINDS = ["tcp", "udp", "mptcp", "raw", "packet", "unix"]
NOBODY = 65534

# What is measured, the sizes it is judged at with the bar there, and its unit.
BARS = [
    ("first snapshot with owners, of ss", {"S": 0.50, "M": 0.50, "L": 0.42}, "ratio"),
    ("every socket again, of ss", {"M": 0.10, "L": 0.10}, "ratio"),
    ("the same with churn, of ss", {"M": 0.13, "L": 0.13}, "ratio"),
    ("governed, 1 Hz, quiet", {"M": 0.4, "L": 1.0}, "% of a core"),
    ("list --format json, of ss", {"M": 0.70}, "ratio"),
    ("who owns a port, by control group", {"L": 3.0}, "ms"),
    ("peak memory of the collector", {"L": 20.0}, "MB"),
    ("peak memory of the dashboard", {"L": 48.0}, "MB"),
    ("snapshot of a sample, all new", {"L": 30.0}, "ms"),
    ("snapshot of a sample, nothing new", {"L": 6.0}, "ms"),
    ("dashboard at 1 Hz", {"M": 1.5, "L": 4.0}, "% of a core"),
    ("wrong owners after churn", {"S": 0, "M": 0, "L": 0}, "sockets"),
    ("new sockets without owner at once", {"S": 0.2, "M": 0.2, "L": 0.2}, "%"),
    ("bytes wrong of 123,456,789", {"S": 0, "M": 0, "L": 0}, "bytes"),
    ("ends of 3,000 short connections without their bytes", {"S": 0, "M": 0, "L": 0}, "sockets"),
    ("rate of a known sender, off", {"S": 2.0, "M": 2.0, "L": 2.0}, "%"),
    ("counts other than those of ss", {"S": 0, "M": 0, "L": 0}, "kinds"),
    ("missed or not counted as plain user", {"S": 0, "M": 0, "L": 0}, "sockets"),
]


class Figures:
    """What was measured: the value of each bar at each size, the runs of each program, and why a value is missing."""

    def __init__(self):
        self.values, self.notes, self.programs = {}, {}, {}

    def set(self, bar, size, value, note=None):
        self.values[bar, size] = value
        if note:
            self.notes[bar, size] = note

    def missing(self, bar, size, why):
        self.notes[bar, size] = why

    def rows(self, sizes):
        for bar, limits, unit in BARS:
            for size, limit in limits.items():
                if size in sizes:
                    got = self.values.get((bar, size))
                    yield bar, size, got, limit, unit, self.notes.get((bar, size), "")


def is_met(got, limit):
    return got is not None and got <= limit


def programs(asked, collector):
    """Everything that is run to its end, by name."""
    found = {SS: ["ss", "-tuanp"], JSON: [asked.program, "list", "--format", "json"],
             "portwise list": [asked.program, "list"],
             "list --source portable": [asked.program, "list", "--source", "portable"]}
    if collector:
        found["collector first"] = [collector, "first"]
    else:
        # Everything but the output, which is more than a first snapshot alone.
        found["list of nothing"] = [asked.program, "list", "--no-header", "pid:4294967295"]
    if not asked.without_peers:
        found.update({name: command for name, command in PEERS.items() if shutil.which(command[0])})
    return found


def side_by_side(contestants, rounds):
    """Runs them in turn; the first round only warms up. A peer that is slow is run twice."""
    runs = {name: [] for name in contestants}
    for turn in range(rounds + 1):
        for name, command in contestants.items():
            if name in PEERS and turn > 2:
                continue
            result = measure.run(command)
            if turn > 0:
                runs[name].append(result)
    return runs


def cpu(runs):
    return statistics.median(run.cpu_ms for run in runs)


def at_rest(size, asked, tools, figures):
    with measure.workload(size) as made:
        runs = side_by_side(programs(asked, tools["collector"]), asked.rounds * ROUNDS.get(size, 1))
        figures.programs[size] = (made, runs)
        ss = cpu(runs[SS])
        figures.set(BARS[0][0], size, *first_snapshot(runs, ss))
        figures.set("list --format json, of ss", size, cpu(runs[JSON]) / ss)
        steady(size, "every socket again, of ss", asked, tools["collector"], figures)
        governed(size, tools["collector"], figures)
        pipeline(size, tools["pipeline"], figures)
        who_owns(size, tools["owner"], figures)
        counts(size, asked, figures)
        plain_user(size, asked, made, figures)
        if size in ("M", "L"):
            share, peak, written = measure.dashboard(asked.program, SECONDS)
            figures.set("dashboard at 1 Hz", size, share, f"{written:.0f} bytes a second")
            figures.set("peak memory of the dashboard", size, peak)


def first_snapshot(runs, ss):
    """What the first snapshot costs, as every later one is measured: from opening its sources on, without the start of
    the program that takes it, until every socket has its counters and its owners, as `ss` prints them. What we read of
    each process beside (command line, environment, unit and so on), and the start, are in the note."""
    looks = runs.get("collector first")
    if not looks:
        return cpu(runs["list of nothing"]) / ss, "of the whole program, without its output"
    said = [look.json()[0] for look in looks]
    until_owned, inside = (statistics.median(one[key] for one in said) for key in ("until_owned_cpu_ms", "cpu_ms"))
    note = (f"{until_owned:.1f} ms; with what its processes are {inside:.1f} ms, {inside / ss:.3f}; "
            f"as a whole program {cpu(looks):.1f} ms, {cpu(looks) / ss:.3f}")
    return until_owned / ss, note


def steady(size, bar, asked, collector, figures):
    """Reads every socket again and again, in turn with `ss`: a machine that is slower for a while is so for both."""
    if not collector:
        return figures.missing(bar, size, "no bench of the collector")
    ss, said = [], []
    for _ in range(asked.rounds):
        ss.append(measure.run(["ss", "-tuanp"]))
        said += measure.run([collector, "steady", 4, 300]).json()
    cost = statistics.median(one["cpu_ms"] for one in said)
    figures.set(bar, size, cost / cpu(ss), f"{cost:.1f} ms")
    if bar == "every socket again, of ss":
        figures.set("peak memory of the collector", size, max(one["peak_mb"] for one in said))


def governed(size, collector, figures):
    bar = "governed, 1 Hz, quiet"
    if not collector:
        figures.missing("peak memory of the collector", size, "no bench of the collector")
        return figures.missing(bar, size, "no bench of the collector")
    said = measure.run([collector, "governed", QUIET_SECONDS, 1000]).json()
    # Milliseconds a second are tenths of a percent.
    figures.set(bar, size, statistics.mean(one["cpu_ms"] for one in said) / 10)


def pipeline(size, program, figures):
    """Made-up sockets, as many as L has; it knows its own bars, and may have more of them than we name here."""
    if size != "L":
        return
    if not program:
        for bar in ("snapshot of a sample, all new", "snapshot of a sample, nothing new"):
            figures.missing(bar, size, "no bench of the middle")
        return
    for one in measure.run([program, "--json"]).json():
        figures.set(one["what"], size, one["value"])
        if all(bar != one["what"] for bar, _, _ in BARS):
            BARS.append((one["what"], {size: one["bar"]}, one["unit"]))


def who_owns(size, owner, figures):
    bar = "who owns a port, by control group"
    if not owner:
        return figures.missing(bar, size, "no bench of the short way")
    with measure.listener_in_a_group_of_its_own(PORT) as pid:
        if pid is None:
            return figures.missing(bar, size, "needs the right to make a control group")
        said = measure.run([owner, PORT]).json()[-1]
        if said["pids"] is None:
            return figures.missing(bar, size, "the short way is not sure enough here")
        if pid not in said["pids"]:
            raise CannotMeasure(f"port {PORT} is held by {pid}, and we said {said['pids']}")
        figures.set(bar, size, said["commands_cpu_ms"], f"{len(said['pids'])} processes looked into")


def counts(size, asked, figures):
    """Every kind of socket that both `ss` and we show, counted by both."""
    if not os.environ.get(measure.INSIDE):
        return figures.missing("counts other than those of ss", size, "needs a network of its own")
    other = []
    for kind in KINDS:
        theirs = measure.run(["ss", "-aHn", "-A", kind]).lines
        flags = ["-x"] if kind == "unix" else []
        ours = measure.run([asked.program, "list", *flags, "--format", "ndjson", f"proto:{kind}"]).lines
        if ours != theirs:
            other.append(f"{kind} {ours} for {theirs}")
    figures.set("counts other than those of ss", size, len(other), ", ".join(other) or ", ".join(KINDS))


def plain_user(size, asked, made, figures):
    bar = "missed or not counted as plain user"
    if os.geteuid() != 0:
        return figures.missing(bar, size, "needs root, to become nobody")
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        program = shutil.copy(asked.program, folder)
        said = subprocess.run([program, "list", "--format", "json", "proto:tcp,udp"], stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, user=NOBODY, group=NOBODY, extra_groups=[], cwd="/",
                              env={"HOME": "/nonexistent", "PATH": os.environ.get("PATH", "")})
    if said.returncode:
        raise CannotMeasure(f"as nobody: status {said.returncode}")
    said = json.loads(said.stdout)
    wanted = measure.run(["ss", "-tuanH"]).lines
    missed, hidden = abs(wanted - len(said["sockets"])), said["owners_hidden"]
    figures.set(bar, size, missed + abs(made["sockets"] - hidden), f"{wanted} sockets, {hidden} owners hidden")


def exactly(size, exact, figures):
    names = [bar for bar, _, _ in BARS if bar.startswith(("bytes wrong", "ends of 3,000", "rate of a known"))]
    if not exact:
        for bar in names:
            figures.missing(bar, size, "no bench of known bytes")
        return
    with measure.workload(size):
        transfer, short, rates = measure.run([exact]).json()
    figures.set(names[0], size, transfer["off"])
    figures.set(names[1], size, short["ends"] - short["right"], f"{short['reported']} reported")
    figures.set(names[2], size, rates["median_off_percent"], f"median; worst {rates['worst_off_percent']:.2f}")


def with_churn(size, asked, tools, figures):
    collector, bar = tools["collector"], "the same with churn, of ss"
    rate = CHURN.get(size, 100)
    if not collector:
        figures.missing("wrong owners after churn", size, "no bench of the collector")
        return figures.missing(bar, size, "no bench of the collector")
    with measure.workload(size, "--churn", rate, "--churn-procs", 50, "--churn-hold", 200):
        steady(size, bar, asked, collector, figures)
        said = measure.run([collector, "check", 15, 300]).json()[-1]
        new = said.get("new") or 0
        note = f"{said.get('right', 0)} right, {said.get('missing', 0)} missing"
        figures.set("wrong owners after churn", size, said["wrong"], note)
        if new:
            share = (new - said["new_owned_at_once"]) / new * 100
            figures.set("new sockets without owner at once", size, share, f"of {new}")


def number(value, unit):
    if value is None:
        return "-"
    return {"ratio": f"{value:.3f}", "sockets": f"{value:.0f}", "bytes": f"{value:.0f}", "kinds": f"{value:.0f}"}.get(unit, f"{value:.2f}")


def table_of_bars(figures, sizes):
    lines = ["| what | size | got | bar | unit | ok | |", "| --- | --- | ---: | ---: | --- | --- | --- |"]
    for bar, size, got, limit, unit, note in figures.rows(sizes):
        ok = "yes" if is_met(got, limit) else "**no**" if got is not None else "**not measured**"
        lines.append(f"| {bar} | {size} | {number(got, unit)} | {limit} | {unit} | {ok} | {note} |")
    return lines


def table_of_programs(figures, size):
    made, runs = figures.programs[size]
    ss = cpu(runs[SS])
    lines = ["| program | CPU ms | min | max | of ss | peak MB | lines |",
             "| --- | ---: | ---: | ---: | ---: | ---: | ---: |"]
    for name, of in runs.items():
        times = [run.cpu_ms for run in of]
        lines.append(f"| `{name}` | {cpu(of):.1f} | {min(times):.1f} | {max(times):.1f} | {cpu(of) / ss:.2f} "
                     f"| {max(run.peak_mb for run in of):.1f} | {of[-1].lines} |")
    return [f"### {size}: {made['sockets']:,} sockets of {made['procs']} processes", ""] + lines + [""]


def machine():
    with open("/proc/cpuinfo") as file:
        model = re.search(r"^(?:model name|Hardware)\s*:\s*(.*)$", file.read(), re.M)
    ss = subprocess.run(["ss", "-V"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True).stdout.strip()
    return f"{os.cpu_count()} CPUs, {model.group(1) if model else platform.machine()}, Linux {platform.release()}, {ss}"


def document(figures, sizes, note=None):
    today = datetime.date.today().isoformat()
    lines = ["# What portwise costs", "",
             "Made by `python3 benches/engine.py --write docs/performance.md`; not written by hand. All figures are CPU",
             "time (user and system) of one run of that script, medians of runs taken in turn; a ratio is to `ss -tuanp`",
             "on the same sockets. What a snapshot costs is measured within the program that takes it, from opening its",
             "sources on. A first snapshot is measured until every socket has its counters and its owners, which is what `ss`",
             "is asked for; beside it stands what it costs with all that is read of each process, and the whole program. Times",
             "of another machine differ, ratios less so. A peak is never less than that of the Python that starts the program,",
             "about 14 MB.", "",
             f"{today}, {machine()}.{' ' + note if note else ''}", "", "## The bars", ""]
    lines += table_of_bars(figures, sizes) + ["", "## Beside others, as whole programs", ""]
    for size in sizes:
        lines += table_of_programs(figures, size)
    return "\n".join(lines).rstrip() + "\n"


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", default="S,M,L", help="of S, M and L (default all)")
    options.add_argument("--rounds", type=int, default=5,
                         help="how often each program is run at L (default 5); at M twice, at S four times as often")
    options.add_argument("--program", default=os.path.join(measure.ROOT, "target", "release", "portwise"))
    options.add_argument("--without-peers", action="store_true", help="leave lsof and netstat out")
    options.add_argument("--note", help="what else is to be known of these figures, for the report")
    options.add_argument("--write", metavar="FILE", help="write the report here too")
    asked = options.parse_args()
    sizes = [size for size in "SML" if size in asked.sizes.split(",")]
    if not os.path.exists(asked.program):
        raise CannotMeasure("no release build: cargo build --release")
    if not shutil.which("ss") or not sizes:
        raise CannotMeasure("needs `ss` of iproute2, and a size of S, M and L")
    measure.in_a_network_of_its_own()
    tools = {name: measure.bench(name) for name in ("collector", "pipeline", "owner", "exact")}
    figures = Figures()
    for size in sizes:
        at_rest(size, asked, tools, figures)
        with_churn(size, asked, tools, figures)
    # Last: its short connections stay as TIME-WAIT for a minute, and would be in what is measured after them.
    for size in sizes:
        exactly(size, tools["exact"], figures)
    report = document(figures, sizes, asked.note)
    print(report, end="")
    if asked.write:
        with open(asked.write, "w") as file:
            file.write(report)
    missed = [row for row in figures.rows(sizes) if not is_met(row[2], row[3])]
    if missed:
        print(f"\n{len(missed)} of {len(list(figures.rows(sizes)))} bars are missed or were not measured")
    return 1 if missed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (CannotMeasure, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
