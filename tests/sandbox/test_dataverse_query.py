"""Dataverse's queries: filters against a plain reading of them, order, paging, counting, annotations, SQL."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reconcile_tui.sandbox import Sandbox
from reconcile_tui.sandbox.generate import fill
from tests.sandbox.conftest import DATAVERSE, Api

CITIES = ["Leeds", "leeds", "Lyon", "O'Hara", None]
KIDS = [None, 0, 1, 2]


@pytest.fixture
def people(row: Callable[..., str]) -> None:
    """One contact for every city and number of children."""
    for city in CITIES:
        for kids in KIDS:
            row(lastname=f"{city} {kids}", address1_city=city, numberofchildren=kids, donotemail=kids == 1)


def names(dataverse: Api, text: str) -> set[str]:
    """Last names that a filter finds."""
    answer = dataverse("GET", f"/contacts?$select=lastname&$filter={quote(text)}")
    assert answer.status_code == 200, answer.text
    return {each["lastname"] for each in answer.json()["value"]}


def plain(text: str | None) -> str:
    return "null" if text is None else "'" + text.replace("'", "''") + "'"


def city_is(city: str | None, operator: str) -> tuple[str, Callable[[Any, Any], bool]]:
    """A comparison of the city as a filter, and as a plain reading of it."""

    def same(c: Any, k: Any) -> bool:
        return (c is None) == (city is None) and (c or "").lower() == (city or "").lower()

    return f"address1_city {operator} {plain(city)}", same if operator == "eq" else lambda c, k: not same(c, k)


ORDERS: dict[str, Callable[[int, int], bool]] = {"gt": int.__gt__, "ge": int.__ge__, "lt": int.__lt__, "le": int.__le__}

leaves = st.one_of(
    st.builds(city_is, st.sampled_from(CITIES), st.sampled_from(["eq", "ne"])),
    st.builds(
        lambda op, n: (f"numberofchildren {op} {n}", lambda c, k: k is not None and ORDERS[op](k, n)),
        st.sampled_from(list(ORDERS)),
        st.integers(0, 2),
    ),
    st.builds(
        lambda part: (f"contains(address1_city,{plain(part)})", lambda c, k: c is not None and part.lower() in c.lower()),
        st.sampled_from(["e", "LE", "'", "%"]),
    ),
    st.builds(
        lambda part: (f"startswith(address1_city,{plain(part)})", lambda c, k: c is not None and c.lower().startswith(part.lower())),
        st.sampled_from(["l", "o'"]),
    ),
    st.just(("donotemail eq true", lambda c, k: k == 1)),
    st.just(("Microsoft.Dynamics.CRM.In(PropertyName='numberofchildren',PropertyValues=['1','2'])", lambda c, k: k in (1, 2))),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda a, b: (f"({a[0]} and {b[0]})", lambda c, k: a[1](c, k) and b[1](c, k)), inner, inner),
        st.builds(lambda a, b: (f"({a[0]} or {b[0]})", lambda c, k: a[1](c, k) or b[1](c, k)), inner, inner),
        st.builds(lambda a: (f"not ({a[0]})", lambda c, k: not a[1](c, k)), inner),
    ),
    max_leaves=5,
)


@pytest.mark.usefixtures("people")
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(tree=trees)
def test_a_filter_finds_what_a_plain_reading_of_it_finds(dataverse: Api, tree: Any) -> None:
    text, holds = tree
    assert names(dataverse, text) == {f"{city} {kids}" for city in CITIES for kids in KIDS if holds(city, kids)}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nope eq 1", "0x80060888"),
        ("lastname eq", "0x80060888"),
        ("lastname eq 'a", "0x80060888"),
        ("lastname like 'a'", "0x80060888"),
        ("(lastname eq 'a'", "0x80060888"),
        ("lastname eq 5", "0x80060888"),
        ("1 eq 1", "0x80060888"),
        ("length(lastname) eq 5", "0x80040216"),
        ("Microsoft.Dynamics.CRM.LastXDays(PropertyName='createdon',PropertyValue=3)", "0x80040216"),
    ],
)
def test_a_filter_that_cannot_be_understood_is_refused(dataverse: Api, text: str, code: str) -> None:
    answer = dataverse("GET", f"/contacts?$filter={quote(text)}")
    assert answer.status_code in (400, 501)
    assert answer.json()["error"]["code"] == code


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet="abelnst '()=,0-9.$[]{}:/@éé\u202e", max_size=30))
def test_no_filter_breaks_the_sandbox(dataverse: Api, text: str) -> None:
    assert dataverse("GET", f"/contacts?$filter={quote(text)}").status_code in (200, 400, 501)


def test_moments_and_ids_are_compared_by_value(sandbox: Sandbox, dataverse: Api, row: Callable[..., str]) -> None:
    id_ = row(lastname="A")
    sandbox.clock.advance(86_400)
    row(lastname="B")
    assert names(dataverse, "createdon gt 2026-01-01T12:00:00+01:00") == {"B"}
    assert names(dataverse, "createdon lt 2026-01-02") == {"A"}
    assert names(dataverse, f"contactid eq {id_.upper()}") == {"A"}
    assert names(dataverse, f"contactid eq '{id_}'") == {"A"}


def test_a_column_of_a_linked_row_is_compared(dataverse: Api, row: Callable[..., str]) -> None:
    account = row("accounts", name="Acme")
    row(lastname="A", **{"parentcustomerid_account@odata.bind": f"/accounts({account})"})
    row(lastname="B")
    assert names(dataverse, "parentcustomerid_account/name eq 'acme'") == {"A"}
    found = dataverse("GET", "/contacts?$select=lastname&$orderby=lastname&$expand=parentcustomerid_account($select=name)").json()["value"]
    assert [(each["parentcustomerid_account"] or {}).get("name") for each in found] == ["Acme", None]


@pytest.mark.parametrize("order", ["", "modifiedon desc", "modifiedon asc,contactid asc", "lastname desc", "address1_city,createdon desc"])
def test_paging_gives_every_row_once_in_order(sandbox: Sandbox, dataverse: Api, order: str) -> None:
    fill(sandbox, 57, lead_count=0)
    url = f"{DATAVERSE}/contacts?$select=lastname,address1_city,modifiedon,createdon" + (f"&$orderby={order}" if order else "")
    whole = [each["contactid"] for each in dataverse("GET", url).json()["value"]]
    seen: list[str] = []
    sizes: list[int] = []
    while url:
        page = dataverse("GET", url, headers={"prefer": "odata.maxpagesize=10"}).json()
        seen += [each["contactid"] for each in page["value"]]
        sizes.append(len(page["value"]))
        url = page.get("@odata.nextLink", "")
    assert seen == whole
    assert sizes == [10, 10, 10, 10, 10, 7]


def test_a_row_that_is_added_behind_the_page_does_not_shift_the_next_one(sandbox: Sandbox, dataverse: Api) -> None:
    fill(sandbox, 20, lead_count=0)
    prefer = {"prefer": "odata.maxpagesize=10"}
    first = dataverse("GET", "/contacts?$select=contactid", headers=prefer).json()
    dataverse("PATCH", "/contacts(00000000-0000-4000-8000-000000000000)", {"lastname": "First of all"})
    second = dataverse("GET", first["@odata.nextLink"], headers=prefer).json()
    ids = [each["contactid"] for each in first["value"] + second["value"]]
    assert len(set(ids)) == 20


def test_the_next_link_has_the_documented_form(sandbox: Sandbox, dataverse: Api) -> None:
    fill(sandbox, 3, lead_count=0)
    link = dataverse("GET", "/contacts?$select=lastname", headers={"prefer": "odata.maxpagesize=2"}).json()["@odata.nextLink"]
    form = r"https://contoso\.crm4\.dynamics\.com/api/data/v9\.2/contacts\?\$select=lastname&\$skiptoken="
    assert re.match(form + r"%3Ccookie%20pagenumber=%222%22%20pagingcookie=%22%253Ccookie.*%22%20istracking=%22False%22%20%2F%3E$", link)


def test_a_malformed_cookie_is_refused(dataverse: Api) -> None:
    assert dataverse("GET", "/contacts?$skiptoken=nonsense").status_code == 400


def test_top_counts_only_without_a_page_size(sandbox: Sandbox, dataverse: Api) -> None:
    fill(sandbox, 9, lead_count=0)
    topped = dataverse("GET", "/contacts?$top=4").json()
    assert (len(topped["value"]), "@odata.nextLink" in topped) == (4, False)
    paged = dataverse("GET", "/contacts?$top=4", headers={"prefer": "odata.maxpagesize=6"}).json()
    assert (len(paged["value"]), "@odata.nextLink" in paged) == (6, True)


def test_counts_are_capped_and_say_so_when_asked(make: Callable[..., Sandbox]) -> None:
    box = make(dataverse_count_cap=5)
    fill(box, 9, lead_count=0)
    api = Api(box.app, DATAVERSE)
    prefer = {"prefer": 'odata.include-annotations="Microsoft.Dynamics.CRM.*"'}
    found = api("GET", "/contacts?$count=true&$select=lastname", headers=prefer).json()
    assert (found["@odata.count"], found["@Microsoft.Dynamics.CRM.totalrecordcountlimitexceeded"]) == (5, True)
    assert api("GET", "/contacts/$count").text == "5"


@pytest.mark.parametrize("query", ["$skip=5", "$select=nope", "$orderby=nope", "$orderby=lastname up", "$nonsense=1", "$top=many"])
def test_what_a_query_does_not_take(dataverse: Api, query: str) -> None:
    answer = dataverse("GET", f"/contacts?{query}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "0x80060888")


def test_formatted_values_come_with_the_annotation(dataverse: Api, row: Callable[..., str]) -> None:
    row(lastname="A", gendercode=2, donotemail=True, annualincome=1234.5, birthdate="1990-02-03")
    columns = "gendercode,donotemail,annualincome,birthdate,statecode,createdon"
    shown = "OData.Community.Display.V1.FormattedValue"
    found = dataverse("GET", f"/contacts?$select={columns}", headers={"prefer": f'odata.include-annotations="{shown}"'}).json()["value"][0]
    values = {name: found[f"{name}@{shown}"] for name in columns.split(",")}
    assert values == {
        "gendercode": "Female",
        "donotemail": "Do Not Allow",
        "annualincome": "€1,234.50",
        "birthdate": "2/3/1990",
        "statecode": "Active",
        "createdon": "1/1/2026 12:00 AM",
    }


def test_the_service_tells_its_sets_and_its_metadata(dataverse: Api) -> None:
    assert {"contacts", "leads", "accounts"} <= {each["name"] for each in dataverse("GET", "/").json()["value"]}
    document = dataverse("GET", "/$metadata")
    assert document.headers["content-type"] == "application/xml"
    assert '<EntitySet Name="contacts" EntityType="Microsoft.Dynamics.CRM.contact" />' in document.text


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT lastname FROM contact WHERE numberofchildren = 2 ORDER BY lastname", 5),
        ("SELECT TOP 3 lastname, address1_city FROM contact", 3),
        ("SELECT c.lastname FROM contact AS c WHERE c.address1_city IS NULL AND c.numberofchildren IN (1, 2)", 2),
        ("SELECT COUNT(*) AS n FROM contact WHERE address1_city LIKE 'o''%'", 1),
        ("SELECT DISTINCT numberofchildren FROM contact", 4),
    ],
)
@pytest.mark.usefixtures("people")
def test_a_subset_of_sql(dataverse: Api, sql: str, expected: int) -> None:
    answer = dataverse("GET", f"/contacts?sql={quote(sql)}")
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["value"]) == expected


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM contact",
        "SELECT * FROM contact; DROP TABLE dv_contact",
        "SELECT value FROM counter",
        "SELECT nope FROM contact",
        "SELECT (SELECT 1) FROM contact",
        "SELECT",
        "SELECT a FROM",
        "SELECT load_extension('x') FROM contact",
        "SELECT lastname FROM contact WHERE",
    ],
)
def test_sql_reads_one_table_and_nothing_else(dataverse: Api, sql: str) -> None:
    assert dataverse("GET", f"/contacts?sql={quote(sql)}").status_code in (400, 501)
