"""Findings as a list, open blockers first, with what could not be computed; and the counts by question and severity above it."""

from __future__ import annotations

from dataclasses import dataclass

from reconcile_tui.display import safe_text
from reconcile_tui.readiness.check import SEVERITIES
from reconcile_tui.readiness.finding import Finding
from reconcile_tui.readiness.readiness import Readiness
from reconcile_tui.readiness.registry import CHECKS
from reconcile_tui.tui import glyphs
from reconcile_tui.tui.board import Board
from reconcile_tui.tui.chrome import facts, separator
from reconcile_tui.tui.line import Line, wrapped
from reconcile_tui.tui.words import day, plural

ROLES = {"blocker": "undecided", "high": "warn", "medium": ""}
QUESTIONS = {"Q1": "record types", "Q2": "eligibility", "Q3": "fields", "Q4": "duplicates", "ops": "launch"}

WIDE = 100
"""Cells from which it is told what decisions settle and which question a check belongs to."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: what a check found, or why it could not be computed."""

    check: str
    finding: Finding | None = None
    unknown: str = ""


def entries(readiness: Readiness) -> list[Entry]:
    """Open findings first, blockers on top; then what is unknown, then what is accepted."""
    found = [Entry(f.check, f) for f in readiness.findings] + [Entry(name, unknown=why) for name, why in readiness.unknown.items()]

    def order(entry: Entry) -> tuple[bool, int, bool, int]:
        accepted = entry.finding is not None and entry.finding.accepted
        count = entry.finding.count if entry.finding else 0
        return accepted, SEVERITIES.index(CHECKS[entry.check].severity), entry.finding is None, -count

    return sorted(found, key=order)


class FindingsList(Board):
    """Open findings first, blockers on top."""

    head_lines = 1

    def __init__(self) -> None:
        """Begin empty."""
        super().__init__(id="findings")
        self.entries: list[Entry] = []

    @property
    def entry(self) -> Entry | None:
        """The line under the cursor."""
        return self.entries[self.cursor] if self.cursor < len(self.entries) else None

    def draw_head(self, y: int, width: int) -> Line:
        """Names of the columns."""
        line = Line("   ").label("id", 5, "head").label("severity", 9, "head").label("count", 8, "head", right=True)
        line.label("trend", 8, "head", right=True)
        if width >= WIDE:
            line.label("settled", 9, "head", right=True).add("   ").label("about", 14, "head")
        return line.add("  ").label("what goes wrong", max(0, width - line.width - 2), "head")

    def draw(self, index: int, width: int) -> Line:
        """One finding."""
        entry = self.entries[index]
        check, finding = CHECKS[entry.check], entry.finding
        accepted = finding is not None and finding.accepted
        quiet, role = "dim" if accepted else "", ROLES[check.severity]
        sign = glyphs.TYPED if accepted else glyphs.BLOCKED if finding else glyphs.UNSURE
        line = Line(f" {sign} ", quiet or role).label(check.id, 5, quiet or "strong").label(check.severity, 9, quiet or role)
        line.label(f"{finding.count:,}" if finding else "unknown", 8, quiet, right=True)
        line.label(_trend(finding), 8, "dim", right=True)
        if width >= WIDE:
            line.label(_settled(finding), 9, quiet or "good", right=True).add("   ").label(QUESTIONS[check.of], 14, "dim")
        told = "  accepted" if accepted else ""
        line.add("  ").label(check.title, max(0, width - line.width - 2 - len(told)), quiet)
        return line.label(told, len(told), "dim")

    def copy_value(self) -> str:
        """The finding in a line."""
        entry = self.entry
        return f"{entry.check} {CHECKS[entry.check].title}: {entry.finding.count if entry.finding else 'unknown'}" if entry else ""

    copy_record = copy_value


def _trend(finding: Finding | None) -> str:
    """How many more or fewer than at the last pull."""
    if finding is None or finding.trend is None:
        return ""
    return f"{finding.trend:+,}" if finding.trend else "same"


def _settled(finding: Finding | None) -> str:
    """How many the decisions made so far settle."""
    return f"{finding.settled:,}" if finding is not None and finding.settled else ""


def counts(readiness: Readiness, *, tall: bool) -> list[Line]:
    """Open findings by question and severity: a table where there is room, else a line."""
    found = readiness.counts()
    if not tall:
        parts = [f"{QUESTIONS[q]} {sum(by.values()):,}" for q, by in found.items() if any(by.values())]
        return [Line(" open  ", "head").add(facts(*parts) or "nothing")]
    head = Line("   ").label("open findings", 16, "head")
    for severity in SEVERITIES:
        head.label(severity, 10, "head", right=True)
    lines = [head]
    for question, by in found.items():
        line = Line("   ").label(QUESTIONS[question], 16)
        for severity in SEVERITIES:
            line.label(f"{by[severity]:,}" if by[severity] else glyphs.DOT, 10, ROLES[severity] if by[severity] else "dim", right=True)
        lines.append(line)
    asked = len(readiness.open_questions)
    if asked:
        lines[1].add("      ").add(plural(asked, "open question"), "warn").add("  Q", "key").add(" answers", "dim")
    if readiness.resolved:
        lines[2].add("      ").add(f"gone since an earlier pull: {', '.join(readiness.resolved)}", "good")
    return [*lines, Line()]


def head(entry: Entry, width: int) -> list[Line]:
    """A finding in full, without its rows: what goes wrong, what to do, who has accepted it."""
    check, finding = CHECKS[entry.check], entry.finding
    count = plural(finding.count, "row") if finding else "unknown"
    lines = [separator(width, f"{check.id} {check.title}", count)]
    lines += wrapped(check.summary, width)
    lines += wrapped(check.remedy, width, "taken")
    if entry.unknown:
        lines += wrapped(entry.unknown, width, "warn")
    if finding is None or not finding.reason:
        return lines
    told = f"accepted by {finding.author} on {day(finding.accepted_at)}: {finding.reason}"
    if not finding.accepted:
        told = f"was {told} (for {finding.accepted_count:,}; now there are more)"
    return [*lines, *wrapped(safe_text(told), width, "dim" if finding.accepted else "warn")]
