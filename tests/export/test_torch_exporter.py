"""torch's exporter: the oracle for our lowering, and the way for layers that it does not know."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from torch import nn

from export.errors import ExitCode, ToolError
from export.graph import serialized
from export.lower import lower_decoder, lower_encoder
from export.runtime import open_session
from export.torch_exporter import export_decoder, export_encoder


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
from export.graph import serialized
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


def test_a_network_that_torch_cannot_export_is_an_error_and_nothing_is_printed(capfd):
    class Branching(nn.Module):
        def forward(self, x):
            return x.flatten(1) if x.sum() > float(x.mean()) else x.flatten(1) * 2

    with pytest.raises(ToolError, match=r"cannot write encoder\.onnx") as caught:
        export_encoder(Branching(), (1, 2, 2))
    assert caught.value.exit_code == ExitCode.FAILED
    assert capfd.readouterr().out == ""
