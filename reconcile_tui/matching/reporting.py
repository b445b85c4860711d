"""Progress by stage, and the question whether to go on."""

from __future__ import annotations

from collections.abc import Callable

from reconcile_tui.errors import Interrupted

Progress = Callable[[str, int, int], None]
Stop = Callable[[], bool]


class Reporting:
    """Tells a listener, and asks whether to stop."""

    def __init__(self, progress: Progress | None, stop: Stop | None) -> None:
        """Either may be left out."""
        self._progress, self._stop = progress, stop

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Report, or raise Interrupted when a stop was asked for."""
        if self._stop is not None and self._stop():
            raise Interrupted("Matching was stopped.", kept="The previous result is unchanged.", todo="Run `match` again.")
        if self._progress is not None:
            self._progress(stage, done, total)
