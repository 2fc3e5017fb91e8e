"""Bundles in every form that can be asked for: precision, opset, bytes, layout."""

from __future__ import annotations

import json

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from export.bundle import read_bundle
from export.errors import ToolError
from export.graph import OPSETS
from export.runtime import open_model
from export.scores import scores_from_npz
from export.verify import verify_bundle
from export.write import Form, export_bundle

FORMS = (
    Form(precision="fp16"),
    Form(precision="int8"),
    Form(uint8="NCHW"),
    Form(precision="int8", uint8="NHWC"),
    Form(layout="triton"),
    Form(layout="web"),
    Form(opset=21),
    Form(exporter="torch", precision="fp16"),
)


def contents(folder):
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.mark.parametrize("form", FORMS, ids=lambda form: f"{form.precision}-{form.uint8}-{form.layout}-{form.opset}")
def test_each_form_is_a_bundle_that_verifies_and_runs(form, make_subject, tmp_path):
    subject = make_subject("undercomplete")
    manifest = export_bundle(subject, tmp_path / "b", form=form)
    assert verify_bundle(tmp_path / "b").verified
    assert (manifest.precision, manifest.uint8, manifest.layout) == (form.precision, form.uint8, form.layout)
    assert manifest.versions["opset"] == form.opset
    assert (manifest.quality is None) == (form.precision == "fp32")
    model = open_model(read_bundle(tmp_path / "b"), "cpu")
    assert model.decode(model.code(subject.images[:3])).shape == subject.images[:3].shape


@pytest.mark.parametrize("form", FORMS[:6], ids=str)
def test_the_same_form_twice_gives_the_same_bytes_and_is_left_where_it_stands(form, make_subject, tmp_path):
    subject = make_subject("variational")
    for name in ("a", "b"):
        export_bundle(subject, tmp_path / name, form=form)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    before = (tmp_path / "a" / "manifest.json").stat().st_ino
    export_bundle(subject, tmp_path / "a", form=form)
    assert (tmp_path / "a" / "manifest.json").stat().st_ino == before


@pytest.mark.parametrize(
    ("form", "field"),
    [(Form(precision="fp16"), "precision"), (Form(uint8="NCHW"), "uint8"), (Form(layout="web"), "layout")],
    ids=["precision", "uint8", "layout"],
)
def test_another_form_is_another_bundle(form, field, make_subject, tmp_path):
    subject = make_subject()
    export_bundle(subject, tmp_path / "b")
    before = contents(tmp_path / "b")
    with pytest.raises(ToolError) as caught:
        export_bundle(subject, tmp_path / "b", form=form)
    assert caught.value.exit_code == 2
    assert field in caught.value.why
    assert contents(tmp_path / "b") == before


@pytest.mark.parametrize("opset", OPSETS)
def test_every_opset_is_written_as_asked_and_runs(opset, make_subject, tmp_path):
    export_bundle(make_subject("variational"), tmp_path / "b", form=Form(opset=opset))
    for name in ("encoder.onnx", "decoder.onnx"):
        model = onnx.load(tmp_path / "b" / name)
        assert [(one.domain, one.version) for one in model.opset_import] == [("", opset)]


@pytest.mark.parametrize(
    ("form", "says"),
    [
        (Form(opset=12), "--opset 12"),
        (Form(opset=26), "--opset 26"),
        (Form(opset=17, exporter="torch"), "--opset 17"),
        (Form(precision="fp8"), "fp8"),
        (Form(layout="tritn"), "tritn"),
    ],
    ids=str,
)
def test_what_does_not_exist_is_refused_before_anything_is_written(form, says, make_subject, tmp_path):
    with pytest.raises(ToolError) as caught:
        export_bundle(make_subject(), tmp_path / "b", form=form)
    assert caught.value.exit_code == 2
    assert says in caught.value.what
    assert not (tmp_path / "b").exists()


def test_points_have_no_bytes(make_subject, tmp_path):
    with pytest.raises(ToolError) as caught:
        export_bundle(make_subject("points", input_range=(-3.0, 3.0)), tmp_path / "b", form=Form(uint8="NCHW"))
    assert caught.value.exit_code == 2
    assert not (tmp_path / "b").exists()


def test_training_images_become_scores(make_subject, tmp_path):
    subject = make_subject("undercomplete")
    subject = make_subject("undercomplete", training_images=subject.images)
    manifest = export_bundle(subject, tmp_path / "b")
    assert "scores.npz" in manifest.files
    scores = scores_from_npz((tmp_path / "b" / "scores.npz").read_bytes())
    model = open_model(read_bundle(tmp_path / "b"), "cpu")
    errors = np.square(model.decode(model.code(subject.images)) - subject.images).mean(axis=(1, 2, 3))
    assert scores.error_percentile([errors.max() * 1.01]) == 100
    assert abs(float(scores.error_percentile([np.median(errors)])[0]) - 50) < 2


def test_a_manifest_without_the_later_fields_is_a_plain_bundle(bundle):
    path = bundle / "manifest.json"
    value = json.loads(path.read_text())
    for field in ("layout", "uint8", "quality"):
        del value[field]
    path.write_text(json.dumps(value))
    manifest = read_bundle(bundle).manifest
    assert (manifest.layout, manifest.uint8, manifest.quality) == ("plain", None, None)


def test_int8_sees_all_kinds_of_training_images_also_where_they_lie_one_kind_after_the_other(make_subject, tmp_path):
    images = np.random.default_rng(3).random((1600, 1, 8, 8), dtype=np.float32)
    images[:800] /= 100
    encoder, decoder = (nn.Linear(64, 64, bias=False) for _ in range(2))
    encoder.weight.data, decoder.weight.data = torch.eye(64), 0.8 * torch.eye(64)
    subject = make_subject(
        "undercomplete",
        encoder=nn.Sequential(nn.Flatten(), encoder),
        decoder=nn.Sequential(decoder, nn.Hardtanh(0, 1), nn.Unflatten(1, (1, 8, 8))),
        latent_dim=64,
        training_images=images,
        test_images=images[800:],
    )
    quality = export_bundle(subject, tmp_path / "b", form=Form(precision="int8")).quality
    assert quality["growth"] < 0.01
