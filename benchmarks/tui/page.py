"""The tables of the screens' measurements, written between two marks of the page of benchmarks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

BEGIN, END = "<!-- screens: begin -->", "<!-- screens: end -->"


def into_docs(path: Path, document: dict[str, Any]) -> None:
    """Replace the section between the marks. Raises ValueError where the page has none."""
    before, begun, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not begun or not ended:
        raise ValueError(f"{path} has no {BEGIN} … {END}")
    path.write_text(f"{before}{BEGIN}\n{page(document)}{END}{after}", encoding="utf-8")


def page(document: dict[str, Any]) -> str:
    """The section: every figure beside its budget, then the opening of each screen."""
    head = (
        f"`python -m benchmarks.tui.measure --keys {document['keys']}`, a real pty, {document['records']:,} records per system, "
        f"{document['groups']:,} groups, load {document['machine']['load']}:"
    )
    lines = ["## Screens", "", head, "", "| figure | measured | target |", "|---|---|---|"]
    lines += [f"| {name} | {measured} | {target} |" for name, measured, target in _rows(document)]
    lines += ["", "Milliseconds from the function key until the screen's own line is painted, median (until it is whole and at rest):", ""]
    lines += ["| screen | first time | again |", "|---|---|---|"]
    for name, times in document["opening"].items():
        lines.append(f"| {name.capitalize()} | {_shown(times['first'])} ({_shown(times['first_whole'])}) | "
                     f"{_shown(times['again'])} ({_shown(times['again_whole'])}) |")  # fmt: skip
    return "\n".join(lines) + "\n"


def _rows(document: dict[str, Any]) -> list[tuple[str, str, str]]:
    times, pulled, budgets = document["milliseconds"], document["pulled_meanwhile"], document["budgets"]

    def one(name: str, figure: str, unit: str = "ms") -> tuple[str, str, str]:
        return name, f"{_shown(times[figure])} {unit}", f"{budgets[figure]} {unit}" if figure in budgets else ""

    def two(name: str, stem: str) -> tuple[str, str, str]:
        target = f"p95 {budgets[f'{stem}_p95']} ms" if f"{stem}_p95" in budgets else ""
        return f"{name}, p50 / p95", f"{_shown(times[f'{stem}_p50'])} / {_shown(times[f'{stem}_p95'])} ms", target

    hits = [times[f"search_hits_{name}"] for name in ("name", "address", "four_digits", "very_common_word")]
    return [
        one("`--version`, median of 5", "version"),
        one("first paint, median of 5", "first_paint"),
        two("a screen is opened for the first time", "opening_first"),
        two("a screen is opened again", "opening_again"),
        two("key to repaint in the queue", "queue_key"),
        two("key to repaint in the grid", "grid_key"),
        (*two("the same with eight records", "grid_of_eight_key")[:2], f"p95 {budgets['grid_key_p95']} ms"),
        (*two("the queue at rest, its group shown", "queue_rest")[:1],
         f"{_shown(times['queue_rest_p50'])} / {_shown(times['queue_rest_p95'])} ms, 20 of them waited for on purpose", ""),
        two("next group, decision included", "next_group"),
        two("a letter typed in Records is seen", "search_echo"),
        ("its hits stand: a name / an address / four digits / a word every record has", " / ".join(map(_shown, hits)) + " ms", ""),
        two("key while a match runs", "busy_key"),
        two(f"key while a pull runs ({pulled['records']:,} records came in {pulled['seconds']:.0f} s)", "pulling_key"),
        one("memory of the screens' process", "rss_mb", "MB"),
    ]  # fmt: skip


def _shown(number: float) -> str:
    return f"{number:.1f}" if number < 10 else f"{number:.0f}"
