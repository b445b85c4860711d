"""The pages docs/checks.md and docs/transforms.md, written from the registries.

python -m reconcile_tui.readiness.reference checks > docs/checks.md
python -m reconcile_tui.readiness.reference transforms > docs/transforms.md
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from reconcile_tui.readiness.check import Check
from reconcile_tui.readiness.questionnaire import ASKED
from reconcile_tui.readiness.registry import CHECKS, FAMILIES, QUESTIONS
from reconcile_tui.transforms import MAKERS, REGISTRY, Transform


def checks() -> str:
    """All checks as a page."""
    parts = [_CHECKS_HEAD]
    for letter, family in FAMILIES.items():
        parts.append(f"## {family}\n")
        parts += [_check(one) for one in CHECKS.values() if one.id[0] == letter]
    parts += [_QUESTIONS_HEAD, *(f"* **{q.id}** ({q.severity}) {q.text} *{q.why}*" for q in ASKED.values() if q.id not in CHECKS), ""]
    return "\n".join(parts)


def _check(one: Check) -> str:
    lines = [
        f"### {one.id} {one.title}\n",
        f"*{one.severity}* · {one.of}{' · must be gone before launch' if one.hard else ''}\n",
        one.summary + "\n",
    ]
    if one.rule:
        lines.append(f"**Found by.** {one.docs}\n")
    lines.append(f"**What to do.** {one.remedy}\n")
    if one.question:
        lines.append(f"**Asked.** {one.question}\n")
    if one.columns:
        lines.append(f"Columns: {', '.join(f'`{name}`' for name in one.columns)}.\n")
    return "\n".join(lines)


_CHECKS_HEAD = f"""# Readiness checks

`reconcile-tui check` runs all of these on the records as pulled; `reconcile-tui accept ID --reason …` accepts the findings of one by name,
for as long as they do not grow. Ids are stable. Each check belongs to a question of the sync's scope:

{chr(10).join(f"* **{name}** {text}" for name, text in QUESTIONS.items())}

*Ready* means: nothing is found that must be gone before launch, nothing of that kind is unknown, and every other finding is accepted by
name. What data can't tell is a question of the questionnaire, never a check that passes. A check that lacks something it needs (a match
run, a forecast, a list) says so and is unknown; `check` then exits with 1 as it does for a finding of that severity.
"""


_QUESTIONS_HEAD = """## The questionnaire

The questions above (*Asked*) and these are listed by `reconcile-tui questions` and answered with `reconcile-tui answer ID ANSWER`, or on
the screen. Answers are kept with who and when and stand in the report and in the policy. An open question is said, in the verdict too, and
fails `check` only with `--answered`.
"""


def transforms() -> str:
    """All transforms as a page."""
    plain = [f"| `{t.name}` | {t.summary} | {_back(t)} | {'yes' if t.lossy else ''} |" for t in REGISTRY.values()]
    made = [f"| `{m.name}` | {m.summary} | {m.argument} | `transform = {m.example}` |" for m in MAKERS.values()]
    return "\n".join(
        [
            _TRANSFORMS_HEAD,
            "| name | what it does | way back | may lose something |\n|---|---|---|---|",
            *plain,
            "\n## With an argument\n",
            "| name | what it does | takes | example |\n|---|---|---|---|",
            *made,
            _TRANSFORMS_FOOT,
        ]
    )


def _back(transform: Transform) -> str:
    return "its inverse" if transform.backward_step else "as it is"


_TRANSFORMS_HEAD = """# Transforms

A field's `transform` maps a value of the first system (Dynamics) to the form of the second one (HubSpot); on the way back its inverse is
used, where there is one. Transforms are pure and total: a value that can't be transformed stays as it is and becomes a finding (F2, F8).
A value that does not come back as it was sent is one, too (F7).
"""

_TRANSFORMS_FOOT = """
Several in a row, in the order of the way to the second system:

    transform = ["visible", "phone_e164"]
"""

PAGES: dict[str, Callable[[], str]] = {"checks": checks, "transforms": transforms}
"""Pages by name."""


if __name__ == "__main__":
    sys.stdout.write(PAGES[sys.argv[1]]())
