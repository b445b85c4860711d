"""The registry of actions: what can be done, with which key, in which place.

Bindings, footer, help, palette, remapping and docs/keys.md are made from it. An action `group.accept` is carried out by the method
`do_accept` of the node that stands for the place (see acting.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from textual.binding import Binding, BindingType

Place = Literal[
    "app", "home", "list", "review", "queue", "group", "plan", "run", "forecast", "walk", "findings", "mapping", "records",
    "history", "page",
]  # fmt: skip

PLACES: dict[str, str] = {
    "app": "Everywhere",
    "home": "Home",
    "review": "Review: queue and group",
    "queue": "Review: the queue",
    "group": "Review: the group",
    "list": "Every list",
    "page": "Every page of text",
    "plan": "Plan",
    "run": "Run",
    "forecast": "Forecast",
    "walk": "Forecast: a value's loss step by step",
    "findings": "Findings",
    "mapping": "Mapping",
    "records": "Records",
    "history": "History",
}


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that can be done. `footer` orders the footer (0: not there); `needs` name what must hold (see acting.py)."""

    id: str
    keys: str  # Textual key names, comma-separated
    short: str
    long: str
    footer: int = 0
    needs: tuple[str, ...] = ()
    palette: bool = True

    @property
    def place(self) -> str:
        """Where it can be done."""
        return self.id.partition(".")[0]

    @property
    def name(self) -> str:
        """The method that does it, without `do_`."""
        return self.id.partition(".")[2]


def _a(id: str, keys: str, short: str, long: str, footer: int = 0, needs: str = "", palette: bool = True) -> Action:
    return Action(id, keys, short, long, footer, tuple(needs.split()), palette)


SCREENS: tuple[tuple[str, str], ...] = (
    ("home", "Home"),
    ("review", "Review"),
    ("forecast", "Forecast"),
    ("findings", "Findings"),
    ("mapping", "Mapping"),
    ("records", "Records"),
    ("plan", "Plan"),
    ("run", "Run"),
    ("history", "History"),
)
"""Screens in the order of their function keys."""

_SUMMARIES = {
    "home": "where you stand and what to do next",
    "review": "the queue of groups, and the group you decide",
    "forecast": "what the sync would overwrite, today and after cleaning",
    "findings": "readiness checks: what stands in the way of a launch",
    "mapping": "field map, directions and who is eligible",
    "records": "search every record of both systems",
    "plan": "the dry run: every write, before and after",
    "run": "apply the plan, watch it, verify, take back",
    "history": "every decision: who, when, what",
}

