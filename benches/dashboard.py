#!/usr/bin/env python3
"""What the dashboard costs and how fast it answers, in a pseudo-terminal of 120 by 36, against our own bars.

    cargo build --release && python3 benches/dashboard.py [--sizes S,M,L] [--seconds 15] [--json] [--program PATH]

Opens the sockets of `workload.py` (S 1,200, M 12,000, L 54,000) in a network of its own (root), else beside those of
this machine. A frame is what lies between the marks of a synchronised update, which the dashboard writes around each.

Ends with 0 when every bar of the sizes asked for is met, with 1 when one is missed, with 2 when nothing could be
measured.
"""
import argparse
import contextlib
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
from measure import CannotMeasure, cpu_of, status_of

FRAME_ENDS = b"\x1b[?2026l"
KEYS = b"jjjjkjjkkjjjj\x04\x04\x15Gg"
PASTED = 5000

# What is measured, the sizes it is judged at with the bar there, and its unit.
BARS = {
    "first frame": ({"S": 60, "L": 60}, "ms"),
    "first rows, of the time to their owners": ({"L": 0.8}, "ratio"),
    "key to finished frame, median": ({"S": 5, "L": 5}, "ms"),
    "key to finished frame, 99 of 100": ({"S": 5, "L": 5}, "ms"),
    "CPU of one frame": ({"S": 0.5, "L": 0.5}, "ms"),
    "frames for 5,000 pasted keys": ({"S": 3, "L": 3}, "frames"),
    "written at 1 Hz": ({"S": 2.5, "M": 2.5, "L": 2.5}, "kB/s"),
    "CPU at 1 Hz": ({"S": 0.5, "M": 1.5, "L": 4.0}, "% of a core"),
    "peak memory": ({"L": 48}, "MB"),
    "hang-up to end": ({"S": 300, "L": 300}, "ms"),
}


class Dashboard:
    """The program in a terminal of its own."""

    def __init__(self, program, columns=120, rows=36):
        self.began = time.monotonic()
        self.pid, self.terminal = pty.fork()
        if self.pid == 0:
            os.environ.update(TERM="xterm-256color", COLORTERM="truecolor", LC_ALL="C.UTF-8")
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


def drawing_cpu(pid):
    """Seconds of CPU time of the thread that draws, to the nanosecond where the kernel tells."""
    with open(f"/proc/{pid}/task/{pid}/schedstat") as file:
        return int(file.read().split()[0]) / 1e9


def measured(program, seconds):
    """Every figure of one size, by name."""
    figures = {}
    with dashboard(program) as it:
        figures["first frame"] = (it.next_frame() - it.began) * 1000
        rows, owners = it.until_text(b"127.", b"python3")
        figures["first rows, of the time to their owners"] = (rows - it.began) / (owners - it.began)
        it.drain(5)
        begin, before = time.monotonic(), cpu_of(it.pid)
        written, _ = it.drain(seconds)
        figures["CPU at 1 Hz"] = (cpu_of(it.pid) - before) / (time.monotonic() - begin) * 100
        figures["written at 1 Hz"] = written / seconds / 1000
        drawing = drawing_cpu(it.pid)
        took = sorted(it.press(bytes([key])) for _ in range(12) for key in KEYS)
        figures["CPU of one frame"] = (drawing_cpu(it.pid) - drawing) / len(took) * 1000
        figures["key to finished frame, median"] = took[len(took) // 2]
        figures["key to finished frame, 99 of 100"] = took[int(len(took) * 0.99)]
        it.is_quiet()
        os.write(it.terminal, b"/")
        it.next_frame()
        os.write(it.terminal, b"\x1b[200~" + b"p" * PASTED + b"\x1b[201~")
        figures["frames for 5,000 pasted keys"] = it.drain(0.7)[1]
        figures["peak memory"] = status_of(it.pid, "VmHWM") / 1024
        figures["hang-up to end"] = it.hang_up()
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="S,M,L", help="which workloads, comma-separated")
    parser.add_argument("--seconds", type=float, default=15, help="how long it is watched while nobody types")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--program", default=os.path.join(measure.ROOT, "target/release/portwise"))
    asked = parser.parse_args()
    measure.in_a_network_of_its_own()
    if not os.access(asked.program, os.X_OK):
        print(f"{asked.program} is not there: cargo build --release", file=sys.stderr)
        return 2
    missed = False
    for size in asked.sizes.split(","):
        try:
            with measure.workload(size):
                figures = measured(asked.program, asked.seconds)
        except CannotMeasure as error:
            print(f"{size}: {error}", file=sys.stderr)
            return 2
        for what, got in figures.items():
            limits, unit = BARS[what]
            bar = limits.get(size)
            ok = bar is None or got <= bar
            missed |= not ok
            if asked.json:
                print(json.dumps({"bench": "dashboard", "size": size, "what": what, "value": round(got, 3),
                                  "bar": bar, "unit": unit, "ok": ok}), flush=True)
            else:
                verdict = "" if bar is None else f"bar {bar:>6} {unit:<12} {'ok' if ok else 'MISSED'}"
                print(f"{size}  {what:<36} {got:>9.2f} {unit:<12} {verdict}", flush=True)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
