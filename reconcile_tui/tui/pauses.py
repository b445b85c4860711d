"""Pauses of the interpreter: what lives as long as the screens is taken out of the garbage collector's sight.

A full collection over the modules and stylesheets of this program takes 40 to 150 ms and falls on whichever key is pressed then; over what
one has made since the last `settle` it takes a few.
"""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from textual.app import App


def settle(app: App[Any]) -> None:
    """Collect what is garbage now, and never look at the rest again. Called when something lasting was loaded.

    Without a terminal the screens are a guest in another program, whose garbage is its own affair.
    """
    if not app.is_headless:
        gc.collect()
        gc.freeze()
