import os
import subprocess
import sys

import numpy as np
import pytest
from sklearn.datasets import load_digits

from export.errors import ExitCode, ToolError
from trainer.data.catalog import FILES
from trainer.data.load import load


def test_digits_are_scikit_learns_scaled_to_bytes():
    data = load("digits")
    pixels, digits = load_digits(return_X_y=True)
    assert (len(data.train), len(data.validation), len(data.test)) == (1536, 81, 180)
    assert data.image_shape == (1, 8, 8)
    assert data.classes == tuple("0123456789")
    for split in (data.train, data.validation, data.test):
        np.testing.assert_array_equal(split.labels, digits[split.index])
        np.testing.assert_allclose(split.pixels().reshape(-1, 64), pixels[split.index] / 16, atol=0.5 / 255)


def test_digits_are_the_same_through_scikit_learn_itself(monkeypatch):
    """The way that is taken where the package keeps its file elsewhere."""
    fast = load("digits")
    monkeypatch.setattr("pathlib.Path.is_file", lambda path: False)
    slow = load("digits")
    np.testing.assert_array_equal(slow.train.images, fast.train.images)
    np.testing.assert_array_equal(slow.train.labels, fast.train.labels)


def test_loading_the_default_needs_no_heavy_import(tmp_path):
    script = (
        "import sys; from trainer.data import survey; from trainer.data.load import load; load('digits')\n"
        "load('moons')\n"
        "print([name for name in ('torch', 'sklearn', 'PIL', 'pooch', 'textual', 'requests') if name in sys.modules])"
    )
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\n"


def test_fashion_mnist_keeps_its_own_test_part(monkeypatch, shared_fashion_mnist):
    data = load("fashion-mnist", data_dir=shared_fashion_mnist.parent)
    assert (len(data.train), len(data.validation), len(data.test)) == (57_000, 3000, 10_000)
    assert data.image_shape == (1, 28, 28)
    assert data.classes[9] == "Ankle boot"
    assert data.test.labels[:5].tolist() == [9, 2, 1, 1, 6]  # as everybody knows them
    assert data.test.index.tolist() == list(range(10_000))
    # Mean and deviation of the training images, as published in countless normalisations: 0.2860, 0.3530.
    pixels = np.concatenate([data.train.images, data.validation.images]) / 255
    assert pixels.mean() == pytest.approx(0.2860, abs=1e-4)
    assert pixels.std() == pytest.approx(0.3530, abs=1e-4)


def test_images_and_labels_can_be_written_to(tmp_path, write_idx_set):
    """torch warns of arrays that cannot."""
    write_idx_set(tmp_path)
    data = load("mnist", data_dir=tmp_path)
    for split in (data.train, data.validation, data.test):
        assert split.images.flags.writeable
        assert split.labels.flags.writeable


def test_pixels_are_bytes_divided_by_255(tmp_path, write_idx_set):
    write_idx_set(tmp_path)
    test = load("mnist", data_dir=tmp_path).test
    assert test.pixels().dtype == np.float32
    np.testing.assert_array_equal(test.pixels(), test.images.astype(np.float32) / np.float32(255))
    np.testing.assert_array_equal(test.pixels(slice(2, 4)), test.pixels()[2:4])


def test_validation_is_taken_from_the_training_part_only(tmp_path, write_idx_set):
    train, _, test, _ = write_idx_set(tmp_path)
    data = load("mnist", data_dir=tmp_path, validation=0.25)
    assert (len(data.train), len(data.validation)) == (30, 10)
    assert sorted([*data.train.index, *data.validation.index]) == list(range(40))
    np.testing.assert_array_equal(data.validation.images[:, 0], train[data.validation.index])
    np.testing.assert_array_equal(data.test.images[:, 0], test)


@pytest.mark.parametrize(
    ("number", "array", "why"),
    [
        (1, np.zeros(39, np.uint8), "39 labels for 40 images"),
        (3, np.full(12, 10, np.uint8), "label 10"),
        (2, np.zeros((12, 5, 5), np.uint8), "12, 5, 5"),
        (2, np.zeros((0, 5, 4), np.uint8), "labels for 0 images"),
        (0, np.zeros((40, 5), np.uint8), "in 3 dimensions"),
    ],
)
def test_files_that_do_not_fit_each_other_are_damaged(tmp_path, write_idx_set, idx_bytes, number, array, why):
    write_idx_set(tmp_path, gz=False)
    (tmp_path / FILES[number]).write_bytes(idx_bytes(array))
    with pytest.raises(ToolError, match="cannot be read") as caught:
        load("mnist", data_dir=tmp_path)
    assert caught.value.exit_code == ExitCode.DAMAGED
    assert why in caught.value.why


@pytest.mark.parametrize(
    ("data", "guess"),
    [
        ("dgits", "digits"),
        ("fashion_mnist", "fashion-mnist"),
        ("FashionMNIST", "fashion-mnist"),
        ("photographs", "a folder"),
    ],
)
def test_an_unknown_name_is_an_error_that_names_the_nearest(data, guess, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ToolError) as caught:
        load(data)
    assert caught.value.exit_code == ExitCode.USAGE
    assert "digits, faces, moons, circles, swiss-roll, fashion-mnist, mnist" in caught.value.why
    assert guess in caught.value.do


@pytest.mark.parametrize("data", ["/nowhere/photos", "photos/", "a.npy", "x" * 300, "a\0b.npy"])
def test_a_path_that_is_not_there_is_an_error_message(data, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ToolError):
        load(data)


@pytest.mark.parametrize("name", ["a.txt", "a.pt", "photo.png", "fifo.npy"])
def test_a_file_of_another_kind_is_refused(tmp_path, name):
    if name == "fifo.npy":
        os.mkfifo(tmp_path / name)
    else:
        (tmp_path / name).write_bytes(b"\x80\x04.")
    with pytest.raises(ToolError, match="is no data set") as caught:
        load(str(tmp_path / name))
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("data", ["digits", "faces", "moons", "mnist", "a.npy"])
@pytest.mark.parametrize("option", [{"image_size": 16}, {"channels": 3}], ids=["--image-size", "--channels"])
def test_a_flag_without_effect_is_refused(tmp_path, monkeypatch, data, option):
    monkeypatch.chdir(tmp_path)
    np.save("a.npy", np.zeros((20, 4, 4), np.uint8))
    with pytest.raises(ToolError, match="has no effect"):
        load(data, **option)


def test_channels_other_than_gray_and_rgb_are_refused(tmp_path):
    with pytest.raises(ToolError, match="--channels 4"):
        load(str(tmp_path), channels=4)


def test_a_named_set_comes_before_a_folder_of_its_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    assert load("digits").source.startswith("scikit-learn")
    with pytest.raises(ToolError, match="holds no images"):
        load("./digits")


def test_a_file_that_may_not_be_read_is_an_error_message(tmp_path):
    (tmp_path / "a.npy").symlink_to("/proc/self/mem")
    with pytest.raises(ToolError):
        load(str(tmp_path / "a.npy"))
