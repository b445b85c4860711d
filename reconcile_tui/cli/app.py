"""The command group, global options and the one place where errors become a sentence and an exit code."""

from __future__ import annotations

import importlib
import signal
import sys
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from reconcile_tui import __version__
from reconcile_tui.errors import ReconcileError

COMMANDS = {
    "demo": ("setup", "A workspace with sample data over the embedded sandbox"),
    "init": ("setup", "Ask the four questions and write reconcile.toml"),
    "doctor": ("setup", "Check config, sign-in, privileges, link columns, limits, database"),
    "pull": ("load", "Load both systems into the workspace"),
    "match": ("load", "Find who is the same person"),
    "groups": ("review", "The queue, with filters and order"),
    "show": ("review", "One group, field by field"),
    "why": ("evidence", "The evidence for a group, or for two records"),
    "decide": ("review", "Decide a group, or a class of groups"),
    "history": ("review", "Every decision, who and when"),
    "simulate": ("risk", "Forecast what the sync would overwrite"),
    "mapping": ("mapping", "The field map with fill rates, formats and agreement; who may leave"),
    "edit": ("mapping", "Change a field of the map in reconcile.toml"),
    "eligible": ("mapping", "Keep another eligibility rule in reconcile.toml"),
    "check": ("readiness", "Readiness findings"),
    "accept": ("readiness", "Accept a finding by name"),
    "questions": ("readiness", "What no data can tell, and who answered it"),
    "answer": ("readiness", "Answer a question of the questionnaire"),
    "report": ("readiness", "The sign-off report as one self-contained page"),
    "policy": ("readiness", "Duplicate rules, keys, filters, field-map sheet, questionnaire"),
    "plan": ("write", "The dry run: every write, before and after"),
    "apply": ("write", "Apply exactly that plan"),
    "verify": ("write", "Read back and compare with the plan"),
    "undo": ("write", "Take back what can be taken back"),
    "audit": ("write", "Every value a run has written, as JSON lines or CSV"),
    "serve": ("setup", "The screens in a browser on 127.0.0.1"),
    "sandbox": ("setup", "Both CRMs and sign-in on one loopback port"),
    "paths": ("setup", "Where things are kept"),
    "completions": ("setup", "Shell completion script for bash, zsh or fish"),
}
"""Command name -> (module of this package, one line of help)."""


@dataclass
class Options:
    """Global options."""

    folder: Path
    debug: bool = False
    ascii: bool = False


class _Lazy(click.Group):
    """Imports a command's module only when that command is used, so that `--help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"reconcile_tui.cli.{COMMANDS[cmd_name][0]}")
        return getattr(module, cmd_name)  # type: ignore[no-any-return]

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            import difflib

            near = difflib.get_close_matches(args[0], COMMANDS, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else " See reconcile-tui --help."
            raise click.UsageError(f"There is no command {args[0]!r}.{hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, summary) for name, (_, summary) in COMMANDS.items()])


@click.group(cls=_Lazy, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-C", "folder", metavar="DIR", default=".", type=click.Path(path_type=Path), help="Workspace folder (default: here).")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--ascii", is_flag=True, help="Plain ASCII glyphs on the screens.")
@click.version_option(__version__, prog_name="reconcile-tui", message="%(prog)s %(version)s")
@click.pass_context
def cli(ctx: click.Context, folder: Path, debug: bool, ascii: bool) -> None:
    """Make Microsoft Dynamics 365 and HubSpot safe to sync.

    Without a command the screens open on the workspace in the current folder.
    """
    ctx.obj = Options(folder, debug, ascii)
    if ctx.invoked_subcommand is None:
        from reconcile_tui.cli.setup import open_screens

        open_screens(ctx.obj)


def run(arguments: Sequence[str]) -> int:
    """Run a command line; returns the exit code. Errors are told on stderr in a sentence, `--debug` adds the traceback."""
    debug = "--debug" in arguments
    signal.signal(signal.SIGTERM, _terminate)
    try:
        result = cli.main(args=list(arguments), prog_name="reconcile-tui", standalone_mode=False)
    except click.exceptions.Exit as error:
        return error.exit_code
    except (KeyboardInterrupt, click.Abort, EOFError):
        _tell("Stopped. Everything committed so far is kept; run the same command to go on.")
        return 130
    except click.ClickException as error:
        error.show()
        return 2
    except BrokenPipeError:
        return _closed_pipe()
    except ReconcileError as error:
        return _explained(error, debug)
    except Exception as error:  # noqa: BLE001 (the top of the CLI)
        return _unexpected(error, debug)
    return result if isinstance(result, int) else 0


def _terminate(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _closed_pipe() -> int:
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _explained(error: ReconcileError, debug: bool) -> int:
    if debug:
        traceback.print_exception(error)
    from reconcile_tui.display import safe_text

    for part in (error.what, error.kept, error.todo):
        if part:
            _tell("\n".join(safe_text(line) for line in part.splitlines()))
    return error.exit_code


def _unexpected(error: Exception, debug: bool) -> int:
    from reconcile_tui.workspace import explain

    if (told := explain(error)) is not None:
        return _explained(told, debug)
    leaves = error.exceptions if isinstance(error, ExceptionGroup) else ()
    for leaf in leaves:
        if isinstance(leaf, ReconcileError):
            return _explained(leaf, debug)
    if debug:
        traceback.print_exception(error)
    _tell(f"An error nobody expected: {type(error).__name__}. What was committed is kept.")
    _tell("Please run the same command with --debug and report what it prints, after removing personal data.")
    return 1


def _tell(text: str) -> None:
    print(text, file=sys.stderr)
