"""Worlds that are closed after their test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.stewardship.world import World

Maker = Callable[..., World]


@pytest.fixture
def make_world(tmp_path: Path) -> Iterator[Maker]:
    """Makes empty worlds, each in a folder of its own."""
    made: list[World] = []

    def make(**options: Any) -> World:
        world = World(tmp_path / f"world{len(made)}", **options)
        made.append(world)
        return world

    yield make
    for world in made:
        world.close()


@pytest.fixture
def world(make_world: Maker) -> World:
    """One empty world."""
    return make_world()
