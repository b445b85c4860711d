"""A group resolved: its records and the decisions in force become persons, survivors, golden values and links. Pure.

Without a decision the answer is what accepting the group as shown would do, so that the screen can show it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reconcile_tui.model import Decision, Record, Ref
from reconcile_tui.project import Project
from reconcile_tui.stewardship import people
from reconcile_tui.stewardship.choices import ACTING, Alias, Choices, Chosen, Remedy, fold
from reconcile_tui.stewardship.consent import carried_to_all, lost_by_merging
from reconcile_tui.stewardship.context import Context
from reconcile_tui.stewardship.entities import Entity, Place, Problem, Resolution
from reconcile_tui.stewardship.fitting import copying_problems, fitting_problems
from reconcile_tui.stewardship.goldens import golden_values
from reconcile_tui.stewardship.links import links_of, strange_links
from reconcile_tui.stewardship.mailbox import mailbox_values
from reconcile_tui.stewardship.survivorship import survivor


def resolve(
    context: Context,
    group: str,
    klass: str,
    records: Sequence[Record],
    decisions: Sequence[Decision],
    alias: Alias = lambda ref: ref,
) -> Resolution:
    """The group as decided, or as it would be when accepted as shown. Records that are gone or merged away take no part."""
    choices = fold(decisions, alias)
    live = [record for record in records if not record.merged_into and not record.deleted]
    outcome = choices.outcome or people.PROPOSED.get(klass, "merge")
    shown = outcome if outcome not in ("unsure", "skip") else people.PROPOSED.get(klass, "merge")
    owner = _owner(context, live, choices, shown)
    parts = people.partition(context, live, choices, shown, owner)
    remedies = _remedies(choices, alias)
    excluded = _excluded(context, choices, live, remedies, alias)
    entities, problems = [], []
    for number, part in enumerate(parts):
        entity, found = _entity(context, part, choices, shown, excluded, first=number == 0)
        entities.append(entity)
        problems += found
    if shown == "shared_mailbox":
        entities, found = mailbox_values(context, live, entities, owner, str(choices.details.get("address", "")), remedies)
        problems += found
    if shown not in ("exclude", "different"):
        entities = carried_to_all(context, live, entities)
    problems += _warnings(klass, shown, live, excluded)
    return Resolution(
        group, outcome, bool(choices.outcome), tuple(entities), tuple(dict.fromkeys(problems)), excluded,
        choices.decision, choices.by, choices.note,
    )  # fmt: skip


def _owner(context: Context, live: Sequence[Record], choices: Choices, outcome: str) -> Ref | None:
    if outcome != "shared_mailbox":
        return None
    named = choices.details.get("owner")
    return Ref.from_json(named) if named else people.default_owner(context, live)


def _remedies(choices: Choices, alias: Alias) -> dict[Ref, Remedy]:
    found = {}
    for item in choices.details.get("remedies", ()):
        found[alias(Ref.from_json(item["record"]))] = Remedy(str(item["remedy"]), str(item.get("value", "")))
    return found


def _excluded(context: Context, choices: Choices, live: Sequence[Record], remedies: Mapping[Ref, Remedy], alias: Alias) -> dict[Ref, str]:
    """Records the sync shall not pick up. A direction concerns the records of the system it starts from; the others stay as they are."""
    direction = str(choices.details.get("direction", "both"))
    found = {ref: "both" for ref, remedy in remedies.items() if remedy.name == "exclude"}
    if choices.outcome == "exclude":
        named = [alias(Ref.from_json(item)) for item in choices.details.get("refs", ())]
        refs = named or [record.ref for record in live]
        found.update({ref: direction for ref in refs if starts_from(context.project, ref.system, direction)})
    if choices.details.get("lead") == "exclude":
        found.update({r.ref: "both" for r in live if is_lead(r)})
    return found


def starts_from(project: Project, system: str, direction: str) -> bool:
    """Whether a direction (both, forward, backward) is one in which records leave this system."""
    return direction == "both" or (direction == "forward") == (system == project.first)


def is_lead(record: Record) -> bool:
    """Whether a record is a Dynamics lead: a person who may also exist as a contact, in a table that can't be merged with it."""
    return record.ref.table == "lead"


def _entity(
    context: Context, part: Sequence[Record], choices: Choices, outcome: str, excluded: Mapping[Ref, str], *, first: bool
) -> tuple[Entity, list[Problem]]:
    members = tuple(record.ref for record in part)
    if outcome in ("exclude", "different"):
        golden, _ = golden_values(context, part, {})
        survivors = {(r.ref.system, r.ref.table): r.ref for r in part} if len(part) == 1 else {}
        return Entity(members, survivors, golden=golden, writes_golden=False, untouched=members), []
    taking_part = [record for record in part if record.ref not in excluded]
    survivors, activate, untouched, problems = _survivors(context, taking_part, choices)
    merges = [] if outcome == "link" else _merges(taking_part, survivors, untouched)
    activate += [r.ref for r in taking_part if not r.active and any(r.ref == lose for _, lose in merges)]
    close = _closed(taking_part, choices)
    sources = [r for r in taking_part if r.ref not in untouched] or taking_part or list(part)
    golden, found = golden_values(context, sources, _chosen(choices, members, first))
    problems += found
    alive = {place: ref for place, ref in survivors.items() if ref not in close}
    links = links_of(context, alive)
    by_ref = {record.ref: record for record in part}
    if outcome == "link":
        problems += copying_problems(context, golden, [(by_ref[one], by_ref[other]) for one, other in links])
    else:
        problems += fitting_problems(context, golden, [by_ref[ref] for ref in alive.values()])
    problems += lost_by_merging(context, by_ref, merges)
    problems += strange_links(context, part, relink=bool(choices.details.get("relink")))
    problems += _unsynced(taking_part, survivors, merges)
    left = tuple(r.ref for r in part if r.ref in excluded or r.ref in untouched)
    entity = Entity(members, survivors, tuple(merges), tuple(dict.fromkeys(activate)), close, golden, outcome != "link", links, {}, left)
    return entity, problems


