"""The screens in a browser: nobody gets in without the token, and what is pressed there changes what is seen there."""

from __future__ import annotations

import asyncio
import base64
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from reconcile_tui.tui.serve import COOKIE, make_server

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Any]:
    server = make_server(folder)
    runner = web.AppRunner(await server._make_app())
    await runner.setup()
    await web.TCPSite(runner, server.host, server.port).start()
    try:
        yield server
    finally:
        await runner.cleanup()


async def test_only_the_token_opens_the_page_and_it_works_once(folder: Path) -> None:
    async with (
        running(folder) as server,
        aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True)) as visitor,
        aiohttp.ClientSession() as stranger,
    ):
        for path in ("/", "/ws", "/static/js/textual.js", "/?token=guess", "/download/1"):
            async with stranger.get(server.public_url + path) as answer:
                assert answer.status == 403, path
        async with visitor.get(server.address) as answer:
            page = await answer.text()
            assert answer.status == 200
            assert "token" not in str(answer.url)
            assert 'id="terminal"' in page
            assert "https://" not in page
        async with stranger.get(server.address) as answer:
            assert answer.status == 403
        cookie = {COOKIE: server.session}
        async with stranger.get(server.public_url, cookies=cookie, headers={"Host": "evil.example"}) as answer:
            assert answer.status == 403
        async with stranger.get(server.public_url + "/ws", cookies=cookie, headers={"Origin": "http://evil.example"}) as answer:
            assert answer.status == 403


@pytest.mark.parametrize("path", ["/?token=guessed-by-somebody", "/ws", "/<script>alert(1)</script>"])
async def test_who_does_not_get_in_reads_why_and_what_to_do_on_a_page_that_loads_nothing(folder: Path, path: str) -> None:
    async with running(folder) as server, aiohttp.ClientSession() as stranger, stranger.get(server.public_url + path) as answer:
        page = await answer.text()
        assert answer.status == 403
        assert answer.content_type == "text/html"
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        for told in ("needs the token", "works once", "start it again, and open the address it prints"):
            assert told in page
        for never in ("guessed-by-somebody", server.token, server.session, "<script", "src=", "href=", "url(", "://"):
            assert never not in page, never


async def test_another_host_or_origin_is_told_that_nothing_is_served_there(folder: Path) -> None:
    async with running(folder) as server, aiohttp.ClientSession() as stranger:
        for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}):
            async with stranger.get(server.address, headers=headers) as answer:
                page = await answer.text()
                assert answer.status == 403
                assert "not served here" in page
                assert "evil.example" not in page
                assert server.token
                assert server.token not in page


class Browser:
    """Just enough of the DevTools protocol."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        self.socket = socket
        self.number = 0

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self.number += 1
        await self.socket.send_json({"id": self.number, "method": method, "params": parameters})
        while True:
            message = await self.socket.receive_json(timeout=20)
            if message.get("id") == self.number:
                return message.get("result", {})  # type: ignore[no-any-return]

    async def value(self, expression: str) -> Any:
        return (await self.call("Runtime.evaluate", expression=expression))["result"].get("value")

    async def until(self, expression: str) -> None:
        for _ in range(200):
            if await self.value(expression):
                return
            await asyncio.sleep(0.1)
        raise AssertionError(expression)

    async def picture(self) -> bytes:
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])

    async def settled(self, *, unlike: bytes = b"") -> bytes:
        """The picture, as soon as two in a row are the same and it is another one than before."""
        before = await self.picture()
        for _ in range(100):
            await asyncio.sleep(0.2)
            now = await self.picture()
            if now == before != unlike:
                return now
            before = now
        raise AssertionError("the screen did not change")

    async def press(self, character: str) -> None:
        await self.call("Input.dispatchKeyEvent", type="keyDown", key=character, text=character, unmodifiedText=character)
        await self.call("Input.dispatchKeyEvent", type="keyUp", key=character)


@pytest.mark.skipif(CHROMIUM is None, reason="no chromium here")
async def test_a_real_browser_shows_the_screens_in_two_tabs_and_keys_change_them_without_a_click(folder: Path, tmp_path: Path) -> None:
    async with running(folder) as server, aiohttp.ClientSession() as client:
        process = await asyncio.create_subprocess_exec(
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0",
            f"--user-data-dir={tmp_path / 'browser'}",
            "--window-size=1200,700", "--no-first-run", "about:blank", stderr=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        try:
            port_file = tmp_path / "browser" / "DevToolsActivePort"
            for _ in range(200):
                if port_file.exists() and port_file.read_text().strip():
                    break
                await asyncio.sleep(0.1)
            port = port_file.read_text().split()[0]
            async with client.get(f"http://127.0.0.1:{port}/json") as answer:
                page = next(entry for entry in await answer.json() if entry["type"] == "page")
            async with client.ws_connect(page["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                browser = Browser(socket)
                await browser.call("Emulation.setFocusEmulationEnabled", enabled=True)
                await browser.call("Page.navigate", url=server.address)
                await browser.until("!!document.body && document.body.classList.contains('-first-byte')")
                home = await browser.settled()
                await browser.press("?")
                help_ = await browser.settled(unlike=home)
                await browser.press("j")
                await browser.settled(unlike=help_)
                target = await browser.call("Target.createTarget", url=server.public_url)
            async with client.get(f"http://127.0.0.1:{port}/json") as answer:
                second = next(entry for entry in await answer.json() if entry["id"] == target["targetId"])
            async with client.ws_connect(second["webSocketDebuggerUrl"], max_msg_size=0) as socket:
                browser = Browser(socket)
                await browser.call("Emulation.setFocusEmulationEnabled", enabled=True)
                await browser.until("!!document.body && document.body.classList.contains('-first-byte')")
                home = await browser.settled()
                await browser.press("?")
                await browser.settled(unlike=home)
                assert not await browser.value("document.body.classList.contains('-closed')")
        finally:
            process.terminate()
            await process.wait()
