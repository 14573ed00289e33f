"""The input of a file alone is that of the pair which the file is half of."""

import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn import (
    FITS,
    JPEG,
    NPY,
    PNG,
    PairFormat,
    can_be_picture,
    evaluation_dataset,
    input_of_file,
)
from input_fn.pairs import FilePairs

HEIGHT, WIDTH = 20, 30


def pair_format(channels=(3, 3), size=(16, 16), **fields):
    return PairFormat("AtoB", *channels, load_size=size, fine_size=size, **fields)


def levels(channels, greatest=256, seed=0):
    return np.random.RandomState(seed).randint(0, greatest, (HEIGHT, WIDTH, channels))


def png(pixels):
    file = io.BytesIO()
    Image.fromarray(np.squeeze(pixels).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def deep_png(pixels):
    with tf.Graph().as_default(), tf.Session() as session:
        return session.run(tf.image.encode_png(tf.constant(pixels, tf.uint16)))


def npy(values):
    file = io.BytesIO()
    np.save(file, values)
    return file.getvalue()


@pytest.fixture
def inputs(tmp_path, take, evaluate):
    """Returns the input of a pair's file, and that of its half alone, with the half's size."""

    def inputs(a, b, save, form, kind=PNG):
        whole = a if form.lab else np.concatenate([a, b], axis=1)
        path = tmp_path / ("pair.npy" if kind == NPY else "pair.png")
        path.write_bytes(save(whole))
        pairs = FilePairs.of_single_files([str(path)], form.layout)
        ((features, _),) = take(lambda: evaluation_dataset(pairs, form))
        half = a if form.direction == "AtoB" else b
        x, size = evaluate(lambda: input_of_file(tf.constant(save(half)), form, {kind}))
        assert size.tolist() == list(half.shape[:2])
        assert size.dtype == np.int32
        assert x.dtype == np.float32
        return features["input"][0], x

    return inputs


FORMATS = {
    "colours": ((3, 3), {}),
    "grey": ((1, 1), {}),
    "grey to colours": ((1, 3), {}),
    "alpha dropped": ((3, 3), {"alpha": "drop"}),
    "alpha on white": ((3, 3), {"alpha": "white"}),
    "alpha kept": ((4, 3), {"alpha": "keep"}),
    "alpha kept in both": ((4, 4), {"alpha": "keep"}),
    "alpha kept in the target": ((3, 4), {"alpha": "keep"}),
    "padded": ((3, 3), {"resize": "pad"}),
    "cropped": ((3, 3), {"resize": "crop"}),
    "enlarged": ((3, 3), {"size": (32, 48)}),
    "as it is": ((3, 3), {"size": (HEIGHT, WIDTH)}),
}


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("direction", ["AtoB", "BtoA"])
def test_pictures_of_eight_bits(inputs, name, direction):
    channels, fields = FORMATS[name]
    fields = {"size": (16, 16), **fields}
    size = fields.pop("size")
    channels = channels if direction == "AtoB" else channels[::-1]
    form = PairFormat(direction, *channels, size, size, **fields)
    stored = 4 if "alpha" in name else 3
    expected, x = inputs(levels(stored), levels(stored, seed=1), png, form)
    assert x.shape == (*size, channels[0])
    np.testing.assert_allclose(x, expected, atol=1e-6)


@pytest.mark.parametrize("fields", [{}, {"resize": "pad"}, {"alpha": "white"}])
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("value_range", [None, (0.0, 4095.0), (1000.0, 30000.0)])
def test_pictures_of_sixteen_bits(inputs, channels, value_range, fields):
    form = pair_format((channels, channels), value_range=value_range, **fields)
    a, b = levels(4, 5000), levels(4, 5000, seed=1)
    if "alpha" not in fields:
        a, b = a[..., :channels], b[..., :channels]
    expected, x = inputs(a, b, deep_png, form)
    np.testing.assert_allclose(x, expected, atol=1e-6)
    if not fields:
        # By hand: the mean of what is resized is about that of the picture.
        black, white = value_range or (0.0, 65535.0)
        by_hand = ((a - black) / (white - black)).clip(0, 1).mean() * 2 - 1
        assert abs(x.mean() - by_hand) < 0.05


@pytest.mark.parametrize("value_range", [None, (-1.0, 3.0)])
@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
@pytest.mark.parametrize("channels", [1, 2, 5])
def test_arrays(inputs, channels, resize, value_range):
    form = pair_format((channels, channels), resize=resize, value_range=value_range)
    random = np.random.RandomState(0)
    a, b = (random.uniform(size=(HEIGHT, WIDTH, channels)) for _ in range(2))
    expected, x = inputs(a, b, npy, form, NPY)
    assert x.shape == (16, 16, channels)
    np.testing.assert_allclose(x, expected, atol=1e-6)


@pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
def test_photos_give_their_lightness(inputs, resize):
    form = pair_format((1, 2), resize=resize, layout="single", lab=True)
    expected, x = inputs(levels(3), None, png, form)
    assert x.shape == (16, 16, 1)
    np.testing.assert_allclose(x, expected, atol=1e-6)


class TestKinds:
    @pytest.fixture
    def value_of(self, evaluate):
        def value_of(contents, kinds, form):
            return evaluate(lambda: input_of_file(tf.constant(contents), form, kinds))[0]

        return value_of

    def test_all_kinds_may_be_mixed(self, value_of):
        pixels, form = np.full((8, 8, 3), 102), pair_format(size=(8, 8))
        jpeg = io.BytesIO()
        Image.fromarray(pixels.astype(np.uint8)).save(jpeg, "JPEG")
        for contents in (jpeg.getvalue(), png(pixels), npy(pixels.astype(np.uint8))):
            x = value_of(contents, {JPEG, PNG, NPY}, form)
            np.testing.assert_allclose(x, -0.2, atol=0.01)

    def test_a_jpeg_is_the_same_whether_pngs_may_occur_or_not(self, value_of, noise):
        jpeg = io.BytesIO()
        Image.fromarray(noise(8, 8, 3)).save(jpeg, "JPEG")
        alone, mixed = (
            value_of(jpeg.getvalue(), kinds, pair_format()) for kinds in ({JPEG}, {JPEG, PNG})
        )
        np.testing.assert_allclose(alone, mixed, atol=1e-6)

    @pytest.mark.parametrize(
        "fields",
        [{}, {"alpha": "white", "value_range": (0.0, 9.0)}, {"resize": "pad"}, {"resize": "crop"}],
    )
    @pytest.mark.parametrize("fit", [None, "mirror"])
    def test_of_pictures_all_operations_are_tensorflows_own(self, fields, fit):
        with tf.Graph().as_default() as graph:
            contents = tf.placeholder(tf.string, [])
            x, size = input_of_file(contents, pair_format(**fields), {JPEG, PNG}, fit)
            assert x.shape.as_list() == [16, 16, 3]
            assert size.shape.as_list() == [2]
            definition = str(graph.as_graph_def())
        assert "PyFunc" not in definition

    def test_pictures_can_have_one_or_three_channels_or_four_with_alpha(self):
        found = [can_be_picture(channels, "drop") for channels in range(1, 7)]
        assert found == [True, False, True, False, False, False]
        assert can_be_picture(4, "keep")
        assert not can_be_picture(5, "keep")


class TestFit:
    def inputs_by(self, evaluate, fits, **fields):
        contents = png(levels(3))
        return [
            evaluate(
                lambda fit=fit: input_of_file(
                    tf.constant(contents), pair_format(**fields), {PNG}, fit
                )
            )[0]
            for fit in fits
        ]

    @pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
    def test_none_is_as_the_pairs_are_resized(self, evaluate, resize):
        of_format, of_argument = self.inputs_by(evaluate, [None, resize], resize=resize)
        np.testing.assert_array_equal(of_format, of_argument)

    def test_what_is_said_goes_before_the_format(self, evaluate):
        found = self.inputs_by(evaluate, FITS, resize="pad")
        assert len({x.tobytes() for x in found}) == len(FITS)

    def test_a_mirrored_picture_is_scaled_like_a_padded_one(self, evaluate):
        padded, mirrored = self.inputs_by(evaluate, ["pad", "mirror"])
        # 20x30 in 16x16: 11 rows, in the middle of one and at the top of the other.
        np.testing.assert_allclose(mirrored[:11], padded[2:13], atol=1e-6)
        np.testing.assert_allclose(mirrored[11:], mirrored[10:5:-1], atol=1e-6)
        assert (padded[:2] == -1).all()
