"""Reading bundles that are whole, and refusing the others."""

from __future__ import annotations

import json
import os

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from export.bundle import is_bundle, read_bundle
from export.errors import ExitCode, ToolError
from export.live import write_live


def refused(folder, match=None):
    with pytest.raises(ToolError, match=match) as caught:
        read_bundle(folder)
    assert caught.value.exit_code == ExitCode.DAMAGED
    return caught.value


def edit_manifest(folder, **changes):
    path = folder / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_a_whole_bundle_is_read(bundle):
    found = read_bundle(bundle)
    assert found.encoder == (bundle / "encoder.onnx").read_bytes()
    assert found.decoder == (bundle / "decoder.onnx").read_bytes()
    assert found.manifest.heads == {"mean": (3,), "log_variance": (3,)}
    assert (found.manifest.image_shape, found.manifest.latent_dim) == ((1, 8, 8), 3)
    assert found.manifest.verified
    assert found.manifest.test_mse == 0.0123
    assert found.manifest.images == {"test": 180, "training": 76}
    assert found.probe_path.is_file()


def test_live_weights_are_read_through_their_link(tmp_path, make_networks):
    built = make_networks("sparse")
    write_live(
        encoder=built.encoder, decoder=built.decoder, name="n", variant="sparse", arch="mlp", data="digits", step=9,
        image_shape=built.image_shape, latent_dim=built.latent_dim, link=tmp_path / "live",
    )  # fmt: skip
    assert is_bundle(tmp_path / "live")
    found = read_bundle(tmp_path / "live")
    assert (found.manifest.step, found.manifest.verified) == (9, False)
    assert found.folder.name == ".live-00000009"


@pytest.mark.parametrize("name", ["encoder.onnx", "decoder.onnx"])
@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[:-40],
        lambda data: data[:-40] + bytes([data[-40] ^ 1]) + data[-39:],
        lambda data: b"",
        lambda data: data + b"\0",
        lambda data: data[::-1],
    ],
    ids=["truncated", "one bit", "empty", "longer", "other bytes of the same size"],
)
def test_a_graph_that_changed_is_refused(bundle, name, harm):
    (bundle / name).write_bytes(harm((bundle / name).read_bytes()))
    error = refused(bundle, name)
    assert str(bundle) in error.what


def test_one_bit_anywhere_in_a_graph_is_found(bundle):
    whole = (bundle / "encoder.onnx").read_bytes()
    for position in range(0, len(whole), 97):
        harmed = bytearray(whole)
        harmed[position] ^= 0x10
        (bundle / "encoder.onnx").write_bytes(harmed)
        refused(bundle, "sha256")


@pytest.mark.parametrize("name", ["encoder.onnx", "decoder.onnx", "manifest.json"])
def test_a_missing_file_is_named(bundle, name):
    (bundle / name).unlink()
    refused(bundle, f"{name} is missing")


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"null", b"\xff\xfe\x00", b"[" * 100_000, b'{"name": "a web page"}']
)
def test_a_garbled_or_foreign_manifest_is_refused(bundle, text):
    (bundle / "manifest.json").write_bytes(text)
    refused(bundle, "manifest.json")


def test_a_huge_manifest_is_not_read(bundle):
    os.truncate(bundle / "manifest.json", 1 << 32)
    refused(bundle, "bytes")


def test_a_newer_bundle_asks_for_an_upgrade(bundle):
    edit_manifest(bundle, schema=2)
    assert "upgrade" in refused(bundle).what


