"""An artefact as a JSON document."""

from __future__ import annotations

import json


def as_json(value: object) -> str:
    """Indented, letters as they are."""
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"
