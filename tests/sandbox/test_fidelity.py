"""The fidelity page: generated, complete, and honest about options."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from reconcile_tui.sandbox import Options
from reconcile_tui.sandbox.fidelity import BEHAVIOURS, TAGS, page

PAGE = Path(__file__).parents[2] / "docs" / "sandbox-fidelity.md"


def test_the_page_is_what_the_registry_says() -> None:
    assert PAGE.read_text("utf-8") == page(), "run: python -m reconcile_tui.sandbox.fidelity > docs/sandbox-fidelity.md"


def test_every_option_that_a_note_names_exists() -> None:
    known = {field.name for field in fields(Options)}
    named = {name for each in BEHAVIOURS for name in re.findall(r"`((?:hubspot|dataverse|entra)_\w+)`", each.note + each.what)}
    assert named <= known
    choices = {name for name in known if re.match("hubspot_(merge|unset|clash)|dataverse_(merge|key|token)|entra_(secret|device)", name)}
    assert choices <= named


def test_every_tag_is_explained_and_used() -> None:
    assert {each.tag for each in BEHAVIOURS} == set(TAGS)
