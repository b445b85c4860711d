"""The page docs/matching.md: how people are matched, with the registries' own tables.

python -m reconcile_tui.matching.reference > docs/matching.md
"""

from __future__ import annotations

import inspect

from reconcile_tui.matching.compare import Comparison
from reconcile_tui.matching.compare_names import GivenName
from reconcile_tui.matching.defaults import BY_FIELD_KIND, KINDS
from reconcile_tui.matching.learning import LEAST_JUDGEMENTS, LEAST_OF_EACH
from reconcile_tui.matching.priors import LEAST_MATCHES
from reconcile_tui.project.kinds import FieldKind, names_of

_HEAD = """# Matching

`reconcile-tui match` finds the records that are one person (or company, or whatever a record type holds) in one system or two. Nothing
has to be set for it: the kinds of the mapped fields say how each is compared and what records are looked up by, and the weights are
learnt from the records at hand. `why GROUP` and `why RECORD RECORD` tell the evidence, `match --export FILE` writes all pairs.

## From a folder of exports to pairs

```toml
[systems.people]
kind = "files"             # people.csv, .jsonl or .parquet in a folder
folder = "exports"
id = "rec_id"              # its id column

[record_types.people]
people = "people"          # system = "table": the file's name; a second system may follow

[[record_types.people.fields]]
name = "given_name"        # the kind is told by the name; kind = "first_name" says it where the name does not
people = "given_name"      # system = "column"

[[record_types.people.fields]]
name = "date_of_birth"
people = "dob"
```

```sh
reconcile-tui pull && reconcile-tui match --export pairs.csv
```

Each pair has its `score` (bits), `probability`, `class`, the `group` both records are in, and a `band`. A **match** is a pair whose
probability is at least `match` (.9 if the file says nothing), from `review` (.5) on a person is asked, and pairs below `keep` (.1) are
not stored:

```toml
[matching.people]
match = 0.9
review = 0.5
keep = 0.1
```

A pair is evidence, a group is a proposal: a pair of the band `match` without a group was parted by its neighbours (see *Groups*), or is
a shared mailbox.

## How a pair is weighed

Fellegi and Sunter's model. Every level of agreement weighs log2(m / u) bits: m is how often it occurs in records of one person, u how
often between different people. The bits of all fields and what any two records start with add up to the score; 0 bits is probability
one half. Beyond that:

* **rare values weigh more** than common ones, measured against the records of the same country where countries are known;
* **what depends on each other is not counted twice**: colleagues share town, company and switchboard, namesakes have similar addresses,
  who changes jobs changes address and number at once. Weights are learnt under such conditions, which is what keeps probabilities
  honest; a birthday or an identifier, though, namesakes have in common by chance only;
* **missing weighs nothing**, on either side;
* nothing is labelled: m and the share of duplicates are estimated by expectation maximisation, u from random pairs and from counts.
  Below LEAST_MATCHES expected duplicates there is too little to learn from; documented priors are used then, and `match` says so.

The model is kept in the workspace as readable JSON, with no value of any record in it.

"""

_OTHERS = """
Fields are compared as listed below unless `[[matching.people.comparisons]]` names others; `options` sets the bounds of similarity:

```toml
[[matching.people.comparisons]]
field = ["given_name", "surname"]
kind = "name"
options = { similar = 0.92, alike = 0.85 }
```
"""

_ASIDE = "not compared: says how a record is used, not whom it is about"

