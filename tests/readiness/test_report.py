"""The report is one inert page that tells what the workspace holds; a real browser can show it."""

from __future__ import annotations

import html.parser
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from reconcile_tui.errors import UsageError
from reconcile_tui.readiness.report.charts import Bar, bars
from reconcile_tui.steps import check, decide, demo, report
from reconcile_tui.workspace import Workspace

from .conftest import Box, contact

HOSTILE = '</title></style><script>document.title="owned"</script><img src=x onerror="document.title=1">\u202e\x1b[2J'


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    demo.prepare(folder, fresh=True)
    with Workspace.open(folder) as opened:
        demo.load(opened)
        decide.auto(opened, "identical")
        check.check(opened)
        check.accept(opened, "I17", "the key is on the id column")
        yield opened


@pytest.fixture(scope="module")
def page(ws: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("report") / "report.html"
    report.write(ws, path)
    return path


class Reader(html.parser.HTMLParser):
    """Tags with their attributes, and the visible text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_the_page_needs_nothing_from_outside_and_runs_nothing(page: Path) -> None:
    read = Reader(page.read_text(encoding="utf-8"))
    names = {tag for tag, _ in read.tags}
    assert names.isdisjoint({"script", "iframe", "object", "embed", "link", "img", "form", "base"})
    for _, attributes in read.tags:
        assert not any(name.startswith("on") for name in attributes)
        for name in ("href", "src", "action"):
            assert (attributes.get(name) or "#").startswith("#")
    assert "default-src 'none'" in page.read_text(encoding="utf-8")
    assert page.stat().st_mode & 0o777 == 0o600


def test_the_page_answers_the_four_questions_and_names_who_accepted_what(page: Path) -> None:
    text = Reader(page.read_text(encoding="utf-8")).text
    for words in (
        "Not ready to launch",
        "Which record types are copied, each way?",
        "Which records are eligible, per type and direction?",
        "Which fields travel, in which direction, through which transform?",
        "Which duplicates exist, by each system's uniqueness rule?",
        "the key is on the id column",
        "Robert Hale",
        "after the decisions so far",
        "142 groups are decided",
    ):
        assert words in text, words


def test_every_chart_has_a_title_and_a_description(page: Path) -> None:
    charts = re.findall(r'<svg class="chart" role="img" aria-labelledby="(\S+) (\S+)".*?</svg>', page.read_text(encoding="utf-8"), re.S)
    assert len(charts) >= 4
    text = page.read_text(encoding="utf-8")
    for title, description in charts:
        assert f'<title id="{title}">' in text
        assert re.search(rf'<desc id="{description}">\S', text)
    assert len(set(charts)) == len(charts)


def test_numbers_of_the_page_are_those_of_the_json(ws: Workspace, page: Path) -> None:
    document = json.loads(json.dumps(report.build(ws).as_json()))
    text = Reader(page.read_text(encoding="utf-8")).text
    now = document["forecast"]["now"]
    assert f"{now['certain'] + now['order_dependent']:,} values the sync would overwrite" in text
    for finding in document["readiness"]["findings"]:
        assert f"{finding['title']}: {finding['count']:,}" in text
    assert document["throughput"]["decided"] == ws.matches.counts_by("state")["decided"]


def test_markdown_says_the_same_and_values_form_no_markup(ws: Workspace, tmp_path: Path) -> None:
    report.write(ws, tmp_path / "report.md")
    text = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "## The four questions" in text
    assert "Robert Hale" in text
    assert "\x1b" not in text


def test_an_unknown_form_is_refused(ws: Workspace, tmp_path: Path) -> None:
    with pytest.raises(UsageError):
        report.write(ws, tmp_path / "report.pdf")


def test_hostile_values_are_text_on_the_page(box: Box, tmp_path: Path) -> None:
    box.contacts.append(
        contact(3, firstname=HOSTILE, lastname="[x](javascript:alert(1)) | `y`", emailaddress1=" ADA.byron@analytical.example")
    )
    box.groups.append(("g", "shared_mailbox", ["contact/c0", "contact/c3", "contacts/500"]))
    box.project = box.project.replace('name = "planted"', 'name = "<script>alert(1)</script>"')
    with box.store(tmp_path) as opened:
        check.check(opened)
        built = report.build(opened)
    read = Reader(report.html(built))
    assert "script" not in {tag for tag, _ in read.tags}
    assert "img" not in {tag for tag, _ in read.tags}
    assert not any(sign in report.html(built) for sign in ("\x1b", "\u202e"))
    assert not re.search(r"(?<!\\)<script|(?<!\\)\]\(|(?<!\\)`", report.markdown(built))


def test_a_chart_draws_a_part_that_is_small_and_none_that_is_nothing() -> None:
    drawn = bars("c", "T", "D", [Bar("<a>", 1000), Bar("b", 1, 0), Bar("none", 0)])
    assert drawn.count('class="first"') == 2
    assert "&lt;a&gt;" in drawn
    assert bars("c", "T", "D", []) == ""


def _browser() -> str:
    found = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium is installed: the page is not looked at in a real browser")
    return found


def _shown(browser: str, profile: Path, *options: str) -> str:
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={profile}"]
    done = subprocess.run([browser, *flags, *options], capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


def test_a_real_browser_shows_the_page_and_reports_no_error(page: Path, tmp_path: Path) -> None:
    browser = _browser()
    shown = _shown(browser, tmp_path / "profile", "--dump-dom", page.as_uri())
    read = Reader(shown)
    assert "Is the sync safe to launch?" in read.text
    assert [tag for tag, _ in read.tags].count("svg") == [tag for tag, _ in Reader(page.read_text(encoding="utf-8")).tags].count("svg")
    picture = tmp_path / "page.png"
    _shown(browser, tmp_path / "other", f"--screenshot={picture}", "--window-size=1100,1400", "--hide-scrollbars", page.as_uri())
    assert picture.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert picture.stat().st_size > 40_000  # an empty page has some 10 kB


def test_a_real_browser_prints_the_page(page: Path, tmp_path: Path) -> None:
    printed = tmp_path / "page.pdf"
    _shown(_browser(), tmp_path / "profile", f"--print-to-pdf={printed}", "--no-pdf-header-footer", page.as_uri())
    assert printed.read_bytes()[:5] == b"%PDF-"
