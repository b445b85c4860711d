"""The sample data is reproducible, keeps the systems' own rules, and its answer key agrees with it."""

import csv
import re
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

import phonenumbers
import pytest

from reconcile_tui import project
from reconcile_tui.model import PairClass

FOLDER = Path(__file__).parents[2] / "sample_data"
GENERATED = [
    *("dynamics_accounts.csv", "dynamics_contacts.csv", "dynamics_leads.csv", "hubspot_contacts.csv", "truth.csv"),
    *("README.md", "one_way/reconcile.toml"),
]
ISSUE_CASES = [
    *("the-article", "names-one-way-phones-other", "shared-mailbox", "family", "lead-and-contact", "case-and-whitespace"),
    *("nickname", "swapped-names", "changed-employer", "changed-address", "three-way", "five-way", "chain-of-look-alikes"),
    *("opt-out-one-side", "inactive-survivor", "too-long-value", "unmapped-choice", "hostile-text", "placeholder-email"),
    *("typo-domain", "plus-tag", "secondary-email", "invalid-email", "several-addresses-in-one-field"),
]
DYNAMICS_LENGTHS = {  # characters, from Microsoft's reference of the contact and lead tables
    **{"firstname": 50, "lastname": 50, "fullname": 160, "emailaddress1": 100, "emailaddress2": 100, "jobtitle": 100},
    **{"telephone1": 50, "mobilephone": 20, "address1_line1": 250, "address1_city": 80, "address1_stateorprovince": 50},
    **{"address1_postalcode": 20, "address1_country": 80, "websiteurl": 200, "description": 2000},
    **{"subject": 300, "companyname": 100, "new_companyname": 100},
}
ID = {"contact": "contactid", "lead": "leadid", "contacts": "hs_object_id"}
Row = dict[str, str]


def read(name: str) -> list[Row]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, strict=True))


CONTACTS, LEADS, HUBSPOT = read("dynamics_contacts.csv"), read("dynamics_leads.csv"), read("hubspot_contacts.csv")
TRUTH = read("truth.csv")
RECORDS = {
    (system, table, row[ID[table]]): row
    for system, table, rows in (("dynamics", "contact", CONTACTS), ("dynamics", "lead", LEADS), ("hubspot", "contacts", HUBSPOT))
    for row in rows
}


def key(line: Row) -> tuple[str, str, str]:
    return line["system"], line["table"], line["id"]


def groups() -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for line in TRUTH:
        if line["group"]:
            found[line["group"]].append(line)
    return found


def of_case(name: str) -> list[Row]:
    return [line for line in TRUTH if name in line["cases"].split(";")]


def common(line: Row, rt: project.RecordType) -> dict[str, str | None]:
    first = line["system"] == "dynamics"
    row = RECORDS[key(line)]
    bound = [(field, field.column(line["system"], line["table"])) for field in rt.fields]
    return {field.name: field.common(row[column], first=first) for field, column in bound if column}


def differences(lines: list[Row]) -> set[str]:
    rt = project.load(FOLDER).record_types["contacts"]
    values = [common(line, rt) for line in lines]
    shared = set.intersection(*(set(v) for v in values))
    return {name for name in shared if len({v[name] for v in values}) > 1}


@pytest.fixture(scope="module")
def regenerated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("again")
    command = [sys.executable, "-I", "-S", "-c", f"import runpy, sys; sys.path.insert(0, {str(FOLDER)!r}); "]
    command[-1] += f"sys.argv = ['generate.py', {str(folder)!r}]; runpy.run_path({str(FOLDER / 'generate.py')!r}, run_name='__main__')"
    subprocess.run(command, check=True, capture_output=True)  # -S: no site-packages, the standard library must do
    return folder


@pytest.mark.parametrize("name", GENERATED)
def test_generating_again_without_any_package_gives_the_same_bytes(regenerated: Path, name: str) -> None:
    assert (regenerated / name).read_bytes() == (FOLDER / name).read_bytes()


