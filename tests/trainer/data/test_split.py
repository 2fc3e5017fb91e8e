import numpy as np
import pytest

from export.errors import ExitCode, ToolError
from trainer.data.split import hold_out, split_all, split_training

HELD_OF_20 = [2, 9, 13, 19]


def numbered(count):
    """Images that say which row they are."""
    return np.arange(count, dtype=np.float32).reshape(count, 1, 1, 1) / count, np.arange(count, dtype=np.int64) % 3


@pytest.mark.parametrize("count", [10, 11, 99, 1000, 1797])
@pytest.mark.parametrize("validation", [0, 0.05, 0.5])
def test_the_splits_are_disjoint_and_together_everything(count, validation):
    images, labels = numbered(count)
    splits = split_all(images, labels, validation)
    assert sorted(np.concatenate([split.index for split in splits])) == list(range(count))
    for split in splits:
        assert (np.diff(split.index) > 0).all()
        np.testing.assert_array_equal(split.images, images[split.index])
        np.testing.assert_array_equal(split.labels, labels[split.index])


def test_a_tenth_is_test_and_five_percent_of_the_rest_validation():
    train, validation, test = split_all(*numbered(2000), 0.05)
    assert (len(train), len(validation), len(test)) == (1710, 90, 200)


def test_without_validation_none_is_held_out():
    train, validation, test = split_all(*numbered(100), 0)
    assert (len(train), len(validation), len(test)) == (90, 0, 10)
    train, validation = split_training(*numbered(100), 0)
    assert (len(train), len(validation)) == (100, 0)


def test_the_test_images_do_not_depend_on_the_size_of_validation():
    tests = [split_all(*numbered(500), validation)[2].index for validation in (0, 0.05, 0.3)]
    assert all(np.array_equal(test, tests[0]) for test in tests)


def test_the_splits_are_the_same_for_ever():
    """Written down, since another choice would move test images into the training of older runs."""
    kept, held = hold_out(20, 0.2)
    assert held.tolist() == HELD_OF_20
    assert kept.tolist() == [row for row in range(20) if row not in HELD_OF_20]


def test_the_splits_ignore_the_global_random_state():
    np.random.seed(1)
    first = hold_out(100, 0.1)[1]
    np.random.seed(2)
    np.testing.assert_array_equal(hold_out(100, 0.1)[1], first)


def test_held_out_rows_are_spread_over_the_data():
    """A set that is sorted by class must not be tested on its last class alone."""
    held = hold_out(10_000, 0.1)[1]
    per_tenth = np.histogram(held, bins=10, range=(0, 10_000))[0]
    assert per_tenth.min() > 70
    assert per_tenth.max() < 130


@pytest.mark.parametrize("count", [0, 1, 9])
def test_too_few_images_are_refused(count):
    with pytest.raises(ToolError, match=f"too few images: {count}") as caught:
        split_all(np.zeros((count, 1, 1, 1), np.float32), np.zeros(count, np.int64), 0.05)
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("validation", [-0.1, 0.51, 1, float("nan")])
def test_a_validation_out_of_range_is_refused(validation):
    with pytest.raises(ToolError, match="--validation") as caught:
        split_all(*numbered(100), validation)
    assert caught.value.exit_code == ExitCode.USAGE
