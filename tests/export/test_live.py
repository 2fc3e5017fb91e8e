"""Live weights: fast, whole whenever somebody looks, and no pile of old folders."""

from __future__ import annotations

import hashlib
import os
import time

import numpy as np
import pytest
from torch import nn

from export.bundle import read_bundle
from export.errors import ToolError
from export.live import KEPT_S, write_live
from export.runtime import open_model


@pytest.fixture
def write(tmp_path, make_networks):
    built = make_networks("variational")

    def at(step):
        return write_live(
            encoder=built.encoder, decoder=built.decoder, name="run", variant="variational", arch="mlp",
            data="/home/somebody/pictures", step=step, image_shape=built.image_shape, latent_dim=built.latent_dim,
            link=tmp_path / "live",
        )  # fmt: skip

    return at


def folders(tmp_path):
    return sorted(path.name for path in tmp_path.iterdir())


def test_the_link_leads_to_the_newest_weights_and_the_last_ones_stay(write, tmp_path):
    for step in (100, 200, 300):
        assert 0 < write(step) < 5
        assert read_bundle(tmp_path / "live").manifest.step == step
    assert folders(tmp_path) == [".live-00000100", ".live-00000200", ".live-00000300", "live"]
    assert os.readlink(tmp_path / "live") == ".live-00000300"


def test_a_folder_goes_ten_seconds_after_it_was_replaced_not_after_it_was_written(write, tmp_path):
    write(1)
    long_ago = time.time() - 100 * KEPT_S
    os.utime(tmp_path / ".live-00000001", (long_ago, long_ago))
    write(2)
    assert (tmp_path / ".live-00000001").exists()
    os.utime(tmp_path / ".live-00000001", (long_ago, long_ago))
    write(3)
    assert folders(tmp_path) == [".live-00000002", ".live-00000003", "live"]


def test_what_a_killed_trainer_left_half_written_is_removed(write, tmp_path):
    half = tmp_path / "..live-00000007.abc.tmp"
    half.mkdir()
    write(1)
    assert half.exists()
    os.utime(half, (0, 0))
    write(2)
    assert not half.exists()


def test_the_same_step_may_come_twice(write, tmp_path):
    write(5)
    write(5)
    assert read_bundle(tmp_path / "live").manifest.step == 5
    assert folders(tmp_path) == [".live-00000005", ".live-00000005.1", "live"]


def test_a_reader_of_the_old_folder_is_not_disturbed(write, tmp_path):
    write(1)
    old = read_bundle(tmp_path / "live")
    write(2)
    assert (old.folder / "encoder.onnx").read_bytes() == old.encoder


def test_live_weights_run(write, tmp_path):
    write(1)
    latent, x_hat = open_model(read_bundle(tmp_path / "live"), "cpu").reconstruct(np.zeros((2, 1, 8, 8), np.float32))
    assert (latent.shape, x_hat.shape) == ((2, 3), (2, 1, 8, 8))


def test_the_manifest_says_that_they_are_not_verified_and_keeps_the_path_of_the_data_to_itself(write, tmp_path):
    write(1)
    manifest = read_bundle(tmp_path / "live").manifest
    assert not manifest.verified
    assert manifest.data == "pictures"
    for name, entry in manifest.files.items():
        data = (tmp_path / "live" / name).read_bytes()
        assert entry == {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)}


def test_a_network_that_cannot_be_lowered_leaves_the_last_weights(write, tmp_path):
    write(1)
    with pytest.raises(ToolError):
        write_live(
            encoder=nn.Hardswish(), decoder=nn.Hardswish(), name="n", variant="v", arch="a", data="d", step=2,
            image_shape=(1, 8, 8), latent_dim=3, link=tmp_path / "live",
        )  # fmt: skip
    assert folders(tmp_path) == [".live-00000001", "live"]