def test_the_exports_have_the_promised_sizes() -> None:
    assert (len(CONTACTS), len(LEADS), len(HUBSPOT)) == (400, 80, 350)


def test_hubspot_addresses_are_lower_case_and_unique_also_against_secondary_ones() -> None:
    primary = [row["email"] for row in HUBSPOT if row["email"]]
    secondary = [mail for row in HUBSPOT for mail in row["hs_additional_emails"].split(";") if mail]
    assert max(Counter(primary + secondary).values()) == 1
    assert all(mail == mail.lower().strip() for mail in primary + secondary)


def test_ids_are_unique_and_dynamics_ids_are_guids() -> None:
    assert len(RECORDS) == len(CONTACTS) + len(LEADS) + len(HUBSPOT)
    guid = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
    assert all(guid.fullmatch(row["contactid"]) for row in CONTACTS)
    assert all(guid.fullmatch(row["leadid"]) for row in LEADS)


def test_every_contact_points_to_an_exported_account_of_its_company_name() -> None:
    accounts = {row["accountid"]: row["name"] for row in read("dynamics_accounts.csv")}
    linked = [row for row in CONTACTS if row["_parentcustomerid_value"]]
    assert len(linked) > 300
    assert all(accounts[row["_parentcustomerid_value"]] == row["new_companyname"] for row in linked)


def test_dynamics_values_fit_their_columns() -> None:
    too_long = [(c, v) for row in CONTACTS + LEADS for c, v in row.items() if len(v) > DYNAMICS_LENGTHS.get(c, 10_000)]
    assert too_long == []


def test_full_names_are_what_dynamics_would_compute() -> None:
    assert all(row["fullname"] == f"{row['firstname']} {row['lastname']}".strip() for row in CONTACTS + LEADS)


def test_records_change_after_they_are_created_and_before_the_export() -> None:
    for row in CONTACTS + LEADS:
        assert row["createdon"] < row["modifiedon"] < "2026-11-21"
    for row in HUBSPOT:
        assert row["createdate"] < row["lastmodifieddate"] < "2026-11-21"


def test_every_address_lies_in_a_reserved_domain() -> None:
    mails = [v for row in CONTACTS + LEADS + HUBSPOT for c, v in row.items() if "email" in c and "@" in v]
    hosts = {host.rstrip(".").lower() for mail in mails for host in re.findall(r"@([^\s;,@]+)", mail)}
    assert all(host.endswith((".test", ".example")) or host == "example.com" for host in hosts)


def test_every_phone_number_is_possible_unless_its_case_says_otherwise() -> None:
    bad = {RECORDS[key(line)].get("telephone1") for line in of_case("no-phone-number")}
    numbers = {row[c] for row in CONTACTS + LEADS for c in ("telephone1", "mobilephone") if row[c]} - bad
    numbers |= {row[c] for row in HUBSPOT for c in ("phone", "mobilephone") if row[c]}
    assert len(numbers) > 500
    assert [n for n in numbers if not phonenumbers.is_possible_number(phonenumbers.parse(n, "GB"))] == []


def test_names_come_in_many_scripts() -> None:
    names = "".join(row["firstname"] + row["lastname"] for row in CONTACTS + HUBSPOT)
    for start, end in (("À", "ɏ"), ("Ͱ", "Ͽ"), ("А", "я"), ("א", "ת"), ("ء", "ي"), ("一", "鿿"), ("가", "힣"), ("🌀", "🫿")):
        assert any(start <= sign <= end for sign in names), (start, end)


def test_the_answer_key_has_exactly_one_line_per_record() -> None:
    assert Counter(map(key, TRUTH)) == dict.fromkeys(RECORDS, 1)


