#!/usr/bin/env python3
"""What the dashboard costs and how fast it answers, in a pseudo-terminal of 120 by 36, against our own bars.

    cargo build --release && python3 benches/dashboard.py [--sizes 100,S,M,L] [--seconds 20] [--json] [--program PATH]
                                                          [--write docs/dashboard.md] [--note TEXT]

Opens the sockets of `workload.py` (100; S 1,200; M 12,000; L 54,000) in a network of its own (root), else beside those
of this machine. A frame is what lies between the marks of a synchronised update, which the dashboard writes around each.
Prints each bar with what we got.

Ends with 0 when every bar of the sizes asked for is met, with 1 when one is missed, with 2 when nothing could be
measured.
"""
import argparse
import contextlib
import datetime
import fcntl
import json
import os
import pty
import select
import signal
import struct
import sys
import termios
import time

import measure
from engine import machine
from measure import CannotMeasure, status_of

FRAME_ENDS = b"\x1b[?2026l"
KEYS = b"jjjjkjjkkjjjj\x04\x04\x15Gg"
PASTED = 5000
# How often all of KEYS are pressed: one of 100 is then not the slowest of all.
ROUNDS = 24
SORTS = b"s" * 12
FILTER = b"/wl-0077"
SIZES = {
    "100": ("S", "--procs", 5, "--listeners", 20, "--conns", 30, "--udp", 20),
    "S": ("S",),
    "M": ("M",),
    "L": ("L",),
}

# What is measured, the sizes it is judged at with the bar there, and its unit.
BARS = {
    "first frame": ({"100": 60, "S": 60, "L": 60}, "ms"),
    "first rows, of the time to their owners": ({"L": 0.8}, "ratio"),
    "key to finished frame, median": ({"S": 5, "L": 5}, "ms"),
    "key to finished frame, 99 of 100": ({"S": 5, "L": 5}, "ms"),
    "CPU of one frame": ({"S": 0.5, "L": 0.5}, "ms"),
    "sorted by another column, the slowest": ({"S": 15, "L": 15}, "ms of CPU"),
    "another letter of a filter, the slowest": ({"S": 15, "L": 15}, "ms of CPU"),
    "frames for 5,000 keys typed at once": ({"S": 1, "L": 1}, "frames"),
    "frames for a paste of 5,000 letters": ({"S": 1, "L": 1}, "frames"),
    "written at 1 Hz": ({"S": 2.5, "M": 2.5, "L": 2.5}, "kB/s"),
    "CPU at 1 Hz": ({"100": 0.5, "S": 0.5, "M": 1.5, "L": 4.0}, "% of a core"),
    "of it the thread that draws": ({}, "% of a core"),
    "of it the thread that reads keys": ({}, "% of a core"),
    "peak memory": ({"L": 48}, "MB"),
    "hang-up to end": ({"S": 300, "L": 300}, "ms"),
}