@pytest.mark.parametrize(
    "changes",
    [
        {"schema": "1"},
        {"schema": True},
        {"schema": 0},
        {"name": 3},
        {"image_shape": [1, 8]},
        {"image_shape": [1, 8, -8]},
        {"image_shape": [1, 8, 8.0]},
        {"latent_dim": 0},
        {"latent_dim": 4},
        {"latent_dim": 1 << 70},
        {"heads": {}},
        {"heads": {"mean": 3}},
        {"heads": ["mean"]},
        {"input_range": [0]},
        {"step": -1},
        {"step": None},
        {"verified": 1},
        {"test_mse": "small"},
        {"metrics": []},
        {"parity": 0},
        {"images": {"test": "all"}},
        {"versions": None},
        {"files": {}},
        {"files": []},
        {"files": {"encoder.onnx": {"sha256": "0" * 64}}},
        {"files": {"encoder.onnx": {"sha256": "0" * 63, "bytes": 1}}},
        {"files": {"encoder.onnx": {"sha256": "0" * 64, "bytes": True}}},
    ],
    ids=str,
)
def test_a_manifest_with_a_wrong_field_is_refused(bundle, changes):
    edit_manifest(bundle, **changes)
    refused(bundle)


@pytest.mark.parametrize("field", ["name", "image_shape", "heads", "verified", "files"])
def test_a_manifest_without_a_field_is_refused(bundle, field):
    path = bundle / "manifest.json"
    value = json.loads(path.read_text())
    del value[field]
    path.write_text(json.dumps(value))
    refused(bundle, f"{field} is missing")


@pytest.mark.parametrize(
    "changes",
    [
        {"image_shape": [1, 4, 16]},
        {"latent_dim": 5, "heads": {"mean": [5], "log_variance": [5]}},
        {"heads": {"latent": [3]}},
        {"heads": {"log_variance": [3], "mean": [3]}},
    ],
    ids=str,
)
def test_a_manifest_that_disagrees_with_its_graphs_is_refused(bundle, changes):
    edit_manifest(bundle, **changes)
    refused(bundle, "the manifest says")


@pytest.mark.parametrize(
    "name",
    [
        "../encoder.onnx",
        "/etc/passwd",
        "a/../../x",
        "",
        ".",
        "a//b",
        "a\\..\\b",
        "C:x",
        "a\x00b",
        "\x1b[31m",
        "ü",
        "x" * 300,
    ],
)
def test_names_that_lead_out_of_the_bundle_are_refused(bundle, name):
    files = json.loads((bundle / "manifest.json").read_text())["files"]
    edit_manifest(bundle, files={**files, name: files["encoder.onnx"]})
    error = refused(bundle, "plain relative names")
    assert "\x1b" not in str(error)


@pytest.mark.parametrize("name", ["encoder.onnx", "manifest.json"])
def test_a_link_out_of_the_bundle_is_not_followed(bundle, tmp_path, name):
    (bundle / name).rename(tmp_path / "outside")
    (bundle / name).symlink_to(tmp_path / "outside")
    refused(bundle, "leads out of the bundle")


def test_a_pipe_in_place_of_a_graph_does_not_hang(bundle):
    (bundle / "encoder.onnx").unlink()
    os.mkfifo(bundle / "encoder.onnx")
    refused(bundle, "not a regular file")


def test_a_folder_in_place_of_a_graph_is_refused(bundle):
    (bundle / "decoder.onnx").unlink()
    (bundle / "decoder.onnx").mkdir()
    refused(bundle, r"decoder\.onnx")


@pytest.mark.parametrize("content", [b"", b"\x08\x0a", b"PK\x03\x04 a zip", b"\xff" * 200, b"{}"])
def test_a_file_that_is_no_onnx_is_refused_though_its_hash_fits(bundle, forge, content):
    forge(bundle, "encoder.onnx", content)
    refused(bundle, "not an ONNX file")


def foreign(nodes, weights=(), functions=(), domains=("",)):
    ports = [helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", 1, 8, 8])]
    results = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", 3]) for name in ("mean", "log_variance")
    ]
    graph = helper.make_graph(nodes, "g", ports, results, weights)
    imports = [helper.make_opsetid(domain, 18 if domain == "" else 1) for domain in domains]
    return helper.make_model(graph, opset_imports=imports, functions=functions, ir_version=10)


