import gzip
import re
import struct
import time
import zlib

import numpy as np
import pytest

from export.errors import ExitCode, ToolError
from trainer.data.idx import idx_shape, parse_idx, read_idx, unpack

ARRAY = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)
FILE = bytes.fromhex("00000803 00000003 00000004 00000005") + ARRAY.tobytes()


@pytest.mark.parametrize(
    "data", [FILE, gzip.compress(FILE, mtime=0), gzip.compress(FILE, 0, mtime=0)], ids=["plain", "gz", "stored"]
)
def test_an_idx_file_is_read_plain_or_zipped(tmp_path, data):
    path = tmp_path / "images"
    path.write_bytes(data)
    np.testing.assert_array_equal(read_idx(path, 3), ARRAY)
    assert idx_shape(path, 3) == (3, 4, 5)


def test_labels_have_one_dimension():
    np.testing.assert_array_equal(parse_idx(bytes.fromhex("00000801 00000003 070809"), 1, "x"), [7, 8, 9])


def zipped_with(change):
    return change(gzip.compress(FILE, mtime=0))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "no IDX file"),
        (b"hello, I am no IDX file at all", "no IDX file"),
        (FILE[:10], "no IDX file"),
        (FILE[:-1], "truncated"),
        (FILE + b"\0", "too long"),
        (bytes.fromhex("00000d03") + FILE[4:], "no IDX file of uint8"),
        (bytes.fromhex("00000801") + FILE[4:], "in 3 dimensions"),
        (zipped_with(lambda data: data[:12]), "truncated|no IDX file"),
        (zipped_with(lambda data: data[:-9]), "truncated"),
        (zipped_with(lambda data: data[:-1]), "truncated"),
        (zipped_with(lambda data: data[:-8] + bytes(4) + data[-4:]), "damaged"),
        (gzip.compress(FILE[:-1], mtime=0), "truncated"),
        (gzip.compress(FILE + b"\0", mtime=0), "too long"),
        (b"\x1f\x8b" + b"rubbish" * 9, "damaged"),
    ],
)
def test_a_damaged_idx_file_is_named_and_explained(tmp_path, data, why):
    path = tmp_path / "images"
    path.write_bytes(data)
    with pytest.raises(ToolError, match="images cannot be read") as caught:
        read_idx(path, 3)
    assert caught.value.exit_code == ExitCode.DAMAGED
    assert re.search(why, caught.value.why)


def test_a_header_that_promises_terabytes_costs_nothing(tmp_path):
    path = tmp_path / "images"
    path.write_bytes(gzip.compress(struct.pack(">4B3I", 0, 0, 8, 3, 2**31, 2**10, 2**10) + bytes(100)))
    before = time.perf_counter()
    with pytest.raises(ToolError, match="cannot be read") as caught:
        read_idx(path, 3)
    assert time.perf_counter() - before < 1
    assert caught.value.exit_code == ExitCode.DAMAGED


def test_a_gzip_bomb_is_refused_by_its_header():
    content = struct.pack(">4B3I", 0, 0, 8, 3, 200, 1000, 1000) + bytes(200_000_000)
    with pytest.raises(ToolError, match="cannot be read") as caught:
        unpack(gzip.compress(content), 3, "bomb.gz")
    assert "decompression bomb" in caught.value.why


def test_a_gzip_that_unpacks_to_more_than_its_header_says_is_not_unpacked():
    packer = zlib.compressobj(1, wbits=31)
    data = packer.compress(FILE) + b"".join(packer.compress(bytes(1 << 20)) for _ in range(64)) + packer.flush()
    assert len(unpack(data, 3, "x")) == len(FILE) + 1
