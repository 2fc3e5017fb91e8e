"""What every test may ask for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

Command = Callable[..., subprocess.CompletedProcess[str]]


# In CI the same examples every time: a change is not to be refused for what another one brought.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("local", deadline=None)
settings.load_profile("ci" if os.environ.get("CI") else "local")


@pytest.fixture(autouse=True)
def _state_of_its_own(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that a test starts writes into the home of whoever runs it."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))


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


def assert_three_lines(text: str) -> None:
    """``text`` is one of our errors: what, why, what to do, and no traceback."""
    lines = [line for line in text.splitlines() if line.strip()]
    assert [line.partition(":")[0] for line in lines[-3:]] == ["error", "why", "do"], text
    assert all(line.partition(":")[2].strip() for line in lines[-3:]), text
    assert "Traceback" not in text
