"""What is repeated, what is not, how long is waited, and where a token may go."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from reconcile_tui.errors import (
    AnswerLost,
    DailyLimitReached,
    RecordGone,
    RequestRefused,
    SignInRefused,
    SystemUnreachable,
)
from reconcile_tui.project import SystemSettings
from reconcile_tui.systems import open_system
from reconcile_tui.systems.dialect import retry_after
from reconcile_tui.systems.http import Http
from reconcile_tui.systems.hubspot.dialect import SEARCH, HubSpotDialect
from tests.systems.scripted import Say, ScriptedApp
from tests.systems.virtual_time import VirtualClock, run

TOKEN = "pat-eu1-0123456789abcdef"
OK = Say(data={"ok": True})


class Token:
    def __init__(self) -> None:
        self.renewed = 0

    async def get(self) -> str:
        return f"{TOKEN}-{self.renewed}"

    async def renew(self) -> None:
        self.renewed += 1


def http_to(app: ScriptedApp, **more: Any) -> Http:
    return Http("hubspot", "https://api.hubapi.com", Token(), HubSpotDialect(), app=app, clock=VirtualClock(), **more)


def read(app: ScriptedApp, target: str = "/crm/x", **more: Any) -> Any:
    async def story() -> Any:
        http = http_to(app)
        try:
            return await http.read(target, **more)
        finally:
            await http.close()

    return run(story())


def write(app: ScriptedApp) -> Any:
    async def story() -> Any:
        http = http_to(app)
        try:
            return await http.write("PATCH", "/crm/x", body={"a": 1})
        finally:
            await http.close()

    return run(story())


@pytest.mark.parametrize("status", [500, 502, 503, 504, 521, 522, 523, 524])
def test_a_read_is_repeated_when_the_system_is_not_available(status: int) -> None:
    app = ScriptedApp(Say(status), Say(status), OK)
    assert read(app) == {"ok": True}
    assert len(app.seen) == 3


@pytest.mark.parametrize(
    "broken",
    [
        Say(drop=True),
        Say(body=b'{"results": [{"id"'),
        Say(body=b"<html>hello</html>", content_type="text/html"),
        Say(body=b"[1, 2]"),
        Say(status=503),
        Say(body=b""),
    ],
    ids=["dropped", "truncated", "html", "list", "503", "empty"],
)
def test_a_broken_answer_makes_a_read_try_again_and_a_write_stop(broken: Say) -> None:
    reading = ScriptedApp(broken, OK)
    assert read(reading) == {"ok": True}
    writing = ScriptedApp(broken, OK)
    with pytest.raises(AnswerLost, match="after a write was sent"):
        write(writing)
    assert len(writing.seen) == 1


def test_a_read_gives_up_after_six_broken_answers_with_a_sentence() -> None:
    app = ScriptedApp(Say(drop=True))
    with pytest.raises(SystemUnreachable, match=r"HubSpot at https://api\.hubapi\.com broke the connection"):
        read(app)
    assert len(app.seen) == 6


@pytest.mark.parametrize(
    ("answer", "seconds"),
    [
        (Say(429, {"policyName": "TEN_SECONDLY_ROLLING"}), 10.0),
        (Say(429, {"policyName": "SECONDLY"}), 1.0),
        (Say(429, {"policyName": "SECONDLY"}, {"retry-after": "7"}), 7.0),
        (Say(423, {}), 2.0),
        (Say(477, {}, {"retry-after": "30"}), 30.0),
    ],
    ids=["rolling", "secondly", "retry-after", "locked", "moving"],
)
def test_a_request_turned_away_before_any_work_waits_as_asked_and_is_sent_again_also_a_write(answer: Say, seconds: float) -> None:
    app = ScriptedApp(answer, OK)
    assert write(app)[1] == {"ok": True}
    assert app.seen[1].at - app.seen[0].at == pytest.approx(seconds, abs=0.05)


def test_the_wait_grows_with_refusals_in_a_row() -> None:
    rolling = Say(429, {"policyName": "TEN_SECONDLY_ROLLING"})
    app = ScriptedApp(rolling, rolling, rolling, OK)
    read(app)
    waits = [b.at - a.at for a, b in zip(app.seen, app.seen[1:], strict=False)]
    assert waits == pytest.approx([10, 20, 30], abs=0.05)


def test_the_daily_limit_stops_the_run_at_once() -> None:
    app = ScriptedApp(Say(429, {"policyName": "DAILY"}), OK)
    with pytest.raises(DailyLimitReached, match="no more requests today"):
        read(app)
    assert len(app.seen) == 1


def test_a_system_that_asks_to_wait_for_hours_stops_the_run_at_once_and_resumably() -> None:
    async def story() -> None:
        http = http_to(ScriptedApp(Say(477, {}, {"retry-after": "7200"}), OK))
        with pytest.raises(SystemUnreachable, match="more than 30 minutes"):
            await http.read("/crm/x")
        assert await http.read("/crm/x") == {"ok": True}
        assert http.clock.now() < 60
        await http.close()

    run(story())


def test_small_waits_without_end_stop_the_run_too() -> None:
    app = ScriptedApp(Say(429, {}, {"retry-after": "60"}))
    with pytest.raises(SystemUnreachable, match="more than 30 minutes"):
        read(app)
    assert len(app.seen) == 31


def test_a_refused_token_is_renewed_once_and_then_reported() -> None:
    app = ScriptedApp(Say(401), OK)
    assert read(app) == {"ok": True}
    assert app.seen[0].headers["authorization"] != app.seen[1].headers["authorization"]
    with pytest.raises(SignInRefused, match="does not accept the credentials"):
        read(ScriptedApp(Say(401)))


def test_a_redirect_is_not_followed() -> None:
    app = ScriptedApp(Say(302, headers={"location": "https://evil.test/"}), OK)
    with pytest.raises(SystemUnreachable, match="redirect"):
        read(app)
    assert [seen.host for seen in app.seen] == ["api.hubapi.com"]


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.test/crm/x",
        "http://api.hubapi.com/crm/x",
        "https://api.hubapi.com:8443/x",
        "//evil.test/x",
        "https://api.hubapi.com@evil.test/x",
        "https://api.hubapi.com.evil.test/",
    ],
)
def test_a_token_never_leaves_for_another_origin(target: str) -> None:
    app = ScriptedApp(OK)
    with pytest.raises(SystemUnreachable, match="another host"):
        read(app, target)
    assert app.seen == []


@pytest.mark.parametrize("url", ["http://crm.example.com", "ftp://x.test", "crm.example.com", "https//typo"])
def test_a_token_is_sent_over_https_or_loopback_only(url: str) -> None:
    async def story() -> None:
        with pytest.raises(SystemUnreachable, match="https"):
            open_system("crm", SystemSettings(kind="hubspot", url=url))
        await open_system("crm", SystemSettings(kind="hubspot", url="http://127.0.0.1:8080")).close()

    run(story())


def test_refusals_carry_status_and_code_and_survive_bodies_of_any_shape() -> None:
    for body in (b"", b"not json", b"[]", b'{"errors": 5, "message": null}', b'{"errors": [1, {"context": []}], "category": 7}'):
        with pytest.raises(RequestRefused) as refused:
            read(ScriptedApp(Say(400, body=body)))
        assert refused.value.status == 400
    with pytest.raises(RecordGone):
        read(ScriptedApp(Say(404, {"status": "error", "message": "resource not found"})))


def test_the_journal_and_the_log_hold_no_token_no_query_and_no_value(caplog: pytest.LogCaptureFixture) -> None:
    kept: list[Any] = []
    caplog.set_level(logging.DEBUG)
    app = ScriptedApp(Say(503), Say(404, {"message": "ada@ex.test is not here"}))

    async def story() -> None:
        http = http_to(app, journal=kept.append)
        with pytest.raises(RecordGone):
            await http.read("/crm/contacts/ada%40ex.test", params={"idProperty": "email", "q": "Ada Byron"})
        await http.close()

    run(story())
    written = caplog.text + "".join(map(repr, kept))
    assert [exchange.status for exchange in kept] == [503, 404]
    assert kept[0].path == "/crm/contacts/…"
    for secret in (TOKEN, "ada@ex.test", "ada%40ex.test", "Ada", "idProperty"):
        assert secret not in written


def test_the_rate_follows_the_headers_and_stays_within_three_percent_of_the_limit() -> None:
    headers = {
        "x-hubspot-ratelimit-max": "190",
        "x-hubspot-ratelimit-remaining": "180",
        "x-hubspot-ratelimit-interval-milliseconds": "10000",
    }
    app = ScriptedApp(Say(data={}, headers=headers))

    async def story() -> None:
        http = http_to(app)
        for _ in range(1000):
            await http.read("/crm/x")
        await http.close()

    run(story())
    for first in range(0, 800):
        assert app.seen[first + 190].at - app.seen[first].at > 10.0
    elapsed = app.seen[-1].at - app.seen[0].at
    assert 1000 / elapsed * 10 >= 0.95 * 190


def test_searches_keep_to_five_a_second_beside_the_other_requests() -> None:
    app = ScriptedApp(OK)

    async def story() -> None:
        http = http_to(app)
        for _ in range(50):
            await http.read("/crm/x/search", method="POST", body={}, lane=SEARCH)
        await http.close()

    run(story())
    assert all(app.seen[n + 5].at - app.seen[n].at > 1.0 for n in range(45))
    assert 45 / (app.seen[-1].at - app.seen[0].at) >= 0.95 * 5 * 45 / 50


def test_other_programs_using_the_same_allowance_are_seen_and_given_way() -> None:
    left = iter([40, *[0] * 1000])

    def answer(_: Any) -> Say:
        headers = {"x-hubspot-ratelimit-max": "100", "x-hubspot-ratelimit-remaining": str(next(left))}
        return Say(headers=headers)

    app = ScriptedApp(answer)

    async def story() -> None:
        http = http_to(app)
        for _ in range(3):
            await http.read("/crm/x")
        await http.close()

    run(story())
    assert app.seen[2].at - app.seen[1].at > 9.0


@pytest.mark.parametrize(
    ("text", "seconds"), [("3", 3.0), ("0.5", 0.5), ("-1", 0.0), ("soon", None), ("", None), ("inf", None), ("nan", None)]
)
def test_retry_after_is_read_when_it_is_a_number(text: str, seconds: float | None) -> None:
    assert retry_after({"retry-after": text}) == seconds
