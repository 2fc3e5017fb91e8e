"""``aetrain verify`` and ``aetrain doctor`` as they are called."""

from __future__ import annotations

import json
from typing import get_args

import numpy as np
import onnx
import onnxruntime
import pytest
from onnx import numpy_helper
from torch import nn

from export.card import checksums
from export.layers import Heads
from export.manifest import file_table
from export.runtimes import ALL, RUNTIMES
from export.write import Subject, export_bundle
from trainer.commands.verify import Name


@pytest.fixture
def bundle(tmp_path):
    np.savez(tmp_path / "probe.npz", images=np.zeros((4, 1, 2, 2), np.uint8), labels=np.zeros(4), index=np.arange(4))
    subject = Subject(
        name="tiny", variant="undercomplete", arch="mlp", data="digits", step=7,
        encoder=nn.Sequential(nn.Flatten(), Heads({"latent": nn.Linear(4, 2)})),
        decoder=nn.Sequential(nn.Linear(2, 4), nn.Sigmoid(), nn.Unflatten(1, (1, 2, 2))),
        image_shape=(1, 2, 2), latent_dim=2, images=np.zeros((4, 1, 2, 2), np.float32),
        image_sources={"test": 4, "training": 0}, probe=tmp_path / "probe.npz",
    )  # fmt: skip
    export_bundle(subject, tmp_path / "b")
    return tmp_path / "b"


def test_a_whole_bundle_is_exit_0(bundle, command):
    done = command("aetrain", "verify", "b")
    assert (done.returncode, done.stderr) == (0, "")
    assert "tiny, undercomplete on digits, step 7" in done.stdout
    done = command("aetrain", "verify", bundle, "--json")
    assert json.loads(done.stdout)["self_test"].keys() == {"encoder.latent", "decoder.reconstruction"}


def test_a_flipped_bit_is_exit_3_in_three_lines(bundle, command):
    graph = bundle / "decoder.onnx"
    whole = graph.read_bytes()
    graph.write_bytes(whole[:-40] + bytes([whole[-40] ^ 1]) + whole[-39:])
    done = command("aetrain", "verify", "b")
    assert (done.returncode, done.stdout) == (3, "")
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "why", "do"]
    assert "bundle b is damaged: decoder.onnx has sha256" in done.stderr


def test_a_folder_that_is_no_bundle_is_exit_2(command, tmp_path):
    assert command("aetrain", "verify", tmp_path).returncode == 2
    assert command("aetrain", "verify", "nowhere").returncode == 2


def test_runtimes_stand_in_a_table_and_in_the_json(bundle, command):
    done = command("aetrain", "verify", "b", "--runtime", "ort", "reference")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"ort        {onnxruntime.__version__}" in done.stdout
    assert f"reference  {onnx.__version__}" in done.stdout
    found = json.loads(command("aetrain", "verify", "b", "--runtime", "all", "--json").stdout)["runtimes"]
    assert {"ort", "reference"} <= {one["runtime"] for one in found}
    for one in found:
        assert one["self_test"].keys() == {"encoder.latent", "decoder.reconstruction"}
        assert one["seconds"] > 0
        assert one["error"] is None


def test_a_difference_is_told_on_both_channels_and_is_exit_3(bundle, command):
    name = "test_data_set_0/decoder/output_0.pb"
    answer = numpy_helper.to_array(onnx.TensorProto.FromString((bundle / name).read_bytes()))
    (bundle / name).write_bytes(numpy_helper.from_array(answer + np.float32(0.01)).SerializeToString())
    manifest = json.loads((bundle / "manifest.json").read_text())
    manifest["files"] |= file_table([(name, (bundle / name).read_bytes())])
    (bundle / "manifest.json").write_text(json.dumps(manifest))
    itself = file_table([("manifest.json", (bundle / "manifest.json").read_bytes())])
    (bundle / "SHA256SUMS").write_text(checksums({**manifest["files"], **itself}))
    done = command("aetrain", "verify", "b", "--runtime", "reference", "ort")
    assert done.returncode == 3
    assert done.stdout.count("computes something else") == 2
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "why", "do"]
    assert "the vectors are of other weights" in done.stderr
    done = command("aetrain", "verify", "b", "--json")
    assert done.returncode == 3
    assert json.loads(done.stdout)["runtimes"][0]["error"]["exit_code"] == 3


def test_every_runtime_can_be_asked_for():
    assert set(get_args(Name)) == {*RUNTIMES, ALL}


def test_an_unknown_runtime_is_exit_2_and_names_those_there_are(bundle, command):
    done = command("aetrain", "verify", "b", "--runtime", "tensorflow")
    assert (done.returncode, done.stdout) == (2, "")
    assert [line.partition(":")[0] for line in done.stderr.splitlines()] == ["error", "why", "do"]
    assert "openvino" in done.stderr


def test_the_doctor_answers_with_exit_0(command):
    done = command("aetrain", "doctor")
    assert (done.returncode, done.stderr) == (0, "")
    assert "onnxruntime" in done.stdout
    assert json.loads(command("aetrain", "doctor", "--json").stdout)["provider"] in ("CPU", "CUDA")