def test_a_graph_of_another_program_is_refused(bundle, forge):
    port = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, 2])
    result = helper.make_tensor_value_info("y", TensorProto.FLOAT, [None, 2])
    model = helper.make_model(helper.make_graph([helper.make_node("Relu", ["x"], ["y"])], "g", [port], [result]))
    forge(bundle, "encoder.onnx", model.SerializeToString())
    refused(bundle, "the manifest says")


def test_foreign_operator_domains_are_refused(bundle, forge):
    node = helper.make_node("Anything", ["image"], ["mean"], domain="com.evil")
    forge(bundle, "encoder.onnx", foreign([node]).SerializeToString())
    refused(bundle, "foreign domain 'com.evil'")
    forge(
        bundle,
        "encoder.onnx",
        foreign([helper.make_node("Relu", ["image"], ["y"])], domains=("", "x.y")).SerializeToString(),
    )
    refused(bundle, "foreign domain 'x.y'")


def test_foreign_operators_inside_a_branch_are_refused(bundle, forge):
    inner = helper.make_graph([helper.make_node("Anything", [], ["y"], domain="com.evil")], "inner", [], [])
    node = helper.make_node("If", ["image"], ["mean"], then_branch=inner, else_branch=inner)
    forge(bundle, "encoder.onnx", foreign([node]).SerializeToString())
    refused(bundle, "foreign domain")


def test_functions_are_refused(bundle, forge):
    function = helper.make_function(
        "", "Relu", ["x"], ["y"], [helper.make_node("Exp", ["x"], ["y"])], [helper.make_opsetid("", 18)]
    )
    model = foreign([helper.make_node("Relu", ["image"], ["mean"])], functions=[function])
    forge(bundle, "encoder.onnx", model.SerializeToString())
    refused(bundle, "functions")


@pytest.mark.parametrize("place", ["weight", "attribute", "branch"])
def test_external_data_is_refused_wherever_it_hides(bundle, forge, place):
    weight = numpy_helper.from_array(np.zeros(3, np.float32), "w")
    weight.ClearField("raw_data")
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../../../etc/passwd")
    if place == "weight":
        model = foreign([helper.make_node("Relu", ["w"], ["mean"])], [weight])
    else:
        node = helper.make_node("Constant", [], ["y"])
        node.attribute.append(onnx.AttributeProto(name="value", type=onnx.AttributeProto.TENSOR, t=weight))
        if place == "branch":
            inner = helper.make_graph([node], "inner", [], [])
            node = helper.make_node("If", ["image"], ["mean"], then_branch=inner, else_branch=inner)
        model = foreign([node])
    forge(bundle, "encoder.onnx", model.SerializeToString())
    refused(bundle, "external data")


def test_a_fixed_batch_is_refused(bundle, forge):
    model = onnx.load_model_from_string((bundle / "encoder.onnx").read_bytes())
    model.graph.input[0].type.tensor_type.shape.dim[0].dim_value = 1
    forge(bundle, "encoder.onnx", model.SerializeToString())
    refused(bundle, "fixed batch")


def test_what_is_no_bundle_at_all_is_a_matter_of_usage(tmp_path, bundle):
    (tmp_path / "empty").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    for path in (tmp_path / "nowhere", tmp_path / "empty", bundle / "encoder.onnx", tmp_path / "loop"):
        assert not is_bundle(path)
        with pytest.raises(ToolError, match="is not a bundle") as caught:
            read_bundle(path)
        assert caught.value.exit_code == ExitCode.USAGE


def test_a_run_given_for_a_bundle_names_the_bundle(tmp_path, bundle):
    (tmp_path / "run" / "export").mkdir(parents=True)
    bundle.rename(tmp_path / "run" / "export" / "fp32")
    with pytest.raises(ToolError) as caught:
        read_bundle(tmp_path / "run")
    assert str(tmp_path / "run" / "export" / "fp32") in caught.value.do
