import numpy as np
import pytest

from export.errors import ExitCode, ToolError
from trainer.data.survey import examine, survey

EMBEDDED = ["digits", "faces", "moons", "circles", "swiss-roll"]


def test_a_bare_machine_has_what_needs_no_file_and_says_how_to_get_the_rest():
    rows = {row.name: row for row in survey(None)}
    assert list(rows) == [*EMBEDDED, "fashion-mnist", "mnist"]
    for name in EMBEDDED:
        assert rows[name].state == "found"
        assert rows[name].do is None
    assert rows["mnist"].state == "absent"
    assert rows["mnist"].where is None
    assert "aetrain data mnist" in rows["mnist"].do
    assert "apt-get install dataset-fashion-mnist" in rows["fashion-mnist"].do


def test_what_is_found_is_counted_from_its_headers(tmp_path, write_idx_set):
    write_idx_set(tmp_path / "mnist", train=40, test=12)
    row = next(row for row in survey(tmp_path) if row.name == "mnist")
    assert (row.state, row.images, row.image_shape) == ("found", 52, (1, 5, 4))
    assert row.where == str(tmp_path / "mnist")


def test_damaged_files_are_shown_as_such(tmp_path, write_idx_set):
    write_idx_set(tmp_path / "mnist")
    (tmp_path / "mnist/train-images-idx3-ubyte.gz").write_bytes(b"rubbish")
    row = next(row for row in survey(tmp_path) if row.name == "mnist")
    assert row.state == "damaged"
    assert "no IDX file" in row.do


def test_a_named_set_that_is_not_the_published_one_is_refused(tmp_path, write_idx_set):
    write_idx_set(tmp_path)
    with pytest.raises(ToolError, match="is not the published mnist") as caught:
        examine("mnist", tmp_path)
    assert caught.value.exit_code == ExitCode.DAMAGED


def test_the_published_files_verify(shared_fashion_mnist):
    row = examine("fashion-mnist", shared_fashion_mnist)
    assert (row.state, row.images, row.image_shape) == ("verified", 70_000, (1, 28, 28))


@pytest.mark.parametrize("name", EMBEDDED)
def test_the_list_says_of_a_set_what_it_turns_out_to_be(name):
    listed = next(row for row in survey(None) if row.name == name)
    made = examine(name, None)
    assert made.state == "verified"
    assert (listed.name, listed.images, listed.image_shape) == (made.name, made.images, made.image_shape)


def test_digits_and_paths_are_read_and_described(tmp_path):
    assert (examine("digits", None).state, examine("digits", None).images) == ("verified", 1797)
    np.save(tmp_path / "a.npy", np.zeros((20, 3, 4, 5), np.uint8))
    row = examine(str(tmp_path / "a.npy"), None)
    assert (row.name, row.state, row.images, row.image_shape) == ("a", "found", 20, (3, 4, 5))
