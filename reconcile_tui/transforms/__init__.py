"""Value transforms: pure, total functions between the first and the second system's form of a field.

`forward` maps a value of the first system (Dynamics) to the form of the second (HubSpot), `backward` the reverse. A value that
can't be transformed is returned unchanged with the problem named; nothing here raises on data.
"""

from reconcile_tui.transforms.core import Result, Step, Transform, as_text, chain
from reconcile_tui.transforms.phones import phone_e164
from reconcile_tui.transforms.registry import MAKERS, PARAMETERISED, REGISTRY, Maker, build

__all__ = [
    "MAKERS",
    "PARAMETERISED",
    "REGISTRY",
    "Maker",
    "Result",
    "Step",
    "Transform",
    "as_text",
    "build",
    "chain",
    "phone_e164",
]
