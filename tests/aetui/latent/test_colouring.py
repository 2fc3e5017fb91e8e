"""What the dots of a map are coloured by."""

from __future__ import annotations

import numpy as np

from aetui.latent.colouring import binned, colourings


def test_classes_come_first_then_the_attributes() -> None:
    attributes = np.array([[0, 1], [1, 1], [0.5, 1]], np.float32)
    found = colourings(np.array([3, -1, 5]), attributes, ["smile"], lambda label: f"class {label}")
    assert [one.title for one in found] == ["class", "smile", "attribute 2"]
    assert found[0].group.tolist() == [0, -1, 1]
    assert found[0].names == ("class 3", "class 5")
    assert not found[0].ordered
    assert found[1].ordered


def test_without_labels_and_attributes_there_is_one_colouring_by_nothing() -> None:
    [found] = colourings(np.array([-1, -1]), None, [], str)
    assert found.group.tolist() == [-1, -1]
    assert found.names == ()


def test_bins_are_fifths_of_the_range() -> None:
    found = binned("x", np.array([0, 0.19, 0.21, 0.5, 0.99, 1, np.nan], np.float32))
    assert found.group.tolist() == [0, 0, 1, 2, 4, 4, -1]
    assert found.names == ("0.0 to 0.2", "0.2 to 0.4", "0.4 to 0.6", "0.6 to 0.8", "0.8 to 1.0")


def test_bins_of_hardly_any_range_and_of_no_numbers() -> None:
    assert binned("x", np.full(3, 2.0, np.float32)).names == ("2",)
    assert binned("x", np.full(3, np.nan, np.float32)).group.tolist() == [-1, -1, -1]
    assert binned("x", np.array([1000, 1500], np.float32)).names[0] == "1000 to 1100"


def test_more_classes_than_there_are_marks_are_those_that_come_first() -> None:
    [found] = colourings(np.arange(100), None, [], str)
    assert len(found.names) == 36
    assert found.group.tolist() == [*range(36), *[-1] * 64]
