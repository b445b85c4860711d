"""Make the pictures and generated pages of the documentation: `make docs`."""

from __future__ import annotations

import asyncio
import re
import tempfile
from pathlib import Path

from reconcile_tui.model import Ref
from reconcile_tui.steps import demo
from reconcile_tui.workspace import Workspace

IMAGES = Path(__file__).parent / "images"
SIZE = (120, 34)  # cells
ARTICLE = Ref("dynamics", "contact", "c0000001-0000-4000-8000-000000000001")


async def group_screen(folder: Path) -> str:
    """The review of the article's group as SVG, drawn by the program itself over the sample data."""
    from reconcile_tui.tui.app import ReconcileApp

    with Workspace.open(folder) as workspace:
        app = ReconcileApp(workspace)
        async with app.run_test(size=SIZE) as pilot:
            await pilot.press("f2")
            await app.workers.wait_for_complete()
            key = workspace.records.key_of(ARTICLE)
            app.screen.show_group(workspace.matches.group_of(key or 0))  # type: ignore[attr-defined]
            await app.workers.wait_for_complete()
            await pilot.pause()
            return _without_remote_fonts(app.export_screenshot(title="reconcile-tui"))


def _without_remote_fonts(svg: str) -> str:
    """The picture fetches nothing when it is looked at."""
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def main() -> None:
    """Write docs/images."""
    IMAGES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "demo"
        demo.prepare(folder, fresh=True)
        with Workspace.open(folder) as workspace:
            demo.load(workspace)
        (IMAGES / "group.svg").write_text(asyncio.run(group_screen(folder)), encoding="utf-8")


if __name__ == "__main__":
    main()
