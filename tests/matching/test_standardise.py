"""How values are folded for comparison; the records themselves are never changed."""

from __future__ import annotations

import polars as pl
import pytest

from reconcile_tui.matching import emails, names, phones, places, text


def one(function, value):
    return function(pl.Series([value], dtype=pl.String)).to_list()[0]


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Jürgen", "jurgen"), ("  MARY-ANN ", "mary ann"), ("Dr. Ana", "ana"), ("O’Brien", "obrien"), ("Владимир", "vladimir"),
        ("n/a", None), ("", None), ("\0", None), ("!!!", None), (None, None),
    ],
)  # fmt: skip
def test_given_names_lose_case_accents_titles_and_script(written: str | None, folded: str | None) -> None:
    assert one(names.given, written) == folded


@pytest.mark.parametrize(
    ("written", "folded"),
    [("van den Berg", "vandenberg"), ("Smith Jr.", "smith"), ("García López", "garcia lopez"), ("de la Cruz", "delacruz")],
)
def test_family_names_keep_particles_with_the_name(written: str, folded: str) -> None:
    assert one(names.family, written) == folded


@pytest.mark.parametrize(
    ("whole", "first", "last"),
    [
        ("Hale, Robert", "robert", "hale"),
        ("Dr Bob van den Berg Jr", "bob", "vandenberg"),
        ("Anna Maria Lopez", "anna maria", "lopez"),
        ("Cher", None, "cher"),
    ],
)
def test_full_names_are_parted(whole: str, first: str | None, last: str) -> None:
    given, family = names.parted(pl.Series([whole]))
    assert (given.to_list()[0], family.to_list()[0]) == (first, last)


@pytest.mark.parametrize(
    ("written", "address", "mailbox", "local"),
    [
        ("Bob <B.Ob+x@Gmail.com>", "b.ob+x@gmail.com", "bob@gmail.com", "bob"),
        ("mailto:a.b@acme.test", "a.b@acme.test", "a.b@acme.test", "ab"),
        ("none@none.com", None, None, None),
        ("info@acme.test", "info@acme.test", "info@acme.test", "info"),
    ],
)
def test_addresses_are_read_as_their_provider_reads_them(written: str, address: str | None, mailbox: str | None, local: str | None) -> None:
    found = emails.address(emails.written(pl.Series([written])))
    assert found.to_list()[0] == address
    row = emails.parts(found).row(0, named=True)
    assert (row["mailbox"], row["local"]) == (mailbox, local)


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("020 7946 0958", "GB", "442079460958"), ("+44 20 7946 0958 ext 3", "US", "442079460958"),
        ("0044 2079460958", None, "442079460958"),
        ("+49 (0)30 123456", "GB", "4930123456"), ("(0)30 123456", "Germany", "4930123456"),
        ("06 1234 5678", "IT", "390612345678"),
        ("1 (202) 555-0101", "US", "12025550101"), ("0800 FLOWERS", "GB", "448003569377"), ("000000000", "GB", None),
        ("call me", None, None),
    ],
)  # fmt: skip
def test_phones_become_international_with_the_country_of_the_record(written: str, country: str | None, number: str | None) -> None:
    found = phones.numbers(pl.Series([written]), pl.Series([country], dtype=pl.String))
    assert found["e164"].to_list() == [number]


@pytest.mark.parametrize("written", ["The Acme & Co. GmbH", "ACME Inc.", "A.C.M.E. S.A.", "Acme"])
def test_companies_lose_their_legal_form(written: str) -> None:
    assert one(places.company, written) == "acme"


@pytest.mark.parametrize("written", ["1980-02-03", "3.2.1980", "03/02/1980", "19800203", "1980-02-03T00:00:00Z"])
def test_dates_of_many_spellings_are_one(written: str) -> None:
    assert one(places.date, written) == "19800203"


def test_folding_does_not_write_into_the_values_it_is_given() -> None:
    values = pl.Series(["Jürgen", "Bob"])
    names.given(values)
    assert values.to_list() == ["Jürgen", "Bob"]


def test_a_megabyte_of_text_is_told_from_another_by_its_digest() -> None:
    a, b = (one(text.words, "x" * 1_000_000 + end) for end in "ab")
    assert a != b
    assert len(a) < 1000
