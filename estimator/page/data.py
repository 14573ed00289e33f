"""What the page is to have of a data set: what it is, and some of its pictures as examples."""

import os
from collections import namedtuple

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.page.kinds import LABELS, look_of
from estimator.scores.label_maps import nearest_classes
from input_fn import (
    evaluation_dataset,
    find_split,
    has_split,
    list_pairs,
    preview,
    shown,
    to_levels,
)

Seen = namedtuple("Seen", ["look", "examples", "inputs", "split"])
Seen.__doc__ = """What was seen of a data set: `look`, a `Look`; `examples`, dict of name to uint8
[height, width, 1, 3 or 4]; `inputs`, float32 [any, height, width, channels] in [-1, 1], what the
network is given of the pictures looked at; `split`, where they are from."""

_LOOKED_AT = 16


def look_at(data_path, pair_format, kind=None, palette=None, count=6):
    """Looks at the inputs in a data set's val, or test or train where there is none.

    Args:
        data_path: The folder of the data set; None for none.
        pair_format: The run's `PairFormat`.
        kind: One of `KINDS`, where it is not to be found out.
        palette: `Palette` of the classes, likewise.
        count: Examples at most.

    Returns:
        `Seen`. Examples of label maps have the palette's colours, without what JPEG made of them.

    Raises:
        DataError: The folder holds no data of this format.
    """
    if data_path is None:
        shape = [0, *pair_format.fine_size, pair_format.input_channels]
        return Seen(look_of([], kind, palette), {}, np.zeros(shape, np.float32), None)
    split = next((each for each in ("val", "test") if has_split(data_path, each)), "train")
    pairs = list_pairs(find_split(data_path, split), layout=pair_format.layout)
    # From all over the folder: neighbours may be of one scene.
    places = np.unique(np.linspace(0, len(pairs) - 1, _LOOKED_AT).astype(int))
    pairs = pairs.choose([int(place) for place in places])
    inputs, pictures = _read(pairs, pair_format)
    look = look_of([_as_rgb(picture) for picture in pictures], kind, palette)
    names = [os.path.splitext(name)[0] for name in pairs.names]
    # Again from all over.
    chosen = np.unique(np.linspace(0, len(pictures) - 1, count).astype(int)) if count else []
    examples = {f"{names[n]}": _cleaned(pictures[n], look) for n in chosen}
    return Seen(look, examples, inputs, split)


def _read(pairs, pair_format):
    """Reads the network's inputs, and the pictures of them as files would hold them."""
    with tf.Graph().as_default(), tf.Session() as session:
        dataset = evaluation_dataset(pairs, pair_format, batch_size=1)
        features, y = tf.data.make_one_shot_iterator(dataset).get_next()
        x = features["input"]
        # Of a photo that is to be coloured the file is the photo itself.
        picture = preview(to_levels(shown(x, y, pair_format) if pair_format.lab else x))
        read = [session.run([x, picture]) for _ in range(len(pairs))]
    return np.concatenate([x for x, _ in read]), [picture[0] for _, picture in read]


def _as_rgb(picture):
    return np.repeat(picture, 3, axis=-1) if picture.shape[-1] == 1 else picture[..., :3]


def _cleaned(picture, look):
    if look.kind != LABELS or picture.shape[-1] != 3:
        return picture
    classes = nearest_classes(picture.astype(np.float32) / 127.5 - 1.0, look.palette)
    return look.palette.colours[classes].astype(np.uint8)
