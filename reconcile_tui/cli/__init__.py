"""The command line: one thin function per command, each calling a step."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of `reconcile-tui`. `--version` is answered before anything heavy is imported."""
    if sys.argv[1:] == ["--version"]:
        from reconcile_tui import __version__

        print(f"reconcile-tui {__version__}")
        return
    from reconcile_tui.cli.app import run

    sys.exit(run(sys.argv[1:]))
