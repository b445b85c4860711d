"""The sandbox as a whole: seeds, state on disk, journal, snapshot, reset, options, control addresses, loopback."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from reconcile_tui.errors import UsageError, WorkspaceError
from reconcile_tui.sandbox import Clock, Sandbox, Server
from reconcile_tui.sandbox.generate import contacts, fill, hubspot_contacts, write_folder
from tests.sandbox.conftest import DATAVERSE, HUBSPOT, Api

SAMPLES = Path(__file__).parents[2] / "sample_data"
CONTROL = "https://sandbox.test/__sandbox__"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with small seeds."""
    (tmp_path / "dynamics_accounts.csv").write_text("accountid,name\n11111111-0000-4000-8000-000000000001,Acme\n", "utf-8")
    (tmp_path / "dynamics_contacts.csv").write_text(
        "contactid,firstname,lastname,emailaddress1,parentcustomerid,donotemail,statecode,new_hubspotcontactid,modifiedon\n"
        "22222222-0000-4000-8000-000000000001,Ada,Byron,ada@ex.test,11111111-0000-4000-8000-000000000001,true,0,501,2025-05-01T10:00:00Z\n"
        ",Bob,Hale,bob@ex.test,,false,1,,\n",
        "utf-8",
    )
    (tmp_path / "dynamics_leads.csv").write_text("subject,lastname\nHello,Lead\n", "utf-8")
    (tmp_path / "hubspot_companies.csv").write_text("id,name\n900,Acme\n", "utf-8")
    (tmp_path / "hubspot_contacts.csv").write_text(
        "id,email,hs_additional_emails,associatedcompanyid,hs_merged_object_ids,favourite_colour,lastmodifieddate\n"
        "501,Ada@Ex.Test,old@ex.test,900,77;78,red,2025-05-01T10:00:00.123Z\n"
        ",bob@ex.test,,,,,\n",
        "utf-8-sig",
    )
    return tmp_path


def test_seeds_are_found_through_the_apis(make: Callable[..., Sandbox], folder: Path) -> None:
    box = make()
    assert box.is_empty()
    assert box.seed(folder)["dynamics_contacts.csv"] == 2
    assert not box.is_empty()
    dataverse, hubspot = Api(box.app, DATAVERSE), Api(box.app, HUBSPOT)
    rows = dataverse("GET", "/contacts?$orderby=lastname", headers={"prefer": 'odata.include-annotations="*"'}).json()["value"]
    assert [(r["fullname"], r["statecode"], r["statuscode"], r["donotemail"]) for r in rows] == [
        ("Ada Byron", 0, 1, True),
        ("Bob Hale", 1, 2, False),
    ]
    assert rows[0]["_parentcustomerid_value@Microsoft.Dynamics.CRM.lookuplogicalname"] == "account"
    assert (rows[0]["new_hubspotcontactid"], rows[0]["modifiedon"]) == ("501", "2025-05-01T10:00:00Z")
    person = hubspot("GET", "/crm/v3/objects/contacts/77?properties=email,favourite_colour&associations=companies").json()
    assert (person["id"], person["properties"]["email"], person["properties"]["favourite_colour"]) == ("501", "ada@ex.test", "red")
    assert person["updatedAt"] == "2025-05-01T10:00:00.123Z"
    assert person["associations"]["companies"]["results"][0]["id"] == "900"
    assert hubspot("POST", "/crm/v3/objects/contacts", {"properties": {"email": "old@ex.test"}}).status_code == 400
    assert int(hubspot("POST", "/crm/v3/objects/contacts", {"properties": {}}).json()["id"]) > 900


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("hubspot_contacts.csv", "id,email\n1,a@ex.test\n2,A@ex.test\n", "line 3"),
        ("hubspot_contacts.csv", "id,Bad Name\n1,x\n", "Bad Name"),
        ("dynamics_contacts.csv", "lastname,nonsense\nA,b\n", "nonsense"),
        ("dynamics_contacts.csv", "lastname,statecode\nA,active\n", "line 2"),
        ("dynamics_contacts.csv", "lastname,donotemail\nA,perhaps\n", "perhaps"),
        ("dynamics_contacts.csv", "lastname,firstname\nA\n", "line 2"),
    ],
)
def test_a_seed_that_cannot_be_read_is_named_with_its_line(
    make: Callable[..., Sandbox], tmp_path: Path, name: str, text: str, told: str
) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    box = make()
    with pytest.raises(UsageError, match=told):
        box.seed(tmp_path)
    assert box.is_empty()


