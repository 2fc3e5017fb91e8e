"""What every test may ask for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

Command = Callable[..., subprocess.CompletedProcess[str]]

INSECURE_HOST = "bundle.test"
"""Leads to this machine like 127.0.0.1, but browsers do not count it as secure."""


# One thread in each process, and in what it starts: several files are tested at a time, and the threads of networks
# as small as these wait for each other many times longer than one computes. Read when torch and numpy are imported.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# In CI the same examples every time: a change is not to be refused for what another one brought.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a test starts reads settings from or writes into the home of whoever runs it."""
    folder = tmp_path_factory.mktemp("home")
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(folder / name))


@pytest.fixture
def command(tmp_path: Path) -> Command:
    """Runs an installed command in ``tmp_path``: ``command("aetrain", "runs", …)``."""

    def run(name: str, *arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
        program = Path(sys.executable).parent / name
        return subprocess.run(  # type: ignore[call-overload, no-any-return]
            [str(program), *map(str, arguments)],
            **{"cwd": tmp_path, "capture_output": True, "text": True, "stdin": subprocess.DEVNULL, "timeout": 180}
            | options,
        )

    return run


@pytest.fixture(scope="module")
def chromium() -> Iterator[object]:
    """A headless Chromium that reaches this machine and nothing else.

    It ends with its module: while it runs there is a loop of asyncio on this thread, and no test can have its own.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    names = ("chromium", "chromium-browser", "google-chrome")
    executable = next(filter(None, map(shutil.which, names)), None)
    if executable is None:
        pytest.skip("there is no Chromium on PATH: apt-get install chromium")
    rules = f"MAP {INSECURE_HOST} 127.0.0.1, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=executable, args=[f"--host-resolver-rules={rules}"])
        yield browser
        browser.close()


def assert_three_lines(text: str) -> None:
    """``text`` is one of our errors: what, why, what to do, and no traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    assert [line.partition(":")[0] for line in lines[-3:]] == ["error", "why", "do"], text
    assert all(line.partition(":")[2].strip() for line in lines[-3:]), text
    assert "Traceback" not in text
