"""What each entry point drags in: torch and its friends only where they are needed."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = ("torch", "textual", "onnxruntime", "onnx", "sklearn", "PIL", "pooch")


def imported(code: str) -> set[str]:
    """Which heavy packages a fresh interpreter has imported after ``code``."""
    probe = f"{code}\nimport sys\nprint('\\n' + ' '.join(m for m in {HEAVY} if m in sys.modules))"
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("code", "allowed"),
    [
        ("import trainer, export, aetui", set()),
        ("import trainer.cli, aetui.cli", set()),
        ("import trainer.config, trainer.variants, trainer.corruption", set()),
        ("import trainer.runs.metrics, trainer.runs.status, trainer.runs.probe, trainer.runs.control", set()),
        ("import trainer.data.load", set()),
        ("import export.runtime, export.doctor", set()),
        ("import export.bundle", {"onnx"}),
        ("import aetui.app", {"textual"}),
        ("import aetui.engine.client", set()),
    ],
)
def test_a_module_imports_no_more_than_it_says(code: str, allowed: set[str]) -> None:
    assert imported(code) <= allowed


@pytest.mark.parametrize("arguments", [["--help"], ["fit", "--help"], ["runs"], ["runs", "--json"], ["data"]])
def test_a_light_command_imports_no_torch(arguments: list[str]) -> None:
    code = f"import trainer.cli, contextlib\nwith contextlib.suppress(SystemExit):\n    trainer.cli.main({arguments})"
    assert "torch" not in imported(code)


def test_doctor_asks_torch_in_a_process_of_its_own() -> None:
    code = "import trainer.cli\ntry:\n    trainer.cli.main(['doctor'])\nexcept SystemExit:\n    pass"
    assert "torch" not in imported(code)
