"""Counting over a sliding window of time."""

from __future__ import annotations

from collections import deque


class Window:
    """What was added within the last `seconds`; amounts within one `step` are kept as one entry, so a day stays small."""

    def __init__(self, seconds: float, *, step: float = 0.0) -> None:
        """An empty window."""
        self._seconds = seconds
        self._step = step
        self._entries: deque[list[float]] = deque()  # [time, amount]
        self._sum = 0.0

    def used(self, now: float) -> float:
        """The amount within the window that ends now."""
        while self._entries and self._entries[0][0] <= now - self._seconds:
            self._sum -= self._entries.popleft()[1]
        return self._sum

    def add(self, now: float, amount: float = 1) -> int:
        """Add, and return the whole amount within the window."""
        self.used(now)
        if self._entries and now - self._entries[-1][0] < self._step:
            self._entries[-1][1] += amount
        else:
            self._entries.append([now, amount])
        self._sum += amount
        return int(self._sum)

    def frees_in(self, now: float) -> float:
        """Seconds until the oldest entry leaves the window."""
        self.used(now)
        return self._entries[0][0] + self._seconds - now if self._entries else 0.0
