"""Groups an hour and seconds a group, as the queue tells them from the decision log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from reconcile_tui.tui.review.order import throughput
from reconcile_tui.tui.review.tally import Tally

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def newest_first(*seconds: float) -> list[str]:
    """Decisions so many seconds after one another."""
    moments, at = [NOON], NOON
    for gap in seconds:
        at += timedelta(seconds=gap)
        moments.append(at)
    return [moment.isoformat() for moment in reversed(moments)]


def test_ten_seconds_a_group_are_360_groups_an_hour() -> None:
    assert throughput(newest_first(*[10.0] * 8)) == (360.0, 10.0)


def test_a_lunch_break_is_no_work_and_a_bulk_decision_no_speed() -> None:
    assert throughput(newest_first(10, 10, 3600, 10, *[0.001] * 140, 10)) == (360.0, 10.0)
    assert throughput(newest_first(*[0.001] * 140)) is None


def test_nothing_is_claimed_after_a_few_decisions() -> None:
    tally = Tally()
    tally.states["decided"] = 3
    tally.times.extend(newest_first(10, 10))
    assert "groups/h" not in tally.told()
    tally.times.extend(newest_first(*[10] * 8))
    assert "groups/h" in tally.told()
