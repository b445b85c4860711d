"""What a steward does with the queue as a whole: filter, mark, accept what is identical, give to somebody."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reconcile_tui.errors import ReconcileError
from reconcile_tui.tui.line import Line
from reconcile_tui.tui.review.base import ReviewParts
from reconcile_tui.tui.review.order import parse_filter
from reconcile_tui.tui.words import plural
from reconcile_tui.workspace.matches import Filter

SAMPLE, SAMPLE_LOW, TALL = 8, 4, 30
"""Groups shown before a bulk decision: on a terminal of so many rows, and on a lower one."""


class QueueActs(ReviewParts):
    """The actions of the place `queue`."""

    def do_open(self) -> None:
        """Into the group."""
        self.open_current()

    def do_mark(self) -> None:
        """Mark, and go on."""
        row = self.queue.row
        if row is not None:
            self.queue.marked ^= {row.id}
            self.queue.redraw_line(self.queue.cursor)
            self.queue.move(self.queue.cursor + 1)

    def do_filter(self) -> None:
        """Ask for a filter."""
        from reconcile_tui.tui.dialogs.ask import Ask

        text = [
            Line("Words are looked for in the names. To narrow further:", "dim"),
            Line("class:", "key").add("identical differs shared_mailbox lead_contact chain collision", "dim"),
            Line("state:", "key").add("todo decided unsure skipped changed   ", "dim").add("system:", "key").add("hubspot", "dim"),
            Line("field:", "key")
            .add("phone   ", "dim")
            .add("score:", "key")
            .add("0.5-0.9   ", "dim")
            .add("assignee:", "key")
            .add("kim", "dim"),
        ]
        keys = "enter filters   esc leaves"
        check = lambda typed: parse_filter(typed)[1]  # noqa: E731
        ask = Ask("Filter the queue", text=text, value=self.filter_text, hint="empty shows all", check=check, keys=keys)
        self.app.ask(ask, lambda typed: self.filter_by(typed.strip()) if typed is not None else None)

    def do_unfilter(self) -> None:
        """Drop the filter."""
        if self.filter_text:
            self.filter_by("")
        else:
            self.app.tell("There is no filter.", kind="why")

    def do_uncertain(self) -> None:
        """The most uncertain undecided group."""
        rows = self.workspace.matches.page(Filter(state="todo"), "uncertainty", limit=1)
        if rows:
            self.show_group(rows[0].id)
        else:
            self.app.tell("Everything is decided.", kind="why")

    def do_assign(self) -> None:
        """Give groups to somebody."""
        from reconcile_tui.tui.dialogs.ask import Ask

        row = self.queue.row
        groups = sorted(self.queue.marked) or ([row.id] if row else [])

        def typed(name: str | None) -> None:
            if name is not None:
                for group in groups:
                    self.workspace.matches.assign(group, name.strip())
                self.queue.marked.clear()
                self.app.changed()
                self.renew()
                self.app.tell(f"{plural(len(groups), 'group')} assigned to {name}" if name else "taken back")

        self.app.ask(Ask(f"Assign {plural(len(groups), 'group')} to", hint="a name; empty takes it back"), typed)

    def do_accept_marked(self) -> None:
        """Accept identical groups: the marked ones, or all; a sample is shown and the number typed."""
        from reconcile_tui.steps import decide

        if self.queue.marked:
            rows = [row for group in sorted(self.queue.marked) if (row := self.workspace.matches.row(group)) is not None]
            chosen = [row.id for row in rows if row.klass == "identical" and row.state == "open"]
            if not chosen:
                self.app.tell("No marked group is identical and open.", kind="why")
                return
            self._confirm(len(chosen), chosen, lambda: self._accept(chosen))
            return
        preview = decide.auto(self.workspace, "identical", dry_run=True)
        if not preview.count:
            self.app.tell("No identical group is open.", kind="why")
            return
        self._confirm(preview.count, preview.sample, lambda: decide.auto(self.workspace, "identical", confirm=preview.count).count)

    def _accept(self, groups: Sequence[str]) -> int:
        from reconcile_tui.steps import decide

        with self.workspace.transaction():
            for group in groups:
                decide.decide(self.workspace, group, "merge", note="marked as identical")
        return len(groups)

    def _confirm(self, count: int, sample: Sequence[str], accept: Callable[[], int]) -> None:
        from reconcile_tui.tui.dialogs.ask import TypedCount, told

        text = told(
            ("In these groups one record of each system agrees with the other in every field. Accepting links them: no value changes, "
            "nothing is sent now.", "dim"),
            "",
        )  # fmt: skip
        shown = SAMPLE if self.app.size.height >= TALL else SAMPLE_LOW
        for group in sample[:shown]:
            row = self.workspace.matches.row(group)
            if row is not None:
                text.append(Line("  ").cell(row.title, 40).add(" ").label(row.systems, 12, "dim").add(f"{row.score:.2f}", "dim"))
        if count > shown:
            text.append(Line(f"  and {count - len(sample[:shown]):,} more", "dim"))

        def typed(number: int | None) -> None:
            if number is None:
                self.app.tell("Nothing was accepted.", kind="why")
                return
            try:
                done = accept()
            except ReconcileError as error:
                self.app.tell(str(error), kind="why")
                return
            self.queue.marked.clear()
            self.app.changed()
            self.renew()
            self.app.tell(f"{plural(done, 'identical group')} accepted. F7 plans what is decided, z takes back one by one.")

        self.app.ask(TypedCount(f"Accept {plural(count, 'identical group')}", text, count, "groups"), typed)
