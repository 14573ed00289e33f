"""The note beside an export: what is baked into it, and how pictures are fitted to it."""

import json
from dataclasses import asdict, dataclass, fields
from typing import Optional

import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.options import views
from estimator.run.stored_run import as_tuples
from input_fn import SIDE_BY_SIDE, SINGLE, PairFormat
from model_fn import NO_NORM

VERSION = 2
_NORMS = {
    "batch": "batch norm with the statistics of each picture",
    "instance": "instance norm",
    NO_NORM: "none",
}
_LAB = "Lab: L / 50 - 1 to (a, b) / 110"


@dataclass(frozen=True)
class Note:
    """What a program has to know to use an exported generator as the run that made it does.

    Attributes:
        pair_format: The run's `PairFormat`: channels, size, resizing, alpha, range of values, Lab.
        step: Of the checkpoint; None where that is not known.
        has_norms: Whether the network normalises; taken for granted where that is not known.
    """

    pair_format: PairFormat
    step: Optional[int] = None
    has_norms: bool = True


def make_note(options, step, dtype=tf.float32):
    """Says what is baked into an export of a run.

    Args:
        options: `Options`; `test_dropout` and `seed` are those of the export.
        step: Of the checkpoint.
        dtype: In which convolutions are computed.

    Returns:
        Dict that JSON can hold, for whoever writes the export to add its ends to.
    """
    dropout = f"on, one draw with seed {options.seed}" if options.test_dropout else "off"
    return {
        "version": VERSION,
        "direction": options.which_direction,
        "value_range": [-1.0, 1.0],
        "layout": "NHWC",
        "norm": _NORMS[options.norm],
        "dropout": dropout,
        "convolutions": dtype.name,
        "generator": options.netG,
        "ngf": options.ngf,
        "weights": "moving average" if options.ema and options.ema_weights else "last",
        "colours": _LAB if options.lab_colorization else "as stored",
        # Of each channel the class, "#RRGGBB NAME"; null for pictures.
        "input_classes": options.palette_input,
        "output_classes": options.palette_output,
        "pair_format": noted_format(views.pair_format(options)),
        "step": int(step),
    }


def noted_format(pair_format):
    """Makes of a `PairFormat` a dict that JSON can hold: it has no NaN, so `nodata` is text."""
    return {**asdict(pair_format), "nodata": [f"{value:.17g}" for value in pair_format.nodata]}


def read_note(path, source):
    """Reads a note.

    Args:
        path: Of the JSON file.
        source: Flag and value that named the export, for messages.

    Returns:
        `Note`; None if there is no such file.

    Raises:
        OptionsError: It cannot be read, or is of a version that this program does not know.
    """
    try:
        with open(path, encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _unusable(source, path, error) from None
    return note_of_text(text, path, source)


def note_of_text(text, place, source):
    """Reads a note that is at hand.

    Args:
        text: JSON.
        place: Where it was found, for messages.
        source: Flag and value that named the export, for messages.

    Returns:
        `Note`.

    Raises:
        OptionsError: As of `read_note`.
    """
    try:
        content = json.loads(text)
        version = content.get("version", 1)
        if version not in (1, VERSION):
            raise OptionsError(
                f"{source}: its note {place} is of version {version}, this program knows 1 and "
                f"{VERSION}; use the version of the program that wrote it, or export it again"
            )
        pair_format = _first_version(content) if version == 1 else _pair_format(content)
        has_norms = content.get("norm") != _NORMS[NO_NORM]
        return Note(pair_format, content.get("step"), has_norms)
    except OptionsError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _unusable(source, place, error) from None


def _unusable(source, place, error):
    reason = f"{type(error).__name__}: {error}"
    return OptionsError(f"{source}: its note {place} cannot be read ({reason}); export it again")


def _pair_format(content):
    values = content["pair_format"]
    values = {**values, "nodata": [float(value) for value in values.get("nodata", ())]}
    known = {field.name for field in fields(PairFormat)}
    return PairFormat(**{name: as_tuples(value) for name, value in values.items() if name in known})


def _first_version(content):
    """Makes what the notes of before there were versions say, with the defaults for the rest."""
    size = tuple(content["input"]["shape"][1:3])
    lab = content.get("colours") == _LAB
    return PairFormat(
        direction=content["direction"],
        input_channels=content["input"]["shape"][-1],
        output_channels=content["output"]["shape"][-1],
        load_size=size,
        fine_size=size,
        layout=SINGLE if lab else SIDE_BY_SIDE,
        lab=lab,
    )


def assumed_note(input_shape, output_shape):
    """Makes the note of a graph without one: pictures are stretched, files taken as stored.

    Args:
        input_shape: [batch, height, width, channels].
        output_shape: Likewise.

    Returns:
        `Note`.
    """
    size = tuple(input_shape[1:3])
    return Note(PairFormat("AtoB", input_shape[-1], output_shape[-1], size, size))
