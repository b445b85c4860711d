"""Presets and what a project may set."""

from __future__ import annotations

import pytest

from reconcile_tui.errors import ProjectError
from reconcile_tui.forecast.profiles import OPTIONS, PRESETS, resolve
from reconcile_tui.project import SyncSettings


def test_there_are_seven_presets_each_with_its_source_and_the_advice_to_confirm_it() -> None:
    assert list(PRESETS) == [
        "good-faith-upsert", "hubspot-data-sync", "stored-id", "hubspot-salesforce-like", "table-priority", "hub", "guarded",
    ]  # fmt: skip
    for profile in PRESETS.values():
        assert profile.summary
        assert profile.source
        assert "your own test environment" in profile.caveat


def test_a_project_without_sync_settings_gets_the_good_faith_upsert() -> None:
    assert resolve(SyncSettings()) is PRESETS["good-faith-upsert"]


def test_options_change_the_preset() -> None:
    profile = resolve(SyncSettings(profile="hub", options={"initial": "crm", "echo_suppression": True}), ("crm", "marketing"))
    assert (profile.name, profile.initial, profile.echo_suppression, profile.blank) == ("hub", "dynamics", True, "ignored")
    assert set(profile.options) == set(OPTIONS)


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        (SyncSettings(profile="good-fath"), "Did you mean 'good-faith-upsert'?"),
        (SyncSettings(options={"collison": "oldest"}), "Did you mean 'collision'?"),
        (SyncSettings(options={"collision": "oldst"}), "Did you mean 'oldest'?"),
        (SyncSettings(options={"echo_suppression": "yes"}), "true or false"),
        (SyncSettings(options={"table_priority": "lead"}), "a list of table names"),
        (SyncSettings(options={"initial": ["dynamics"]}), "is not possible here"),
    ],
)
def test_a_wrong_setting_is_named_with_the_nearest_right_one(settings: SyncSettings, named: str) -> None:
    with pytest.raises(ProjectError, match="sync") as caught:
        resolve(settings)
    assert named in str(caught.value)
