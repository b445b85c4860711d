"""What the worker process says on its stdout and hears on its stdin: JSON lines one way, a stop the other."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import Interrupted
from reconcile_tui.steps.progress import Progress

if TYPE_CHECKING:
    from reconcile_tui.stewardship.outcomes import Item


@dataclass
class Wire:
    """What the parent hears, and what it asked for."""

    stopped: threading.Event = field(default_factory=threading.Event)

    def send(self, kind: str, content: Any) -> None:
        """One JSON line; ASCII only, a value can't break the line."""
        sys.stdout.write(json.dumps({kind: content}, default=str) + "\n")
        sys.stdout.flush()

    def progress(self, moment: Progress) -> None:
        """A moment of a step."""
        left = moment.seconds_left
        content = {
            "stage": moment.stage,
            "done": moment.done,
            "total": moment.total,
            "rate": moment.rate,
            "left": left,
            "note": moment.note,
        }
        self.send("progress", content)

    def item(self, item: Item) -> None:
        """What became of one write."""
        self.send("item", item.as_json())

    def reading(self, moment: Progress) -> None:
        """A moment of a step that writes nothing and knows no stop of its own: it may end anywhere."""
        self.progress(moment)
        if self.stop():
            raise Interrupted(f"Stopped while: {moment.stage}.", kept="Nothing was changed.", todo="Start it again.")

    def say(self, text: str) -> None:
        """A sentence for the person (device code)."""
        self.send("say", text)

    def stop(self) -> bool:
        """Whether a stop was asked for."""
        return self.stopped.is_set()

    def listen(self) -> None:
        """Wait for a stop: any line, or the end of the parent."""

        def wait() -> None:
            sys.stdin.readline()
            self.stopped.set()

        threading.Thread(target=wait, daemon=True).start()
