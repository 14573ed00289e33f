"""What the page is to have of a data set: what it is, and some of its pictures as examples."""

import os
from collections import namedtuple
from dataclasses import replace

import numpy as np
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.errors import OptionsError
from estimator.options.flag_types import AUTO
from estimator.page.kinds import LABELS, look_of
from estimator.palettes.finding import named
from estimator.palettes.palette import load_palette, nearest_classes
from estimator.run.stored_run import read_stored
from input_fn import (
    check_pairs,
    evaluation_dataset,
    find_split,
    has_split,
    list_pairs,
    memory_folder,
    stored_inputs,
)

Seen = namedtuple("Seen", ["look", "examples", "inputs", "split"])
Seen.__doc__ = """What was seen of a data set: `look`, a `Look`; `examples`, dict of name to uint8
[height, width, 3 or 4], of any size; `inputs`, float32 [any, height, width, channels] in [-1, 1],
what the network is given of the pictures that were looked at; `split`, where they are from."""

_LOOKED_AT = 16
_LARGEST_EXAMPLE = 1024  # Pixels of the longer side.


def look_at(asked, pair_format):
    """Looks at the inputs in a data set's val, or test or train where there is none.

    Args:
        asked: The options of a program that has the flags of `page_group`; and `checkpoint_dir`,
            whose run's data are looked at where the flags name none.
        pair_format: The run's `PairFormat`.

    Returns:
        `Seen`. Examples of label maps have the palette's colours, without what JPEG made of them;
        where no picture's file holds the input, as with several inputs, there are none.

    Raises:
        DataError: The folder holds no data of this format.
        OptionsError: The palette cannot be read or found, or does not go with the kind.
    """
    kind = None if asked.page_kind == AUTO else asked.page_kind
    palette = None if asked.label_palette is None else load_palette(asked.label_palette)
    if palette is not None and kind not in (None, LABELS):
        raise OptionsError(
            f"--label_palette {asked.label_palette}: is for label maps, and --page_kind is {kind}; "
            "leave one of them out"
        )
    elif pair_format.input_palette is not None:
        kind, palette = LABELS, named(np.array(pair_format.input_palette))
    data_path = asked.data_path or _data_of_run(asked.checkpoint_dir)
    if data_path is None:
        if kind == LABELS and palette is None:
            raise OptionsError(
                "--page_kind labels: there are no data to find the colours in; name them by "
                "--data_path, or the colours by --label_palette"
            )
        shape = [0, *pair_format.fine_size, pair_format.input_channels]
        return Seen(look_of([], kind, palette), {}, np.zeros(shape, np.float32), None)
    split = next((each for each in ("val", "test") if has_split(data_path, each)), "train")
    folder = find_split(data_path, split)
    # What the weights of training hide, a page shows.
    pair_format = replace(pair_format, weights=None)
    pairs = list_pairs(folder, layout=pair_format.layout, folders=pair_format.folders)
    pairs = pairs.choose(_spread(len(pairs), _LOOKED_AT))
    # To name a file that cannot be read, in one line.
    pairs, _ = check_pairs(pairs, pair_format, False, memory_folder(os.environ))
    pictures, inputs = _read(pairs, pair_format)
    look = look_of([picture[..., :3] for picture in pictures], kind, palette)
    names = [os.path.splitext(name)[0] for name in pairs.names]
    # What is not one picture's file cannot be shown as one.
    count = asked.page_examples if pair_format.takes_picture else 0
    examples = {
        names[place]: _example(pictures[place], look) for place in _spread(len(names), count)
    }
    return Seen(look, examples, inputs, split)


def _data_of_run(checkpoint_dir):
    """Finds the folder of data that a run was trained on; None where it is not here any more."""
    path = None if checkpoint_dir is None else read_stored(checkpoint_dir).get("data_path")
    return path if path is not None and tf.io.gfile.isdir(path) else None


def _spread(total, count):
    """Chooses places all over a list of so many: neighbours may be of one scene."""
    return sorted({int(place) for place in np.linspace(0, total - 1, min(total, count))})


def _read(pairs, pair_format):
    """Reads inputs, as lists of uint8 of their files, and as the network has them."""
    with tf.Graph().as_default(), tf.Session() as session:
        stored = tf.data.make_one_shot_iterator(stored_inputs(pairs, pair_format)).get_next()
        dataset = evaluation_dataset(pairs, pair_format)
        features, _ = tf.data.make_one_shot_iterator(dataset).get_next()
        read = [session.run([stored, features["input"]]) for _ in range(len(pairs))]
    pictures = [np.round(picture).astype(np.uint8) for picture, _ in read]
    return pictures, np.concatenate([x for _, x in read])


def _example(picture, look):
    if look.kind == LABELS:
        classes = nearest_classes(picture[..., :3].astype(np.float32) / 127.5 - 1.0, look.palette)
        picture = look.palette.colours[classes].astype(np.uint8)
    image = Image.fromarray(picture)
    scale = _LARGEST_EXAMPLE / max(image.size)
    if scale < 1:
        # Of label maps each pixel is to have a class's colour.
        method = Image.NEAREST if look.kind == LABELS else Image.LANCZOS
        image = image.resize([max(1, round(side * scale)) for side in image.size], method)
    return np.asarray(image)
