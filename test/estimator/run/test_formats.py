"""Every format of files and every size: trained for 2 steps, then used on the test split."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.devices.host import HostDevice
from estimator.options import views
from estimator.options.train_options import parse_options
from input_fn import Presentation, check_pairs, evaluation_dataset, list_pairs, training_dataset
from model_fn import build_model_fn

SIZE = 64
SMALL = ["--ngf=2", "--ndf=2", "--device=cpu"]


def photo(seed, channels=3, height=SIZE, width=SIZE):
    """Returns a smooth picture, uint8 [height, width, channels]."""
    random = np.random.RandomState(seed)
    small = random.randint(0, 256, (4, 4, channels), np.uint8)
    planes = [
        np.asarray(Image.fromarray(small[..., plane]).resize((width, height), Image.BICUBIC))
        for plane in range(channels)
    ]
    return np.stack(planes, axis=-1)


def save(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(str(path), pixels)
    elif pixels.dtype == np.uint16:
        with tf.Graph().as_default(), tf.Session() as session:
            path.write_bytes(session.run(tf.image.encode_png(tf.constant(pixels))))
    else:
        pixels = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
        Image.fromarray(pixels).save(str(path))


def side_by_side(name, convert=lambda pixels: pixels, channels=3, **size):
    def write(folder):
        for split in ("train", "test"):
            for number in range(2):
                halves = [photo(number + 10 * side, channels, **size) for side in (0, 1)]
                pair = convert(np.concatenate(halves, axis=1))
                save(folder / split / name.format(number), pair)

    return write


def folders(name_a, name_b, convert_a, convert_b, channels_a=3, channels_b=3):
    def write(folder):
        for split in ("train", "test"):
            for number in range(2):
                a, b = photo(number, channels_a), photo(number + 10, channels_b)
                save(folder / split / "A" / name_a.format(number), convert_a(a))
                save(folder / split / "B" / name_b.format(number), convert_b(b))

    return write


def same(pixels):
    return pixels


def sixteen_bits(pixels):
    return pixels.astype(np.uint16) * 257


def floats(pixels):
    return pixels.astype(np.float32) / 255


def single(folder):
    for split in ("train", "test"):
        for number in range(2):
            save(folder / split / f"{number}.jpg", photo(number, height=90, width=120))


FORMATS = {
    "JPEG": (side_by_side("{}.jpg"), [], (64, 64, 3)),
    "PNG": (side_by_side("{}.png"), [], (64, 64, 3)),
    "grey JPEG": (side_by_side("{}.jpg", channels=1), [], (64, 64, 3)),
    "grey PNG of 16 bits": (
        side_by_side("{}.png", sixteen_bits, channels=1),
        ["--input_nc=1", "--output_nc=1"],
        (64, 64, 1),
    ),
    "RGB PNG of 16 bits": (side_by_side("{}.png", sixteen_bits), [], (64, 64, 3)),
    "RGBA, alpha dropped": (side_by_side("{}.png", channels=4), [], (64, 64, 3)),
    "RGBA on white": (side_by_side("{}.png", channels=4), ["--alpha=white"], (64, 64, 3)),
    "RGBA to RGBA": (
        side_by_side("{}.png", channels=4),
        ["--alpha=keep", "--input_nc=4", "--output_nc=4"],
        (64, 64, 4),
    ),
    "RGBA to RGB": (
        side_by_side("{}.png", channels=4),
        ["--alpha=keep", "--input_nc=4"],
        (64, 64, 3),
    ),
    "grey to RGB": (side_by_side("{}.jpg"), ["--input_nc=1"], (64, 64, 3)),
    "RGB to grey": (side_by_side("{}.jpg"), ["--output_nc=1"], (64, 64, 1)),
    "arrays of 5 channels side by side": (
        side_by_side("{}.npy", floats, channels=5),
        ["--input_nc=5", "--output_nc=5"],
        (64, 64, 5),
    ),
    "arrays of 6 channels to JPEG": (
        folders("{}.npy", "{}.jpg", floats, same, channels_a=6),
        ["--data_layout=folders", "--input_nc=6"],
        (64, 64, 3),
    ),
    "folders of 16 and 8 bits": (
        folders("{}.png", "{}.JPG", sixteen_bits, same, channels_a=1),
        ["--data_layout=folders", "--input_nc=1", "--which_direction=AtoB"],
        (64, 64, 3),
    ),
    "photos in Lab": (single, ["--lab_colorization"], (64, 64, 3)),
    "photos that keep their proportions, cropped": (
        side_by_side("{}.jpg", height=50, width=90),
        ["--resize=crop"],
        (64, 64, 3),
    ),
    "photos that keep their proportions, padded": (
        side_by_side("{}.jpg", height=50, width=90),
        ["--resize=pad"],
        (64, 64, 3),
    ),
    "wide pictures": (
        side_by_side("{}.jpg", width=160),
        ["--image_size=64x160"],
        (64, 160, 3),
    ),
    "pictures of 1024": (side_by_side("{}.jpg"), ["--image_size=1024"], (1024, 1024, 3)),
    "pictures cached in memory": (side_by_side("{}.jpg"), ["--cache=memory"], (64, 64, 3)),
}


def quick_session():
    """Leaves out the optimization of graphs, which takes longer than two steps."""
    config = tf.ConfigProto()
    config.graph_options.rewrite_options.disable_meta_optimizer = True
    return config


@pytest.mark.parametrize("name", FORMATS)
def test_two_steps_are_trained_and_the_test_split_is_translated(name, tmp_path):
    write, flags, shape = FORMATS[name]
    write(tmp_path)
    # What follows the size that is given last replaces the first.
    options = parse_options([f"--data_path={tmp_path}", "--image_size=64", *SMALL, *flags])
    pair_format = views.pair_format(options)

    def pairs(split):
        return check_pairs(list_pairs(str(tmp_path / split), None, pair_format.layout), pair_format)

    estimator = tf.estimator.Estimator(
        build_model_fn(
            views.network_config(options),
            views.objective_config(options),
            HostDevice(options),
            Presentation(pair_format),
        ),
        model_dir=str(tmp_path / "run"),
        config=tf.estimator.RunConfig(session_config=quick_session()),
    )
    estimator.train(
        lambda: training_dataset(pairs("train").pairs, pair_format, 1, 0, cache=options.cache),
        steps=2,
    )
    predictions = list(
        estimator.predict(lambda: evaluation_dataset(pairs("test").pairs, pair_format))
    )
    assert [prediction["picture"].shape for prediction in predictions] == [shape] * 2
    for prediction in predictions:
        assert np.isfinite(prediction["picture"]).all()
        # Not of one colour, as what was read as black would give.
        assert np.ptp(prediction["picture"]) > 0
