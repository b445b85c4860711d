"""Writes the sample exports, the answer key and the README's table of cases: `python sample_data/generate.py [FOLDER]`.

The same seed gives the same bytes. Standard library only, so it runs without the product installed.
"""

from __future__ import annotations

import random
import re
import sys
from importlib import import_module
from pathlib import Path

from exports import Exports
from people import World
from story import CASES, Story

SEED = 20261120
HERE = Path(__file__).parent
MANY = 9
"""Up to so many records of a case are named in the README; of more only their number is told."""

STORIES = ("cases_of_different_people", "cases_of_one_person", "cases_of_addresses", "cases_of_values", "everyday")
"""Importing a module registers its cases. `everyday` comes last: it fills the exports up."""

TABLE_HEAD = "| case | records | what should happen |\n|---|---|---|\n"
ONE_WAY_HEAD = """\
# The sample project with the map of the article's second story: names travel from Dynamics to HubSpot only, phones from HubSpot to
# Dynamics only. Written by generate.py from ../reconcile.toml; copy it over a workspace's reconcile.toml to forecast it.

"""
ONE_WAY = {
    "first_name": "dynamics_to_hubspot",
    "last_name": "dynamics_to_hubspot",
    "phone": "hubspot_to_dynamics",
}


def build() -> tuple[Exports, list[Story]]:
    """All records, and the stories that wrote them."""
    for module in STORIES:
        import_module(module)
    exports = Exports(World(random.Random(SEED)))
    exports.world.taken.update(("12025550101", "12025550202", "501"))  # the article's own
    stories = []
    for planted in CASES:
        story = Story(planted.name, exports)
        planted.write(story)
        stories.append(story)
    return exports, stories


def case_table(stories: list[Story]) -> str:
    """The README's table: case, records, what should happen."""
    lines = []
    for planted, story in zip(CASES, stories, strict=True):
        count = sum(planted.name in row["cases"].split(";") for row in story.exports.truth)
        shown = story.told() if count <= MANY else f"{count} records"
        lines.append(f"| `{planted.name}` | {shown} | {planted.expect} |\n")
    return TABLE_HEAD + "".join(lines)


def one_way(project: str) -> str:
    """The project file with the directions of `ONE_WAY`."""
    body = project[project.index("[project]") :]
    for name, direction in ONE_WAY.items():
        body = re.sub(rf'(name = "{name}"\n)', rf'\1direction = "{direction}"\n', body, count=1)
    return ONE_WAY_HEAD + body.replace('name = "sample"', 'name = "sample-one-way"', 1)


def files() -> dict[str, str]:
    """File name -> content of everything that is generated."""
    exports, stories = build()
    readme = (HERE / "README.md").read_text(encoding="utf-8")
    head, rest = readme.split("<!-- cases -->\n", 1)
    tail = rest.split("<!-- /cases -->\n", 1)[1]
    return {
        **exports.files(),
        "README.md": f"{head}<!-- cases -->\n{case_table(stories)}<!-- /cases -->\n{tail}",
        "one_way/reconcile.toml": one_way((HERE / "reconcile.toml").read_text(encoding="utf-8")),
    }


def main() -> None:
    """Write the files beside this one, or into the folder named on the command line."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, content in files().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode())
        print(f"{path}: {len(content.encode()):,} bytes", file=sys.stderr)


if __name__ == "__main__":
    main()
