import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import stats
from sklearn.linear_model import Ridge

from trainer.data.faces import draw_faces, splitmix64
from trainer.data.load import load
from trainer.data.portrait import ATTRIBUTES, draw

SMILE, TONE, BEARD, GLASSES, LENGTH, COLOUR = range(6)
PLAIN = np.array([0.5, 0.3, 0.0, 0.0, 0.3, 0.3], np.float32)
"""A face with nothing in the way."""

unit = st.floats(0, 1, width=32)


@pytest.fixture(scope="module")
def faces():
    return draw_faces(12_000)


def changed(attribute, value):
    wanted = PLAIN.copy()
    wanted[attribute] = value
    return draw(wanted[np.newaxis])[0].astype(int)


def test_splitmix64_gives_the_published_numbers():
    """Of the seed 1234567, as Rosetta Code has them for other languages."""
    published = [
        6457827717110365317,
        3203168211198807973,
        9817491932198370423,
        4593380528125082431,
        16408922859458223821,
    ]
    assert splitmix64(1234567, np.arange(5, dtype=np.uint64)).tolist() == published


@settings(max_examples=30)
@given(start=st.integers(0, 2**60), count=st.integers(0, 70), ahead=st.integers(0, 70))
def test_a_face_is_the_same_in_whatever_company(start, count, ahead):
    images, attributes = draw_faces(ahead + count, start)
    alone, known = draw_faces(count, start + ahead)
    np.testing.assert_array_equal(alone, images[ahead:])
    np.testing.assert_array_equal(known, attributes[ahead:])


def test_each_attribute_is_uniform_and_none_says_anything_of_another(faces):
    _, attributes = faces
    assert attributes.shape == (12_000, len(ATTRIBUTES))
    assert attributes.dtype == np.float32
    for column in attributes.T:
        assert stats.kstest(column, "uniform").pvalue > 1e-3
    away = ~np.eye(6, dtype=bool)
    assert np.abs(np.corrcoef(attributes.T)[away]).max() < 0.04
    assert np.abs(stats.spearmanr(attributes[:-1], attributes[1:]).statistic[:6, 6:]).max() < 0.04


def test_a_face_follows_from_its_attributes_alone(faces):
    images, attributes = faces
    np.testing.assert_array_equal(draw(attributes[::97]), images[::97])
    np.testing.assert_array_equal(draw(attributes[5:6])[0], images[5])


@given(wanted=arrays(np.float32, st.tuples(st.integers(0, 9), st.just(6)), elements=unit))
def test_every_attribute_from_0_to_1_can_be_drawn_and_left_mirrors_right(wanted):
    images = draw(wanted)
    assert images.shape == (len(wanted), 3, 32, 32)
    assert images.dtype == np.uint8
    np.testing.assert_array_equal(images, images[..., ::-1])


@given(base=arrays(np.float32, 6, elements=unit), attribute=st.integers(0, 5), at=st.floats(0, 0.99))
def test_a_small_change_of_an_attribute_is_a_small_change_of_the_picture(base, attribute, at):
    two = np.stack([base, base])
    two[:, attribute] = at, at + 0.01
    before, after = draw(two).astype(int)
    # Hair grows by 19 pixels at most: a hundredth of that, from one end of the scale to the other.
    assert np.abs(after - before).max() <= 255 * 0.19 + 1


@pytest.mark.parametrize("attribute", range(6), ids=ATTRIBUTES)
def test_each_attribute_is_seen_everywhere_on_its_scale(attribute):
    steps = [changed(attribute, value) for value in np.linspace(0, 1, 6)]
    for before, after in itertools.pairwise(steps):
        assert (np.abs(after - before).max(axis=0) >= 8).sum() >= 8  # pixels


def test_the_attributes_say_what_they_are_called():
    mouth = (slice(None), slice(19, 27), slice(9, 23))
    chin = (slice(None), slice(25, 28), slice(14, 18))
    eyes = (slice(None), slice(13, 18), slice(9, 15))
    assert changed(SMILE, 1.0)[mouth].max() > 240  # teeth
    assert changed(SMILE, 0.0)[mouth].max() < 240
    assert changed(TONE, 0.0)[:, 20, 12].sum() > 2 * changed(TONE, 1.0)[:, 20, 12].sum()
    assert changed(BEARD, 1.0)[chin].mean() < 0.7 * changed(BEARD, 0.0)[chin].mean()
    assert changed(GLASSES, 1.0)[eyes].std() > changed(GLASSES, 0.0)[eyes].std()
    beside = (slice(None), 26, 24)
    np.testing.assert_array_equal(changed(LENGTH, 0.0)[beside], changed(LENGTH, 0.4)[beside])
    assert np.abs(changed(LENGTH, 1.0)[beside] - changed(LENGTH, 0.4)[beside]).max() > 50
    assert changed(COLOUR, 1.0)[:, 5, 16].sum() > 4 * changed(COLOUR, 0.0)[:, 5, 16].sum()


def test_every_attribute_can_be_read_from_the_pixels(faces):
    """A ground truth that could not be seen would be none: a linear model finds nearly all of it."""
    images, attributes = faces
    pixels = images[..., 16:].reshape(len(images), -1) / np.float32(255)
    model = Ridge(1.0).fit(pixels[:4000], attributes[:4000])
    errors = np.square(model.predict(pixels[4000:6000]) - attributes[4000:6000]).mean(axis=0)
    explained = 1 - errors / attributes[4000:6000].var(axis=0)
    assert explained.min() > 0.98, dict(zip(ATTRIBUTES, explained, strict=True))


@pytest.mark.parametrize("wanted", [np.zeros(6), np.zeros((3, 5)), np.full((1, 6), 1.01), np.full((1, 6), np.nan)])
def test_what_cannot_be_drawn_is_refused(wanted):
    with pytest.raises(ValueError, match="from 0 to 1"):
        draw(wanted)


def test_the_data_set_knows_its_attributes(faces):
    images, attributes = faces
    data = load("faces")
    assert data.attribute_names == ATTRIBUTES
    assert (data.image_shape, data.points, data.classes) == ((3, 32, 32), False, ())
    assert (len(data.train), len(data.validation), len(data.test)) == (10_260, 540, 1200)
    for split in (data.train, data.validation, data.test):
        np.testing.assert_array_equal(split.images, images[split.index])
        np.testing.assert_array_equal(split.attributes, attributes[split.index])
        assert (split.labels == -1).all()
