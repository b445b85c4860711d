"""The demo: sample data in the embedded sandbox, a workspace over it, and the whole way in plain text."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile_tui.errors import ProjectError, UsageError
from reconcile_tui.project import FILE_NAME
from reconcile_tui.steps.connect import SANDBOX_STATE, systems
from reconcile_tui.steps.progress import Listener, silent

if TYPE_CHECKING:
    from reconcile_tui.systems.protocol import System
    from reconcile_tui.workspace import Workspace

MARKER = ".reconcile-demo"
"""A folder with this file was made by the demo and may be made anew."""

STORY_NAME, STORY_ADDRESS = "Hale", "bob@acme.test"
"""The two people the sample data begins with: the name and the address they share."""

Say = Callable[[str], None]
Opened = Mapping[str, "System"]


def sample_folder() -> Path:
    """The sample data: inside the installed package, or beside it in a checkout. Raises ProjectError."""
    package = Path(str(resources.files("reconcile_tui")))
    for folder in (package / "sample_data", package.parent / "sample_data"):
        if (folder / FILE_NAME).exists():
            return folder
    raise ProjectError("The sample data is not installed.", todo="Reinstall reconcile-tui.")


def default_folder(headless: bool) -> Path:
    """Where a demo lives when no folder is named."""
    import platformdirs

    return platformdirs.user_data_path("reconcile-tui") / ("demo-headless" if headless else "demo")


def prepare(folder: Path, *, fresh: bool) -> bool:
    """Make the demo's folder: project file and seeded sandbox. True when it is new, False when an existing demo is kept.

    Raises UsageError for a folder that holds something else.
    """
    if (folder / MARKER).exists():
        if not fresh:
            return False
        _clear(folder)
    elif folder.exists() and any(folder.iterdir()):
        raise UsageError(f"{folder} is not empty and was not made by the demo.", kept="Nothing was changed.", todo="Name another folder.")
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    (folder / MARKER).touch()
    source = sample_folder()
    shutil.copyfile(source / FILE_NAME, folder / FILE_NAME)
    from reconcile_tui.sandbox import Sandbox

    sandbox = Sandbox(folder / SANDBOX_STATE)
    try:
        sandbox.seed(source)
    finally:
        sandbox.close()
    return True


def _clear(folder: Path) -> None:
    from reconcile_tui.workspace.database import WriterLock

    lock = WriterLock(folder)
    lock.take()  # somebody at work on this demo is told, not overrun
    try:
        for pattern in ("workspace.db*", f"{SANDBOX_STATE}*", FILE_NAME, "plan.json", "report.html"):
            for path in folder.glob(pattern):
                path.unlink()
    finally:
        lock.release()


def load(workspace: Workspace, progress: Listener = silent) -> None:
    """Bring a new demo to the point where work begins: pulled, matched, forecast."""
    from reconcile_tui.steps import match, simulate
    from reconcile_tui.steps.pull import pull

    async def pull_both() -> None:
        async with systems(workspace) as opened:
            await pull(workspace, opened, progress=progress)

    asyncio.run(pull_both())
    match.match(workspace, progress=progress)
    simulate.simulate(workspace, progress=progress)


def story_group(workspace: Workspace) -> str | None:
    """The group of the two people who share `STORY_ADDRESS`."""
    from reconcile_tui.workspace.matches import Filter

    for row in workspace.matches.page(Filter(text=STORY_NAME), limit=20):
        records = workspace.records.load(workspace.matches.members(row.id))
        if any(record.values.get("email") == STORY_ADDRESS for record in records):
            return row.id
    return None


def walk(workspace: Workspace, say: Say) -> int:
    """The whole way in plain text. Every number comes from the run. Returns the exit code."""
    return asyncio.run(_walk(workspace, say))


async def _walk(workspace: Workspace, say: Say) -> int:
    from reconcile_tui.steps import apply, plan, simulate, verify

    async with systems(workspace) as opened:
        await _loaded(workspace, opened, say)
        say("3  Forecast: what would the sync overwrite if it were launched today?")
        before = simulate.simulate(workspace)
        say(f"   {before.headline()}")
        _decided(workspace, say)
        say("5  Plan (dry run): nothing has been sent yet")
        made = plan.make(workspace)
        path = plan.write(made, workspace.folder / "plan.json")
        say(f"   {made.summary()}")
        say(f"   written to {path}")
        say("6  Apply exactly that plan")
        report = await apply.apply(workspace, made, opened, confirm=made.records)
        say(f"   {report.headline()}")
        say("7  Verify: read everything back")
        verified = await verify.verify(workspace, report.run, opened)
        say(f"   {verified.headline()}")
        await _forecast_again(workspace, opened, before.headline(), say)
    _whats_left(workspace, say)
    return 0 if report.exit_code == 0 and verified.as_planned else 1


async def _loaded(workspace: Workspace, opened: Opened, say: Say) -> None:
    from reconcile_tui.steps import match
    from reconcile_tui.steps.pull import pull

    say("1  Pull both systems (the embedded sandbox stands in for them)")
    for pulled in await pull(workspace, opened):
        say(f"   {pulled.system} {pulled.table}: {pulled.records} records")
    say("2  Match: who is the same person?")
    for matched in match.match(workspace):
        say(f"   {matched.pairs} pairs in {matched.groups} groups: " + ", ".join(f"{n} {k}" for k, n in matched.classes.items()))


def _decided(workspace: Workspace, say: Say) -> None:
    from reconcile_tui.steps import decide

    say("4  Decide: accept what is identical, and part the two people who share one address")
    accepted = decide.auto(workspace, "identical")
    say(f"   {accepted.count} groups accepted: merge inside each system, link across")
    group = story_group(workspace)
    if group is not None:
        decide.decide(workspace, group, "shared_mailbox", note="the demo: two people, one address")
        say(f"   {STORY_ADDRESS} belongs to two people: one keeps it, for the other it moves to the second place ({group})")


async def _forecast_again(workspace: Workspace, opened: Opened, before: str, say: Say) -> None:
    from reconcile_tui.steps import match, simulate
    from reconcile_tui.steps.pull import pull

    say("8  Forecast again")
    await pull(workspace, opened)
    match.match(workspace)
    say(f"   before: {before}")
    say(f"   after:  {simulate.simulate(workspace).headline()}")


def _whats_left(workspace: Workspace, say: Say) -> None:
    from reconcile_tui.workspace.matches import Filter

    todo = workspace.matches.counts_by("state").get("open", 0)
    at_stake = workspace.matches.count(Filter(state="open", at_risk=True))
    say(f"   {todo} groups are left for a person to decide, {at_stake} of them with values at stake: what is identical is")
    say("   linked now and stays together; the rest needs eyes. reconcile-tui demo (on a terminal), or")
    say(f"   reconcile-tui -C {workspace.folder} groups")
