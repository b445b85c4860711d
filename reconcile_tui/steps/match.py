"""Match: from the workspace's records to pairs and groups, and from a group back to its evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from reconcile_tui.errors import UsageError, WorkspaceError
from reconcile_tui.model import Ref
from reconcile_tui.project import RecordType
from reconcile_tui.steps.progress import Listener, Progress, Stop, never, silent
from reconcile_tui.workspace.decisions import now
from reconcile_tui.workspace.matches import NewGroup

if TYPE_CHECKING:
    import pyarrow as pa

    from reconcile_tui.matching import MatchResult
    from reconcile_tui.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Matched:
    """What a match run of one record type found."""

    record_type: str
    records: int
    pairs: int
    groups: int
    classes: dict[str, int]
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """For `match --json`."""
        return {name: getattr(self, name) for name in self.__slots__}


def match(workspace: Workspace, *, full: bool = False, progress: Listener = silent, stop: Stop = never) -> list[Matched]:
    """Match every record type; the previous result stays until the new one is whole. Raises Interrupted, ProjectError.

    `full` trains the model anew; otherwise the last one is used as long as the fields it was trained on are the same.
    """
    return [_match_type(workspace, record_type, full, progress, stop) for record_type in workspace.project.record_types.values()]


def _match_type(workspace: Workspace, record_type: RecordType, full: bool, progress: Listener, stop: Stop) -> Matched:
    from reconcile_tui import matching

    started = time.monotonic()
    table = _table(workspace, record_type)
    result = matching.run(
        table,
        record_type.fields,
        workspace.project.matching(record_type.name),
        judgements=_judgements(workspace),
        previous_groups=_previous(workspace),
        progress=lambda stage, done, total: progress(Progress(stage, done, total, time.monotonic() - started)),
        stop=stop,
    )
    groups = list(new_groups(workspace, record_type, table, result))
    pairs = result.pairs.select(["left", "right", "bits", "probability", "class"]).to_pydict().values()
    workspace.matches.replace(record_type.name, zip(*pairs, strict=True), groups, model=result.model, report=result.report, at=now())
    from reconcile_tui.steps import decide

    decide.refresh(workspace)
    classes: dict[str, int] = {}
    for group in groups:
        classes[group.klass] = classes.get(group.klass, 0) + 1
    notes = [str(note) for note in result.report.get("notes", ())]
    notes += [f"blocking key {cut}" for cut in result.report.get("cut", ())]
    return Matched(
        record_type.name, len(table), len(result.pairs), len(groups), dict(sorted(classes.items())), notes, time.monotonic() - started
    )


def _table(workspace: Workspace, record_type: RecordType) -> pa.Table:
    table = workspace.records.arrow(record_type)
    if not len(table):
        raise WorkspaceError(f"There are no {record_type.name} to match.", todo="Run `reconcile-tui pull` first.")
    return table


def _judgements(workspace: Workspace) -> pa.Table:
    import pyarrow as pa

    left, right, same = zip(*workspace.decisions.judgements(), strict=True) if workspace.decisions.judgements() else ((), (), ())
    return pa.table({"left": pa.array(left, pa.int64()), "right": pa.array(right, pa.int64()), "same": pa.array(same, pa.bool_())})


def _previous(workspace: Workspace) -> pa.Table | None:
    import pyarrow as pa

    rows = list(workspace.matches.all_members())
    if not rows:
        return None
    groups, keys = zip(*rows, strict=True)
    return pa.table({"group": pa.array(groups, pa.string()), "key": pa.array(keys, pa.int64())})


def new_groups(workspace: Workspace, record_type: RecordType, table: pa.Table, result: MatchResult) -> Iterator[NewGroup]:
    """The result's groups with what the queue shows of them: systems, a title, which fields differ, the newest change."""
    import polars as pl

    names = [f.name for f in record_type.fields]
    records = pl.from_arrow(table.select(["key", "system", "modified", *names]))
    found = pl.from_arrow(result.groups.select(["group", "key", "class", "score"]))
    assert isinstance(records, pl.DataFrame)  # noqa: S101 - from_arrow of a table, for the type checker
    assert isinstance(found, pl.DataFrame)  # noqa: S101
    joined = found.join(records, on="key", how="inner").sort("key")
    title = [n for n in names if record_type.field(n).kind in ("full_name", "first_name", "last_name", "email", "company")] or names[:2]
    summed = joined.group_by("group", maintain_order=True).agg(
        pl.col("class").first(),
        pl.col("score").first(),
        pl.col("key"),
        pl.col("system").str.slice(0, 1).str.to_uppercase().str.join("+").alias("systems"),
        pl.col("modified").max().alias("newest"),
        *[pl.col(n).drop_nulls().n_unique().gt(1).alias(f"differs {n}") for n in names],
        *[pl.col(n).drop_nulls().first().alias(f"title {n}") for n in title],
    )
    for row in summed.iter_rows(named=True):
        yield NewGroup(
            id=row["group"],
            record_type=record_type.name,
            klass=row["class"],
            score=row["score"],
            keys=tuple(row["key"]),
            systems=row["systems"],
            title=" ".join(str(row[f"title {n}"]) for n in title if row[f"title {n}"]),
            differs=tuple(n for n in names if row[f"differs {n}"]),
            uncertainty=1.0 - abs(2.0 * row["score"] - 1.0),
            newest=row["newest"] or "",
        )


