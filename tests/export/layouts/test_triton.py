"""The Triton model repository."""

from __future__ import annotations

import re

import onnx

from export.layouts.triton import triton_files
from export.write import Form, export_bundle


def test_each_graph_has_its_version_and_a_config_that_agrees_with_it(make_subject, tmp_path):
    form = Form(layout="triton", uint8="NHWC")
    manifest = export_bundle(make_subject("variational"), tmp_path / "b", form=form)
    for name in ("encoder", "decoder", "encoder_u8", "decoder_u8"):
        folder = tmp_path / "b" / "model_repository" / name
        graph = (folder / "1" / "model.onnx").read_bytes()
        assert graph == (tmp_path / "b" / f"{name}.onnx").read_bytes()
        assert f"model_repository/{name}/config.pbtxt" in manifest.files
        text = (folder / "config.pbtxt").read_text()
        model = onnx.load_model_from_string(graph)
        found = re.findall(r'name: "(\w+)" data_type: TYPE_(\w+) dims: \[ ([\d, ]+) \]', text)
        wanted = [
            (
                port.name,
                {1: "FP32", 2: "UINT8"}[port.type.tensor_type.elem_type],
                ", ".join(str(dim.dim_value) for dim in port.type.tensor_type.shape.dim[1:]),
            )
            for port in [*model.graph.input, *model.graph.output]
        ]
        assert found == wanted
        assert text.count("[") == text.count("]")
        assert text.count("{") == text.count("}")
        assert 'platform: "onnxruntime_onnx"' in text


def test_the_same_graphs_give_the_same_files(bundle):
    graphs = {name: (bundle / name).read_bytes() for name in ("encoder.onnx", "decoder.onnx")}
    assert triton_files(graphs) == triton_files(graphs)


def test_no_config_names_its_model_so_that_folders_can_be_renamed(bundle):
    files = triton_files({"encoder.onnx": (bundle / "encoder.onnx").read_bytes()})
    assert not re.search(r"^name:", files["model_repository/encoder/config.pbtxt"].decode(), re.MULTILINE)
