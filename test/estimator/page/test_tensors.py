"""The page's own preprocessing and postprocessing, in Chromium, against the program's."""

import io
import pathlib

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

import estimator.page
from input_fn import PNG, PairFormat, blendable, input_of_file, restored, settled, shown, to_levels

STATIC = pathlib.Path(estimator.page.__file__).parent / "static"
SIZE = (24, 32)
# Of a level in [-1, 1]: sums of many products in another order.
CLOSE = 2e-5


@pytest.fixture(scope="module")
def page(serve_files, browse):
    """The page's files without a model: their modules can be imported."""
    return browse(serve_files(STATIC))


def pixels(height, width, channels=4, seed=0):
    random = np.random.RandomState(seed).randint(0, 256, (height, width, channels))
    return random.astype(np.uint8)


def format_of(input_channels=3, output_channels=3, **others):
    if others.get("lab"):
        others["layout"] = "single"
    return PairFormat("AtoB", input_channels, output_channels, SIZE, SIZE, **others)


def as_json(pair_format):
    names = (
        *("fine_size", "resize", "alpha", "lab", "input_channels", "output_channels"),
        *("input_palette", "output_palette"),
    )
    return {name: getattr(pair_format, name) for name in names}


def in_page(page, picture, pair_format):
    """The network's input as the page makes it of RGBA."""
    script = """
        const [pixels, width, height, format] = arguments;
        const picture = {data: Uint8ClampedArray.from(pixels), width, height};
        return import("./tensors.js").then(({inputOf}) => Array.from(inputOf(picture, format)));
    """
    height, width, _ = picture.shape
    found = page.run(script, picture.ravel().tolist(), width, height, as_json(pair_format))
    return np.array(found).reshape(*SIZE, pair_format.input_channels)


def in_training(evaluate, picture, pair_format):
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG")
    content = buffer.getvalue()
    return evaluate(lambda: input_of_file(tf.constant(content), pair_format, {PNG})[0])


@pytest.fixture
def evaluate():
    def run(build):
        with tf.Graph().as_default(), tf.Session() as session:
            return session.run(build())

    return run


class TestInput:
    @pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
    @pytest.mark.parametrize("size", [(24, 32), (10, 12), (61, 45), (30, 200), (7, 99)])
    def test_sizes(self, page, evaluate, resize, size):
        picture, pair_format = pixels(*size, channels=3), format_of(resize=resize)
        expected = in_training(evaluate, picture, pair_format)
        opaque = np.concatenate([picture, np.full([*size, 1], 255, np.uint8)], axis=-1)
        found = in_page(page, opaque, pair_format)
        np.testing.assert_allclose(found, expected, atol=CLOSE)

    @pytest.mark.parametrize(
        "others",
        [
            {"input_channels": 1},
            {"alpha": "white"},
            {"alpha": "keep", "input_channels": 4},
            {"lab": True, "input_channels": 1, "output_channels": 2},
        ],
        ids=["grey", "on white", "with alpha", "Lab"],
    )
    def test_channels(self, page, evaluate, others):
        picture, pair_format = pixels(30, 40), format_of(**others)
        expected = in_training(evaluate, picture, pair_format)
        found = in_page(page, picture, pair_format)
        np.testing.assert_allclose(found, expected, atol=CLOSE)