ACTIONS: tuple[Action, ...] = (
    *(_a(f"app.{name}", f"f{n}", title, f"{title}: {_SUMMARIES[name]}") for n, (name, title) in enumerate(SCREENS, 1)),
    _a("app.help", "question_mark", "keys", "All keys of this screen", 90),
    _a("app.palette", "ctrl+p", "palette", "Command palette: everything by name, and groups, records, fields, findings", 84, palette=False),
    _a("app.go", "g", "go to", "Go to a group or record by name, e-mail or id", 82),
    _a("app.undo", "z", "undo", "Take the last decision back; repeat to go further", 55, "writable"),
    _a("app.redo", "Z", "redo", "Put back what was undone last", 0, "writable"),
    _a("app.copy", "y", "copy", "Copy the value under the cursor"),
    _a("app.copy_all", "Y", "copy record", "Copy the whole record or line under the cursor"),
    _a("app.pull", "ctrl+l", "pull", "Pull both systems: changes only, where the system can tell", 0, "writable idle"),
    _a("app.match", "ctrl+n", "match", "Match: find who is the same person", 0, "writable idle pulled"),
    _a("app.simulate", "ctrl+f", "forecast", "Forecast what the sync would overwrite", 0, "writable idle pulled"),
    _a("app.stop", "ctrl+c", "stop", "Stop the work that runs, after the current step"),
    _a("app.theme", "ctrl+t", "theme", "Next theme: dark, light, terminal colours"),
    _a("app.next_pane", "ctrl+w", "next pane", "Move to the next pane of the screen"),
    _a("app.back", "escape", "back", "Back; always safe", palette=False),
    _a("app.quit", "ctrl+q", "quit", "Quit; everything decided is kept", 88),
    _a("home.next", "enter", "next step", "Do what comes next", 10),
    _a("list.down", "down,j", "down", "Next line", palette=False),
    _a("list.up", "up,k", "up", "Line before", palette=False),
    _a("list.page_down", "pagedown,ctrl+d", "page down", "A page down", palette=False),
    _a("list.page_up", "pageup,ctrl+u", "page up", "A page up", palette=False),
    _a("list.top", "home", "top", "First line", palette=False),
    _a("list.bottom", "end,G", "bottom", "Last line", palette=False),
    _a("page.down", "down,j", "down", "Scroll down", palette=False),
    _a("page.up", "up,k", "up", "Scroll up", palette=False),
    _a("page.page_down", "pagedown,ctrl+d,space", "page down", "A page down", palette=False),
    _a("page.page_up", "pageup,ctrl+u", "page up", "A page up", palette=False),
    _a("page.top", "home", "top", "To the top", palette=False),
    _a("page.bottom", "end,G", "bottom", "To the end", palette=False),
    _a("queue.open", "enter,right,l", "open", "Open the group under the cursor", 10, "queued"),
    _a("queue.mark", "space", "mark", "Mark the group, for B", 40, "queued"),
    _a("queue.accept_marked", "B", "accept identical", "Accept all marked identical groups, or all of them (typed count)", 45, "writable"),
    _a("queue.filter", "slash", "filter", "Filter the queue: words, and class:, state:, system:, field:, score:", 20),
    _a("queue.order", "o", "sort", "Next order: value at stake, uncertainty, score, size, newest", 30),
    _a("queue.uncertain", "U", "uncertain", "Most uncertain group next"),
    _a("queue.unfilter", "backspace", "all", "Drop the filter"),
    _a("queue.assign", "A", "assign", "Assign the marked groups, or this one, to somebody", 0, "writable queued"),
    _a("group.accept", "enter", "accept", "Accept as shown (merge + link) and go to the next group", 10, "writable group"),
    _a("group.take", "space", "take", "Take this cell's value", 20, "writable group cell"),
    _a("group.left", "left,h", "left", "Record to the left", palette=False),
    _a("group.right", "right,l", "right", "Record to the right", palette=False),
    _a("group.take_all", "a", "take all", "Take all differing fields from this record", 0, "writable group record"),
    *(
        _a(f"group.take_{n}", str(n), f"from {n}", f"Take this field from record {n}", 0, "writable group", palette=False)
        for n in range(1, 10)
    ),
    _a("group.survivor", "S", "survivor", "Make this record the survivor of its system", 0, "writable group record"),
    _a("group.edit", "e", "edit", "Type a value for this field", 30, "writable group"),
    _a("group.blank", "0", "blank", "Leave this field empty", 0, "writable group"),
    _a("group.rule", "r", "by rule", "Back to what the rule says", 0, "writable group"),
    _a("group.combine", "c", "combine", "Combine the distinct values of this field", 0, "writable group"),
    _a("group.next_difference", "tab", "next ≠", "Next field that differs", palette=False),
    _a("group.previous_difference", "shift+tab", "previous ≠", "Field that differs before this one", palette=False),
    _a("group.same", "t", "same", "Show or fold the fields that are the same everywhere"),
    _a("group.take_out", "x", "take out", "Take this record out of the group, or mark it for a split", 0, "writable group record"),
    _a("group.split", "X", "split", "Split the marked records into a group of their own", 0, "writable group"),
    _a("group.add", "plus", "add record", "Add a record that matching did not find to this group", 0, "writable group"),
    _a("group.changes", "W", "who", "Who changed this value: when, and where each value came from, as HubSpot tells it", 0, "group idle"),
    _a("review.link", "L", "link", "Link only: keep both records of each system", 65, "writable group"),
    _a("review.different", "d", "different", "These are different people", 50, "writable group"),
    _a("review.mailbox", "b", "mailbox", "Shared mailbox: who owns the address, then a remedy for the rest", 0, "writable group"),
    _a("review.exclude", "E", "exclude", "Exclude records from the sync", 0, "writable group"),
    _a("review.unsure", "u", "unsure", "Unsure: ask for a second opinion", 0, "writable group"),
    _a("review.skip", "s", "skip", "Skip for now", 60, "writable group"),
    _a("review.next", "right_square_bracket", "next", "Next undecided group"),
    _a("review.previous", "left_square_bracket", "previous", "Undecided group before this one"),
    _a("review.note", "semicolon", "note", "Write a note on this group", 0, "writable group"),
    _a("review.reopen", "R", "re-open", "Re-open this group: take its decision back, wherever it stands in the log", 0, "writable group"),
    _a("review.history", "H", "history", "History of this group", 0, "group"),
    _a("review.why", "w", "why", "Why these records: the evidence in bits, field by field", 0, "group"),
    _a("review.forecast", "f", "forecast", "What the sync would do to this group, step by step", 0, "group"),
    _a("plan.make", "m", "make", "Make the plan anew from the decisions", 10, "writable idle"),
    _a(
        "plan.set_up",
        "P",
        "set up",
        "Make the plan with duplicate rules, keys and unique properties (policy P1-P3)",
        0,
        "writable idle pulled",
    ),
    _a("plan.apply", "A", "apply…", "Apply exactly this plan (asks for the number of records)", 20, "writable idle planned"),
    _a("plan.group", "enter", "open group", "Open the group this write comes from", 30, "planned"),
    _a("plan.export", "E", "export", "Write the plan to plan.json in the workspace", 40, "planned"),
    _a("plan.filter", "slash", "filter", "Show only writes that contain a text", 50, "planned"),
    _a("plan.curl", "c", "curl", "Copy this request as a curl command, token left out", 0, "planned"),
    _a("run.verify", "v", "verify", "Read everything back and compare with the plan", 10, "writable idle ran"),
    _a("run.resume", "R", "resume", "Go on with an interrupted run", 20, "writable idle ran"),
    _a("run.undo", "U", "take back", "Take back what this run wrote, as far as the systems allow", 30, "writable idle ran"),
    _a("run.stop", "x", "stop", "Stop after the current write", 40),
    _a("forecast.side", "a", "today / after", "Launch today, or launch after cleaning", 10),
    _a("forecast.walk", "enter,w", "walk", "Walk through the steps by which a value gets lost, the cells changing as you go", 20),
    _a("forecast.group", "o", "open group", "Open the group in the queue", 25),
    _a("forecast.run", "r", "forecast", "Forecast anew", 30, "writable idle pulled"),
    _a("forecast.profile", "p", "profile", "Forecast under another sync profile", 40, "writable idle pulled"),
    _a("walk.on", "right,l,space", "next step", "Next step", palette=False),
    _a("walk.back", "left,h", "step back", "Step before", palette=False),
    _a("walk.first", "home", "launch", "Back to the launch", palette=False),
    _a("walk.last", "end", "loss", "To the last step: the value is gone", palette=False),
    _a("walk.down", "down,j", "next value", "Next value at stake in the group", palette=False),
    _a("walk.up", "up,k", "value before", "Value at stake before this one", palette=False),
    _a("findings.rows", "enter", "rows", "Open the rows behind this finding", 10),
    _a("findings.check", "r", "check", "Run the checks anew", 20, "writable idle pulled"),
    _a("findings.accept", "a", "accept", "Accept this finding by name, with a reason; accepted already: take that back", 30, "writable"),
    _a("findings.questions", "Q", "questions", "The questionnaire: what no data can tell, answered under your name", 40, "writable"),
    _a("mapping.rows", "enter", "show", "Examples of this field from both systems", 10),
    _a("mapping.direction", "d", "direction", "Which way this field travels (kept in reconcile.toml)", 20, "writable"),
    _a("mapping.transform", "t", "transform", "What its values go through on their way (kept in reconcile.toml)", 30, "writable"),
    _a("mapping.blank", "b", "blank", "What an empty value does (kept in reconcile.toml)", 40, "writable"),
    _a("mapping.wins", "s", "wins", "Which value wins when records are merged (kept in reconcile.toml)", 50, "writable"),
    _a("mapping.what_if", "w", "what if", "Another eligibility rule: who enters and leaves, what would be lost", 15, "idle pulled"),
    _a("mapping.facts", "r", "renew", "Read how full and how alike both sides are", 60, "writable idle pulled"),
    _a("records.open", "enter", "open", "Open the record: every column as pulled", 10),
    _a("records.search", "slash", "search", "Search every record", 20),
    _a("records.group", "o", "group", "Open the group this record belongs to", 30),
    _a("records.add", "a", "add to group", "Add this record to a group by hand", 40, "writable"),
    _a("history.open", "enter", "open group", "Open the group of this decision", 10),
    _a("history.reopen", "R", "re-open", "Re-open the group of this decision: it is undecided again", 20, "writable"),
)

