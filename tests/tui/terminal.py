"""A real pseudo-terminal with the screens in it: keys go in as bytes, everything the terminal gets comes back."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path
from types import TracebackType

_SEQUENCES = re.compile(rb"\x1b\[[0-9;?<>=]*[ -/]*[@-~]|\x1b\][^\x07]*\x07|\x1b[=>()][0-9A-B]?|\x1bP[^\x1b]*\x1b\\\\")
KEYS = {f"f{n}": code for n, code in enumerate([b"", b"\x1bOP", b"\x1bOQ", b"\x1bOR", b"\x1bOS"]) if code}
KEYS |= {"f5": b"\x1b[15~", "f6": b"\x1b[17~", "f7": b"\x1b[18~", "f8": b"\x1b[19~", "f9": b"\x1b[20~"}
KEYS |= {"enter": b"\r", "escape": b"\x1b", "down": b"\x1b[B", "up": b"\x1b[A", "right": b"\x1b[C", "left": b"\x1b[D", "ctrl+q": b"\x11"}


class Terminal:
    """The screens on a workspace, on a pty. A context manager; the process is gone afterwards."""

    def __init__(self, folder: Path, *, size: tuple[int, int] = (120, 36), arguments: str = "") -> None:
        """Start `run(folder, arguments)`."""
        code = f"from pathlib import Path; from reconcile_tui.tui import run; raise SystemExit(run(Path({str(folder)!r}){arguments}))"
        self.parent, child = pty.openpty()
        fcntl.ioctl(child, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        environment.pop("LC_ALL", None)
        self.started = time.perf_counter()
        self.process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=child, stdout=child, stderr=child, close_fds=True, env=environment
        )
        os.close(child)
        self.output = b""

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.parent)

    def press(self, *keys: str) -> None:
        """Send keys by name, or characters as they are."""
        for key in keys:
            os.write(self.parent, KEYS.get(key, key.encode()))

    def read(self, *, quiet: float = 0.2, longest: float = 5.0) -> bytes:
        """What comes until nothing has come for `quiet` seconds."""
        found, end = b"", time.monotonic() + longest
        while time.monotonic() < end and select.select([self.parent], [], [], quiet)[0]:
            try:
                found += os.read(self.parent, 1 << 16)
            except OSError:
                break
        self.output += found
        return found

    def first_output(self, *, longest: float = 30.0) -> bytes:
        """What comes next, as soon as something comes."""
        if not select.select([self.parent], [], [], longest)[0]:
            return b""
        found = os.read(self.parent, 1 << 16)
        self.output += found
        return found

    def wait_for(self, text: str, *, longest: float = 60.0) -> str:
        """Read until a text was painted since the last wait; returns what was painted. Raises AssertionError."""
        found, end = b"", time.monotonic() + longest
        while time.monotonic() < end:
            if select.select([self.parent], [], [], 0.1)[0]:
                try:
                    found += os.read(self.parent, 1 << 16)
                except OSError:
                    break
            if text in plain(found):
                self.output += found
                return plain(found)
        raise AssertionError(f"{text!r} was not painted within {longest} s:\n{plain(found)[-3000:]}")

    def end(self, *, longest: float = 20.0) -> int:
        """Read the rest and return the exit code."""
        end = time.monotonic() + longest
        while self.process.poll() is None and time.monotonic() < end:
            self.read(quiet=0.1, longest=1)
        return self.process.wait(timeout=1)


def plain(output: bytes) -> str:
    """What was painted, without sequences."""
    return _SEQUENCES.sub(b"", output).decode("utf-8", "replace")
