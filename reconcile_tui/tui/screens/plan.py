"""Plan: the dry run. Every write in order, with what it expects to find, what it leaves, why, and whether it can be undone."""

from __future__ import annotations

from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from reconcile_tui.errors import ReconcileError
from reconcile_tui.tui.board import Board, Page
from reconcile_tui.tui.chrome import facts, separator
from reconcile_tui.tui.jobs import Job, duration
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.screens.base import WorkScreen
from reconcile_tui.tui.words import plural, system_name
from reconcile_tui.tui.writes import Writes, write_lines


class PlanScreen(WorkScreen):
    """The dry run."""

    place = "plan"

    def __init__(self) -> None:
        """Begin without a plan."""
        super().__init__()
        self.plan: Any | None = None
        self.digest = ""
        self.needle = ""

    def body(self) -> ComposeResult:
        """Writes above, the selected one below."""
        with Vertical(classes="body"):
            yield Writes()
            page = Page(id="write")
            page.can_focus = False
            yield page

    def holds_planned(self) -> bool:
        """Whether there is a plan with something in it."""
        return self.plan is not None

    def renew(self) -> None:
        """Read the kept plan."""
        digest = self.workspace.settings.get("tui.plan")
        if digest and digest != self.digest:
            self._read(digest)
        board = self.query_one(Writes)
        board.writes = [w for w in self.plan.writes if self._passes(w)] if self.plan else []
        board.blocked = list(self.plan.blocked) if self.plan and not self.needle else []
        board.empty = self._empty()
        board.set_count(len(board.writes) + len(board.blocked), cursor=board.cursor)
        board.focus()
        self.redraw()

    def _read(self, digest: str) -> None:
        from reconcile_tui.stewardship.document import Plan

        document = self.workspace.runs.plan(digest)
        try:
            self.plan = Plan.from_json(document) if document else None
        except ReconcileError as error:
            self.app.explain(error)
            self.plan = None
        self.digest = digest

    def _passes(self, write: Any) -> bool:
        if not self.needle:
            return True
        board = self.query_one(Writes)
        text = f"{write.system} {write.kind} {write.id} {write.lose} {board.title(write.group)} {' '.join(write.leaves)}"
        return self.needle.lower() in text.lower()

    def status_line(self) -> Line:
        """The plan in numbers."""
        line = Line("Plan", "title").add("  ")
        if self.plan is None:
            return line.add("no plan yet", "dim")
        undo = self.plan.undoable()
        line.add(
            facts(
                plural(len(self.plan.writes), "write"),
                plural(self.plan.records, "record"),
                f"about {duration(self.plan.seconds())}",
                f"{undo['none']:,} can't be undone" if undo["none"] else "",
                f"{len(self.plan.blocked):,} blocked" if self.plan.blocked else "",
            ),
            "dim",
        )
        return line.right(Line("dry run: nothing is sent from here", "good"), max(0, self.size.width - 2))

    @on(Board.Moved, "#writes")
    @on(Board.Resized, "#write")
    def redraw(self) -> None:
        """The selected write in full."""
        page = self.query_one("#write", Page)
        page.show(self._lines(max(40, page.size.width - 1))[: max(3, page.size.height)])

    def _lines(self, width: int) -> list[Line]:
        board = self.query_one(Writes)
        if self.plan is None or not board.count:
            return []
        if board.write is None:
            place = board.cursor - len(board.writes)
            return [
                separator(width, "Blocked"),
                *wrapped(board.blocked[place][1], width),
                Line("enter", "key").add(" opens the group", "dim"),
            ]
        return write_lines(self.plan, board.write, width)

    def _empty(self) -> str:
        if self.plan is None:
            return "No plan yet. m makes it from the decisions: a dry run, nothing is sent."
        return "No write contains this text. / changes it." if self.needle else "There is nothing to write: no decision leads to a change."

    # -- actions

    def do_make(self) -> None:
        """Make the plan anew."""
        self.app.start(Job("plan", "Plan", on_end=self._made))

    def _made(self, job: Job) -> None:
        if job.error is None:
            self.app.tell("The plan is made; nothing is sent. A applies exactly this.")

    def do_set_up(self) -> None:
        """Make the plan anew, with what keeps new duplicates out."""
        self.app.start(Job("plan", "Plan", {"set_up": True}))

    def do_group(self) -> None:
        """Open the group of this line."""
        group = self.query_one(Writes).group
        if group:
            self.app.open_group(group)
        else:
            self.app.tell("This write belongs to no group.", kind="why")

    def do_filter(self) -> None:
        """Show only writes that contain a text."""
        from reconcile_tui.tui.dialogs.ask import Ask

        def typed(text: str | None) -> None:
            if text is not None:
                self.needle = text.strip()
                self.query_one(Writes).cursor = 0
                self.renew()

        self.app.ask(Ask("Show writes that contain", value=self.needle, hint="empty shows all", keys="enter filters   esc leaves"), typed)

    def do_export(self) -> None:
        """Write plan.json."""
        from reconcile_tui.steps import plan as step

        if self.plan is not None:
            path = step.write(self.plan, self.workspace.folder / "plan.json")
            self.app.tell(f"Written to {path}. reconcile-tui apply {path.name} applies exactly that.")

    def do_curl(self) -> None:
        """Copy the request as a curl command."""
        import json
        import shlex

        from reconcile_tui.tui.clipboard import copy

        write = self.query_one(Writes).write
        if self.plan is None or write is None:
            self.app.tell("Move to a write first.", kind="why")
            return
        document = write.as_json(self.plan.targets[write.system])
        body = shlex.quote(json.dumps(document["body"], ensure_ascii=False))
        head = f"curl -X {document['method']} {shlex.quote(document['url'])}"
        text = f"{head} -H 'Authorization: Bearer …' -H 'Content-Type: application/json' -d {body}"
        self.app.tell(copy(self.app, text))

    def do_apply(self) -> None:
        """Ask for the number of records, then apply exactly this plan."""
        from reconcile_tui.tui.dialogs.ask import TypedCount, told

        plan = self.plan
        if plan is None or not plan.writes:
            self.app.tell("There is nothing to write.", kind="why")
            return
        where = (
            "the SANDBOX inside this workspace" if all(s.embedded for s in self.workspace.project.systems.values()) else "the LIVE systems"
        )
        undo = plan.undoable()
        lasting = undo["none"] + undo["partial"]
        text = told(
            (f"{plural(len(plan.writes), 'write')} to {plural(plan.records, 'record')} of {where}.", "strong"),
            *((f"  {system_name(system)}: {plural(calls, 'request')}", "dim") for system, calls in plan.calls().items()),
            (f"{plural(lasting, 'write')} can't be fully undone, marked in the list.", "warn")
            if lasting
            else ("All can be undone.", "good"),
            ("Each record is read and compared first. One that has changed since is left alone and comes back to review.", "dim"),
        )

        def typed(number: int | None) -> None:
            if number is None:
                self.app.tell("Nothing was sent.", kind="why")
            else:
                self.app.apply_plan(self.digest, number)

        self.app.ask(TypedCount("Apply this plan", text, plan.records, "records"), typed)


SCREEN = PlanScreen
