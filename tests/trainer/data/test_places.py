import os
from pathlib import Path

import numpy as np
import pytest

from export.errors import ExitCode, ToolError
from trainer.data.catalog import IDX_SETS
from trainer.data.load import load
from trainer.data.places import cache_folder, find, places

FASHION = IDX_SETS["fashion-mnist"]


def roots(tmp_path):
    """The four places in the order of the search."""
    return [tmp_path / "given", tmp_path / "environment", tmp_path / "shared", tmp_path / "cache/aetui/data"]


@pytest.mark.parametrize("place", range(4), ids=["--data-dir", "$AETUI_DATA", "shared", "cache"])
@pytest.mark.parametrize("folder", [".", "fashion-mnist"], ids=["itself", "sub-folder"])
@pytest.mark.parametrize("gz", [True, False], ids=["gz", "plain"])
def test_a_set_is_found_in_every_place(tmp_path, monkeypatch, write_idx_set, place, folder, gz):
    monkeypatch.setenv("AETUI_DATA", str(tmp_path / "environment"))
    (tmp_path / "given").mkdir()
    arrays = write_idx_set(roots(tmp_path)[place] / folder, gz=gz)
    data = load("fashion-mnist", data_dir=tmp_path / "given", validation=0)
    np.testing.assert_array_equal(data.train.images[:, 0], arrays[0])
    np.testing.assert_array_equal(data.train.labels, arrays[1])
    np.testing.assert_array_equal(data.test.images[:, 0], arrays[2])
    np.testing.assert_array_equal(data.test.labels, arrays[3])
    assert Path(data.source) == roots(tmp_path)[place] / folder


def test_an_earlier_place_hides_the_later_ones(tmp_path, monkeypatch, write_idx_set):
    monkeypatch.setenv("AETUI_DATA", str(tmp_path / "environment"))
    for root in roots(tmp_path):
        write_idx_set(root / "mnist")
    for root in roots(tmp_path):
        given = tmp_path / "given" if (tmp_path / "given").exists() else None
        assert load("mnist", data_dir=given).source == str(root / "mnist")
        for file in (root / "mnist").iterdir():
            file.unlink()
        (root / "mnist").rmdir()
        if root == tmp_path / "given":
            root.rmdir()


def test_a_place_that_lacks_a_file_is_passed_over(tmp_path, write_idx_set):
    write_idx_set(tmp_path / "given")
    (tmp_path / "given/t10k-labels-idx1-ubyte.gz").unlink()
    assert find(FASHION, places(tmp_path / "given")) is None
    write_idx_set(tmp_path / "shared")
    files = find(FASHION, places(tmp_path / "given"))
    assert files is not None
    assert files[0].parent == tmp_path / "shared"


def test_a_fifo_in_place_of_a_file_does_not_hang_the_search(tmp_path, write_idx_set):
    write_idx_set(tmp_path / "given")
    (tmp_path / "given/train-images-idx3-ubyte.gz").unlink()
    os.mkfifo(tmp_path / "given/train-images-idx3-ubyte.gz")
    assert find(FASHION, places(tmp_path / "given")) is None


def test_the_files_of_another_set_are_not_taken_for_this_one(tmp_path, shared_fashion_mnist):
    """All sets use the same file names, so a folder of them could be any."""
    given = places(shared_fashion_mnist)
    assert find(IDX_SETS["mnist"], given) is None
    assert find(FASHION, given) is not None


@pytest.mark.parametrize("kind", ["absent", "file"])
def test_a_data_dir_that_is_no_folder_is_refused(tmp_path, kind):
    path = tmp_path / "x"
    if kind == "file":
        path.touch()
    with pytest.raises(ToolError, match=r"--data-dir .* is not a folder") as caught:
        load("mnist", data_dir=path)
    assert caught.value.exit_code == ExitCode.USAGE


def test_the_cache_follows_the_xdg_rules():
    assert cache_folder({"XDG_CACHE_HOME": "/x"}) == Path("/x/aetui/data")
    home = Path.home() / ".cache/aetui/data"
    assert cache_folder({}) == cache_folder({"XDG_CACHE_HOME": ""}) == cache_folder({"XDG_CACHE_HOME": "x"}) == home
