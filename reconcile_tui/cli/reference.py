"""The page docs/commands.md, written from the commands themselves: python -m reconcile_tui.cli.reference > docs/commands.md"""

from __future__ import annotations

import sys
from collections.abc import Iterable

import click

from reconcile_tui.cli.app import COMMANDS, cli


def page() -> str:
    """Every command with its arguments and options."""
    context = click.Context(cli, info_name="reconcile-tui")
    commands = [(name, command) for name in COMMANDS if (command := cli.get_command(context, name)) is not None]
    overview = [f"| [`{name}`](#{name}) | {COMMANDS[name][1]} |" for name, _ in commands]
    return "\n".join(
        [
            _HEAD,
            "## Options of all commands\n",
            _options(cli.params),
            "| command | does |\n|---|---|",
            *overview,
            "",
            *(_command(context, name, command) for name, command in commands),
        ]
    )


def _command(parent: click.Context, name: str, command: click.Command) -> str:
    with click.Context(command, info_name=name, parent=parent) as context:
        usage = " ".join(command.collect_usage_pieces(context))
        told = "\n\n".join(" ".join(part.split()) for part in (command.help or "").split("\n\n"))
        return "\n".join([f"## {name}\n", f"    reconcile-tui {name} {usage}\n", f"{told}\n", _options(command.params)])


def _options(parameters: Iterable[click.Parameter]) -> str:
    """The options as a table; empty when there are none."""
    rows = [row for parameter in parameters if isinstance(parameter, click.Option) and (row := _row(parameter))]
    return "\n".join(["| option | meaning |", "|---|---|", *rows, ""]) if rows else ""


def _row(option: click.Option) -> str:
    if option.hidden:
        return ""
    names = ", ".join(f"`{name}`" for name in option.opts)
    value = "" if option.is_flag else f" {option.make_metavar(click.Context(cli)).replace('|', '&#124;')}"
    return f"| {names}{value} | {(option.help or '').replace('|', '&#124;')} |"


_HEAD = """# Commands

`reconcile-tui`, also `python -m reconcile_tui`. Data goes to stdout, narration to stderr; `--json` gives one JSON document, or JSON lines
for long lists. Without a command the screens open; everything they do, these commands do too.

| exit code | means |
|---|---|
| 0 | done |
| 1 | findings are open, or items failed |
| 2 | wrong usage or project file |
| 3 | a system can't be reached or refuses sign-in |
| 4 | the plan no longer fits: its digest, or everything has changed |
| 5 | the workspace is in use |
| 130 | interrupted; the same command goes on where it stopped |
"""


if __name__ == "__main__":
    sys.stdout.write(page().rstrip() + "\n")
