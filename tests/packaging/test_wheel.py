"""What is shipped works without the checkout: wheel, empty environment, empty home."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an empty environment into which the built wheel and its locked dependencies were installed."""
    folder = tmp_path_factory.mktemp("wheel")
    wheels, environment = folder / "dist", folder / "env"
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", str(wheels), str(ROOT)], check=True)
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    binaries = environment / "bin"
    wheel = next(wheels.glob("reconcile_tui-*.whl"))
    own = [str(binaries / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check", "install"]
    subprocess.run([*own, "--require-hashes", "-r", str(ROOT / "requirements.lock")], check=True)
    subprocess.run([*own, "--no-deps", str(wheel)], check=True)
    return binaries


def run(installed: Path, home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8"}
    return subprocess.run(
        [str(installed / "reconcile-tui"), *arguments],
        cwd=home, env=environment, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip


def test_the_installed_wheel_tells_its_version(installed: Path, tmp_path: Path) -> None:
    from reconcile_tui import __version__

    answer = run(installed, tmp_path, "--version")
    assert (answer.returncode, answer.stdout) == (0, f"reconcile-tui {__version__}\n")


def test_the_installed_wheel_walks_the_whole_way(installed: Path, tmp_path: Path) -> None:
    answer = run(installed, tmp_path, "demo", "--headless")
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert "Verify" in answer.stdout
    assert "Traceback" not in answer.stderr
