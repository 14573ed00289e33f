"""A run's palettes: found in its data where that is asked for, compared with them, and listed."""

from dataclasses import replace

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.options import views
from estimator.options.flag_types import AUTO, DETECT
from estimator.options.train_options import PALETTES
from estimator.palettes.finding import find_palette
from estimator.palettes.palette import entries_of, nearest_classes, palette_of
from estimator.run.stored_run import stored_options
from input_fn import DataError, stored_inputs

# Pairs that are looked at, from all over the data: neighbours may be of one scene.
_LOOKED_AT = 64
# How far a pixel of a label map may be from its class's colour, in levels, after JPEG and soft
# edges; and the least share of a picture that has to be so near. Of CMP facades 98 % is near in the
# worst of the label maps; of the photos beside them 23 % at most.
_NEAR, _LEAST_NEAR = 64.0, 0.5
# How far the colours that are found may be from those of the run that is to go on.
_NEAR_HELD = 12.0
# How far apart the three values of a grey may be, in levels: JPEG.
_GREY = 6
_SIDE = {"palette_input": "input", "palette_output": "target"}


def settle_palettes(options, pairs):
    """Finds the classes that are asked for, and sees that the pictures are maps of them.

    Args:
        options: `Options`.
        pairs: `Pairs` to train on, which have been checked.

    Returns:
        `Options` with the classes in place of `auto` and `detect`, and a list of lines that say
        what they are.

    Raises:
        DataError: A picture is no map of these classes.
        OptionsError: The pictures are no label maps.
    """
    lines = []
    for flag in PALETTES:
        asked = getattr(options, flag)
        if asked is None:
            continue
        chosen = pairs.choose(_spread(len(pairs)))
        pictures = _read(chosen, views.pair_format(options), targets=flag == "palette_output")
        try:
            classes, line = _settle(flag, options, pictures, chosen.names)
        except (DataError, OptionsError):
            if asked != DETECT:
                raise
            classes, line = None, f"--{flag}: none, the {_SIDE[flag]} pictures are no label maps"
        options = replace(options, **{flag: classes})
        lines.append(line)
    return options, lines


def _settle(flag, options, pictures, names):
    """Gives the classes of a flag, as options have them, and the line that says what they are."""
    asked = getattr(options, flag)
    classes = _found(flag, options, pictures) if asked in (AUTO, DETECT) else asked
    palette = palette_of(classes)
    if asked == DETECT and _is_scale(palette):
        raise OptionsError(f"--{flag} {asked}: these are values from black to white, no classes")
    shares = _shares(flag, palette, pictures, names)
    return classes, _line(flag, palette, shares, len(pictures))


def _is_scale(palette):
    """Whether the colours are more than two greys: a depth or a drawing with few levels."""
    spread = palette.colours.max(axis=1) - palette.colours.min(axis=1)
    return len(palette.colours) > 2 and spread.max() <= _GREY


def _spread(total):
    return sorted({int(place) for place in np.linspace(0, total - 1, min(total, _LOOKED_AT))})


def _read(pairs, pair_format, targets):
    with tf.Graph().as_default(), tf.Session() as session:
        dataset = stored_inputs(pairs, pair_format, targets)
        picture = tf.data.make_one_shot_iterator(dataset).get_next()
        read = [session.run(picture) for _ in range(len(pairs))]
    return [np.round(each[..., :3]).astype(np.uint8) for each in read]


def _found(flag, options, pictures):
    """Finds the classes; a run goes on with its own where those are the same but for JPEG."""
    palette = find_palette(pictures)
    if palette is None:
        raise OptionsError(
            f"--{flag} auto: the {_SIDE[flag]} pictures are no maps of at least two flat colours; "
            "leave it out, choose the other --which_direction, or name a file of colours"
        )
    held = stored_options(options.checkpoint_dir).get(flag)
    if held is not None:
        distances = np.linalg.norm(
            palette.colours[:, None] - palette_of(held).colours[None], axis=-1
        )
        if distances.min(axis=1).max() <= _NEAR_HELD:
            return held
    return entries_of(palette)


def _shares(flag, palette, pictures, names):
    """Counts each class's share of all pixels; raises where a picture is not of the classes."""
    counts = np.zeros(len(palette.names), np.int64)
    for picture, name in zip(pictures, names):
        classes = nearest_classes(picture.astype(np.float32) / 127.5 - 1.0, palette)
        apart = np.linalg.norm(picture.astype(np.float32) - palette.colours[classes], axis=-1)
        near = float(np.mean(apart <= _NEAR))
        if near < _LEAST_NEAR:
            raise DataError(
                f"{name}: {near:.0%} of the {_SIDE[flag]} is near a colour of the "
                f"{len(palette.names)} classes of --{flag}, and label maps have nearly all; choose "
                "the other --which_direction, or name the right colours"
            )
        counts += np.bincount(classes.ravel(), minlength=len(counts))
    return counts / counts.sum()


def _line(flag, palette, shares, count):
    classes = ", ".join(f"{name} {share:.1%}" for name, share in zip(palette.names, shares))
    return f"--{flag}: {len(shares)} classes in {count} pairs: {classes}"
