"""What can go wrong with one attempt of a request, and whether there is another.

A refusal that came before any work was done (429, 423, 477, 401, no connection) is repeated for reads and writes alike. An answer that got
lost (5xx, broken connection, unusable body) is repeated for reads only.
"""

from __future__ import annotations

ATTEMPTS = 6  # requests without a usable answer before a system counts as unreachable
PATIENCE = 30 * 60.0  # seconds of waiting a system may ask for in one request before the run stops, resumable


class Unusable(Exception):
    """No answer, or one that can't be used. `sent` is False when the request can't have reached the system."""

    def __init__(self, reason: str, *, sent: bool = True) -> None:
        """Keep the reason as the end of a sentence that begins with the system's name."""
        super().__init__(reason)
        self.sent = sent


class Waiting(Exception):
    """The system asked to come back later; the pace is already held."""

    def __init__(self, reason: str, seconds: float) -> None:
        """Keep how long it asked for."""
        super().__init__(reason)
        self.seconds = seconds


class Unauthorised(Exception):
    """401: the token was renewed, one more attempt is due."""


class Patience:
    """Decides after each failed attempt of one request whether there is another (a stamina back-off hook)."""

    def __init__(self, repeatable: bool) -> None:
        """`repeatable`: the request may be sent again although it may have been carried out."""
        self._repeatable = repeatable
        self._failures = 0
        self._waited = 0.0
        self._renewed = False

    def __call__(self, error: Exception) -> bool | float:
        """False: no further attempt; a number: another one after so many seconds; True: after the usual back-off."""
        if isinstance(error, Waiting):
            self._waited += error.seconds
            return 0.0 if self._waited <= PATIENCE else False  # the pace does the waiting, for all requests
        if isinstance(error, Unauthorised):
            first, self._renewed = not self._renewed, True
            return 0.0 if first else False
        if isinstance(error, Unusable):
            self._failures += 1
            return (self._repeatable or not error.sent) and self._failures < ATTEMPTS
        return False
