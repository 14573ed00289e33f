"""The flags of serve.py, and its options."""

import argparse
import re

from estimator.options.flag_types import POSITIVE, number
from estimator.options.flags import Flag, FlagGroup, all_flags, make_fields, make_parser
from estimator.options.page_flags import page_group
from estimator.options.predict_flags import PREDICT_GROUPS, require_checkpoint

# What predict.py takes as well, with the same meaning.
_SHARED = {flag.name: flag for flag in all_flags(PREDICT_GROUPS)}
_MODELS = ("checkpoint_dir", "graph", "saved_model")
_OF_MODELS = ("step", "fit", "image_size", "test_dropout", "seed", "ema_weights", "device")
_OF_MODELS += ("precision_mode",)
# Pillow warns of larger pictures, and refuses those of twice as many pixels.
_MEGAPIXELS_OF_PILLOW = 89
_PORTS = 65536


def parse_host_names(text):
    """Reads "a.example,b.example" into a tuple of names, in lower case and without ports."""
    names = tuple(name.strip().lower() for name in text.split(",") if name.strip())
    for name in names:
        if not re.fullmatch(r"[a-z0-9._-]+", name):
            raise argparse.ArgumentTypeError(
                f"{name!r} is not a host's name; write such as pictures.example, without a port"
            )
    return names


def parse_model_name(text):
    """Checks a name that is to be a part of an address."""
    if not re.fullmatch(r"[A-Za-z0-9._-]+", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no name; use letters, digits, . _ and -")
    return text


SERVE_GROUPS = (
    FlagGroup(
        "model (exactly one of these)",
        tuple(_SHARED[name] for name in _MODELS),
        exclusive=True,
    ),
    FlagGroup(
        "address",
        (
            Flag(
                "host",
                "address to listen on; 127.0.0.1 is reached from this machine alone, 0.0.0.0 from "
                "all that can reach it",
                default="127.0.0.1",
                metavar="ADDRESS",
            ),
            Flag(
                "port",
                "TCP port; 0: one that is free, which is printed",
                default=8000,
                type=number(int, 0, _PORTS),
                metavar="N",
            ),
            Flag(
                "allowed_hosts",
                "names, separated by commas, by which it may be called beside localhost and "
                "addresses in digits",
                default="",
                type=parse_host_names,
                metavar="NAME,NAME",
            ),
            Flag(
                "model_name",
                "the model's name in TensorFlow Serving's addresses",
                default="pix2pix",
                type=parse_model_name,
                metavar="NAME",
            ),
        ),
    ),
    FlagGroup(
        "translation",
        (
            *(_SHARED[name] for name in _OF_MODELS),
            Flag(
                "max_batch",
                "pictures that the network gets at a time, at most; results do not depend on it "
                "(but for rounding, by at most 1 of 255 levels)",
                default=8,
                **POSITIVE,
            ),
        ),
    ),
    page_group("page"),
    FlagGroup(
        "limits",
        (
            Flag(
                "max_body_mb",
                "megabytes (10^6) of a request's body",
                default=32,
                type=number(float, 0, exclusive=True),
                metavar="X",
            ),
            Flag(
                "max_megapixels",
                "millions of pixels of a picture",
                default=50,
                type=number(float, 0, _MEGAPIXELS_OF_PILLOW, exclusive=True),
                metavar="X",
            ),
            Flag(
                "max_waiting",
                "pictures that are read, waited for or worked on at a time; those of further "
                "requests are refused",
                default=64,
                **POSITIVE,
            ),
            Flag(
                "timeout_s",
                "seconds that a request's body may take to arrive, and its answer after that",
                default=60,
                type=number(float, 0, exclusive=True),
                metavar="X",
            ),
        ),
    ),
)


class ServeOptions(make_fields("_ServeFields", SERVE_GROUPS)):
    """The options of serve.py, frozen. The fields are the flags."""


def build_serve_parser():
    """Builds the parser of serve.py."""
    return make_parser(
        SERVE_GROUPS,
        "Translates pictures by HTTP with a trained network, and has a page to do so.",
        "(--checkpoint_dir DIR | --graph FILE | --saved_model DIR) [--FLAG VALUE ...]",
    )


def parse_serve_options(arguments):
    """Parses the command line of serve.py.

    Args:
        arguments: List of strings, without the program's name.

    Returns:
        `ServeOptions`.

    Raises:
        OptionsError: A flag is unknown, malformed, or does not go with another.
    """
    options = ServeOptions(**vars(build_serve_parser().parse_args(arguments)))
    require_checkpoint(options)
    return options
