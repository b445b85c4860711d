"""What a transform is: a pair of pure steps between two systems' forms of a value, and how steps are joined."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from reconcile_tui.model import Common, Native

Step = Callable[[str], str]  # raises ValueError with a reason when the value can't be transformed


@dataclass(frozen=True, slots=True)
class Result:
    """A transformed value, or the value unchanged and what stood in the way."""

    value: Common
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Transform:
    """A named pair of steps. `backward_step` is None where no inverse exists (the value then travels back as it is).

    `lossy`: the result can mean less than the value did (letter case of a name, text that was cut), so that a value that comes back
    from the second system has lost something. A transform that is not lossy only writes the same thing in another way.
    """

    name: str
    summary: str
    forward_step: Step
    backward_step: Step | None = None
    lossy: bool = False

    def forward(self, value: Common) -> Result:
        """First system's form -> second system's form."""
        return _run(self.forward_step, value)

    def backward(self, value: Common) -> Result:
        """Second system's form -> first system's form."""
        return _run(self.backward_step, value) if self.backward_step else Result(value or None)


def _run(step: Step, value: Common) -> Result:
    if value is None or value == "":
        return Result(None)
    try:
        return Result(step(value) or None)
    except (ValueError, OverflowError) as error:
        return Result(value, str(error) or "can't be transformed")


def as_text(value: Native) -> Common:
    """A native value as text: booleans as HubSpot writes them, whole floats without a fraction, blank as None."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def chain(steps: Sequence[Transform]) -> Transform:
    """Transforms one after another; back in the opposite order. Blank anywhere stays blank."""

    def forward(value: str) -> str:
        for step in steps:
            value = step.forward_step(value) if value else value
        return value

    def backward(value: str) -> str:
        for step in reversed(steps):
            value = step.backward_step(value) if step.backward_step and value else value
        return value

    inverse = backward if any(step.backward_step for step in steps) else None
    lossy = any(step.lossy for step in steps)
    return Transform(" + ".join(step.name for step in steps), "several, one after another", forward, inverse, lossy)
