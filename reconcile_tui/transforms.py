"""The registry of value transforms: pure, total functions between the first and the second system's form of a field.

`forward` maps a value of the first system (Dynamics) to the form of the second (HubSpot), `backward` the reverse. A value that
can't be transformed is returned unchanged with the problem named; nothing here raises on data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from reconcile_tui.errors import ProjectError
from reconcile_tui.model import Common, Native

Step = Callable[[str], str]  # raises ValueError with a reason when the value can't be transformed


@dataclass(frozen=True, slots=True)
class Result:
    """A transformed value, or the value unchanged and what stood in the way."""

    value: Common
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Transform:
    """A named pair of steps. `backward` is None where no inverse exists (the value then travels back as it is)."""

    name: str
    summary: str
    forward_step: Step
    backward_step: Step | None = None

    def forward(self, value: Common) -> Result:
        """First system's form -> second system's form."""
        return _run(self.forward_step, value)

    def backward(self, value: Common) -> Result:
        """Second system's form -> first system's form."""
        return _run(self.backward_step, value) if self.backward_step else Result(value)


def _run(step: Step, value: Common) -> Result:
    if value is None or value == "":
        return Result(None)
    try:
        return Result(step(value) or None)
    except ValueError as error:
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


def _identity(value: str) -> str:
    return value


def _trim(value: str) -> str:
    return " ".join(value.split())


def _invert(value: str) -> str:
    flipped = {"true": "false", "false": "true", "1": "false", "0": "true"}.get(value.strip().lower())
    if flipped is None:
        raise ValueError("is neither true nor false")
    return flipped


def _boolean(value: str) -> str:
    known = {"true": "true", "1": "true", "yes": "true", "false": "false", "0": "false", "no": "false"}
    if value.strip().lower() not in known:
        raise ValueError("is neither true nor false")
    return known[value.strip().lower()]


@lru_cache(maxsize=1 << 16)
def phone_e164(value: str, country: str) -> str:
    """A phone number in E.164 (ITU-T E.164), an extension kept as ` ext N`. Raises ValueError."""
    import phonenumbers

    try:
        number = phonenumbers.parse(value, country or None)
    except phonenumbers.NumberParseException as error:
        raise ValueError(f"is no phone number ({error})") from error
    if not phonenumbers.is_possible_number(number):
        raise ValueError("is no possible phone number")
    text = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return f"{text} ext {number.extension}" if number.extension else text


def _simple(name: str, summary: str, forward: Step, backward: Step | None = None) -> Transform:
    return Transform(name, summary, forward, backward)


REGISTRY: dict[str, Transform] = {
    t.name: t
    for t in (
        _simple("none", "the value as it is", _identity, _identity),
        _simple("trim", "outer blanks removed, inner ones single", _trim),
        _simple("lower", "lower case", str.lower),
        _simple("upper", "upper case", str.upper),
        _simple("email", "an e-mail address trimmed, in lower case", lambda value: _trim(value).lower()),
        _simple("boolean", "yes/no, 1/0 and true/false as true/false", _boolean, _boolean),
        _simple("invert", "true and false exchanged (may contact <-> do not contact)", _invert, _invert),
    )
}

PARAMETERISED = ("phone_e164", "choice")
"""Names that take the project's country or a table: `transform = "phone_e164"`, `transform = { choice = { 1 = "a" } }`."""


def _phone(country: str) -> Transform:
    return Transform("phone_e164", "a phone number in international form", lambda value: phone_e164(value, country))


def _choice(table: Mapping[str, str]) -> Transform:
    reverse = {second: first for first, second in table.items()}

    def forward(value: str) -> str:
        if value not in table:
            raise ValueError("has no entry in the choice map")
        return table[value]

    def backward(value: str) -> str:
        if value not in reverse:
            raise ValueError("has no entry in the choice map")
        return reverse[value]

    return Transform("choice", "a choice by the project's table", forward, backward)


def chain(steps: Sequence[Transform]) -> Transform:
    """Transforms one after another; back in the opposite order."""

    def forward(value: str) -> str:
        for step in steps:
            value = step.forward_step(value)
        return value

    def backward(value: str) -> str:
        for step in reversed(steps):
            value = step.backward_step(value) if step.backward_step else value
        return value

    return Transform(" + ".join(step.name for step in steps), "several, one after another", forward, backward)


def build(spec: Any, *, country: str = "") -> Transform:
    """The transform a project file names: a name, a one-entry table, or a list of these. Raises ProjectError."""
    if isinstance(spec, Transform):
        return spec
    if isinstance(spec, Sequence) and not isinstance(spec, str):
        return chain([build(part, country=country) for part in spec])
    if isinstance(spec, Mapping) and len(spec) == 1:
        name, argument = next(iter(spec.items()))
        if name == "choice" and isinstance(argument, Mapping):
            return _choice({str(k): str(v) for k, v in argument.items()})
    elif isinstance(spec, str):
        if spec == "phone_e164":
            return _phone(country)
        if spec in REGISTRY:
            return REGISTRY[spec]
    raise ProjectError(f"There is no transform {spec!r}.", todo=f"Known: {', '.join([*REGISTRY, *PARAMETERISED])}.")