class TestLabelMaps:
    PALETTE = ((0, 0, 0), (200, 0, 0), (0, 200, 40), (30, 60, 250))

    @pytest.mark.parametrize("resize", ["stretch", "crop", "pad"])
    @pytest.mark.parametrize("size", [(24, 32), (61, 45), (10, 12)])
    def test_a_drawing_is_given_by_class(self, page, evaluate, resize, size):
        classes = np.random.RandomState(0).randint(0, 4, (5, 6)).repeat(13, 0).repeat(8, 1)
        picture = np.array(self.PALETTE, np.uint8)[classes[: size[0], : size[1]]]
        pair_format = format_of(4, resize=resize, input_palette=self.PALETTE)
        expected = in_training(evaluate, picture, pair_format)
        opaque = np.concatenate([picture, np.full([*size, 1], 255, np.uint8)], axis=-1)
        found = in_page(page, opaque, pair_format)
        assert set(np.unique(found)) <= {0.0, 1.0}
        # Where two classes have as much of a pixel, either may have it.
        assert np.mean(np.any(found != expected, axis=-1)) < 0.02

    def test_a_colour_is_that_of_the_nearest_class(self, page, evaluate):
        picture, pair_format = pixels(*SIZE, channels=3), format_of(4, input_palette=self.PALETTE)
        expected = in_training(evaluate, picture, pair_format)
        opaque = np.concatenate([picture, np.full([*SIZE, 1], 255, np.uint8)], axis=-1)
        np.testing.assert_array_equal(in_page(page, opaque, pair_format), expected)

    def test_what_is_drawn_on_has_the_classes_colours_alone(self, page):
        script = """
            const [pixels, width, height, format] = arguments;
            const picture = {data: Uint8ClampedArray.from(pixels), width, height};
            return import("./tensors.js").then(({fittedPicture}) =>
                Array.from(fittedPicture(picture, format).data));
        """
        classes = np.random.RandomState(0).randint(0, 4, (6, 5)).repeat(11, 0).repeat(10, 1)
        colours = np.array(self.PALETTE, np.uint8)[classes]
        picture = np.concatenate([colours, np.full([66, 50, 1], 255, np.uint8)], axis=-1)
        pair_format = format_of(4, input_palette=self.PALETTE)
        found = page.run(script, picture.ravel().tolist(), 50, 66, as_json(pair_format))
        found = np.array(found).reshape(-1, 4)
        assert {tuple(colour) for colour in found[:, :3]} == set(self.PALETTE)
        assert (found[:, 3] == 255).all()

    @pytest.mark.parametrize("original", [None, (61, 45)])
    def test_an_output_has_the_classes_colours_alone(self, page, evaluate, original):
        pair_format = format_of(output_channels=4, output_palette=self.PALETTE)
        shares = np.random.RandomState(0).dirichlet([1] * 4, SIZE).astype(np.float32)

        def bring(planes):
            return (
                planes if original is None else restored(planes, tf.constant(original), "stretch")
            )

        expected = evaluate(
            lambda: to_levels(
                settled(bring(blendable(None, tf.constant(shares), pair_format)), pair_format)
            )
        )
        found = in_output(page, np.zeros([*SIZE, 3]), shares, pair_format, original)[..., :3]
        assert {tuple(colour) for colour in found.reshape(-1, 3)} <= set(self.PALETTE)
        assert np.mean(np.any(found != expected, axis=-1)) < 0.005


def in_output(page, x, y, pair_format, original):
    """What the page shows of an output, [height, width, 4] in 0..255."""
    script = """
        const [x, y, format, original] = arguments;
        return import("./tensors.js").then(({pictureOf}) => {
            const tensors = [x, y].map((each) => Float32Array.from(each));
            const made = pictureOf(...tensors, format, original);
            return [made.height, made.width, Array.from(made.data)];
        });
    """
    numbers = x.ravel().tolist(), y.ravel().tolist()
    height, width, data = page.run(script, *numbers, as_json(pair_format), original)
    return np.array(data).reshape(height, width, 4)


