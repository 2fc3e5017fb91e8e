import gzip
import hashlib
import shutil

import numpy as np
import pytest

from export.errors import ExitCode, ToolError
from trainer.data.catalog import FILES, IDX_SETS, IdxSet
from trainer.data.fetch import find_or_fetch, verify
from trainer.data.idx import read_idx
from trainer.data.load import load

FASHION = IDX_SETS["fashion-mnist"]


@pytest.fixture
def tiny(tmp_path, write_idx_set):
    """A published set: its files below ``server/tiny``, and what the catalog would say of it."""
    write_idx_set(tmp_path / "server/tiny")
    digests = [
        hashlib.sha256(gzip.decompress((tmp_path / f"server/tiny/{name}.gz").read_bytes())).hexdigest()
        for name in FILES
    ]
    return IdxSet(name="tiny", classes=tuple("0123456789"), sha256=tuple(digests), mirrors=())


def in_cache(tmp_path):
    return sorted(path.name for path in tmp_path.glob("cache/**/*") if path.is_file())


@pytest.mark.parametrize("base", ["", "/tiny"], ids=["a folder per set", "the files themselves"])
def test_a_set_is_fetched_once_and_then_found_in_the_cache(tmp_path, monkeypatch, serve, tiny, base, capsys):
    monkeypatch.setenv("AETUI_MIRROR", serve(tmp_path / "server") + base)
    files = find_or_fetch(tiny, None)
    assert files == tuple(tmp_path / f"cache/aetui/data/tiny/{name}.gz" for name in FILES)
    for file in files:
        assert file.read_bytes() == (tmp_path / "server/tiny" / file.name).read_bytes()
    assert "fetching http://127.0.0.1" in capsys.readouterr().err
    monkeypatch.setenv("AETUI_MIRROR", "http://127.0.0.1:9")
    assert find_or_fetch(tiny, None) == files
    assert capsys.readouterr().err == ""


def test_the_publishers_mirrors_are_asked_in_turn(tmp_path, monkeypatch, serve, tiny):
    monkeypatch.delenv("AETUI_MIRROR")
    mirrors = ("http://127.0.0.1:9", f"{serve(tmp_path / 'server')}/tiny")
    published = IdxSet(name="tiny", classes=tiny.classes, sha256=tiny.sha256, mirrors=mirrors)
    assert len(find_or_fetch(published, None)) == 4


def test_a_file_that_is_zipped_otherwise_passes(tmp_path, monkeypatch, serve, tiny):
    """Debian packs the same content with other bytes."""
    path = tmp_path / "server/tiny/train-images-idx3-ubyte.gz"
    path.write_bytes(gzip.compress(gzip.decompress(path.read_bytes()), 1, mtime=7))
    monkeypatch.setenv("AETUI_MIRROR", serve(tmp_path / "server"))
    find_or_fetch(tiny, None)


def test_a_wrong_checksum_is_refused_and_nothing_left(tmp_path, monkeypatch, serve, tiny):
    content = bytearray(gzip.decompress((tmp_path / "server/tiny/train-images-idx3-ubyte.gz").read_bytes()))
    content[100] ^= 1
    (tmp_path / "server/tiny/train-images-idx3-ubyte.gz").write_bytes(gzip.compress(content))
    monkeypatch.setenv("AETUI_MIRROR", serve(tmp_path / "server"))
    with pytest.raises(ToolError, match="wrong content") as caught:
        find_or_fetch(tiny, None)
    assert caught.value.exit_code == ExitCode.DAMAGED
    assert "sha256" in caught.value.why
    assert in_cache(tmp_path) == []


def test_what_was_right_before_a_wrong_file_is_kept_and_the_rest_fetched_later(tmp_path, monkeypatch, serve, tiny):
    broken = tmp_path / "server/tiny/t10k-labels-idx1-ubyte.gz"
    whole = broken.read_bytes()
    broken.write_bytes(b"<html>log in to the network first</html>")
    monkeypatch.setenv("AETUI_MIRROR", serve(tmp_path / "server"))
    with pytest.raises(ToolError, match="wrong content"):
        find_or_fetch(tiny, None)
    assert in_cache(tmp_path) == sorted(f"{name}.gz" for name in FILES[:3])
    broken.write_bytes(whole)
    assert len(find_or_fetch(tiny, None)) == 4


