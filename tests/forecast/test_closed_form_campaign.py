"""Tens of thousands of random groups under each preset, and how many of them the closed form decides by itself."""

from __future__ import annotations

import pytest
from hypothesis import strategies as st

from reconcile_tui.forecast.profiles import PRESETS
from tests.forecast import groups
from tests.forecast.law import play

SEED = 20_261_125
EVERYTHING = {**{name: st.just(profile) for name, profile in PRESETS.items()}, "any combination of options": groups.profiles()}


def decided(counts: dict[str, int]) -> float:
    """Share of the groups in which the closed form gave the verdict."""
    return 1 - counts.get("left to the search", 0) / sum(counts.values())


@pytest.mark.parametrize("name", list(PRESETS))
def test_the_closed_form_decides_most_random_groups_by_itself(name: str) -> None:
    """The groups are small and made to be odd: several counterparts, lossy transforms, blanks of two minds. Real data has far fewer."""
    counts = play(EVERYTHING[name], 150, SEED)
    assert decided(counts) > 0.6, counts
    assert counts["equal, with cells at risk"] > 20 or name == "guarded", counts


@pytest.mark.campaign
@pytest.mark.parametrize("name", list(EVERYTHING))
def test_the_law_holds_on_ten_thousand_groups(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    counts = play(EVERYTHING[name], 10_000, SEED)
    with capsys.disabled():
        print(f"\n{name}: closed form decides {decided(counts):.1%} of {sum(counts.values()):,}, seed {SEED}: {dict(counts)}")
    assert decided(counts) > 0.6