REGISTRY: dict[str, Action] = {action.id: action for action in ACTIONS}

_SHOWN = {
    "enter": "enter", "space": "space", "escape": "esc", "question_mark": "?", "slash": "/", "semicolon": ";", "right_square_bracket": "]",
    "left_square_bracket": "[", "plus": "+", "up": "↑", "down": "↓", "left": "←", "right": "→",
    "pageup": "page up", "pagedown": "page down",
    "full_stop": ".", "comma": ",", "minus": "-", "number_sign": "#", "colon": ":", "exclamation_mark": "!", "equals_sign": "=",
}  # fmt: skip


def shown_key(key: str) -> str:
    """A key as people write it."""
    *modifiers, last = key.split("+") if key != "+" else ["plus"]
    name = _SHOWN.get(last, last.upper() if len(last) > 1 and last[0] == "f" and last[1:].isdigit() else last)
    return "+".join([*modifiers, name])


def shown_keys(keys: str) -> str:
    """All keys of an action as people write them."""
    return " ".join(shown_key(key.strip()) for key in keys.split(","))


def bindings(*places: Place) -> list[BindingType]:
    """Textual bindings of some places; each carries the action's id, so that a keymap can move it."""
    return [
        Binding(action.keys, f"act('{action.id}')", action.short, show=False, id=action.id) for action in ACTIONS if action.place in places
    ]


def as_markdown() -> str:
    """All keys as the page docs/keys.md."""
    lines = [
        "# Keys",
        "",
        "Generated from the registry of actions (`python -m reconcile_tui.tui.actions`). `?` shows the keys of a screen as they are now,",
        "`ctrl+p` finds everything by name.",
        "",
        "To change keys, put a file `keys.toml` into the workspace folder or into the user's configuration folder of reconcile-tui:",
        "",
        "    [keys]",
        '    "group.accept" = "a"',
        "",
    ]
    for place, title in PLACES.items():
        actions = [action for action in ACTIONS if action.place == place]
        if actions:
            lines += [f"## {title}", "", "| key | action | what it does |", "|---|---|---|"]
            lines += [f"| {_cells(action.keys)} | `{action.id}` | {action.long.replace('|', '/')} |" for action in actions]
            lines.append("")
    return "\n".join(lines)


def _cells(keys: str) -> str:
    return " ".join(f"`{shown_key(key.strip())}`" for key in keys.split(","))


if __name__ == "__main__":
    print(as_markdown(), end="")
