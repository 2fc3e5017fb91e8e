from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aetui.engine.line import child_environment


def test_a_child_finds_a_package_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    assert child_environment(tmp_path)["PYTHONPATH"] == os.pathsep.join([str(tmp_path), "elsewhere"])
    monkeypatch.delenv("PYTHONPATH")
    assert child_environment(tmp_path)["PYTHONPATH"] == str(tmp_path)


@pytest.mark.parametrize("name", ["site-packages", "dist-packages"])
def test_a_backport_beside_an_installed_package_stays_behind_the_standard_library(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    (folder / "dataclasses.py").write_text("raise SystemExit('the backport')")
    code = "import dataclasses; print(dataclasses.__file__)"
    done = subprocess.run(
        [sys.executable, "-P", "-c", code],
        env=child_environment(folder),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert str(folder) not in done.stdout
