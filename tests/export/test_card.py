"""What a stranger finds beside the graphs works as it is written."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from export.write import export_bundle


def test_the_example_of_the_readme_runs(kind, make_subject, tmp_path):
    export_bundle(make_subject(kind), tmp_path / "b")
    text = (tmp_path / "b" / "README.md").read_text()
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    done = subprocess.run(
        [sys.executable, "-c", code + "print(x_hat.shape)"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path / "b",
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("(1, 1, ")


def test_the_sums_are_those_of_sha256sum(bundle):
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=bundle, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == sum(path.is_file() for path in bundle.rglob("*")) - 1


def test_the_readme_says_what_it_is_and_how_good(bundle):
    text = (bundle / "README.md").read_text()
    for fact in (
        "`digits`",
        "`variational`",
        "400 optimiser steps",
        "0.0123",
        "180 test and 76 training images",
        "`log_variance`",
    ):
        assert fact in text


@pytest.mark.parametrize("name", ["a`b|c", "x\x1b[31m", "<script>alert(1)</script>", "a\n# b"])
def test_a_name_from_outside_stays_text_in_the_readme(make_subject, tmp_path, name):
    export_bundle(make_subject(name=name), tmp_path / "b")
    first, *rest = (tmp_path / "b" / "README.md").read_text().splitlines()
    assert re.fullmatch(r"# `[^`|\x1b]*`: a trained autoencoder as ONNX", first)
    assert "# b" not in rest


def test_the_readme_shows_noise_as_a_table(make_subject, tmp_path):
    row = {"level": 0.1, "corrupted_mse": 0.01, "denoised_mse": 0.005, "ridge_mse": None}
    metrics = {"mse": 0.5, "variant": "sparse", "noise_kind": "gaussian", "noise_sweep": [row, row | {"level": 0.2}]}
    export_bundle(make_subject(metrics=metrics), tmp_path / "b")
    text = (tmp_path / "b" / "README.md").read_text()
    assert "| `mse` | 0.5 |" in text
    assert "under `gaussian` noise" in text
    assert "| 0.1 | 0.01 | 0.005 |  |\n| 0.2 | 0.01 | 0.005 |  |" in text
    assert "{" not in text.partition("## Metrics")[2]


@pytest.mark.parametrize("sweep", [None, [], [3], "x"])
def test_a_run_without_a_noise_sweep_has_no_such_table(make_subject, tmp_path, sweep):
    export_bundle(make_subject(metrics={"mse": 0.5, "noise_sweep": sweep}), tmp_path / "b")
    assert "noise" not in (tmp_path / "b" / "README.md").read_text().partition("## Metrics")[2]
