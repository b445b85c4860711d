"""What a match run is made on: settings, records and judgements, and what of these has changed since the last run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reconcile_tui import __version__
from reconcile_tui.errors import WorkspaceError
from reconcile_tui.project import Project, RecordType
from reconcile_tui.workspace import common_form
from reconcile_tui.workspace.match_runs import Basis

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from reconcile_tui.workspace import Workspace


def table_of(workspace: Workspace, record_type: RecordType) -> pa.Table:
    """All records of a record type as matching takes them. Raises WorkspaceError when there are none."""
    table = common_form.table_of(workspace, record_type)
    if not len(table):
        raise WorkspaceError(f"There are no {record_type.name} to match.", todo="Run `reconcile-tui pull` first.")
    return table


def judgements_of(workspace: Workspace) -> pa.Table:
    """All judgements as matching takes them."""
    import pyarrow as pa

    said = workspace.decisions.judgements()
    left, right, same = zip(*said, strict=True) if said else ((), (), ())
    return pa.table({"left": pa.array(left, pa.int64()), "right": pa.array(right, pa.int64()), "same": pa.array(same, pa.bool_())})


def basis_of(workspace: Workspace, record_type: RecordType, table: pa.Table, judgements: pa.Table, tally: bytes) -> Basis:
    """What a run on these records and judgements has been made on."""
    said = list(zip(*(judgements[name].to_pylist() for name in ("left", "right", "same")), strict=True))
    return Basis(settings_digest(workspace.project, record_type), _seen(table, record_type), json.dumps(said), tally)


def settings_digest(project: Project, record_type: RecordType) -> str:
    """A digest of all that decides how records are read and compared. Another version of the program counts as other settings."""
    from reconcile_tui.matching.model import TRAINING

    written = project.settings.record_types[record_type.name]
    fields = [field.model_dump(mode="json", include={"name", "kind", "transform", "systems"}) for field in written.fields]
    settings = project.matching(record_type.name).model_dump(mode="json")
    parts = [__version__, TRAINING, project.country, list(project.systems), dict(written.tables), fields, settings]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _seen(table: pa.Table, record_type: RecordType) -> bytes:
    import numpy as np
    import polars as pl

    names = ["system", "table", "country", "modified", *dict.fromkeys(f.name for f in record_type.fields)]
    frame = pl.from_arrow(table.select(["key", *dict.fromkeys(names)]))
    assert isinstance(frame, pl.DataFrame)  # noqa: S101 - from_arrow of a table, for the type checker
    keys, digests = frame["key"].to_numpy().astype(np.int64), frame.drop("key").hash_rows(seed=0).to_numpy().astype(np.uint64)
    order = np.argsort(keys)
    return keys[order].tobytes() + digests[order].tobytes()


@dataclass(frozen=True)
class Changes:
    """What is other than at the last run, by record key: changed or new or gone records, and records of which other things are said."""

    records: set[int]
    judged: frozenset[int]

    def __bool__(self) -> bool:
        return bool(self.records or self.judged)


def changes(before: Basis, now: Basis) -> Changes:
    """Compare two bases made with the same settings."""
    return Changes(_other_records(before.seen, now.seen), _other_judgements(before.judged, now.judged))


def _other_records(before: bytes, now: bytes) -> set[int]:
    (old, old_digests), (new, new_digests) = _read(before), _read(now)
    at = _places(old, new)
    same = (at >= 0) & (old_digests[at] == new_digests) if len(old) else at >= 0
    return set(new[~same].tolist()) | set(old[_places(new, old) < 0].tolist())


def _places(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Where each wanted key stands among ascending ones, -1 for those not there."""
    import numpy as np

    if np.array_equal(keys, wanted):
        return np.arange(len(keys))
    at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
    return np.where(keys[at] == wanted, at, -1) if len(keys) else np.full(len(wanted), -1)


def _read(seen: bytes) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    half = len(seen) // 2
    return np.frombuffer(seen[:half], dtype=np.int64), np.frombuffer(seen[half:], dtype=np.uint64)


def _other_judgements(before: str, now: str) -> frozenset[int]:
    old, new = ({tuple(row) for row in json.loads(text)} for text in (before, now))
    return frozenset(key for left, right, _ in old ^ new for key in (left, right))
