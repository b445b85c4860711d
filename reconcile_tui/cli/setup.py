"""`demo`, `init`, `doctor`, `serve`, `sandbox`, `paths`, `completions`, and opening the screens."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import click

from reconcile_tui.cli.app import Options
from reconcile_tui.cli.text import ProgressLines, out, out_json, say, table
from reconcile_tui.errors import UsageError
from reconcile_tui.project import FILE_NAME


def on_terminal() -> bool:
    """Whether the screens can be seen and worked: keys come from stdin, and Textual draws on stderr."""
    return all(stream.isatty() for stream in (sys.stdin, sys.stdout, sys.stderr))


def open_screens(options: Options, *, guided: bool = False) -> None:
    """Open the screens on the workspace; without a terminal or a workspace say what to do instead."""
    if not (options.folder / FILE_NAME).exists():
        raise UsageError(
            f"There is no workspace in {options.folder.absolute()}.",
            todo="`reconcile-tui demo` shows everything on sample data; `reconcile-tui init` sets up your own systems; "
            "-C DIR names a workspace.",
        )
    if not on_terminal():
        raise UsageError(
            "The screens need a terminal, and this is not one.",
            todo="Plain commands do the same: reconcile-tui groups, show, decide, plan; reconcile-tui --help lists them.",
        )
    from reconcile_tui.tui import run

    code = run(options.folder, guided=guided, ascii=options.ascii)
    if code:
        raise click.exceptions.Exit(code)


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--headless", is_flag=True, help="The whole way in plain text.")
@click.option("--fresh", is_flag=True, help="Start the demo over.")
@click.pass_obj
def demo(options: Options, folder: Path | None, headless: bool, fresh: bool) -> int:
    """A workspace with sample data over the embedded sandbox, then the screens.

    With --headless, or without a terminal: pull, match, forecast, accept what is identical, plan, apply, verify, forecast again.
    """
    from reconcile_tui.steps import demo as step
    from reconcile_tui.workspace import Workspace

    headless = headless or not on_terminal()
    target = folder or step.default_folder(headless)
    new = step.prepare(target, fresh=fresh or headless)
    if headless:
        out(f"reconcile-tui demo in {target}")
        with Workspace.open(target) as workspace:
            return step.walk(workspace, out)
    if new:
        with Workspace.open(target) as workspace, ProgressLines() as progress:
            step.load(workspace, progress)
    open_screens(Options(target, options.debug, options.ascii), guided=True)
    return 0


@click.command()
@click.argument("folder", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option("--dynamics", "dynamics_url", help="https://<org>.crm<N>.dynamics.com (asked for when not given).")
@click.option("--tenant", help="Entra tenant id or domain.")
@click.option("--client-id", help="The app registration's client id.")
@click.option("--auth", type=click.Choice(["client_secret", "certificate", "device_code"]), help="How to sign in to Dynamics.")
@click.option("--sandbox", is_flag=True, help="Use the embedded sandbox instead of real systems.")
@click.option("--yes", is_flag=True, help="Take the proposed answers without asking.")
@click.pass_obj
def init(
    options: Options,
    folder: Path | None,
    dynamics_url: str | None,
    tenant: str | None,
    client_id: str | None,
    auth: str | None,
    sandbox: bool,
    yes: bool,
) -> None:
    """Ask the four questions, test the sign-in, read metadata, propose a field map, write reconcile.toml."""
    from reconcile_tui.cli.asking import ask_questions
    from reconcile_tui.steps import init as step

    target = folder or options.folder
    step.refuse_existing(target)
    given = {"url": dynamics_url, "tenant": tenant, "client_id": client_id, "auth": auth}
    answers = ask_questions(given, sandbox=sandbox, yes=yes or not sys.stdin.isatty())
    written = asyncio.run(step.init(target, answers, prompt=say))
    for finding in written.findings:
        say(finding)
    out(str(written.path))
    say(f"{written.fields} fields proposed; look them over in {FILE_NAME}, then run: reconcile-tui -C {target} pull")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON document on stdout.")
@click.pass_obj
def doctor(options: Options, as_json: bool) -> int:
    """Check config, sign-in, privileges, link columns, API version, limits and database; say what to do."""
    from reconcile_tui.steps import doctor as step

    findings = asyncio.run(step.examine(options.folder, prompt=say))
    if as_json:
        out_json([{k: getattr(f, k) for k in f.__slots__} for f in findings])
    else:
        marks = {"ok": "ok", "note": "note", "warning": "WARN", "failed": "FAIL"}
        out(
            table(
                ["", "where", "topic", "what", "to do"], [(marks[f.level], f.where, f.topic, f.what, f.todo) for f in findings], longest=90
            )
        )
    return max((f.exit_code for f in findings), default=0)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Default: a free one.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.pass_obj
def serve(options: Options, port: int, no_browser: bool) -> None:
    """The screens in a browser, on 127.0.0.1 behind a one-time token."""
    from reconcile_tui.project import load
    from reconcile_tui.tui.serve import serve as serve_screens

    load(options.folder)
    serve_screens(options.folder, port=port, open_browser=not no_browser)


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0: a free one.")
@click.option(
    "--seed", type=click.Path(path_type=Path, file_okay=False, exists=True), help="A folder of CSV exports (default: the sample data)."
)
@click.option("--state", type=click.Path(path_type=Path, dir_okay=False), help="Keep the state in this file (default: in memory).")
def sandbox(port: int, seed: Path | None, state: Path | None) -> None:
    """Both CRMs and sign-in on one loopback port, at the vendors' own paths."""
    from reconcile_tui.sandbox import Sandbox, serve
    from reconcile_tui.steps.demo import sample_folder

    stand_in = Sandbox(state or ":memory:")
    if state is None or stand_in.is_empty():
        stand_in.seed(seed or sample_folder())
    serve(port, stand_in)


@click.command()
@click.pass_obj
def paths(options: Options) -> None:
    """Where things are kept."""
    import platformdirs

    from reconcile_tui.steps.demo import default_folder, sample_folder
    from reconcile_tui.workspace import DATABASE_NAME

    folder = options.folder.absolute()
    rows = [
        ("workspace", folder),
        ("project file", folder / FILE_NAME),
        ("database", folder / DATABASE_NAME),
        ("demo", default_folder(False)),
        ("sample data", sample_folder()),
        ("keymap and token cache", platformdirs.user_config_path("reconcile-tui")),
    ]
    for name, path in rows:
        out(f"{name:<24}{path}")


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completions(shell: str) -> None:
    """Print the completion script, e.g. for ~/.bashrc: eval "$(reconcile-tui completions bash)"."""
    from click.shell_completion import get_completion_class

    from reconcile_tui.cli.app import cli

    found = get_completion_class(shell)
    if found is None:
        raise UsageError(f"There is no completion for {shell}.")
    out(found(cli, {}, "reconcile-tui", "_RECONCILE_TUI_COMPLETE").source())
