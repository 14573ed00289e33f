"""What the page is to have of a data set: what it is, and some of its pictures as examples."""

import os
from collections import namedtuple

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.options.flag_types import AUTO
from estimator.page.kinds import LABELS, look_of
from estimator.run.stored_run import read_stored
from estimator.scores.label_maps import load_palette, nearest_classes
from input_fn import (
    check_pairs,
    evaluation_dataset,
    find_split,
    has_split,
    list_pairs,
    memory_folder,
    preview,
    shown,
    to_levels,
)

Seen = namedtuple("Seen", ["look", "examples", "inputs", "split"])
Seen.__doc__ = """What was seen of a data set: `look`, a `Look`; `examples`, dict of name to uint8
[height, width, 1, 3 or 4]; `inputs`, float32 [any, height, width, channels] in [-1, 1], what the
network is given of the pictures looked at; `split`, where they are from."""

_LOOKED_AT = 16


def look_at(asked, pair_format):
    """Looks at the inputs in a data set's val, or test or train where there is none.

    Args:
        asked: The options of a program that has the flags of `page_group`; and `checkpoint_dir`,
            whose run's data are looked at where the flags name none.
        pair_format: The run's `PairFormat`.

    Returns:
        `Seen`. Examples of label maps have the palette's colours, without what JPEG made of them.

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
    pairs = list_pairs(find_split(data_path, split), layout=pair_format.layout)
    pairs = pairs.choose(_spread(len(pairs), _LOOKED_AT))
    # To name a file that cannot be read, in one line.
    pairs, _ = check_pairs(pairs, pair_format, False, memory_folder(os.environ))
    inputs, pictures = _read(pairs, pair_format)
    look = look_of([_as_rgb(picture) for picture in pictures], kind, palette)
    names = [os.path.splitext(name)[0] for name in pairs.names]
    examples = {
        names[place]: _cleaned(pictures[place], look)
        for place in _spread(len(names), asked.page_examples)
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
