"""The formats of the matrix: how their files are written, and what the network is to see of them.

What is expected is worked out with NumPy, Pillow and scikit-image, not with this project.
"""

import collections
import io

import numpy as np
import tensorflow.compat.v1 as tf
import tifffile
from PIL import Image
from skimage import color

SIDE = 32
TWELVE_BITS = 4095
NAMES = ("first", "second")

Format = collections.namedtuple("Format", ["write", "flags", "inputs", "seen", "exact", "white"])
Format.__new__.__defaults__ = (1.0,)
Format.__doc__ = """A kind of data.

Attributes:
    write: Function of a folder, to write its splits train and test.
    flags: Of train.py.
    inputs: Function of the data's folder and an empty folder: puts the inputs alone there, one
        file for each pair of the split test, and returns their paths in the order of `NAMES`.
    seen: Function of the number of a pair that returns float [height, width, channels] in [-1, 1],
        what the network is to see of its input.
    exact: Whether `seen` is exact, as it is where nothing is resized.
    white: The value of white in the arrays that are written.
"""


def smooth(seed, channels=3, height=SIDE, width=SIDE):
    """Makes a smooth picture, uint8 [height, width, channels]."""
    small = np.random.RandomState(seed).randint(0, 256, (4, 4, channels)).astype(np.uint8)
    planes = [
        np.asarray(Image.fromarray(small[..., plane]).resize((width, height), Image.BICUBIC))
        for plane in range(channels)
    ]
    return np.stack(planes, axis=-1)


