from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from aetui.engine.protocol import (
    MOST_BODY_BYTES,
    PREFIX,
    Arrays,
    ProtocolError,
    pack,
    sizes,
    unpack,
)

dtypes = st.sampled_from([np.float32, np.int64, np.uint8])
shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=3)
some_arrays = st.dictionaries(st.text(max_size=8), hnp.arrays(dtypes, shapes), max_size=3)
some_headers = st.dictionaries(st.text(max_size=5).filter(lambda key: key != "arrays"), st.integers())


def split(frame: bytes) -> tuple[bytes, bytes]:
    header_bytes, body_bytes = sizes(frame[: PREFIX.size])
    rest = frame[PREFIX.size :]
    assert len(rest) == header_bytes + body_bytes
    return rest[:header_bytes], rest[header_bytes:]


@given(
    header=st.dictionaries(st.text(max_size=5).filter(lambda key: key != "arrays"), st.integers()), arrays=some_arrays
)
def test_a_frame_gives_back_what_was_packed(header: dict[str, int], arrays: Arrays) -> None:
    text, body = split(b"".join(pack(header, arrays)))
    found, unpacked = unpack(text, body)
    assert found == header
    assert list(unpacked) == list(arrays)
    for name, array in arrays.items():
        assert unpacked[name].dtype == array.dtype
        np.testing.assert_array_equal(unpacked[name], array)


def test_an_array_that_is_not_contiguous_arrives_in_order() -> None:
    array = np.arange(12, dtype=np.float32).reshape(3, 4).T
    text, body = split(b"".join(pack({}, {"a": array})))
    np.testing.assert_array_equal(unpack(text, body)[1]["a"], array)


@given(st.binary(min_size=PREFIX.size, max_size=PREFIX.size))
def test_a_prefix_that_is_not_ours_is_refused(prefix: bytes) -> None:
    with pytest.raises(ProtocolError):
        sizes(prefix)


def test_a_frame_too_large_to_be_true_is_refused_before_it_is_read() -> None:
    with pytest.raises(ProtocolError, match="too large"):
        sizes(PREFIX.pack(b"aee1", 10, MOST_BODY_BYTES + 1))


@pytest.mark.parametrize(
    "header",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff",
        b"[" * 100_000,
        json.dumps({"arrays": [{"name": "a", "dtype": "object", "shape": [1]}]}).encode(),
        json.dumps({"arrays": [{"name": "a", "dtype": "float32", "shape": [-1]}]}).encode(),
        json.dumps({"arrays": [{"name": "a", "dtype": "float32", "shape": [3]}]}).encode(),
        json.dumps({"arrays": [{"name": "a", "dtype": "float32", "shape": [1]}]}).encode(),
        json.dumps({"arrays": 3}).encode(),
    ],
)
def test_a_header_that_does_not_fit_its_body_is_refused(header: bytes) -> None:
    with pytest.raises(ProtocolError):
        unpack(header, b"12345678")


def test_an_object_array_is_never_sent() -> None:
    with pytest.raises(ProtocolError, match="object"):
        pack({}, {"a": np.array([None])})
