"""How a group came together: what kind of group it is, which links hold it, and which of them is the weakest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

CLASSES = {
    "identical": "one record in each system, and no field differs",
    "differs": "one person, and some fields differ",
    "shared_mailbox": "one address held by unlike names: different people until somebody says otherwise, reviewed together",
    "lead_contact": "a lead and a contact that are one person; they stand in different tables and can't be merged",
    "chain": "look-alikes: some of these records resemble each other less than the whole suggests, or resemble somebody else",
    "collision": "records that the sync would confuse, whoever they are; matching did not bring them together",
}
"""What each class of group means."""

Pair = dict[str, Any]  # as `evidence.why` gives it


@dataclass(frozen=True)
class Story:
    """The links that hold a group together, in the order in which they joined it, and all other pairs."""

    links: list[Pair]
    others: list[Pair]

    @property
    def weakest(self) -> Pair | None:
        """The link the group would fall apart at first."""
        return min(self.links, key=lambda pair: pair["score_bits"], default=None)


def story(pairs: Sequence[Pair]) -> Story:
    """The strongest links that join all records (the maximum spanning tree); `pairs`: every pair of the group, strongest first."""
    joined: dict[str, set[str]] = {}
    links, others = [], []
    for pair in pairs:
        left, right = name(pair["left"]), name(pair["right"])
        mine, theirs = joined.setdefault(left, {left}), joined.setdefault(right, {right})
        if mine is theirs:
            others.append(pair)
            continue
        links.append(pair)
        together = mine | theirs
        joined.update(dict.fromkeys(together, together))
    return Story(links, others)


def name(ref: dict[str, str]) -> str:
    """A record as people write it."""
    return f"{ref['system']}/{ref['table']}/{ref['id']}"


def chance(probability: float) -> str:
    """A probability in words that don't claim more than is known."""
    if probability > 0.9999:
        return "probability over .9999"
    return "probability under .0001" if probability < 0.0001 else f"probability {probability:.4f}"