def save(path, pixels):
    """Saves pixels in the format that the file's ending names; uint16 as PNG of 16 bits."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix == ".npy":
        np.save(str(path), pixels)
    elif path.suffix == ".tif":
        kind = {"photometric": "minisblack", "planarconfig": "contig"}
        tifffile.imwrite(str(path), pixels, compression="zlib", **kind)
    elif pixels.dtype == np.uint16:
        with tf.Graph().as_default(), tf.Session() as session:
            path.write_bytes(session.run(tf.image.encode_png(tf.constant(pixels))))
    else:
        Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels).save(str(path))


def scaled(pixels, white=255.0):
    return np.clip(pixels / white, 0.0, 1.0) * 2.0 - 1.0


def grey(pixels):
    return pixels.astype(np.float64) @ np.array([0.299, 0.587, 0.114]).reshape(3, 1)


def twelve_bits(pixels):
    """Spreads 0..255 over 0..4250, a little more than twelve bits."""
    return (pixels.astype(np.uint32) * 50 // 3).astype(np.uint16)


def on_white(pixels):
    opacity = pixels[..., 3:] / 255.0
    return pixels[..., :3] * opacity + 255.0 * (1.0 - opacity)


def lightness(pixels):
    return color.rgb2lab(pixels)[..., :1] / 50.0 - 1.0


def padded(pixels):
    """Scales a picture of 60x90 (height x width) to the width of 32, between black bars."""
    small = np.asarray(Image.fromarray(pixels).resize((SIDE, 21), Image.BILINEAR))
    top = (SIDE - 21) // 2
    return scaled(np.pad(small, [(top, SIDE - 21 - top), (0, 0), (0, 0)], mode="constant"))


def wide_middle(pixels):
    """Scales a picture of 60x90 to the width of 64 and takes the 32 rows in the middle."""
    large = np.asarray(Image.fromarray(pixels).resize((64, 43), Image.BILINEAR))
    return scaled(large[5 : 5 + SIDE])


def stretched(pixels):
    return scaled(np.asarray(Image.fromarray(pixels).resize((64, SIDE), Image.BILINEAR)))


def side_by_side(
    flags, see, channels=3, convert=lambda pixels: pixels, ending="png", white=1.0, **size
):
    """A format of A|B in one file without loss; A is the input."""

    def a(number):
        return convert(smooth(number, channels, **size))

    def write(folder):
        for split in ("train", "test"):
            for number, name in enumerate(NAMES):
                pair = [a(number), convert(smooth(number + 10, channels, **size))]
                save(folder / split / f"{name}.{ending}", np.concatenate(pair, axis=1))

    def inputs(data, folder):
        del data
        paths = [folder / f"{name}.{ending}" for name in NAMES]
        for number, path in enumerate(paths):
            save(path, a(number))
        return paths

    exact = not size
    return Format(write, flags, inputs, lambda number: see(a(number)), exact, white)


def _write_folders(folder):
    for split in ("train", "test"):
        for number, name in enumerate(NAMES):
            save(folder / split / "A" / f"{name}.jpg", smooth(number))
            save(folder / split / "B" / f"{name}.png", smooth(number + 10))


def _write_photos(folder):
    for split in ("train", "test"):
        for number, name in enumerate(NAMES):
            save(folder / split / f"{name}.png", smooth(number))


def _as_they_are(place):
    """The inputs are files of the data set itself."""
    return lambda data, folder: [data / "test" / place.format(name) for name in NAMES]


def _see_jpeg(number):
    """Compresses and decodes by Pillow, whose decoder is another one: a few levels off."""
    buffer = io.BytesIO()
    Image.fromarray(smooth(number)).save(buffer, format="JPEG")
    return scaled(np.asarray(Image.open(buffer)))


_UNEVEN = {"height": 60, "width": 90}
RGB = side_by_side([], scaled)
GREY_FLAGS = ["--input_nc=1", "--output_nc=1"]

FORMATS = {
    "RGB side by side": RGB,
    "folders of JPEG and PNG": Format(
        _write_folders,
        ["--data_layout=folders"],
        _as_they_are("A/{}.jpg"),
        _see_jpeg,
        exact=False,
    ),
    "packed": RGB,
    "grey to grey": side_by_side(GREY_FLAGS, scaled, channels=1),
    "grey to RGB": side_by_side(["--input_nc=1"], lambda pixels: scaled(grey(pixels))),
    "RGBA on white": side_by_side(
        ["--alpha=white"], lambda pixels: scaled(on_white(pixels)), channels=4
    ),
    "RGBA in and out": side_by_side(
        ["--alpha=keep", "--input_nc=4", "--output_nc=4"], scaled, channels=4
    ),
    "16 bits of which 12 are used": side_by_side(
        [*GREY_FLAGS, f"--value_range=0,{TWELVE_BITS}"],
        lambda pixels: scaled(pixels, TWELVE_BITS),
        channels=1,
        convert=twelve_bits,
        white=TWELVE_BITS,
    ),
    "arrays of 5 channels": side_by_side(
        ["--input_nc=5", "--output_nc=5"],
        lambda pixels: scaled(pixels, 1.0),
        channels=5,
        convert=lambda pixels: pixels.astype(np.float32) / 255.0,
        ending="npy",
    ),
    "TIFF of 6 bands": side_by_side(
        ["--input_nc=6", "--output_nc=6", f"--value_range=0,{TWELVE_BITS}"],
        lambda pixels: scaled(pixels, TWELVE_BITS),
        channels=6,
        convert=twelve_bits,
        white=TWELVE_BITS,
        ending="tif",
    ),
    "Lab": Format(
        _write_photos,
        ["--lab_colorization"],
        _as_they_are("{}.png"),
        lambda number: lightness(smooth(number)),
        exact=True,
    ),
    "non-square": side_by_side(["--fine_size=32x64"], stretched, **_UNEVEN),
    "non-square crop": side_by_side(["--fine_size=32x64", "--resize=crop"], wide_middle, **_UNEVEN),
    "pad": side_by_side(["--resize=pad"], padded, **_UNEVEN),
}


def colours(x, y):
    """Turns lightness and colours of Lab into RGB, 0..255, by scikit-image."""
    lab = np.concatenate([(x + 1.0) * 50.0, y * 110.0], axis=-1).astype(np.float64)
    return color.lab2rgb(lab) * 255.0
