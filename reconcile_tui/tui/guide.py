"""The guided path of the demo: what this is, which key next. It follows what one does and goes away when one is through."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui.tui.board import Page, Stripe
from reconcile_tui.tui.line import Line, paragraphs
from reconcile_tui.workspace.matches import Filter

if TYPE_CHECKING:
    from reconcile_tui.tui.app import ReconcileApp
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the path: what is seen, and the key that leads on."""

    title: str
    text: str
    key: str
    what: str
    queue_key: str = "enter"  # what to do when only the queue is seen
    queue_what: str = "opens the group"


STEPS: tuple[Step, ...] = (
    Step(
        "Two people, one e-mail",
        "Robert and Rita Hale share bob@acme.test in Dynamics. HubSpot holds one contact per e-mail, so a sync by e-mail would copy one "
        "over the other, and whoever is saved last wins. Each column is a record, each row a field; RESULT is what you would get.",
        "f",
        "shows what the sync would do to them; esc comes back",
    ),
    Step(
        "They are different people",
        "Merging them would lose Robert for good. Say that the address is shared: one keeps it, for the other you choose a remedy. "
        "Or say that they are different people. Nothing is sent to any system; z takes everything back.",
        "b",
        "shared mailbox (or d: different people)",
    ),
    Step(
        "The next group comes by itself",
        "Arrow keys move, space takes the value under the cursor, e types one. When RESULT is right, enter accepts it and goes on. "
        "s skips, u asks for a second opinion.",
        "enter",
        "accepts a group as shown",
    ),
    Step(
        "What is identical goes in one stroke",
        "Many groups agree in every field. esc goes to the queue, where B accepts all identical ones, after a sample and a typed count.",
        "esc, then B",
        "accepts all identical groups",
        "B",
        "accepts all of them",
    ),
    Step(
        "From decisions to a plan",
        "The plan is a dry run: every write with the value it expects to find and the one it leaves, and whether it can be undone.",
        "F7",
        "opens the plan; m makes it, A applies it to the sandbox",
        "F7",
        "opens the plan",
    ),
)


def step_of(workspace: Workspace) -> int:
    """How far one has come, from what is in the workspace; -1 when the path is over."""
    if workspace.settings.get("tui.guide") == "off" or workspace.runs.all():
        return -1
    outcomes = [d for d in workspace.decisions.log(limit=20) if d.kind == "outcome"]
    if not outcomes:
        return 1 if workspace.settings.get("tui.guide.looked") else 0
    if len(outcomes) < 3:
        return 2
    identical = workspace.matches.count(Filter(klass="identical", state="open"))
    return 3 if identical > 3 else 4


def _heading(number: int, step: Step) -> Line:
    return Line(f"{number + 1} of {len(STEPS)}  ", "dim").add(step.title, "title")


class GuideLine(Stripe):
    """The present step in a line, below the queue where the group is not seen beside it."""


class GuidePanel(Page):
    """The present step, at the bottom of the group pane."""

    app: ReconcileApp

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="guide")
        self.number, self.drawn = -1, 0
        self.can_focus = False

    def on_mount(self) -> None:
        """Show the first step."""
        self.follow()

    def follow(self) -> None:
        """Show the step one has come to."""
        number = step_of(self.app.workspace) if self.app.guided else -1
        self.set_class(number >= 0, "shown")
        self.screen.set_class(number >= 0, "guided")
        if number < 0:
            return
        if number == self.number and self.size.width == self.drawn:
            return
        self.number, self.drawn = number, self.size.width
        step = STEPS[number]
        self.screen.query_one(GuideLine).show(
            _heading(number, step).add("   ").add(step.queue_key, "key").add(f" {step.queue_what}", "dim")
        )
        width = max(30, self.size.width - 3)
        lines = [_heading(number, step)]
        lines += paragraphs(step.text, width)
        lines.append(Line("press ", "dim").add(step.key, "key").add(f"  {step.what}", "dim"))
        self.show(lines)

    def on_resize(self) -> None:
        """Wrap for the new width."""
        self.follow()
