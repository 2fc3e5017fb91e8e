"""Bundles appear whole and verified, or not at all; the same weights give the same bytes."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from export.bundle import read_bundle
from export.errors import ExitCode, ToolError
from export.graph import Graph, Value
from export.lower import lower
from export.verify import verify_bundle
from export.write import Form, export_bundle


class Wrong(nn.Module):
    """Its lowering, below, computes something else."""

    def forward(self, x):
        return x + 1e-3


@lower.register
def _(module: Wrong, graph: Graph, x: Value) -> Value:
    return x


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_bundle_has_what_its_readers_expect(kind, make_subject, tmp_path):
    manifest = export_bundle(make_subject(kind), tmp_path / "b")
    files = contents(tmp_path / "b")
    heads = ["mean", "log_variance"] if kind == "variational" else ["latent"]
    vectors = [f"test_data_set_0/encoder/output_{i}.pb" for i in range(len(heads))]
    vectors += [f"test_data_set_0/{part}/input_0.pb" for part in ("encoder", "decoder")]
    assert set(files) == {
        "encoder.onnx", "decoder.onnx", "manifest.json", "README.md", "probe.npz", "SHA256SUMS", "examples/infer.py",
        "examples/infer.mjs", "examples/infer.cpp", "test_data_set_0/decoder/output_0.pb", *vectors,
    }  # fmt: skip
    assert list(manifest.heads) == heads
    assert manifest == read_bundle(tmp_path / "b").manifest
    assert set(manifest.files) == set(files) - {"manifest.json", "SHA256SUMS"}
    for name in ("encoder.onnx", "decoder.onnx"):
        digest = hashlib.sha256(files[name]).hexdigest()
        assert digest in files["manifest.json"].decode()
        assert f"{digest}  {name}\n" in files["SHA256SUMS"].decode()


def test_the_manifest_says_how_good_the_parity_is_and_on_what(make_subject, tmp_path):
    parity = export_bundle(make_subject(), tmp_path / "b").parity
    assert parity["batch_sizes"] == [1, 2, 7, 64, 256]
    assert set(parity["encoder"]) == {"mean", "log_variance"}
    assert set(parity["decoder"]) == {"reconstruction"}
    assert 0 <= parity["max_difference"] < 1e-5


def test_the_same_weights_give_the_same_bundle_in_another_folder(kind, make_subject, tmp_path):
    export_bundle(make_subject(kind), tmp_path / "a")
    export_bundle(make_subject(kind), tmp_path / "deep" / "er" / "b")
    assert contents(tmp_path / "a") == contents(tmp_path / "deep" / "er" / "b")


_EXPORT = """
import pathlib, runpy, sys
from export.write import Form, export_bundle
export_bundle(runpy.run_path(sys.argv[1])["subject"]("lecture", pathlib.Path.cwd()), pathlib.Path("b"))
"""


def test_the_same_weights_give_the_same_bundle_in_another_process_and_hash_seed(make_subject, tmp_path):
    export_bundle(make_subject("lecture"), tmp_path / "a")
    other = tmp_path / "other"
    other.mkdir()
    command = [sys.executable, "-c", _EXPORT, str(Path(__file__).with_name("conftest.py"))]
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    done = subprocess.run(command, cwd=other, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert contents(tmp_path / "a") == contents(other / "b")


def test_no_file_says_anything_of_this_machine(make_subject, tmp_path):
    export_bundle(make_subject(data="/home/somebody/pictures"), tmp_path / "b")
    for name, data in contents(tmp_path / "b").items():
        assert not re.search(rb"/(home|root|tmp|usr|Users|work|opt)/", data), name
        assert b"somebody" not in data


def test_exporting_changes_neither_the_mode_nor_the_gradients_of_the_networks(make_subject, tmp_path):
    subject = make_subject()
    subject.encoder.train()
    export_bundle(subject, tmp_path / "b")
    assert subject.encoder.training
    assert all(parameter.requires_grad for parameter in subject.encoder.parameters())


def test_an_identical_bundle_is_verified_and_left(make_subject, tmp_path):
    first = export_bundle(make_subject(), tmp_path / "b")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "b").rglob("*")}
    assert export_bundle(make_subject(), tmp_path / "b") == first
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "b").rglob("*")} == before


def test_an_identical_bundle_that_was_damaged_is_refused_and_mended_by_force(make_subject, tmp_path):
    export_bundle(make_subject(), tmp_path / "b")
    whole = contents(tmp_path / "b")
    (tmp_path / "b" / "README.md").write_text("changed")
    with pytest.raises(ToolError, match=r"README\.md") as caught:
        export_bundle(make_subject(), tmp_path / "b")
    assert caught.value.exit_code == ExitCode.DAMAGED
    assert "--force" in caught.value.do
    export_bundle(make_subject(), tmp_path / "b", force=True)
    assert contents(tmp_path / "b") == whole


@pytest.mark.parametrize(
    "changes", [{"step": 500}, {"name": "other"}, {"data": "faces"}, {"variant": "sparse"}], ids=str
)
def test_a_different_bundle_is_kept_unless_forced(make_subject, tmp_path, changes):
    export_bundle(make_subject(), tmp_path / "b")
    before = contents(tmp_path / "b")
    with pytest.raises(ToolError, match="another bundle") as caught:
        export_bundle(make_subject(**changes), tmp_path / "b")
    assert caught.value.exit_code == ExitCode.USAGE
    assert next(iter(changes)) in caught.value.why
    assert contents(tmp_path / "b") == before
    export_bundle(make_subject(**changes), tmp_path / "b", force=True)
    assert contents(tmp_path / "b") != before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b", "probe.npz"]


@pytest.mark.parametrize("changes", [{"metrics": {"mse": 1.0}}, {"test_mse": None}, {"scored": True}], ids=str)
def test_a_bundle_that_says_less_of_the_same_model_is_renewed(make_subject, tmp_path, changes):
    """A run that was scored since, or a bundle of a time when there were no scores."""
    export_bundle(make_subject(), tmp_path / "b")
    before = contents(tmp_path / "b")
    if "scored" in changes:
        changes = {"training_images": make_subject().images}
    manifest = export_bundle(make_subject(**changes), tmp_path / "b")
    after = contents(tmp_path / "b")
    assert read_bundle(tmp_path / "b").manifest == manifest
    for name, value in changes.items():
        assert "scores.npz" in after if name == "training_images" else getattr(manifest, name) == value
    assert [after[name] for name in ("encoder.onnx", "probe.npz")] == [
        before[name] for name in ("encoder.onnx", "probe.npz")
    ]
    again = export_bundle(make_subject(**changes), tmp_path / "b")
    assert again == manifest


def test_a_bundle_that_is_to_be_renewed_and_is_damaged_is_refused(make_subject, tmp_path):
    export_bundle(make_subject(), tmp_path / "b")
    (tmp_path / "b" / "decoder.onnx").write_bytes(b"x")
    before = contents(tmp_path / "b")
    with pytest.raises(ToolError) as caught:
        export_bundle(make_subject(test_mse=0.5), tmp_path / "b")
    assert caught.value.exit_code == ExitCode.DAMAGED
    assert contents(tmp_path / "b") == before


def test_other_weights_of_the_same_step_are_a_different_bundle(make_subject, tmp_path):
    export_bundle(make_subject(), tmp_path / "b")
    other = make_subject()
    with torch.no_grad():
        next(other.encoder.parameters()).add_(1e-3)
    with pytest.raises(ToolError, match="another bundle") as caught:
        export_bundle(other, tmp_path / "b")
    assert "encoder.onnx is of other weights" in caught.value.why


def test_a_bundle_with_other_probe_images_is_a_different_one(make_subject, tmp_path):
    export_bundle(make_subject(), tmp_path / "b")
    other = make_subject()
    with np.load(other.probe) as probe:
        np.savez(other.probe, **{**probe, "images": 255 - probe["images"]})
    with pytest.raises(ToolError, match="another bundle") as caught:
        export_bundle(other, tmp_path / "b")
    assert caught.value.why == "its probe.npz holds other images"


def test_the_same_weights_from_the_other_exporter_are_a_different_bundle(make_subject, tmp_path):
    export_bundle(make_subject(), tmp_path / "b")
    with pytest.raises(ToolError, match="another bundle") as caught:
        export_bundle(make_subject(), tmp_path / "b", form=Form(exporter="torch"))
    assert "another --exporter" in caught.value.why


@pytest.mark.parametrize("force", [False, True])
def test_a_folder_that_is_no_bundle_is_never_replaced(make_subject, tmp_path, force):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "thesis.txt").write_text("years of work")
    (tmp_path / "file").write_text("also work")
    for name in ("b", "file"):
        with pytest.raises(ToolError, match="in the way") as caught:
            export_bundle(make_subject(), tmp_path / name, force=force)
        assert caught.value.exit_code == ExitCode.USAGE
    assert (tmp_path / "b" / "thesis.txt").exists()
    assert (tmp_path / "file").exists()


def test_an_empty_folder_is_filled(make_subject, tmp_path):
    (tmp_path / "b").mkdir()
    export_bundle(make_subject(), tmp_path / "b")
    verify_bundle(tmp_path / "b")


@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_a_graph_that_computes_something_else_leaves_nothing_behind(make_subject, tmp_path, part):
    subject = make_subject("undercomplete")
    layers = list(getattr(subject, part))
    changed = make_subject("undercomplete", **{part: nn.Sequential(layers[0], Wrong(), *layers[1:])})
    with pytest.raises(ToolError, match=f"{part}.onnx does not compute") as caught:
        export_bundle(changed, tmp_path / "out" / "b")
    assert caught.value.exit_code == ExitCode.FAILED
    assert "differs by" in caught.value.why
    assert [path.name for path in tmp_path.iterdir()] == ["probe.npz"]


def test_a_mismatch_leaves_the_bundle_that_stands_there(make_subject, tmp_path):
    export_bundle(make_subject("undercomplete"), tmp_path / "b")
    before = contents(tmp_path / "b")
    layers = list(make_subject("undercomplete").encoder)
    changed = make_subject("undercomplete", encoder=nn.Sequential(Wrong(), *layers))
    with pytest.raises(ToolError, match="does not compute"):
        export_bundle(changed, tmp_path / "b", force=True)
    assert contents(tmp_path / "b") == before


@pytest.mark.parametrize("precision", ["fp32", "fp16", "int8"])
@pytest.mark.parametrize("part", ["encoder", "decoder"])
def test_weights_that_are_not_finite_are_not_exported(make_subject, tmp_path, part, precision):
    subject = make_subject(training_images=make_subject().images)
    with torch.no_grad():
        next(getattr(subject, part).parameters())[0, 0] = float("nan")
    with pytest.raises(ToolError, match=f"the trained {part} gives values that are not numbers") as caught:
        export_bundle(subject, tmp_path / "b", form=Form(precision=precision))
    assert caught.value.exit_code == ExitCode.FAILED
    assert not (tmp_path / "b").exists()


def test_an_unknown_layer_or_a_missing_probe_leaves_nothing_behind(make_subject, tmp_path):
    subject = make_subject()
    (tmp_path / "probe.npz").unlink()
    with pytest.raises(ToolError, match=r"probe\.npz"):
        export_bundle(subject, tmp_path / "out" / "b")
    with pytest.raises(ToolError, match="Hardswish"):
        export_bundle(make_subject(encoder=nn.Hardswish()), tmp_path / "out" / "b")
    assert not (tmp_path / "out").exists()


def test_a_full_disk_or_a_forbidden_folder_is_an_error_of_ours(make_subject, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ToolError):
        export_bundle(make_subject(), tmp_path / "file" / "b")


def test_an_unknown_exporter_is_named(make_subject, tmp_path):
    with pytest.raises(ToolError, match="unknown exporter 'tourch'") as caught:
        export_bundle(make_subject(), tmp_path / "b", form=Form(exporter="tourch"))
    assert "torch" in caught.value.do


def test_few_images_are_enough(make_subject, tmp_path):
    subject = make_subject(images=np.zeros((3, 1, 8, 8), np.float32), image_sources={"test": 3, "training": 0})
    assert export_bundle(subject, tmp_path / "b").images == {"test": 3, "training": 0}


def test_torchs_exporter_writes_a_bundle_of_the_same_form(make_subject, tmp_path):
    subject = make_subject(
        encoder=nn.Sequential(nn.Flatten(), nn.Linear(64, 3), nn.Hardswish()), variant="undercomplete"
    )
    manifest = export_bundle(subject, tmp_path / "b", form=Form(exporter="torch"))
    assert manifest.heads == {"latent": (3,)}
    assert verify_bundle(tmp_path / "b").verified
    model = onnx.load_model(tmp_path / "b" / "encoder.onnx")
    assert (model.ir_version, [(o.domain, o.version) for o in model.opset_import]) == (10, [("", 18)])
