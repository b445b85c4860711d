"""Dates and moments: formats, midnight UTC, epoch milliseconds, wall-clock time of a zone.

HubSpot keeps a date as `YYYY-MM-DD` or as midnight UTC in milliseconds, a moment as ISO 8601 in UTC or as milliseconds; Dynamics keeps
`Edm.Date` as `YYYY-MM-DD` and moments in UTC.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

Steps = tuple[Callable[[str], str], Callable[[str], str]]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[T ].*)?", re.S)
_MILLISECONDS = re.compile(r"-?\d{1,16}")


def day(value: str) -> str:
    """The calendar day of an ISO date or moment as `YYYY-MM-DD`; the time of day is dropped, no zone is applied."""
    found = _DAY.fullmatch(value.strip())
    if not found:
        raise ValueError("is no ISO date")
    return _valid(date, *map(int, found.groups())).isoformat()


def _valid(kind: type[date], year: int, month: int, of_month: int) -> date:
    try:
        return kind(year, month, of_month)
    except ValueError as error:
        raise ValueError("is no day of the calendar") from error


def moment(value: str) -> datetime:
    """An ISO 8601 moment with its zone. Raises ValueError when it is none or has no zone."""
    try:
        found = datetime.fromisoformat(value.strip())
    except ValueError as error:
        raise ValueError("is no ISO 8601 moment") from error
    if found.tzinfo is None:
        raise ValueError("has no time zone")
    return found.astimezone(UTC)


def shown(instant: datetime) -> str:
    """A moment as ISO 8601 in UTC, milliseconds only where there are some."""
    precise = "milliseconds" if instant.microsecond // 1000 else "seconds"
    return instant.astimezone(UTC).isoformat(timespec=precise).replace("+00:00", "Z")


def utc(value: str) -> str:
    """A moment with any offset as the same moment in UTC."""
    return shown(moment(value))


def _from_epoch(value: str) -> datetime:
    if not _MILLISECONDS.fullmatch(value.strip()):
        raise ValueError("is no number of milliseconds")
    return _EPOCH + timedelta(milliseconds=int(value))


def to_epoch(value: str) -> str:
    """An ISO moment as milliseconds since 1970-01-01 UTC."""
    return str((moment(value) - _EPOCH) // timedelta(milliseconds=1))


def from_epoch(value: str) -> str:
    """Milliseconds since 1970-01-01 UTC as an ISO moment."""
    return shown(_from_epoch(value))


def to_midnight(value: str) -> str:
    """A day as milliseconds of its midnight in UTC."""
    whole = date.fromisoformat(day(value))
    return str((datetime(whole.year, whole.month, whole.day, tzinfo=UTC) - _EPOCH) // timedelta(milliseconds=1))


def from_midnight(value: str) -> str:
    """Milliseconds of a midnight in UTC as a day. A time of day other than midnight would be lost, so it is refused."""
    instant = _from_epoch(value)
    if (instant.hour, instant.minute, instant.second, instant.microsecond) != (0, 0, 0, 0):
        raise ValueError("is not midnight in UTC: a day would shift")
    return instant.date().isoformat()


def written_as(pattern: str) -> Steps:
    """(a date in `strptime`'s pattern -> ISO, ISO -> the pattern)."""

    def to_iso(value: str) -> str:
        try:
            return datetime.strptime(value.strip(), pattern).date().isoformat()
        except ValueError as error:
            raise ValueError(f"is no date written as {pattern}") from error

    return to_iso, lambda value: date.fromisoformat(day(value)).strftime(pattern)


def local_to_utc(zone: str) -> Steps:
    """(wall-clock time of an IANA zone -> UTC, UTC -> wall-clock time). Raises ValueError for an unknown zone.

    An hour that a zone skips in spring has no moment and is refused; the doubled hour in autumn is read as its first pass.
    """
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        there = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"there is no time zone {zone!r}") from error

    def to_utc(value: str) -> str:
        try:
            wall = datetime.fromisoformat(value.strip())
        except ValueError as error:
            raise ValueError("is no ISO 8601 time") from error
        if wall.tzinfo is not None:
            return shown(wall)
        instant = wall.replace(tzinfo=there).astimezone(UTC)
        if instant.astimezone(there).replace(tzinfo=None) != wall:
            raise ValueError(f"does not exist in {zone}: the clocks go forward there")
        return shown(instant)

    def to_wall(value: str) -> str:
        return moment(value).astimezone(there).replace(tzinfo=None).isoformat()

    return to_utc, to_wall
