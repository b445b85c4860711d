"""A value's loss step by step: the group as a grid that changes as one walks, and the steps in words below it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding

from reconcile_tui.tui import glyphs
from reconcile_tui.tui.acting import Acting
from reconcile_tui.tui.actions import bindings
from reconcile_tui.tui.board import Page, Stripe
from reconcile_tui.tui.chrome import separator
from reconcile_tui.tui.dialogs.base import Dialog
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.words import plural, system_name

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp

LABEL = 13
NARROWEST = 18
ROOM_FOR_STEPS = 6
"""Lines kept for the steps, however many fields change."""
WAITING = "One moment …"
NOTHING = "The sync would overwrite nothing here any more."


class Walk(Acting, Dialog[None]):
    """Arrow keys: left and right through the steps, up and down through the values at stake."""

    app: ReconcileApp
    acts = frozenset({"walk"})
    tall = True
    BINDINGS: ClassVar = [*bindings("walk"), Binding("escape", "leave", show=False)]

    def __init__(
        self, title: str, record_type: str, keys: Sequence[int], *, after_plan: bool = False, number: int = 0, note: str = ""
    ) -> None:
        """A group of the ledger by its records; `number`: which of its values at stake comes first; `note` stands below the steps."""
        super().__init__(title, "→ ← steps   ↓ ↑ values at stake   home end   esc closes")
        self.asked = {"record_type": record_type, "keys": list(keys), "after_plan": after_plan}
        self.number, self.step = number, 0
        self.walk: dict[str, Any] | None = None
        self.waiting = WAITING
        self.note = note

    def body(self) -> ComposeResult:
        """Grid and steps on one page."""
        page = Page(id="walk")
        page.can_focus = False
        yield page
        if self.note:
            yield Stripe(Line(self.note, "warn"))

    def on_mount(self) -> None:
        """Ask for the first walk."""
        self._ask()

    def on_resize(self) -> None:
        """Draw for the new width."""
        self.call_after_refresh(self.redraw)

    def _ask(self) -> None:
        def answered(answer: dict[str, Any]) -> None:
            self.walk = answer.get("result")
            self.waiting = str(answer["error"]) if "error" in answer else NOTHING
            self.step = 0
            if self.is_mounted:
                self.redraw()

        self.app.question("walk", {**self.asked, "number": self.number}, answered)

    def redraw(self) -> None:
        """The group after the present step."""
        page = self.query_one(Page)
        width = max(40, page.size.width - 1)
        page.show(walk_lines(self.walk, self.step, width, page.size.height) if self.walk else [Line(self.waiting, "dim")])

    # -- walking

    @property
    def _steps(self) -> int:
        return len(self.walk["frames"]) if self.walk else 1

    def _to(self, step: int) -> None:
        self.step = max(0, min(self._steps - 1, step))
        self.redraw()

    def do_on(self) -> None:
        """Next step."""
        self._to(self.step + 1)

    def do_back(self) -> None:
        """Step before."""
        self._to(self.step - 1)

    def do_first(self) -> None:
        """The launch."""
        self._to(0)

    def do_last(self) -> None:
        """The loss."""
        self._to(self._steps - 1)

    def _value(self, by: int) -> None:
        if self.walk is not None:
            number = max(0, min(len(self.walk["cells"]) - 1, self.walk["number"] + by))
            if number != self.number:
                self.number = number
                self._ask()

    def do_down(self) -> None:
        """Next value at stake."""
        self._value(1)

    def do_up(self) -> None:
        """Value at stake before this one."""
        self._value(-1)


def walk_lines(walk: dict[str, Any], step: int, width: int, height: int) -> list[Line]:
    """Which value, the grid after a step, and the steps with the present one marked; as much as fits."""
    who, field = walk["cells"][walk["number"]]
    line = Line(f"value {walk['number'] + 1} of {len(walk['cells'])}  ", "dim").add(field.replace("_", " "), "strong").add(" of ", "dim")
    line.value(who, "strong")
    when = Line("lost in every order of saves" if walk["certain"] else "lost or not, depending on who is saved last", "warn")
    grid = _grid(walk, step, width, max(1, height - 5 - ROOM_FOR_STEPS))
    return [line.cut(width), when, *grid, Line(), *_told(walk, step, width, max(ROOM_FOR_STEPS, height - 3 - len(grid)))]


def _grid(walk: dict[str, Any], step: int, width: int, room: int) -> list[Line]:
    """Fields as rows, records as columns; what the step changed and what is lost by now carry a sign."""
    frame, launch = walk["frames"][step], walk["frames"][0]
    columns = _seen(walk, frame, max(1, (width - LABEL) // NARROWEST))
    hidden = len(walk["records"]) - len(columns)
    each = min(40, (width - LABEL - (len(f" +{hidden}") if hidden else 0)) // len(columns))
    heads = [Line().label("", LABEL), Line().label("", LABEL)]
    for column in columns:
        system, name = walk["records"][column]
        here = column == frame["source"]
        heads[0].label(f"{glyphs.HERE if here else ' '} {system_name(system)}", each, "key" if here else "head")
        heads[1].add("  ").cell(name, each - 3, "key" if here else "dim").add(" ")
    if hidden:
        heads[0].add(f" +{hidden}", "dim")
    rows = [_row(walk, frame, launch, number, columns, each) for number in range(len(walk["fields"]))]
    if len(rows) > room:
        rows = [*rows[: room - 1], Line(f"{glyphs.MORE} {plural(len(rows) - room + 1, 'field')} more", "dim")]
    return [*heads, *rows]


def _seen(walk: dict[str, Any], frame: dict[str, Any], room: int) -> list[int]:
    """Columns that fit: the record that loses, the ones of this step, then the others."""
    first = [walk["lost"][1], frame["source"], *(column for _, column in frame["changed"]), *range(len(walk["records"]))]
    return sorted(list(dict.fromkeys(column for column in first if column is not None))[:room])


def _row(walk: dict[str, Any], frame: dict[str, Any], launch: dict[str, Any], number: int, columns: Sequence[int], each: int) -> Line:
    line = Line().label(walk["fields"][number].replace("_", " "), LABEL, "strong" if number == walk["lost"][0] else "")
    for column in columns:
        value, before = frame["rows"][number][column], launch["rows"][number][column]
        changed = [number, column] in frame["changed"]
        over = ("cell",) if [number, column] == walk["lost"] else ()
        if value is False:
            line.label("", each)
            continue
        sign = glyphs.ARROW if changed else glyphs.DIFFERS if value != before and before is not False else " "
        role = "differs" if changed or sign == glyphs.DIFFERS else ""
        line.add(f"{sign} ", role, *over).cell(value if value is not None else glyphs.EMPTY, each - 3, role, *over).add(" ")
    return line


def _told(walk: dict[str, Any], step: int, width: int, room: int) -> list[Line]:
    """The launch, every step, and the loss; where they don't fit, those around the present one."""
    told = walk["told"]
    if not told:
        return [Line("No sequence of events was found within the budget; the verdict holds all the same.", "dim")]
    last = len(walk["frames"]) - 1
    sentences = ["Launch: the records as they are", *told[:-1]]
    lines: list[Line] = []
    here = 0
    for number, sentence in enumerate(sentences):
        here = len(lines) if number == step else here
        first, *rest = wrapped(sentence, width - 5, "strong" if number == step else "" if number < step else "dim")
        lines += [Line(f"{glyphs.HERE if number == step else ' '} ", "key").join(first), *(Line().to(5).join(more) for more in rest)]
    lines += [Line("  ").join(line) for line in wrapped(told[-1], width - 5, "warn" if step == last else "dim")]
    start = max(0, min(here if step < last else len(lines), len(lines) - (room - 1)))
    shown = lines[start : start + room - 1]
    if start + len(shown) < len(lines):
        shown[-1] = Line().join(shown[-1]).add(f" {glyphs.MORE}", "dim")
    return [separator(width, plural(last, "step"), f"step {step} of {last}" if step else "launch"), *shown]
