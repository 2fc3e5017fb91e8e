import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.errors import ExitCode, ToolError
from trainer.data.split import Part, held_limit, hold_out, split_all, split_training

HELD_OF_20 = [2, 9, 13, 19]


def numbered(count):
    """Images that say which row they are."""
    return np.arange(count, dtype=np.float32).reshape(count, 1, 1, 1) / max(count, 1), np.arange(
        count, dtype=np.int64
    ) % 3


def part(count):
    images, labels = numbered(count)
    return Part(images=images, labels=labels)


@pytest.mark.parametrize("count", [10, 11, 99, 1000, 1797])
@pytest.mark.parametrize("validation", [0, 0.05, 0.5])
def test_the_splits_are_disjoint_and_together_everything(count, validation):
    images, labels = numbered(count)
    splits = split_all(Part(images=images, labels=labels), validation)
    assert sorted(np.concatenate([split.index for split in splits])) == list(range(count))
    for split in splits:
        assert (np.diff(split.index) > 0).all()
        np.testing.assert_array_equal(split.images, images[split.index])
        np.testing.assert_array_equal(split.labels, labels[split.index])


def test_a_tenth_is_test_and_five_percent_of_the_rest_validation():
    train, validation, test = split_all(part(2000), 0.05)
    assert (len(train), len(validation), len(test)) == (1710, 90, 200)


def test_without_validation_none_is_held_out():
    train, validation, test = split_all(part(100), 0)
    assert (len(train), len(validation), len(test)) == (90, 0, 10)
    train, validation = split_training(*numbered(100), 0)
    assert (len(train), len(validation)) == (100, 0)


def test_the_test_images_do_not_depend_on_the_size_of_validation():
    tests = [split_all(part(500), validation)[2].index for validation in (0, 0.05, 0.3)]
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
        split_all(part(count), 0.05)
    assert caught.value.exit_code == ExitCode.USAGE


@pytest.mark.parametrize("validation", [-0.1, 0.51, 1, float("nan")])
def test_a_validation_out_of_range_is_refused(validation):
    with pytest.raises(ToolError, match="--validation") as caught:
        split_all(part(100), validation)
    assert caught.value.exit_code == ExitCode.USAGE


def test_all_that_is_known_about_an_image_goes_where_it_goes():
    images, labels = numbered(200)
    known = Part(
        images=images,
        labels=labels,
        targets=images / 2,
        attributes=np.column_stack([labels, images[:, 0, 0, 0]]).astype(np.float32),
    )
    for split in split_all(known, 0.1):
        np.testing.assert_array_equal(split.targets, images[split.index] / 2)
        np.testing.assert_array_equal(split.attributes[:, 0], labels[split.index])
        np.testing.assert_array_equal(split.attributes[:, 1], split.images[:, 0, 0, 0])
        assert split.targets.flags.writeable
        assert split.attributes.flags.writeable


@given(count=st.integers(1, 400), fraction=st.floats(0, 0.5), limit=st.integers(1, 50))
def test_a_limit_leaves_the_kept_as_they_are_and_takes_fewer_of_the_others(count, fraction, limit):
    kept, held = hold_out(count, fraction)
    kept_too, fewer = hold_out(count, fraction, limit)
    np.testing.assert_array_equal(kept, kept_too)
    assert set(fewer) <= set(held)
    assert len(fewer) == min(limit, len(held))
    assert (np.diff(fewer) > 0).all()


def test_the_few_of_a_large_source_are_spread_over_it():
    few = hold_out(1_000_000, 0.1, 1000)[1]
    assert np.histogram(few, bins=10, range=(0, 1_000_000))[0].min() > 70


@pytest.mark.parametrize(
    ("shape", "limit"),
    [
        ((1000, 1, 28, 28), None),
        ((2_000_000, 1, 28, 28), None),
        ((3_000_000, 1, 28, 28), 10_000),
        ((100_000, 3, 224, 224), 1783),
        ((1000, 3, 4000, 4000), 100),
    ],
)
def test_only_a_source_above_two_gigabytes_is_limited(shape, limit):
    images = np.broadcast_to(np.uint8(0), shape)
    assert held_limit(images) == limit