def _survivors(context: Context, part: Sequence[Record], choices: Choices) -> tuple[dict[Place, Ref], list[Ref], set[Ref], list[Problem]]:
    """Who stays per table, who is activated for that, who is left alone because nobody asked for an inactive record."""
    chosen: dict[Place, Ref] = {}
    activate: list[Ref] = []
    untouched: set[Ref] = set()
    problems: list[Problem] = []
    for place in context.places():
        here = [r for r in part if (r.ref.system, r.ref.table) == place]
        named = next((r for ref in reversed(choices.survivors.get(place, [])) for r in here if r.ref == ref), None)
        active = [r for r in here if r.active]
        if named is None and here and not active:
            untouched |= {r.ref for r in here}
            what = (
                f"{here[0].ref.system} {here[0].ref.table} {here[0].ref.id} is inactive"
                if len(here) == 1
                else f"All {place[1]}s are inactive"
            )
            problems.append(Problem(f"{what} and stays as it is; make it the survivor to have it activated."))
            continue
        if not here:
            continue
        stays = named or survivor(active)
        chosen[place] = stays.ref
        if not stays.active:
            activate.append(stays.ref)
            problems.append(Problem(f"The survivor {stays.ref.id} is inactive and will be activated first."))
    return chosen, activate, untouched, problems


def _merges(part: Sequence[Record], survivors: Mapping[Place, Ref], untouched: set[Ref]) -> list[tuple[Ref, Ref]]:
    found = []
    for record in part:
        stays = survivors.get((record.ref.system, record.ref.table))
        if stays is not None and stays != record.ref and record.ref not in untouched:
            found.append((stays, record.ref))
    return found


def _closed(part: Sequence[Record], choices: Choices) -> tuple[Ref, ...]:
    if choices.details.get("lead") != "qualify":
        return ()
    return tuple(r.ref for r in part if is_lead(r) and r.active)


def _chosen(choices: Choices, members: Sequence[Ref], first: bool) -> dict[str, Chosen]:
    """Choices meant for this person, the newest per field."""
    mine = [c for (_, person), c in choices.values.items() if (person in members if person is not None else first)]
    fields = {c.decision: name for (name, _), c in choices.values.items()}
    return {fields[c.decision]: c for c in sorted(mine, key=lambda c: c.decision)}


def _unsynced(part: Sequence[Record], survivors: Mapping[Place, Ref], merges: Sequence[tuple[Ref, Ref]]) -> list[Problem]:
    by_ref = {record.ref: record for record in part}
    problems = []
    for keep in dict.fromkeys(keep for keep, _ in merges):
        losers = [by_ref[lose] for kept, lose in merges if kept == keep]
        if not by_ref[keep].eligible and any(loser.eligible for loser in losers):
            text = f"The sync does not pick up the survivor {keep.system} {keep.table} {keep.id}, but a record merged into it."
            problems.append(Problem(text, check="E4"))
    return problems


def _warnings(klass: str, outcome: str, live: Sequence[Record], excluded: Mapping[Ref, str]) -> list[Problem]:
    problems = []
    if klass in people.PROPOSED and outcome == "merge":
        problems.append(Problem("These records share an address but look like different people; merging can't be taken back in HubSpot."))
    contacts = {r.ref.system for r in live if not is_lead(r)}
    leads = [r for r in live if is_lead(r) and r.ref.system in contacts and r.ref not in excluded]
    if leads and outcome in ("merge", "link", "split"):
        problems.append(
            Problem("A lead and a contact can't be merged: keep both, exclude the lead from the sync, or close it as qualified.")
        )
    if excluded:
        problems.append(Problem("Excluded records stay out only when the sync's filter keeps them out; `policy` writes that filter."))
    return problems


def writes_nothing(resolution: Resolution) -> bool:
    """Whether no write can follow from this resolution, whatever the systems hold."""
    return not resolution.decided or resolution.outcome not in ACTING


def judgements(resolution: Resolution) -> list[tuple[Ref, Ref, bool]]:
    """same / different between all live records, as this resolution says; nothing for what is undecided, unsure or skipped."""
    if not resolution.decided or resolution.outcome in ("unsure", "skip", "exclude"):
        return []
    placed: list[tuple[Ref, int]] = [(ref, n) for n, entity in enumerate(resolution.entities) for ref in entity.members]
    return [(left, right, one == other) for position, (left, one) in enumerate(placed) for right, other in placed[position + 1 :]]
