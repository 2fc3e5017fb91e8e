from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

SCRIPT = """
import sys
sys.path.insert(0, {folder!r})
import contractive  # the one import line
from trainer.cli import run
for weight in ("0.001", "100"):
    run(["fit", "contractive", "--contractive.weight", weight, "--steps", "60", "--name", weight])
run(["export", "100", "--format", "onnx"])
run(["eval", "100", "--json"])
"""


def test_a_fifth_variant_is_one_file_and_one_import(tmp_path: Path) -> None:
    script = SCRIPT.format(folder=str(Path(__file__).parent))
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    free, charged = (last_row(tmp_path / "runs" / weight) for weight in ("0.001", "100"))
    assert charged["contraction"] / 100 < 0.1 * free["contraction"] / 0.001
    run = tmp_path / "runs" / "100"
    assert (run / "export" / "fp32" / "encoder.onnx").exists()
    assert "[contractive]\nweight = 100.0" in (run / "config.toml").read_text()


def last_row(run: Path) -> dict[str, float]:
    row: dict[str, float] = json.loads((run / "metrics.jsonl").read_text().splitlines()[-1])
    return row