def test_every_group_has_two_records_one_class_and_a_case_and_the_rest_have_neither() -> None:
    for lines in groups().values():
        assert len(lines) >= 2
        assert {line["class"] for line in lines} <= set(PairClass.__args__)  # type: ignore[attr-defined]
        assert len({(line["class"], line["cases"]) for line in lines}) == 1
    assert {line["class"] for line in TRUTH if not line["group"]} == {""}
    assert all(line["cases"] for line in TRUTH)


def test_a_group_is_one_person_unless_it_is_a_shared_mailbox() -> None:
    for lines in groups().values():
        assert (len({line["person"] for line in lines}) > 1) == (lines[0]["class"] == "shared_mailbox")


def test_no_person_is_in_two_groups() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for line in TRUTH:
        places[line["person"]].add(line["group"] or line["id"])
    assert {person: found for person, found in places.items() if len(found) > 1} == {}


def test_a_shared_mailbox_is_one_address() -> None:
    for lines in groups().values():
        if lines[0]["class"] == "shared_mailbox":
            rows = [RECORDS[key(line)] for line in lines]
            assert len({row.get("emailaddress1") or row.get("email") for row in rows}) == 1


def test_records_that_share_an_address_are_in_one_group() -> None:
    places: dict[str, set[str]] = defaultdict(set)
    for line in TRUTH:
        row = RECORDS[key(line)]
        if mail := (row.get("emailaddress1") or row.get("email") or "").strip().lower():
            places[mail].add(line["group"] or line["id"])
    assert {mail: found for mail, found in places.items() if len(found) > 1} == {}


def test_a_lead_contact_group_has_a_lead_and_a_contact_and_no_other_class_of_one_person_has_both() -> None:
    for lines in groups().values():
        both = {"lead", "contact"} <= {line["table"] for line in lines}
        if lines[0]["class"] != "shared_mailbox":
            assert both == (lines[0]["class"] == "lead_contact")


def test_at_least_eighty_pairs_are_identical_across_the_systems_once_transformed() -> None:
    identical = [lines for lines in groups().values() if lines[0]["class"] == "identical"]
    assert len(identical) >= 80
    for lines in identical:
        assert sorted(line["system"] for line in lines) == ["dynamics", "hubspot"]
        assert differences(lines) == set()


def test_a_group_that_differs_does_differ() -> None:
    same = [name for name, lines in groups().items() if lines[0]["class"] == "differs" and not differences(lines)]
    assert same == []


@pytest.mark.parametrize("name", ISSUE_CASES)
def test_a_planted_case_is_in_the_answer_key_and_in_the_readme(name: str) -> None:
    assert of_case(name)
    assert f"| `{name}` |" in (FOLDER / "README.md").read_text(encoding="utf-8")


def test_every_case_of_the_answer_key_is_explained_in_the_readme_and_the_other_way_round() -> None:
    explained = re.findall(r"^\| `([a-z-]+)` \| .+ \| .+ \|$", (FOLDER / "README.md").read_text(encoding="utf-8"), re.M)
    assert Counter(explained) == Counter({case: 1 for line in TRUTH for case in line["cases"].split(";")})


def test_the_article_is_two_people_with_one_address_and_an_empty_hubspot_contact() -> None:
    lines = of_case("the-article")
    rows = [RECORDS[key(line)] for line in lines]
    robert, rita, hubspot = rows
    assert (robert["fullname"], rita["fullname"]) == ("Robert Hale", "Rita Hale")
    assert robert["emailaddress1"] == rita["emailaddress1"] == hubspot["email"] == "bob@acme.test"
    assert robert["telephone1"].endswith("555-0101")
    assert rita["telephone1"].endswith("555-0202")
    assert (hubspot["hs_object_id"], hubspot["firstname"], hubspot["phone"]) == ("501", "", "")
    assert differences(lines[:2]) == {"first_name", "phone"}


