"""Label pictures as planes of classes, by hand."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn import (
    PairFormat,
    blendable,
    evaluation_dataset,
    list_pairs,
    settled,
    training_dataset,
)
from input_fn.planes import colours_of, one_class_each, planes_of

PALETTE = ((0, 0, 0), (200, 0, 0), (0, 0, 200))
BLACK, RED, BLUE = range(3)


def picture(rows):
    return np.array(rows, np.uint8)[None]


def saved(folder, left, right):
    pair = np.concatenate([left, right], axis=1)
    Image.fromarray(pair).save(str(folder / "1.png"))
    return list_pairs(str(folder))


def labels_of(classes):
    return np.array(PALETTE, np.uint8)[np.array(classes)]


def format_of(direction="AtoB", size=(4, 4), **others):
    sides = {"input_channels": 3, "output_channels": 3, "load_size": size, "fine_size": size}
    return PairFormat(direction, **{**sides, **others})


class TestPlanes:
    def test_a_pixel_is_of_the_class_whose_colour_is_nearest(self, evaluate):
        # (99, 0, 0) is 99 from black and 101 from red; (120, 0, 121) is 144 from blue, 145 from red
        # and 170 from black.
        pixels = picture([[[99, 0, 0], [101, 0, 0]], [[120, 0, 121], [255, 255, 255]]])
        planes = evaluate(lambda: planes_of(tf.constant(pixels), PALETTE))
        assert planes.argmax(axis=-1)[0, :, :].tolist()[0] == [BLACK, RED]
        assert planes.argmax(axis=-1)[0, 1, 0] == BLUE
        assert set(np.unique(planes)) == {0.0, 255.0}
        assert (planes.sum(axis=-1) == 255.0).all()

    def test_of_two_that_are_as_near_the_first_has_it(self, evaluate):
        planes = evaluate(lambda: planes_of(tf.constant(picture([[[100, 0, 0]]])), PALETTE))
        assert planes[0, 0, 0].tolist() == [255.0, 0.0, 0.0]

    def test_it_is_the_nearest_of_scipys_tree(self, evaluate, noise):
        spatial = pytest.importorskip("scipy.spatial")
        palette = tuple(map(tuple, noise(12, 3, seed=1).tolist()))
        pixels = noise(1, 20, 30, 3)
        distances, _ = spatial.cKDTree(palette).query(pixels.reshape(-1, 3))
        classes = evaluate(lambda: planes_of(tf.constant(pixels), palette)).argmax(axis=-1).ravel()
        ours = np.linalg.norm(np.array(palette)[classes] - pixels.reshape(-1, 3), axis=1)
        np.testing.assert_allclose(ours, distances)

    def test_after_resizing_the_class_that_has_most_has_the_pixel(self, evaluate):
        planes = [[100.0, 80.0, 75.0], [0.0, 0.1, 0.0], [0.0, 0.0, 0.0]]
        found = evaluate(lambda: one_class_each(tf.constant(planes)))
        assert found.tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 0]]

    def test_shown_are_colours_of_the_palette_alone(self, evaluate):
        shares = [[0.3, 0.4, 0.3], [0.5, 0.1, 0.4]]
        colours = evaluate(lambda: colours_of(tf.constant(shares), PALETTE))
        np.testing.assert_allclose(colours * 127.5 + 127.5, [[200, 0, 0], [0, 0, 0]], atol=1e-4)


class TestPairs:
    @pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
    @pytest.mark.parametrize("side", ["input", "output"])
    def test_either_side_may_be_a_map_in_either_direction(self, tmp_path, take, direction, side):
        classes = np.arange(16).reshape(4, 4) % 3
        photo = np.arange(48, dtype=np.uint8).reshape(4, 4, 3) * 5
        labels_are_left = (direction == "AtoB") == (side == "input")
        halves = [labels_of(classes), photo]
        pairs = saved(tmp_path, *(halves if labels_are_left else halves[::-1]))
        pair_format = format_of(direction, **{f"{side}_palette": PALETTE})
        ((features, y),) = take(lambda: evaluation_dataset(pairs, pair_format))
        planes, values = (features["input"], y) if side == "input" else (y, features["input"])
        np.testing.assert_array_equal(planes[0], np.eye(3)[classes])
        np.testing.assert_allclose(values[0], photo / 127.5 - 1.0, atol=1e-6)

    def test_both_sides_may_be_maps_of_different_classes(self, tmp_path, take):
        classes = np.arange(16).reshape(4, 4) % 2
        pairs = saved(tmp_path, labels_of(classes), labels_of(2 * classes))
        palettes = {"input_palette": PALETTE[:2], "output_palette": PALETTE}
        pair_format = format_of(input_channels=2, **palettes)
        ((features, y),) = take(lambda: evaluation_dataset(pairs, pair_format))
        np.testing.assert_array_equal(features["input"][0], np.eye(2)[classes])
        np.testing.assert_array_equal(y[0], np.eye(3)[2 * classes])

    def test_where_two_classes_meet_there_is_no_third_after_resizing(self, tmp_path, take):
        # Halfway from red to blue is (100, 0, 100), which is as near to black: as colours they
        # would be resized to black.
        classes = np.where(np.arange(8) < 4, RED, BLUE)[None].repeat(8, axis=0)
        pairs = saved(tmp_path, labels_of(classes), labels_of(classes))
        pair_format = format_of(size=(5, 5), input_palette=PALETTE)
        ((features, _),) = take(lambda: evaluation_dataset(pairs, pair_format))
        assert features["input"][..., BLACK].sum() == 0
        assert features["input"].sum() == 25

    def test_beyond_the_picture_there_is_no_class(self, tmp_path, take):
        pairs = saved(tmp_path, labels_of(np.ones((2, 4), int)), labels_of(np.ones((2, 4), int)))
        pair_format = format_of(input_palette=PALETTE, resize="pad")
        ((features, _),) = take(lambda: evaluation_dataset(pairs, pair_format))
        sums = features["input"][0].sum(axis=-1)
        np.testing.assert_array_equal(sums, [[0] * 4, [1] * 4, [1] * 4, [0] * 4])

    def test_jitter_moves_a_map_and_its_picture_alike(self, tmp_path, take):
        # The picture has the map's colours, so wherever the crop lies it says which class is there.
        classes = np.random.RandomState(0).randint(0, 3, (6, 6)).repeat(8, axis=0).repeat(8, axis=1)
        pairs = saved(tmp_path, labels_of(classes), labels_of(classes))
        pair_format = format_of(load_size=(48, 48), fine_size=(32, 32), input_palette=PALETTE)
        batches = take(lambda: training_dataset(pairs, pair_format, 1, seed=0), 6)
        places = set()
        for features, y in batches:
            expected = np.array(PALETTE, np.float32)[features["input"][0].argmax(axis=-1)]
            np.testing.assert_allclose(y[0] * 127.5 + 127.5, expected, atol=1e-3)
            places.add(features["input"].tobytes())
        assert len(places) > 1

    def test_at_another_size_pictures_have_colours_of_the_palette_alone(self, evaluate):
        pair_format = format_of(output_palette=PALETTE)
        shares = np.random.RandomState(0).dirichlet([1, 1, 1], (4, 4)).astype(np.float32)

        def enlarge(planes):
            return tf.image.resize_bicubic(planes[None], [9, 9])[0]

        found = evaluate(
            lambda: settled(enlarge(blendable(None, tf.constant(shares), pair_format)), pair_format)
        )
        colours = {tuple(each) for each in np.round(found * 127.5 + 127.5).reshape(-1, 3).tolist()}
        assert found.shape == (9, 9, 3)
        assert colours <= set(PALETTE)
        assert len(colours) > 1


class TestFormat:
    @pytest.mark.parametrize(
        ("fields", "named"),
        [
            ({"input_palette": PALETTE[:2]}, "2 colours for 3 channels"),
            ({"input_palette": PALETTE, "alpha": "keep"}, "alpha 'keep'"),
            ({"output_palette": (*PALETTE[:2], PALETTE[0])}, "each once"),
        ],
    )
    def test_what_cannot_be_is_refused(self, fields, named):
        with pytest.raises(ValueError, match=named):
            format_of(**fields)
