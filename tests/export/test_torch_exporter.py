"""torch's exporter: the oracle for our lowering, and the way for layers that it does not know."""

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
from export.graph import serialized
from export.layers import Heads
from export.lower import lower_decoder, lower_encoder
from export.runtime import open_model, open_session
from export.torch_exporter import export_decoder, export_encoder
from export.verify import verify_bundle
from export.write import Form, export_bundle


def run(model, values):
    session = open_session(serialized(model), ["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: values})


def ports(model):
    return [
        (port.name, [dim.dim_param or dim.dim_value for dim in port.type.tensor_type.shape.dim])
        for port in (*model.graph.input, *model.graph.output)
    ]


@pytest.mark.parametrize("kind", ["variational", "lecture", "sparse"])
def test_both_exporters_agree_in_names_shapes_and_numbers(kind, make_networks):
    built = make_networks(kind)
    ours = lower_encoder(built.encoder, built.image_shape)
    theirs = export_encoder(built.encoder.eval(), built.image_shape)
    assert ports(ours) == ports(theirs)
    assert ours.metadata_props == theirs.metadata_props
    images = built.images(9)
    codes = run(ours, images)
    for found, wanted in zip(codes, run(theirs, images), strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-6)
    ours = lower_decoder(built.decoder, built.latent_dim, built.image_shape)
    theirs = export_decoder(built.decoder.eval(), built.latent_dim, built.image_shape)
    assert ports(ours) == ports(theirs)
    np.testing.assert_allclose(run(ours, codes[0])[0], run(theirs, codes[0])[0], rtol=0, atol=1e-6)


_DIGEST = """
import hashlib, runpy, sys
from export.bundle import read_bundle
from export.graph import serialized
from export.layers import Heads
from export.torch_exporter import export_encoder
built = runpy.run_path(sys.argv[1])["networks"]("variational")
print(hashlib.sha256(serialized(export_encoder(built.encoder.eval(), built.image_shape))).hexdigest())
"""


def test_its_files_are_cleaned_and_repeat_in_another_process(make_networks, tmp_path):
    built = make_networks("variational")
    model = export_encoder(built.encoder.eval(), built.image_shape)
    onnx.checker.check_model(model, full_check=True)
    assert not model.graph.value_info
    assert not any(node.metadata_props or node.doc_string for node in model.graph.node)
    assert b"/" not in b"".join(node.name.encode() for node in model.graph.node)
    environment = {**os.environ, "PYTHONHASHSEED": "99"}
    command = [sys.executable, "-c", _DIGEST, str(Path(__file__).with_name("conftest.py"))]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hashlib.sha256(serialized(model)).hexdigest()


class Attentive(nn.Module):
    """What our lowering does not know: attention between rows, layer norm, GELU, a way around."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(8)
        self.query, self.key, self.value = (nn.Linear(8, 8) for _ in range(3))

    def forward(self, x):
        rows = self.norm(x.squeeze(1))
        weights = (self.query(rows) @ self.key(rows).transpose(1, 2) / 8**0.5).softmax(dim=-1)
        return nn.functional.gelu(rows + weights @ self.value(rows)).flatten(1)


def test_a_module_that_we_do_not_know_becomes_a_bundle_under_the_same_contract(make_subject, tmp_path):
    torch.manual_seed(1)
    encoder = nn.Sequential(Attentive(), Heads({"mean": nn.Linear(64, 3), "log_variance": nn.Linear(64, 3)}))
    subject = make_subject("variational", encoder=encoder)
    with pytest.raises(ToolError, match="Attentive") as caught:
        export_bundle(subject, tmp_path / "native")
    assert "--exporter torch" in caught.value.do
    assert not (tmp_path / "native").exists()
    for name in ("a", "b"):
        manifest = export_bundle(subject, tmp_path / name, form=Form(exporter="torch"))
    assert list(manifest.heads) == ["mean", "log_variance"]
    assert verify_bundle(tmp_path / "a").self_test
    files = [(tmp_path / name / "encoder.onnx").read_bytes() for name in ("a", "b")]
    assert files[0] == files[1]
    assert not re.search(rb"\.py|/(home|root|tmp|usr|work|Users)/|Attentive|stack_trace", files[0])
    model = onnx.load_model_from_string(files[0])
    assert [(opset.domain, opset.version) for opset in model.opset_import] == [("", 18)]
    assert model.ir_version == 10
    model = open_model(read_bundle(tmp_path / "a"), "cpu")
    assert [model.code(subject.images[:count]).shape for count in (0, 1, 5)] == [(0, 3), (1, 3), (5, 3)]


def test_a_network_that_torch_cannot_export_is_an_error_and_nothing_is_printed(capfd):
    class Branching(nn.Module):
        def forward(self, x):
            return x.flatten(1) if x.sum() > float(x.mean()) else x.flatten(1) * 2

    with pytest.raises(ToolError, match=r"cannot write encoder\.onnx") as caught:
        export_encoder(Branching(), (1, 2, 2))
    assert caught.value.exit_code == ExitCode.FAILED
    assert capfd.readouterr().out == ""
