"""CRM-like contacts of two systems with known truth: international, skewed, with the mistakes people make. Seeded.

One record in five repeats an earlier person. Dependences are as in real CRMs: colleagues share company, town, domain and often the
switchboard; families share last name, address and sometimes the mailbox; who changes job changes company, mail and phone at once.

    python -m benchmarks.matching.generator 100000 7 out.parquet
"""

from __future__ import annotations

import random
import sys
import unicodedata
from functools import lru_cache
from itertools import accumulate
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.matching import names

FIELDS = ("first_name", "last_name", "email", "phone", "company", "city")
DUPLICATES = 0.2
TUNING_SEED, REPORTING_SEED = 11, 2026
Row = dict[str, Any]


class Zipf:
    """Draws from a list, the n-th entry with weight 1 / (n + shift) ** power."""

    def __init__(self, values: list[Any], power: float, shift: float = 2.0) -> None:
        self.values = values
        self.sums = list(accumulate(1.0 / (n + shift) ** power for n in range(len(values))))

    def draw(self, rng: random.Random) -> Any:
        """One value."""
        return rng.choices(self.values, cum_weights=self.sums)[0]


class World:
    """The people and companies records are drawn from."""

    def __init__(self, records: int, rng: random.Random) -> None:
        self.rng = rng
        self.first = {c: Zipf(text.split(), 0.6) for c, text in names.FIRST.items()}
        self.last = {c: Zipf(self._family_names(c), 0.95) for c in names.LAST}
        self.city = {c: Zipf([t.replace("_", " ") for t in text.split()], 0.9) for c, text in names.CITIES.items()}
        self.addresses: set[str] = set()
        self.countries = Zipf([c for c, share in names.COUNTRY_SHARE.items() for _ in range(share)], 0.0)
        self.companies = Zipf([self._company() for _ in range(max(records // 9, 20))], 0.55, 10.0)

    def _family_names(self, country: str) -> list[str]:
        known = [name.replace("_", " ") for name in names.LAST[country].split()]
        made = [s.replace("_", " ") + e for s in names.STEMS[country].split() for e in names.ENDS[country].split()]
        mixed = [
            s.replace("_", " ") + m + e
            for s in names.STEMS[country].split()
            for m in ("a", "en", "er", "i", "el")
            for e in names.ENDS[country].split()
        ]
        rare = [
            a.replace("_", " ") + b.replace("_", " ").split()[-1].lower() + e
            for a in names.STEMS[country].split()
            for b in names.STEMS[country].split()
            for e in names.ENDS[country].split()
        ]
        for tail in (made, mixed, rare):
            self.rng.shuffle(tail)
        return list(dict.fromkeys(known + made + mixed + rare))

    def _company(self) -> Row:
        rng = self.rng
        country = self.countries.draw(rng)
        words = [rng.choice(names.COMPANY), rng.choice(names.TRADE)]
        if rng.random() < 0.45:
            words.insert(0, rng.choice(self.last[country].values[:400]))
        if rng.random() < 0.08:
            words[-1] = f"{words[-1]} & {rng.choice(names.TRADE)}"
        base = " ".join(words)
        domain = _ascii("".join(words)).replace(" ", "").replace("&", "") + rng.choice([".com", ".com", f".{country.lower()}", ".io"])
        return {
            "name": base, "legal": rng.choice(names.LEGAL[country]), "country": country, "city": self.city[country].draw(rng),
            "domain": domain, "board": self._number(country), "style": rng.choice(["f.l", "f.l", "fl", "l", "f"]),
        }  # fmt: skip

    def _number(self, country: str) -> str:
        digits = 10 if country in ("US", "GB", "IN") else 9
        return str(self.rng.randint(2, 9)) + "".join(self.rng.choices("0123456789", k=digits - 1))

    def person(self) -> Row:
        """A person with employer, addresses and numbers."""
        rng = self.rng
        company = self.companies.draw(rng)
        country = company["country"] if rng.random() < 0.9 else self.countries.draw(rng)
        person: Row = {"country": country, "first": self.first[country].draw(rng), "last": self.last[country].draw(rng)}
        if country in ("ES", "US") and rng.random() < 0.15:
            person["last"] += " " + self.last["ES"].draw(rng)
        if rng.random() < 0.06:
            person["first"] += " " + self.first[country].draw(rng)
        self.employ(person, company)
        person["private"] = self._private(person)
        person["mobile"] = self._number(country)
        return person

    def employ(self, person: Row, company: Row) -> None:
        """Put the person into a company: mail address, phone and town follow."""
        rng = self.rng
        person["company"] = company
        first, last = _ascii(person["first"].split()[0]), _ascii(person["last"]).replace(" ", "")
        local = {"f.l": f"{first}.{last}", "fl": f"{first[:1]}{last}", "l": last, "f": first}[company["style"]]
        role = rng.random() < 0.03
        person["work"] = f"{rng.choice(['info', 'sales', 'office'])}@{company['domain']}" if role else self._free(local, company["domain"])
        person["board"] = rng.random() < 0.4
        person["direct"] = company["board"] if person["board"] else self._number(company["country"])
        person["city"] = company["city"] if rng.random() < 0.75 else self.city[person["country"]].draw(rng)

    def _private(self, person: Row) -> str:
        rng = self.rng
        first, last = _ascii(person["first"].split()[0]), _ascii(person["last"]).replace(" ", "")
        tail = str(rng.randint(1, 99)) if rng.random() < 0.5 else ""
        local = rng.choice([f"{first}.{last}", f"{first}{last}", f"{first[:1]}{last}", f"{last}.{first}"]) + tail
        return self._free(local, rng.choice(names.FREEMAIL))

    def _free(self, local: str, domain: str) -> str:
        """An address nobody has yet: providers and companies give each out once."""
        number = 1
        while (address := f"{local}{number if number > 1 else ''}@{domain}") in self.addresses:
            number += 1
        self.addresses.add(address)
        return address

    def relative(self, person: Row) -> Row:
        """Somebody of the same household: own first name and job, same last name, sometimes the same private address and phone."""
        rng = self.rng
        other = self.person()
        other.update(country=person["country"], last=person["last"], first=self.first[person["country"]].draw(rng))
        self.employ(other, self.companies.draw(rng))
        other["city"] = person["city"]
        other["private"] = person["private"] if rng.random() < 0.4 else self._private(other)
        other["mobile"] = person["mobile"] if rng.random() < 0.3 else other["mobile"]
        return other

    def record(self, person: Row) -> Row:
        """The person as somebody entered them."""
        rng = self.rng
        company = person["company"]
        phone = person["direct"] if rng.random() < 0.65 else person["mobile"]
        country = company["country"] if phone == person["direct"] else person["country"]
        return {
            "first_name": person["first"] if rng.random() < 0.985 else None,
            "last_name": person["last"],
            "email": None if rng.random() < 0.08 else person["work"] if rng.random() < 0.75 else person["private"],
            "phone": None if rng.random() < 0.15 else self._spelt(phone, country),
            "company": None if rng.random() < 0.06 else company["name"] + (" " + company["legal"] if rng.random() < 0.6 else ""),
            "city": None if rng.random() < 0.08 else person["city"],
            "country": person["country"],
        }

    def _spelt(self, number: str, country: str) -> str:
        rng = self.rng
        form = rng.random()
        if form < 0.4:
            return f"+{names.CALLING[country]}{number}"
        if form < 0.6:
            return f"+{names.CALLING[country]} {number[:3]} {number[3:6]} {number[6:]}"
        if form < 0.8:
            return f"{names.TRUNK[country]}{number[:3]}-{number[3:6]}-{number[6:]}"
        return f"({names.TRUNK[country]}{number[:3]}) {number[3:]}"

    def again(self, person: Row) -> Row:
        """The person entered once more: after a change of job, under a short name, with typing errors."""
        rng = self.rng
        now = dict(person)
        if rng.random() < 0.08:
            self.employ(now, self.companies.draw(rng))
        if rng.random() < 0.025:
            now["last"] = self.last[person["country"]].draw(rng)
        row = self.record(now)
        self._misspell_names(row, now)
        if row["email"] and rng.random() < 0.04:
            local, domain = row["email"].split("@")
            row["email"] = f"{_typo(local, rng)}@{domain}" if rng.random() < 0.6 else f"{local}+news@{domain}"
        if row["email"] and rng.random() < 0.1:
            row["email"] = row["email"].upper() if rng.random() < 0.3 else row["email"].capitalize()
        if row["company"] and rng.random() < 0.1:
            row["company"] = _typo(row["company"], rng) if rng.random() < 0.6 else " ".join(row["company"].split()[:2])
        if row["phone"] and rng.random() < 0.05:
            row["phone"] = _digit(row["phone"], rng)
        if row["city"] and rng.random() < 0.07:
            row["city"] = self.city[now["country"]].draw(rng) if rng.random() < 0.6 else _typo(row["city"], rng)
        return row

    def _misspell_names(self, row: Row, person: Row) -> None:
        rng = self.rng
        first = row["first_name"]
        if first:
            chance = rng.random()
            if chance < 0.13:
                row["first_name"] = names.SHORT.get(first.split()[0], first)
            elif chance < 0.17:
                row["first_name"] = first[0] + ("." if rng.random() < 0.5 else "")
            elif chance < 0.23:
                row["first_name"] = _typo(first, rng)
            elif chance < 0.26:
                row["first_name"] = first.split()[0]
        if rng.random() < 0.07:
            row["last_name"] = _typo(row["last_name"], rng)
        elif " " in row["last_name"] and rng.random() < 0.3:
            row["last_name"] = row["last_name"].split()[0]
        if rng.random() < 0.1:
            row["last_name"] = _ascii(row["last_name"]).title()
        if row["first_name"] and rng.random() < 0.02:
            row["first_name"], row["last_name"] = row["last_name"], row["first_name"]
        if rng.random() < 0.08:
            row["first_name"], row["last_name"] = (v.upper() if v else v for v in (row["first_name"], row["last_name"]))


_PLAIN = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "'": "", ".": "", "-": ""})


@lru_cache(maxsize=1 << 16)
def _ascii(text: str) -> str:
    return unicodedata.normalize("NFKD", text.lower().translate(_PLAIN)).encode("ascii", "ignore").decode()


def _typo(text: str, rng: random.Random) -> str:
    """One slip of the finger: a letter lost, doubled, replaced or swapped with its neighbour."""
    if len(text) < 3:
        return text
    at = rng.randrange(1, len(text) - 1)
    kind = rng.random()
    if kind < 0.25:
        return text[:at] + text[at + 1 :]
    if kind < 0.5:
        return text[:at] + text[at + 1] + text[at] + text[at + 2 :]
    if kind < 0.75:
        return text[:at] + rng.choice("abcdefghijklmnopqrstuvwxyz") + text[at + 1 :]
    return text[:at] + text[at] + text[at:]


def _digit(text: str, rng: random.Random) -> str:
    places = [i for i, c in enumerate(text) if c.isdigit()][3:]
    at = rng.choice(places) if places else 0
    return text[:at] + rng.choice("0123456789") + text[at + 1 :]


def generate(records: int, seed: int) -> pa.Table:
    """The records: key, person, system, table, country and FIELDS; shuffled, keys ascending."""
    rng = random.Random(seed)
    world = World(records, rng)
    originals = round(records * (1 - DUPLICATES))
    people: list[Row] = []
    rows: list[tuple[int, Row]] = []
    while len(people) < originals:
        person = world.relative(rng.choice(people)) if people and rng.random() < 0.04 else world.person()
        rows.append((len(people), world.record(person)))
        people.append(person)
    while len(rows) < records:
        who = rng.randrange(originals)
        rows.append((who, world.again(people[who])))
    rng.shuffle(rows)
    systems = ["dynamics" if rng.random() < 0.55 else "hubspot" for _ in rows]
    columns: dict[str, pa.Array] = {
        "key": pa.array(range(1, records + 1), pa.int64()),
        "person": pa.array([who for who, _ in rows], pa.int64()),
        "system": pa.array(systems, pa.string()),
        "table": pa.array(["contact" if s == "dynamics" else "contacts" for s in systems], pa.string()),
    }
    for name in ("country", *FIELDS):
        columns[name] = pa.array([row[name] for _, row in rows], pa.string())
    return pa.table(columns)


if __name__ == "__main__":
    count, seed_, path = sys.argv[1:4]
    pq.write_table(generate(int(count), int(seed_)), path)