class TestOutput:
    def tensors(self, pair_format):
        random = np.random.RandomState(1)
        channels = pair_format.input_channels, pair_format.output_channels
        # Also what is out of range, which is cut off.
        return (random.uniform(-1.1, 1.1, [*SIZE, count]).astype(np.float32) for count in channels)

    @pytest.mark.parametrize(
        ("others", "alike"),
        [
            ({}, slice(3)),
            ({"output_channels": 1}, slice(1)),
            ({"output_channels": 4}, slice(4)),
            ({"output_channels": 2}, slice(1)),
            ({"output_channels": 5}, slice(3)),
            ({"lab": True, "input_channels": 1, "output_channels": 2}, slice(3)),
        ],
        ids=["RGB", "grey", "RGBA", "two channels", "five channels", "Lab"],
    )
    def test_levels(self, page, evaluate, others, alike):
        pair_format = format_of(**others)
        x, y = self.tensors(pair_format)
        expected = evaluate(
            lambda: to_levels(shown(tf.constant(x), tf.constant(y), pair_format))[..., alike]
        )
        found = in_output(page, x, y, pair_format, None)
        difference = np.abs(found[..., alike] - expected.astype(int))
        # Where the colours of Lab lie between two levels, either will do.
        assert difference.max() <= (1 if pair_format.lab else 0)
        assert difference.mean() < 0.01
        if alike != slice(4):
            assert np.all(found[..., 3] == 255)
        if alike == slice(1):
            assert np.all(found[..., 1:3] == found[..., :1])

    @pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
    @pytest.mark.parametrize("original", [(10, 12), (61, 45), (30, 90)])
    def test_back_to_the_size_of_the_input(self, page, evaluate, fit, original):
        pair_format = format_of(resize=fit)
        x, y = self.tensors(pair_format)
        expected = evaluate(
            lambda: to_levels(restored(tf.constant(y), tf.constant(original, tf.int32), fit))
        )
        found = in_output(page, x, y, pair_format, original)[..., :3]
        assert found.shape == expected.shape
        difference = np.abs(found - expected.astype(int))
        assert difference.max() <= 1
        assert difference.mean() < 0.01


class TestDrawing:
    def drawn(self, page, *calls):
        """Draws on black, 12 wide and 8 high; returns where it is white, bool [8, 12]."""
        script = """
            const [calls] = arguments;
            return import("./drawing.js").then((drawing) => {
                const picture = drawing.blank(12, 8, [0, 0, 0]);
                calls.forEach(([name, ...rest]) => drawing[name](picture, ...rest));
                return Array.from(picture.data);
            });
        """
        data = np.array(page.run(script, calls)).reshape(8, 12, 4)
        assert set(np.unique(data[..., :3])) <= {0, 255}
        assert np.all(data[..., 3] == 255)
        return data[..., 0] == 255

    WHITE = (255, 255, 255)

    def test_a_rectangle_has_both_corners_whichever_comes_first(self, page):
        expected = np.zeros((8, 12), bool)
        expected[2:6, 3:9] = True
        for first, second in (((3, 2), (8, 5)), ((8, 2), (3, 5)), ((8, 5), (3, 2))):
            found = self.drawn(page, ["rectangle", first, second, self.WHITE])
            assert np.array_equal(found, expected)

    def test_what_lies_outside_is_left_out(self, page):
        assert self.drawn(page, ["rectangle", (-5, -5), (50, 50), self.WHITE]).all()
        assert not self.drawn(page, ["rectangle", (-5, 1), (-2, 4), self.WHITE]).any()
        assert not self.drawn(page, ["rectangle", (13, 1), (20, 4), self.WHITE]).any()
        assert not self.drawn(page, ["line", (-9, 3), (-4, 3), 3, self.WHITE]).any()

    @pytest.mark.parametrize(("size", "count"), [(1, 1), (2, 4), (3, 9), (4, 12), (5, 21)])
    def test_a_dab_is_a_disc(self, page, size, count):
        found = self.drawn(page, ["line", (6, 4), (6, 4), size, self.WHITE])
        assert found.sum() == count
        rows, columns = np.nonzero(found)
        assert np.ptp(rows) == np.ptp(columns) == size - 1

    def test_a_line_has_no_gaps(self, page):
        found = self.drawn(page, ["line", (0, 0), (11, 7), 1, self.WHITE])
        assert found.any(axis=0).all()
        assert found.any(axis=1).all()
        assert found.sum() == 12

    def test_filling_stops_at_another_colour(self, page):
        wall = ["rectangle", (5, 0), (5, 7), self.WHITE]
        found = self.drawn(page, wall, ["fill", (1, 1), self.WHITE])
        assert found[:, :6].all()
        assert not found[:, 6:].any()

    def test_filling_reaches_around_corners(self, page):
        walls = [
            ["rectangle", (2, 0), (2, 6), self.WHITE],
            ["rectangle", (5, 1), (5, 7), self.WHITE],
            ["rectangle", (8, 0), (8, 6), self.WHITE],
        ]
        assert self.drawn(page, *walls, ["fill", (0, 0), self.WHITE]).all()