# -- evidence


def why(workspace: Workspace, group: str) -> list[dict[str, Any]]:
    """The evidence of every pair of a group, strongest first, as `why --json` gives it."""
    keys = workspace.matches.members(group)
    refs = workspace.records.refs(keys)
    explained = [_explained(workspace, refs[a], refs[b], a, b, others=keys) for number, a in enumerate(keys) for b in keys[number + 1 :]]
    return sorted(explained, key=lambda pair: -pair["score_bits"])


def why_records(workspace: Workspace, left: Ref, right: Ref) -> list[dict[str, Any]]:
    """The evidence about two records anywhere, with a sentence on why they are not one group. Raises UsageError."""
    keys = []
    for ref in (left, right):
        key = workspace.records.key_of(ref)
        if key is None:
            raise UsageError(f"There is no record {ref}.", todo="A record is written as system/table/id.")
        keys.append(key)
    return [_explained(workspace, left, right, keys[0], keys[1], others=keys)]


def _explained(workspace: Workspace, left: Ref, right: Ref, a: int, b: int, *, others: Any) -> dict[str, Any]:
    matcher = matcher_for(workspace, left)
    explanation = matcher.explain(a, b)
    together = workspace.matches.group_of(a) is not None and workspace.matches.group_of(a) == workspace.matches.group_of(b)
    document = {"left": left.as_json(), "right": right.as_json(), **explanation.as_json()}
    return document if together else {**document, "note": matcher.why_not(a, b)}


_MATCHERS: dict[tuple[str, int], Any] = {}


def matcher_for(workspace: Workspace, ref: Ref) -> Any:
    """The last run's model over the records it saw, kept for the process so that the next question is quick."""
    from reconcile_tui.matching import Matcher

    record_type = workspace.project.record_type_of(ref.system, ref.table)
    last = workspace.matches.last_run(record_type.name)
    if last is None:
        raise WorkspaceError("Nothing has been matched yet.", todo="Run `reconcile-tui match` first.")
    key = (str(workspace.path), last["id"])
    if key not in _MATCHERS:
        _MATCHERS.clear()
        table = _table(workspace, record_type)
        _MATCHERS[key] = Matcher(table, record_type.fields, workspace.project.matching(record_type.name), last["model"])
    return _MATCHERS[key]


def suggest(workspace: Workspace) -> dict[str, list[dict[str, Any]]]:
    """Blocking keys that suit the data, per record type."""
    from reconcile_tui import matching

    found = {}
    for name, record_type in workspace.project.record_types.items():
        table = _table(workspace, record_type)
        suggestions = matching.suggest_blocking(table, record_type.fields, workspace.project.matching(name))
        found[name] = [suggestion.as_json() for suggestion in suggestions]
    return found


# -- export


def export(workspace: Workspace, path: Path) -> int:
    """Write all pairs to a .csv, .parquet or .jsonl file; returns how many. Raises UsageError.

    Columns: left_system, left_table, left_id, right_system, right_table, right_id, score (bits), probability, class, group.
    """
    import polars as pl

    writers: dict[str, Callable[[pl.DataFrame, Path], object]] = {
        ".csv": lambda frame, to: frame.write_csv(to),
        ".parquet": lambda frame, to: frame.write_parquet(to),
        ".jsonl": lambda frame, to: frame.write_ndjson(to),
    }
    if path.suffix not in writers:
        raise UsageError(f"{path.name}: pairs are written as .csv, .parquet or .jsonl.", todo="Choose one of these endings.")
    rows = [tuple(row) for row in workspace.matches.all_pairs()]
    keys = {key for row in rows for key in row[:2]}
    refs = workspace.records.refs(keys)
    frame = pl.DataFrame(
        [
            (*_parts(refs[left]), *_parts(refs[right]), bits, probability, klass, group)
            for left, right, bits, probability, klass, group in rows
        ],
        schema={
            "left_system": pl.String, "left_table": pl.String, "left_id": pl.String,
            "right_system": pl.String, "right_table": pl.String, "right_id": pl.String,
            "score": pl.Float64, "probability": pl.Float64, "class": pl.String, "group": pl.String,
        },
        orient="row",
    )  # fmt: skip
    writers[path.suffix](frame, path)
    return len(frame)


def _parts(ref: Ref) -> tuple[str, str, str]:
    return ref.system, ref.table, ref.id
