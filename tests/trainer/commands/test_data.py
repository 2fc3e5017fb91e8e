import json

import numpy as np
import pytest

from trainer.commands.data import data


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("AETUI_DATA", raising=False)
    monkeypatch.setattr("trainer.data.places.SHARED", tmp_path / "shared")


def test_the_list_goes_to_stdout_and_the_hint_to_stderr(capsys):
    data()
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines()] == [
        "data", "digits", "faces", "moons", "circles", "swiss-roll", "fashion-mnist", "mnist",
    ]  # fmt: skip
    assert "3×32×32" in out
    assert "1×28×28" in out
    assert "\x1b" not in out
    assert "folder of images" in err


def test_json_is_a_list_of_objects(capsys):
    data(json=True)
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert rows[0]["name"] == "digits"
    assert rows[0]["images"] == 1797
    assert rows[-1]["state"] == "absent"
    assert err == ""


def test_a_set_that_is_computed_is_described(capsys):
    data("moons", json=True)
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["name"], row["state"], row["images"], row["image_shape"]) == ("moons", "verified", 10_000, [1, 1, 2])


def test_with_a_name_one_is_described(capsys, tmp_path):
    np.save(tmp_path / "a\x1b.npy", np.zeros((20, 4, 4), np.uint8))
    data(str(tmp_path / "a\x1b.npy"))
    out = capsys.readouterr().out
    assert "1×4×4" in out
    assert "a␛" in out
    assert "\x1b" not in out