def test_a_folder_without_seeds_is_refused(make: Callable[..., Sandbox], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds none of"):
        make().seed(tmp_path)


def test_the_sample_data_loads(make: Callable[..., Sandbox]) -> None:
    counts = make().seed(SAMPLES)
    assert min(counts.values()) > 0


def test_state_outlives_the_process_and_another_process_sees_changes(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "sandbox.db"
    first = Sandbox(path, seed_dir=folder)
    second = Sandbox(path, seed_dir=folder)
    column = {"@odata.type": "Microsoft.Dynamics.CRM.StringAttributeMetadata", "SchemaName": "new_Colour", "MaxLength": 9}
    assert Api(first.app, DATAVERSE)("POST", "/EntityDefinitions(LogicalName='contact')/Attributes", column).status_code == 204
    assert Api(second.app, DATAVERSE)("POST", "/contacts", {"lastname": "C", "new_colour": "red"}).status_code == 204
    first.close()
    second.close()
    again = Sandbox(path, seed_dir=folder)
    assert len(again.snapshot()["dynamics"]["contact"]) == 3
    assert len(again.journal()) == 2
    again.close()


def test_a_seeding_that_is_killed_leaves_an_empty_file_that_is_seeded_again(folder: Path, tmp_path: Path) -> None:
    script = (
        "import os, sys; from pathlib import Path; from reconcile_tui.sandbox import Sandbox, seeding\n"
        "real = seeding.load_lines\n"
        "def die(box, name, lines):\n"
        "    count = real(box, name, lines)\n"
        "    if name == 'dynamics_leads.csv': os._exit(9)\n"
        "    return count\n"
        "seeding.load_lines = die\n"
        "Sandbox(Path(sys.argv[1]), seed_dir=Path(sys.argv[2]))\n"
    )
    path = tmp_path / "sandbox.db"
    assert subprocess.run([sys.executable, "-c", script, str(path), str(folder)], check=False).returncode == 9
    box = Sandbox(path, seed_dir=folder)
    assert len(box.snapshot()["hubspot"]["contacts"]) == 2
    box.close()


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.db").write_text("not a database, but long enough to look like something" * 20, "utf-8")
    with pytest.raises(WorkspaceError):
        Sandbox(tmp_path / "notes.db")


def test_the_journal_holds_what_changed_something_and_no_token(sandbox: Sandbox, hubspot: Api, contact: Callable[..., str]) -> None:
    contact(email="a@ex.test")
    hubspot("GET", "/crm/v3/objects/contacts")
    hubspot("POST", "/crm/v3/objects/contacts/search", {})
    hubspot("POST", "/crm/v3/objects/contacts", {"properties": {"email": "a@ex.test"}})
    entries = sandbox.journal()
    assert [(e["method"], e["path"], e["status"]) for e in entries] == [("POST", "/crm/objects/2026-09/contacts", 201)]
    assert entries[0]["body"] == {"properties": {"email": "a@ex.test"}}
    assert "pat-eu1-test" not in str(entries)
    assert [request.status for request in sandbox.requests] == [201, 200, 200, 409]


def test_reset_goes_back_to_the_seed(folder: Path) -> None:
    box = Sandbox(seed_dir=folder)
    before = box.snapshot()
    api = Api(box.app, HUBSPOT)
    api(
        "POST",
        "/crm/properties/2026-09/contacts",
        {"name": "x", "label": "x", "type": "string", "fieldType": "text", "groupName": "contactinformation"},
    )
    api("PATCH", "/crm/v3/objects/contacts/501", {"properties": {"x": "1"}})
    box.faults.add("status", status=500)
    box.reset()
    after = box.snapshot()
    assert {each["email"] for each in after["hubspot"]["contacts"]} == {each["email"] for each in before["hubspot"]["contacts"]}
    assert "x" not in after["hubspot"]["contacts"][0]
    assert (box.journal(), box.requests, box.faults.as_json()) == ([], [], [])
    assert api("GET", "/crm/v3/objects/contacts/501").status_code == 200
    box.close()


def test_an_edit_is_somebody_elses_write(
    sandbox: Sandbox, dataverse: Api, hubspot: Api, row: Callable[..., str], contact: Callable[..., str]
) -> None:
    a, b = row(lastname="A"), contact(email="a@ex.test")
    etag = dataverse("GET", f"/contacts({a})").json()["@odata.etag"]
    sandbox.edit(f"dynamics/contact/{a}", {"lastname": "Z"})
    sandbox.edit(f"hubspot/contacts/{b}", {"email": "z@ex.test"})
    assert dataverse("GET", f"/contacts({a})").json()["fullname"] == "Z"
    assert dataverse("GET", f"/contacts({a})").json()["@odata.etag"] != etag
    assert hubspot("GET", "/crm/v3/objects/contacts/z@ex.test?idProperty=email").json()["id"] == b
    for nonsense in ("x/y/z", "hubspot/deals/1", "dynamics/nothing/1"):
        with pytest.raises(UsageError):
            sandbox.edit(nonsense, {})


@pytest.mark.parametrize("changes", [{"nonsense": 1}, {"hubspot_merge_ids": "random"}])
def test_an_option_that_cannot_be_is_refused(sandbox: Sandbox, changes: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        sandbox.set_options(**changes)


def test_the_control_addresses_do_what_the_methods_do(make: Callable[..., Sandbox], folder: Path) -> None:
    box = make()
    api = Api(box.app, CONTROL)
    assert api("POST", "/seed", {"folder": str(folder)}).json()["hubspot_contacts.csv"] == 2
    assert api("POST", "/seed?file=dynamics_leads.csv", content=b"subject,lastname\nS,L\n").json() == {"dynamics_leads.csv": 1}
    assert api("POST", "/seed", {"generate": 10}).json()["contact"] == 10
    assert len(api("GET", "/snapshot").json()["dynamics"]["lead"]) == 3
    assert api("POST", "/options", {"hubspot_merge_ids": "preserve"}).json()["hubspot_merge_ids"] == "preserve"
    assert api("POST", "/clock", {"freeze": "2026-03-01T00:00:00Z", "advance": 5}).json()["now"] == "2026-03-01T00:00:05.000Z"
    assert api("POST", "/faults", {"kind": "status", "status": 500, "path": "contacts"}).json()["faults"][0]["kind"] == "status"
    assert Api(box.app, HUBSPOT)("GET", "/crm/v3/objects/contacts").status_code == 500
    assert api("DELETE", "/faults").json() == {"faults": []}
    Api(box.app, HUBSPOT)("POST", "/crm/v3/objects/contacts", {"properties": {}})
    assert [e["method"] for e in api("GET", "/journal").json()["entries"]] == ["POST"]
    assert api("POST", "/edit", {"record": "hubspot/contacts/501", "values": {"city": "Leeds"}}).status_code == 200
    assert [r["status"] for r in api("GET", "/requests").json()["requests"]] == [500, 201]
    assert api("DELETE", "/journal").json() == {"entries": []}
    assert api("POST", "/reset").json() == {"reset": True}
    assert box.is_empty()


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/nothing", None, 404),
        ("PUT", "/faults", None, 405),
        ("POST", "/faults", {"kind": "earthquake"}, 400),
        ("POST", "/options", {"nonsense": 1}, 400),
        ("POST", "/clock", {"freeze": "soon"}, 400),
        ("POST", "/seed", {"folder": "/nowhere"}, 400),
        ("POST", "/edit", {"record": "a/b/c"}, 400),
    ],
)
def test_a_control_request_that_cannot_be_done_says_why(sandbox: Sandbox, method: str, path: str, body: Any, status: int) -> None:
    answer = Api(sandbox.app, CONTROL)(method, path, body)
    assert (answer.status_code, bool(answer.json()["error"])) == (status, True)


def test_generated_people_are_the_same_for_a_seed_and_differ_for_another() -> None:
    assert list(contacts(50, 1)) == list(contacts(50, 1))
    assert list(contacts(50, 1)) != list(contacts(50, 2))


def test_generated_people_have_duplicates_in_dynamics_and_unique_addresses_in_hubspot() -> None:
    addresses = [row[3].lower() for row in contacts(3000) if row[3]]
    assert len(set(addresses)) < len(addresses)
    unique = [row[3] for row in hubspot_contacts(3000) if row[3]]
    assert len(set(unique)) == len(unique)
    assert len(set(unique) & set(addresses)) > 2000


def test_a_generated_folder_is_a_seed(make: Callable[..., Sandbox], tmp_path: Path) -> None:
    write_folder(tmp_path, 200)
    box, filled = make(), make()
    assert box.seed(tmp_path) == {"dynamics_contacts.csv": 200, "dynamics_leads.csv": 20, "hubspot_contacts.csv": 200}
    fill(filled, 200)
    assert box.snapshot()["hubspot"] == filled.snapshot()["hubspot"]


def test_one_origin_serves_both_crms_and_sign_in_on_loopback(sandbox: Sandbox) -> None:
    with Server(sandbox) as server, httpx.Client(base_url=server.url, headers={"authorization": "Bearer x"}, trust_env=False) as client:
        for name in "AB":
            assert client.post("/api/data/v9.2/contacts", json={"lastname": name}).status_code == 204
        page = client.get("/api/data/v9.2/contacts", headers={"prefer": "odata.maxpagesize=1"}).json()
        assert page["@odata.nextLink"].startswith(server.url)
        assert client.get("/crm/v3/objects/contacts").json() == {"results": []}
        assert client.get("/contoso.test/v2.0/.well-known/openid-configuration").json()["token_endpoint"].startswith(server.url)
        assert client.post("/__sandbox__/reset").json() == {"reset": True}


def test_a_port_that_is_taken_is_refused(sandbox: Sandbox) -> None:
    with Server(sandbox) as server, pytest.raises(UsageError, match="can't be used"):
        Server(sandbox, int(server.url.rpartition(":")[2]))


def test_serving_tells_its_address_and_ends_when_interrupted(tmp_path: Path) -> None:
    script = "from reconcile_tui.sandbox import Sandbox, serve; serve(0, Sandbox(), announce=lambda url: print(url, flush=True))"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    url = process.stdout.readline().strip()
    assert httpx.get(f"{url}/crm/v3/objects/contacts", trust_env=False).status_code == 401
    process.send_signal(2)
    process.communicate(timeout=10)


def test_several_threads_may_use_one_sandbox(sandbox: Sandbox) -> None:
    def create(number: int) -> None:
        Api(sandbox.app, HUBSPOT)("POST", "/crm/v3/objects/contacts", {"properties": {"firstname": str(number)}})

    threads = [threading.Thread(target=create, args=(n,)) for n in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({each["firstname"] for each in sandbox.snapshot()["hubspot"]["contacts"]}) == 12


def test_the_clock_can_be_stopped_moved_and_let_go() -> None:
    clock = Clock(lambda: 100.0)
    clock.freeze(50.0)
    clock.advance(5)
    assert clock.now() == 55
    clock.run()
    assert clock.now() == 55
    clock.advance(1)
    assert clock.now() == 56
