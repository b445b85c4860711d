"""Sync profiles: how the sync to be launched behaves, as data.

"Last saved wins" is one connector's behaviour, not a law. A `Profile` says what a sync does with a saved record; the presets are
starting points with what is known about them. A trial in the customer's own test environment has to confirm whichever is used.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, get_args, get_type_hints

from reconcile_tui.errors import ProjectError
from reconcile_tui.project import SyncSettings

Match = Literal["email", "stored_id", "stored_id_then_email"]
Collision = Literal["every_change", "first_seen", "oldest", "newest", "table_priority", "held"]
FanOut = Literal["all", "first", "linked"]
ProfileBlank = Literal["propagates", "ignored"]
Filters = Literal["every_sync", "initial_only"]
Initial = Literal["none", "dynamics", "hubspot", "most_recent", "by_table"]
Creates = Literal["both", "forward", "backward", "none"]

CONFIRM = "Confirm it with a trial in your own test environment before you rely on it."


@dataclass(frozen=True, slots=True)
class Profile:
    """What a sync does. `dynamics` and `hubspot` stand for the project's first and second system, whatever their names.

    match: how a saved record finds its counterpart.
    collision: which of several first-system records with one counterpart take part.
    fan_out: where a save in the second system is written: `all` matched records, the `first` one (the one the collision rule lets
        through; with `every_change` the one created first), or the `linked` one.
    blank: whether an empty source value empties the target; a field's own policy comes first.
    filters: eligibility is asked at every sync, or only until a record has synced once.
    initial: the comparison of matched pairs at launch, before any save: whose value wins.
    creates: directions in which a missing counterpart is created.
    echo_suppression: the sync does not react to what it wrote itself.
    compare_before_write: a cell that holds another value than the source held before is left for a person.
    table_priority: tables of the first system, best first (`table_priority` and `by_table`).
    """

    name: str
    match: Match = "email"
    collision: Collision = "every_change"
    fan_out: FanOut = "all"
    blank: ProfileBlank = "propagates"
    filters: Filters = "every_sync"
    initial: Initial = "none"
    creates: Creates = "both"
    echo_suppression: bool = False
    compare_before_write: bool = False
    table_priority: tuple[str, ...] = ("contact", "lead")
    summary: str = field(default="", compare=False)
    source: str = field(default="", compare=False)
    caveat: str = field(default="", compare=False)

    @property
    def options(self) -> dict[str, Any]:
        """Every setting that may be written under `[sync.options]`, with its value."""
        return {name: getattr(self, name) for name in OPTIONS}


_TEXTS = ("name", "summary", "source", "caveat")
OPTIONS: tuple[str, ...] = tuple(f.name for f in fields(Profile) if f.name not in _TEXTS)
"""Names that `[sync.options]` may set."""

PRESETS: dict[str, Profile] = {
    preset.name: preset
    for preset in (
        Profile(
            "good-faith-upsert",
            summary="Matches by e-mail and copies every change both ways: who is saved last wins.",
            source="SyncSmart / LyntonWeb article on the risks of bidirectional integrations, 2019",
            caveat="The plainest sync one can build. Real connectors differ in at least one point. " + CONFIRM,
        ),
        Profile(
            "hubspot-data-sync",
            collision="first_seen",
            fan_out="first",
            blank="ignored",
            filters="initial_only",
            initial="hubspot",
            summary="Only the first record seen for an address syncs, the others silently don't; filters count for the first sync only.",
            source="HubSpot knowledge base: connect and use data sync, match records in data sync, sync custom objects (January 2026)",
            caveat="Which record is seen first is not documented. HubSpot is taken as the default app; set `initial` if it is not. "
            + CONFIRM,
        ),
        Profile(
            "stored-id",
            match="stored_id",
            fan_out="linked",
            summary="Pairs by the HubSpot id stored in Dynamics and never looks records up; a taken e-mail refuses a second contact.",
            source="SyncSmart Dynamics FAQ (changes reach HubSpot in 5 to 30 seconds, Dynamics in 5 minutes)",
            caveat="The slow way back widens the time in which the order of saves decides. " + CONFIRM,
        ),
        Profile(
            "hubspot-salesforce-like",
            collision="oldest",
            fan_out="first",
            blank="ignored",
            filters="initial_only",
            initial="dynamics",
            summary="One of the records with an address syncs: the oldest. Dynamics is preferred unless it is blank.",
            source="HubSpot knowledge base 2016 (oldest record); consultants' pages 2024 (most recently updated record)",
            caveat="The sources disagree on which record syncs: set `collision` to `newest` and compare. Preferences are per field there. "
            + CONFIRM,
        ),
        Profile(
            "table-priority",
            collision="table_priority",
            fan_out="first",
            initial="by_table",
            summary="A contact goes before a lead; at launch Dynamics wins for contacts and HubSpot for leads.",
            source="Adobe documentation of the Marketo sync with Dynamics",
            caveat="Described for Marketo; after a merge there the winner's flag decides whether the person still syncs. " + CONFIRM,
        ),
        Profile(
            "hub",
            blank="ignored",
            initial="most_recent",
            summary="Records are merged in a hub: the latest value wins, empty values are rejected, all systems are written.",
            source="Syncari documentation",
            caveat="A hub also removes duplicates from the end systems; here their cells take the hub's value instead. " + CONFIRM,
        ),
        Profile(
            "guarded",
            match="stored_id_then_email",
            collision="held",
            fan_out="linked",
            blank="ignored",
            compare_before_write=True,
            summary="Pairs by stored id, then by e-mail if unique; everything else, and any value to be replaced, waits for a person.",
            source="The remedies named in the SyncSmart / LyntonWeb article: compare before writing, a unique match key",
            caveat="What a careful integration does. " + CONFIRM,
        ),
    )
}
"""The built-in profiles by name."""


def resolve(settings: SyncSettings, systems: Sequence[str] = ("dynamics", "hubspot")) -> Profile:
    """The profile a project asks for: a preset with its options. Raises ProjectError naming the offending key.

    `systems`: the project's systems in order; their names are accepted for `initial` besides `dynamics` and `hubspot`.
    """
    base = preset(settings.profile)
    options = {key: _checked(key, value, systems) for key, value in settings.options.items()}
    return replace(base, **options) if options else base


def preset(name: str) -> Profile:
    """A preset by name. Raises ProjectError."""
    if name not in PRESETS:
        raise ProjectError(f"sync.profile: there is no sync profile {name!r}. {_nearest(name, PRESETS)}", todo="Choose one of these.")
    return PRESETS[name]


def _checked(key: str, value: Any, systems: Sequence[str]) -> Any:
    if key not in OPTIONS:
        raise ProjectError(f"sync.options.{key}: unknown option. {_nearest(key, OPTIONS)}", todo="Correct the project file.")
    if key == "initial" and value in systems:
        value = ("dynamics", "hubspot")[list(systems).index(value)]
    kind = get_type_hints(Profile)[key]
    if kind is bool:
        if not isinstance(value, bool):
            raise _wrong(key, value, "true or false is wanted.")
        return value
    if key == "table_priority":
        if not isinstance(value, list | tuple) or not value or not all(isinstance(table, str) for table in value):
            raise _wrong(key, value, "a list of table names is wanted, best first.")
        return tuple(value)
    if value not in (known := get_args(kind)):
        raise _wrong(key, value, _nearest(str(value), known))
    return value


def _wrong(key: str, value: Any, wanted: str) -> ProjectError:
    return ProjectError(f"sync.options.{key}: {value!r} is not possible here. {wanted}", todo="Correct the project file.")


def _nearest(name: str, known: Sequence[str] | Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, list(known), n=1, cutoff=0.5)
    listed = ", ".join(sorted(known))
    return f"Did you mean {near[0]!r}? Known: {listed}." if near else f"Known: {listed}."
