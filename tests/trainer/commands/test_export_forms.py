"""``aetrain export`` in every form: where each bundle lands, and which flags have an effect."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from export.errors import ToolError
from trainer import cli


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs")
    quick = ("--steps", "40", "--hidden", "16", "--latent-dim", "4")
    cli.run(["fit", "undercomplete", "--name", "r", "--runs-dir", str(folder), *quick])
    return folder


def exported(runs: Path, capsys: pytest.CaptureFixture[str], *flags: str) -> dict[str, Any]:
    capsys.readouterr()
    assert cli.run(["export", "r", "--runs-dir", str(runs), "--json", *flags]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)[0]
    return found


@pytest.mark.parametrize(
    ("flags", "folder", "file"),
    [
        ((), "fp32", "scores.npz"),
        (("--precision", "fp16"), "fp16", "encoder.onnx"),
        (("--precision", "int8"), "int8", "encoder.onnx"),
        (("--uint8",), "fp32-uint8", "encoder_u8.onnx"),
        (("--uint8", "--layout-in", "NHWC", "--precision", "int8"), "int8-uint8", "decoder_u8.onnx"),
        (("--layout", "triton"), "fp32-triton", "model_repository/encoder/1/model.onnx"),
        (("--layout", "web"), "fp32-web", "index.html"),
    ],
    ids=" ".join,
)
def test_each_form_lands_beside_the_others_and_verifies(
    runs: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], folder: str, file: str
) -> None:
    bundle = Path(exported(runs, capsys, *flags)["bundle"])
    assert bundle == runs / "r" / "export" / folder
    assert (bundle / file).exists()
    assert cli.run(["verify", str(bundle)]) == 0
    capsys.readouterr()
    assert Path(exported(runs, capsys, *flags)["bundle"]) == bundle  # the same again: verified and left


@pytest.mark.parametrize(
    ("flags", "says"),
    [
        (("--layout-in", "NHWC"), "--layout-in has no effect"),
        (("--onnxruntime-web", "x"), "--onnxruntime-web has no effect"),
        (("--opset", "9"), "--opset 9"),
        (("--layout", "web", "--onnxruntime-web", "nowhere"), "nowhere"),
    ],
    ids=" ".join,
)
def test_flags_without_effect_or_out_of_range_are_refused_and_nothing_is_written(
    runs: Path, flags: tuple[str, ...], says: str, tmp_path: Path
) -> None:
    with pytest.raises(ToolError) as caught:
        cli.run(["export", "r", "--runs-dir", str(runs), "--output", str(tmp_path / "out"), *flags])
    assert caught.value.exit_code == 2
    assert says in caught.value.what
    assert not list(tmp_path.glob("out/*"))