def test_the_ends_of_the_chain_are_in_different_groups() -> None:
    ends = {line["note"]: line for line in of_case("chain-of-look-alikes")}
    assert list(ends) == ["A", "B", "C", "D"]
    assert ends["A"]["group"] == ends["B"]["group"] != ends["C"]["group"] == ends["D"]["group"]
    rows = {note: RECORDS[key(line)] for note, line in ends.items()}
    assert [rows[n]["firstname"] for n in "ABCD"] == ["Jonathan", "Jon", "Joan", "Joanne"]


def test_three_way_and_five_way_groups_have_so_many_records_of_one_person() -> None:
    sizes = Counter(len(lines) for name, lines in groups().items() if name.startswith(("three-way", "five-way")))
    assert sizes == {3: 2, 5: 1}


def test_every_opt_out_group_disagrees_about_consent() -> None:
    for name, lines in groups().items():
        if name.startswith("opt-out-one-side"):
            assert "opt_out" in differences(lines)


def test_the_better_record_of_an_inactive_survivor_is_inactive_and_was_changed_last() -> None:
    for name, lines in groups().items():
        if name.startswith("inactive-survivor"):
            inactive, active = (RECORDS[key(line)] for line in lines[:2])
            assert (inactive["statecode"], active["statecode"]) == ("1", "0")
            assert inactive["modifiedon"] > active["modifiedon"]
            assert sum(map(bool, inactive.values())) > sum(map(bool, active.values()))


def test_the_too_long_values_exceed_the_dynamics_columns() -> None:
    rows = [RECORDS[key(line)] for line in of_case("too-long-value") if line["system"] == "hubspot"]
    assert len(rows[0]["firstname"]) > DYNAMICS_LENGTHS["firstname"]
    assert len(rows[1]["jobtitle"]) > DYNAMICS_LENGTHS["jobtitle"]


def test_the_unmapped_choices_have_no_entry_in_the_choice_map_and_all_others_have() -> None:
    transform = project.load(FOLDER).record_types["contacts"].field("preferred_contact").transform
    unmapped = {row["preferredcontactmethodcode"] for row in CONTACTS} | {row["preferred_contact_method"] for row in HUBSPOT}
    assert {v for v in unmapped if transform.forward(v).problem and transform.backward(v).problem} == {"4", "sms"}


def test_hostile_text_carries_markup_escapes_overrides_and_formulas() -> None:
    text = "".join("".join(RECORDS[key(line)].values()) for line in of_case("hostile-text"))
    for sign in ("Bob [/]", "[@click=app.quit]", "\x1b[2J", "\x1b]8;;", "\x9b", "\x07", "\x08", "\u202e", "\u200d", "=HYPERLINK(", "\r\n"):
        assert sign in text


@pytest.mark.parametrize("folder", [FOLDER, FOLDER / "one_way"])
def test_the_project_file_loads_and_names_only_columns_that_were_exported(folder: Path) -> None:
    loaded = project.load(folder)
    record_type = loaded.record_types["contacts"]
    headers = {("dynamics", "contact"): CONTACTS[0], ("dynamics", "lead"): LEADS[0], ("hubspot", "contacts"): HUBSPOT[0]}
    assert set(loaded.tables()) == set(headers)
    assert all(system.embedded for system in loaded.systems.values())
    for field in record_type.fields:
        for system, tables in field.columns.items():
            assert all(column in headers[system, table] for table, column in tables.items())


def test_the_one_way_project_differs_in_the_directions_of_names_and_phones_only() -> None:
    both, one_way = (tomllib.loads((f / "reconcile.toml").read_text(encoding="utf-8")) for f in (FOLDER, FOLDER / "one_way"))
    directions = {f.name: f.direction for f in project.load(FOLDER / "one_way").record_types["contacts"].fields}
    assert [directions[name] for name in ("first_name", "last_name", "phone", "mobile")] == ["forward"] * 2 + ["backward"] * 2
    for file in (both, one_way):
        file["project"].pop("name")
        for field in file["record_types"]["contacts"]["fields"]:
            field.pop("direction", None)
    assert both == one_way