class Dashboard:
    """The program in a terminal of its own."""

    def __init__(self, program, columns=120, rows=36):
        home = measure.in_a_home_of_its_own()
        self.began = time.monotonic()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(home, TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8")
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
            try:
                os.execv(program, [program, "--interval", "1s"])
            except OSError:
                os._exit(127)

    def read(self, until):
        """What it writes next, before that time; nothing when it writes nothing."""
        left = until - time.monotonic()
        if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
            return b""
        try:
            chunk = os.read(self.terminal, 1 << 18)
            if b"\x1b[c" in chunk:
                # As every terminal does that is asked what it is, here a dark one.
                os.write(self.terminal, b"\x1b]11;rgb:1010/1414/1c1c\x1b\\\x1b[?62;22c")
            return chunk
        except OSError as error:
            raise CannotMeasure("the dashboard has ended") from error

    def next_frame(self, most=10):
        """Waits for the end of a frame; returns when that was."""
        end, tail = time.monotonic() + most, b""
        while chunk := self.read(end):
            tail = tail[-len(FRAME_ENDS):] + chunk
            if FRAME_ENDS in tail:
                return time.monotonic()
        raise CannotMeasure("no frame came")

    def until_text(self, *texts, most=20):
        """When each of the texts was first written, in order."""
        found, seen, end = {}, b"", time.monotonic() + most
        while len(found) < len(texts) and (chunk := self.read(end)):
            seen += chunk
            for text in texts:
                if text in seen:
                    found.setdefault(text, time.monotonic())
        if len(found) < len(texts):
            raise CannotMeasure(f"{texts} did not come")
        return [found[text] for text in texts]

    def hang_up(self):
        """Closes the terminal; returns how many milliseconds it took the program to end."""
        begin = time.monotonic()
        os.close(self.terminal)
        self.terminal = None
        while time.monotonic() < begin + 10:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                self.pid = None
                return (time.monotonic() - begin) * 1000
            time.sleep(0.002)
        raise CannotMeasure("it did not end with its terminal")

    def drain(self, seconds):
        """Reads for some seconds; returns the bytes and the frames."""
        end, count, frames, tail = time.monotonic() + seconds, 0, 0, b""
        while time.monotonic() < end:
            chunk = self.read(end)
            count += len(chunk)
            tail = tail[-len(FRAME_ENDS) + 1:] + chunk
            frames += tail.count(FRAME_ENDS)
            tail = tail[-len(FRAME_ENDS) + 1:]
        return count, frames

    def type_in(self, data, seconds):
        """Types all of it at once, and reads meanwhile and for some seconds after; returns the frames."""
        frames, tail, end = 0, b"", time.monotonic() + 10
        os.set_blocking(self.terminal, False)
        while (left := end - time.monotonic()) > 0:
            writing = [self.terminal] if data else []
            readable, writable, _ = select.select([self.terminal], writing, [], left)
            if readable:
                tail = tail[-len(FRAME_ENDS) + 1:] + os.read(self.terminal, 1 << 18)
                frames += tail.count(FRAME_ENDS)
            if writable:
                with contextlib.suppress(BlockingIOError):
                    data = data[os.write(self.terminal, data):]
                if not data:
                    end = time.monotonic() + seconds
        os.set_blocking(self.terminal, True)
        return frames

    def is_quiet(self, seconds=0.03):
        return not self.read(time.monotonic() + seconds)

    def press(self, key):
        """Presses a key while nothing else is drawn; returns how many milliseconds its frame took."""
        for _ in range(200):
            if self.is_quiet():
                break
        begin = time.monotonic()
        os.write(self.terminal, key)
        return (self.next_frame() - begin) * 1000

    def leave(self):
        if self.pid is None:
            return
        with contextlib.suppress(OSError):
            os.kill(self.pid, signal.SIGTERM)
            with contextlib.suppress(CannotMeasure):
                self.drain(0.3)
        if self.terminal is not None:
            os.close(self.terminal)
        os.waitpid(self.pid, 0)


@contextlib.contextmanager
def dashboard(program):
    it = Dashboard(program)
    try:
        yield it
    finally:
        it.leave()


def cpu_of(pid):
    """Nanoseconds of CPU time of each thread that runs now, by its number; the one that draws has that of the process."""
    times = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/schedstat") as file:
            times[int(thread)] = int(file.read().split()[0])
    return times


def drawing_cpu(pid):
    """Milliseconds of CPU time of the thread that draws."""
    return cpu_of(pid)[pid] / 1e6


def name_of(pid, thread):
    with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{thread}/comm") as file:
        return file.read().strip()
    return ""


def idle(it, seconds, figures):
    """What it costs while nobody types."""
    begin, before = time.monotonic(), cpu_of(it.pid)
    written, _ = it.drain(seconds)
    took = time.monotonic() - begin
    spent = {thread: now - before.get(thread, 0) for thread, now in cpu_of(it.pid).items()}

    def share(nanoseconds):
        return nanoseconds / 1e9 / took * 100

    figures["CPU at 1 Hz"] = share(sum(spent.values()))
    figures["of it the thread that draws"] = share(spent[it.pid])
    reading = [thread for thread in spent if name_of(it.pid, thread) == "input"]
    figures["of it the thread that reads keys"] = share(sum(spent[thread] for thread in reading))
    figures["written at 1 Hz"] = written / seconds / 1000


def keys(it, figures):
    """What a key costs, and how soon its frame is there."""
    before = drawing_cpu(it.pid)
    took = sorted(it.press(bytes([key])) for _ in range(ROUNDS) for key in KEYS)
    figures["CPU of one frame"] = (drawing_cpu(it.pid) - before) / len(took)
    figures["key to finished frame, median"] = took[len(took) // 2]
    figures["key to finished frame, 99 of 100"] = took[int(len(took) * 0.99)]

    def slowest(pressed):
        costs = []
        for key in pressed:
            before = drawing_cpu(it.pid)
            it.press(bytes([key]))
            costs.append(drawing_cpu(it.pid) - before)
        return max(costs)

    figures["sorted by another column, the slowest"] = slowest(SORTS)
    figures["another letter of a filter, the slowest"] = slowest(FILTER)


def pasted(it, figures):
    """How many frames much text at once makes, in the line of the filter. No snapshot comes within that time."""
    it.press(b"\x15")
    it.drain(0.2)
    it.next_frame()
    figures["frames for 5,000 keys typed at once"] = it.type_in(b"p" * PASTED, 0.5)
    it.press(b"\x15")
    it.drain(0.2)
    it.next_frame()
    text = b"\x1b[200~" + b"p" * PASTED + b"\x1b[201~"
    figures["frames for a paste of 5,000 letters"] = it.type_in(text, 0.5)


def measured(program, seconds, size):
    """Every figure of one size, by name."""
    figures = {}
    with dashboard(program) as it:
        figures["first frame"] = (it.next_frame() - it.began) * 1000
        rows, owners = it.until_text(b"127.", b"python3")
        figures["first rows, of the time to their owners"] = (rows - it.began) / (owners - it.began)
        it.drain(5)
        idle(it, seconds, figures)
        if size != "100":
            keys(it, figures)
            pasted(it, figures)
        figures["peak memory"] = status_of(it.pid, "VmHWM") / 1024
        figures["hang-up to end"] = it.hang_up()
    return figures


def rows(figures):
    """Each figure: what, size, got, bar or nothing, unit, whether it is met."""
    for what, (limits, unit) in BARS.items():
        for size, of in figures.items():
            if what in of:
                bar = limits.get(size)
                yield what, size, of[what], bar, unit, bar is None or of[what] <= bar


def document(figures, note):
    lines = ["# What the dashboard costs", "",
             "Made by `python3 benches/dashboard.py --write docs/dashboard.md`; not written by hand. A pseudo-terminal of",
             "120 by 36, read every second; 100 sockets, S 1,200, M 12,000, L 54,000. Times from a key to its frame are on",
             "the clock, so they hold what else the machine does; a frame's cost is CPU time of the thread that draws.", "",
             f"{datetime.date.today().isoformat()}, {machine()}.{' ' + note if note else ''}", "",
             "| what | size | got | bar | unit | ok |", "| --- | --- | ---: | ---: | --- | --- |"]
    for what, size, got, bar, unit, ok in rows(figures):
        verdict = "" if bar is None else "yes" if ok else "**no**"
        lines.append(f"| {what} | {size} | {got:.2f} | {'' if bar is None else bar} | {unit} | {verdict} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="100,S,M,L", help="which workloads, comma-separated")
    parser.add_argument("--seconds", type=float, default=20, help="how long it is watched while nobody types")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--program", default=os.path.join(measure.ROOT, "target/release/portwise"))
    parser.add_argument("--note", help="what else is to be known of these figures, for the report")
    parser.add_argument("--write", metavar="FILE", help="write the report here too")
    asked = parser.parse_args()
    measure.in_a_network_of_its_own()
    if not os.access(asked.program, os.X_OK):
        print(f"{asked.program} is not there: cargo build --release", file=sys.stderr)
        return 2
    figures = {}
    for size in [size for size in SIZES if size in asked.sizes.split(",")]:
        try:
            with measure.workload(*SIZES[size]):
                figures[size] = measured(asked.program, asked.seconds, size)
        except CannotMeasure as error:
            print(f"{size}: {error}", file=sys.stderr)
            return 2
    for what, size, got, bar, unit, ok in rows(figures):
        if asked.json:
            print(json.dumps({"bench": "dashboard", "size": size, "what": what, "value": round(got, 3), "bar": bar,
                              "unit": unit, "ok": ok}), flush=True)
        else:
            verdict = "" if bar is None else f"bar {bar:>6} {unit:<12} {'ok' if ok else 'MISSED'}"
            print(f"{size:<3}  {what:<40} {got:>9.2f} {unit:<12} {verdict}", flush=True)
    if asked.write:
        with open(asked.write, "w") as file:
            file.write(document(figures, asked.note))
    return 0 if all(ok for *_, ok in rows(figures)) else 1


if __name__ == "__main__":
    sys.exit(main())
