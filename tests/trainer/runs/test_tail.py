"""The tail of a file that another process writes, cuts, replaces and removes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainer.runs.tail import CHUNK_BYTES, Place, Tail


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "log"


def everything(tail: Tail) -> tuple[bytes, bool]:
    """All that is there now, and whether the tail started over."""
    data, restarted = b"", False
    while True:
        lines = tail.read()
        if lines.restarted:
            data, restarted = b"", True
        data += lines.data
        if not lines.more:
            return data, restarted


def test_half_a_line_is_not_handed_out_wherever_it_is_torn(path: Path) -> None:
    text = b"first\nsecond \xc3\xa9\n\nfourth\n"
    for cut in range(len(text) + 1):
        path.unlink(missing_ok=True)
        path.write_bytes(text[:cut])
        tail = Tail(path)
        first = everything(tail)[0]
        assert first == text[: text[:cut].rfind(b"\n") + 1]
        with open(path, "ab") as file:
            file.write(text[cut:])
        assert first + everything(tail)[0] == text


def test_an_unchanged_file_is_not_opened_again(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"whole\nhal")
    tail = Tail(path)
    everything(tail)
    monkeypatch.setattr("builtins.open", None)
    assert everything(tail) == (b"", False)


def test_a_line_that_is_too_long_is_handed_out_empty(path: Path) -> None:
    path.write_bytes(b"before\n" + b"\0" * (2 * CHUNK_BYTES))
    tail = Tail(path)
    assert everything(tail)[0] == b"before\n"
    assert tail.place is None
    with open(path, "ab") as file:
        file.write(b'{"step": 1}\nafter\n')
    assert everything(tail)[0] == b"\nafter\n"
    assert tail.place is not None
    assert tail.place.offset == path.stat().st_size


def test_a_tail_goes_on_from_a_place_of_another(path: Path) -> None:
    path.write_bytes(b"one\ntwo\n")
    before = Tail(path)
    everything(before)
    with open(path, "ab") as file:
        file.write(b"three\n")
    assert everything(Tail(path, before.place)) == (b"three\n", False)


@pytest.mark.parametrize("place", [Place(-5, 3, b"ne\n"), Place(0, 4, b"one\n"), Place(0, 99, b"one\n")])
def test_a_place_that_the_file_does_not_know_means_the_beginning(path: Path, place: Place) -> None:
    path.write_bytes(b"one\ntwo\n")
    assert everything(Tail(path, place)) == (b"one\ntwo\n", True)


def test_what_is_no_file_gives_nothing(path: Path) -> None:
    assert everything(Tail(path)) == (b"", False)
    path.mkdir()
    assert everything(Tail(path)) == (b"", False)
    path.rmdir()
    os.mkfifo(path)
    assert everything(Tail(path)) == (b"", False)


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_what_a_reader_holds_is_what_a_fresh_one_would_read(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    path = tmp_path_factory.mktemp("log") / "log"
    path.write_bytes(b"")
    tail, held = Tail(path), b""
    deeds = st.lists(st.sampled_from(("append", "tear", "cut", "replace", "remove")), max_size=14)
    for count, deed in enumerate(data.draw(deeds), 1):
        text = f"{count} {'x' * (count % 7)}".encode() * (1 + 5 * (count % 3))
        old = path.read_bytes() if path.exists() else b""
        if deed == "append":
            _append(path, text + b"\n")
        elif deed == "tear":
            _append(path, text)
        elif deed == "cut" and old:
            os.truncate(path, data.draw(st.integers(0, len(old) - 1)))
        elif deed == "replace":
            other = path.with_name("other")
            other.write_bytes(text + b"\n" + old)
            os.replace(other, path)
        elif deed == "remove":
            path.unlink(missing_ok=True)
        got, restarted = everything(tail)
        held = got if restarted else held + got
        assert held == everything(Tail(path))[0]


def _append(path: Path, text: bytes) -> None:
    with open(path, "ab") as file:
        file.write(text)
