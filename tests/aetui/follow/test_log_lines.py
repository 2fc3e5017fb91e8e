"""Lines become rows as ``json.loads`` makes them of each, whatever they hold."""

from __future__ import annotations

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aetui.follow.log_lines import rows_of

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**30), 10**30),
    st.floats(),
    st.text(max_size=8),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=2), st.integers(), max_size=2),
)
ROWS = st.dictionaries(st.sampled_from(("step", "split", "loss", "time", "{", "é")), VALUES, max_size=6)
LINES = st.one_of(
    st.fixed_dictionaries({"step": st.integers(), "split": st.just("train"), "loss": st.floats()}).map(json.dumps),
    ROWS.map(json.dumps),
    ROWS.map(lambda row: json.dumps(row, ensure_ascii=False)),
    st.text('{}[],:"1 aé\\', max_size=12).map(lambda text: text.replace("\n", "")),
).map(lambda line: line.encode("utf-8", "surrogatepass"))


def canonical(rows: list[dict[str, object]]) -> list[dict[str, object]]:
    """A whole number that is too long for 64 bits is a float for one of the two readers."""
    text = json.dumps(rows, sort_keys=True)
    return list(json.loads(text, parse_int=lambda digits: int(digits) if len(digits) < 17 else float(digits)))


@settings(max_examples=400, deadline=None)
@given(st.lists(LINES, max_size=8))
def test_rows_are_those_of_json_line_by_line(plain: Any, lines: list[bytes]) -> None:
    data = b"".join(line + b"\n" for line in lines)
    rows, bad = rows_of(data)
    expected, expected_bad = plain.rows(data)
    assert bad == expected_bad
    assert repr(canonical(rows)) == repr(canonical(expected))


@pytest.mark.parametrize(
    "lines",
    [
        b'{"step":1,"split":"a","x":[1\n{"step":2,"split":"a"}]}\n',
        b'{"step":1,"split":"a"},5\n{"step":2,"split":"a","x":[2\n{"step":3,"split":"a"}]}\n',
        b'{"step":1,"split":"a"},{"step":2,"split":"a"}\n',
        b'{"step":1,"split":"a"}]\n[{"step":2,"split":"a"}\n',
        b'{"step":1,"split":"a\n{"}\n',
        b'{"step":1,"split":"a"\n{"step":2}\n',
        b"\n",
        b"",
        b'\n{"step":1,"split":"a"}\n',
        b'{"step":1,"split":"a"}\n\n',
        b'{"step":1,"split":"{"}\n{"step":2,"split":"a"}\n',
        b'{"step":1,"split":"a"}\n{"step":NaN,"split":"a","loss":-Infinity}\n',
        b'{"step":1,"split":"\\ud800"}\n{"step":2,"split":"a\\u0000"}\n',
        b"\x00{\x00}\n\xff\xfe\n" + b"[" * 5000 + b"\n",
    ],
)
def test_lines_that_would_only_be_rows_together_are_none(plain: Any, lines: bytes) -> None:
    rows, bad = rows_of(lines)
    expected, expected_bad = plain.rows(lines)
    assert (repr(rows), bad) == (repr(expected), expected_bad)


def test_a_log_torn_at_any_byte_and_gone_on_with_has_the_rows_that_json_finds(plain: Any) -> None:
    text = b"".join(json.dumps({"step": step, "split": "train", "loss": 1 / 3}).encode() + b"\n" for step in (1, 2))
    for cut in range(len(text)):
        lines = text[:cut] + text
        assert rows_of(lines) == plain.rows(lines)


def test_many_rows_are_those_of_json() -> None:
    numbers = random.Random(0)
    rows = [{"step": step, "split": "train", "loss": numbers.gauss(0, 1e3)} for step in range(5000)]
    lines = "".join(json.dumps(row) + "\n" for row in rows).encode()
    assert rows_of(lines) == (rows, 0)