_GROUPS = """## What records are looked up by

Only records that share a blocking key are compared. The defaults follow from the kinds of fields: identifiers, mailbox, telephone
number, last and first name (by sound and formal name too), names with company, town or birth date, street with town; up to 20,000
records coarse combinations of any two fields are added. Each key may bring `pairs_per_record` pairs (4); values shared by more records
than that affords, at most `block_limit` (2,000), are cut, and `match` reports what was cut. Own keys are lists of forms:

```toml
blocking = [["email.mailbox"], ["last_name", "first_name.root"], ["last_name.sound", "postcode.start"]]
```

`match --suggest` proposes keys from the data: what each costs in pairs, and how many probable pairs only it brings.

## Groups

Connected pairs are joined by average linkage, so that look-alikes don't chain: a record joins where it fits the whole. `same` and
`different` said by a person bind; where they contradict each other, `different` stands and `match` reports it. A group keeps its id as
long as most of its records stay together.

| class | meaning |
|---|---|
| `identical` | one record in each system, and no mapped field differs |
| `differs` | one person, some fields differ |
| `shared_mailbox` | one address held by unlike names: reviewed together, never proposed as one person |
| `lead_contact` | one system takes part with records of two tables |
| `chain` | some of the records resemble each other less than the whole suggests, or resemble a record of another group |

## Matching again

After a pull, `match` looks only at records whose mapped values have changed, at those whose weights this has moved (a name that one
more record holds is less rare for everybody), and at records of which other things were decided. Stored pairs and groups of all others
stay. The result is that of matching everything with the same model; `match --full` trains a new one. That also happens by itself at the
first run, after other settings, when more than a tenth of the records has changed, and when there are judgements to learn from. A run
that is stopped leaves the previous result.

## Learning from decisions

From LEAST_JUDGEMENTS judgements on, LEAST_OF_EACH of each kind, `match` re-weighs the fields by logistic regression on what was judged,
and uses that only if it predicts held-back judgements better than before; it says which. `groups --order uncertainty` puts first what
teaches most.

## Limits

Companies, towns and streets are compared as words, not as places or legal entities. Nicknames come from a data set of English names.
Names in Chinese characters are compared with names spelt out only where they can be read one way. `why` reads all records of the record
type, which takes seconds at a million.
"""


def page() -> str:
    """The whole page."""
    numbers = {"LEAST_MATCHES": LEAST_MATCHES, "LEAST_JUDGEMENTS": LEAST_JUDGEMENTS, "LEAST_OF_EACH": LEAST_OF_EACH}
    text = "\n".join([_HEAD + _comparisons(), _fields(), _GROUPS])
    for name, number in numbers.items():
        text = text.replace(name, str(number))
    return text


def _comparisons() -> str:
    rows = ["## Kinds of comparison\n", "| kind | levels, from different to exact | |", "|---|---|---|"]
    for kind, builder in {"name": GivenName, **KINDS}.items():
        assert inspect.isclass(builder)  # noqa: S101 - the registry holds classes
        assert issubclass(builder, Comparison)  # noqa: S101
        about = "given and family name together, swapped ones seen" if kind == "name" else _first_sentence(builder)
        rows.append(f"| `{kind}` | {' · '.join(builder.levels[1:])} | {about} |")
    rows.append(_OTHERS)
    return "\n".join(rows)


def _first_sentence(builder: type) -> str:
    text = " ".join((inspect.getdoc(builder) or "").split())
    return text.partition(". ")[0].rstrip(".").replace("|", "/")


def _fields() -> str:
    rows = ["| kind of field | compared as | told by these names |", "|---|---|---|"]
    for kind in FieldKind.__args__:  # type: ignore[attr-defined]
        compared = {"full_name": "`name`, parted into given and family name", "phone": "`phone`", "country": "`country`"}.get(kind)
        if kind in ("first_name", "last_name"):
            compared = "`name` where both are mapped"
        if compared is None:
            compared = f"`{BY_FIELD_KIND[kind]}`" if kind in BY_FIELD_KIND else _ASIDE
        rows.append(f"| `{kind}` | {compared} | {', '.join(f'`{name}`' for name in names_of(kind))} |")
    rows.append("\nA part of the name is enough for `phone`, `email` and `date`; everything else is `text`.\n")
    return "\n".join(rows)


if __name__ == "__main__":
    print(page(), end="")