def test_a_truncated_download_is_refused_and_nothing_left(tmp_path, monkeypatch, serve, tiny):
    path = tmp_path / "server/tiny/train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-20])
    monkeypatch.setenv("AETUI_MIRROR", serve(tmp_path / "server"))
    with pytest.raises(ToolError, match="wrong content"):
        find_or_fetch(tiny, None)
    assert in_cache(tmp_path) == []


def test_a_mirror_that_sends_without_end_is_cut_off(tmp_path, monkeypatch, serve, tiny):
    (tmp_path / "server/tiny/train-images-idx3-ubyte.gz").unlink()
    with open(tmp_path / "server/tiny/train-images-idx3-ubyte.gz", "wb") as file:
        file.truncate(70 << 20)
    monkeypatch.setenv("AETUI_MIRROR", serve(tmp_path / "server"))
    with pytest.raises(ToolError, match="wrong content") as caught:
        find_or_fetch(tiny, None)
    assert "more than 64 MB" in caught.value.why


def test_a_server_that_is_down_gives_three_lines_that_name_every_place(tmp_path, monkeypatch):
    monkeypatch.setenv("AETUI_DATA", str(tmp_path / "environment"))
    (tmp_path / "given").mkdir()
    with pytest.raises(ToolError) as caught:
        load("fashion-mnist", data_dir=tmp_path / "given")
    assert caught.value.exit_code == ExitCode.USAGE
    text = str(caught.value)
    assert [line.split(":")[0] for line in text.split("\n")] == ["error", "why", "do"]
    for expected in (
        "fashion-mnist",
        f"--data-dir {tmp_path}/given",
        f"$AETUI_DATA {tmp_path}/environment",
        str(tmp_path / "shared"),
        str(tmp_path / "cache/aetui/data"),
        "http://127.0.0.1:9",
        "Connection refused",
        "apt-get install dataset-fashion-mnist",
        "$AETUI_MIRROR",
        "t10k-labels-idx1-ubyte",
    ):
        assert expected in text


def test_a_file_that_the_server_lacks_is_an_http_error(tmp_path, monkeypatch, serve, tiny):
    shutil.rmtree(tmp_path / "server/tiny")
    monkeypatch.setenv("AETUI_MIRROR", serve(tmp_path / "server"))
    with pytest.raises(ToolError, match="could not be fetched") as caught:
        find_or_fetch(tiny, None)
    assert "HTTP 404" in caught.value.why
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("mirror", ["not an address", "http://", "ftp://127.0.0.1", "file:///etc"])
def test_a_mirror_that_is_no_address_is_an_error_message(monkeypatch, tiny, mirror):
    monkeypatch.setenv("AETUI_MIRROR", mirror)
    with pytest.raises(ToolError, match="could not be fetched"):
        find_or_fetch(tiny, None)


def test_a_place_that_lacks_one_file_is_named_with_it(tmp_path, write_idx_set):
    write_idx_set(tmp_path / "given")
    (tmp_path / "given/train-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(ToolError) as caught:
        load("mnist", data_dir=tmp_path / "given")
    assert f"{tmp_path}/given (which lacks train-labels-idx1-ubyte)" in caught.value.why


def test_a_cache_that_is_a_file_is_an_error_message(tmp_path, monkeypatch, serve, tiny):
    monkeypatch.setenv("AETUI_MIRROR", serve(tmp_path / "server"))
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(ToolError, match="the system refused"):
        find_or_fetch(tiny, None)


def test_debians_fashion_mnist_is_the_published_one_and_can_be_served(
    tmp_path, monkeypatch, serve, shared_fashion_mnist
):
    monkeypatch.setenv("AETUI_MIRROR", serve(shared_fashion_mnist.parent))
    files = find_or_fetch(FASHION, None)
    assert files[0].parent == tmp_path / "cache/aetui/data/fashion-mnist"
    verify(FASHION, files)
    labels = read_idx(files[3], 1)
    np.testing.assert_array_equal(np.bincount(labels), [1000] * 10)


def test_files_that_are_not_the_published_ones_do_not_verify(tmp_path, write_idx_set):
    write_idx_set(tmp_path / "given")
    files = tuple(tmp_path / "given" / f"{name}.gz" for name in FILES)
    with pytest.raises(ToolError, match="is not the published fashion-mnist") as caught:
        verify(FASHION, files)
    assert caught.value.exit_code == ExitCode.DAMAGED
