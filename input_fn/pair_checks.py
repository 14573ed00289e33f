"""What the fields of a `PairFormat` have to be, each and together."""

from input_fn.pair_choices import (
    ALPHAS,
    DIRECTIONS,
    FOLDERS,
    LAYOUTS,
    RESIZES,
    SINGLE,
)
from input_fn.units import as_ranges, bands_of
from input_fn.weights import CHANNEL, WEIGHTS


def check_format(known):
    """Refuses a `PairFormat` that cannot work.

    Args:
        known: The `PairFormat`.

    Raises:
        ValueError: A field has a value that cannot work; the message names the field.
    """
    for field, values in (
        ("direction", DIRECTIONS),
        ("layout", LAYOUTS),
        ("resize", RESIZES),
        ("alpha", ALPHAS),
    ):
        if getattr(known, field) not in values:
            allowed = " or ".join(map(repr, values))
            raise ValueError(f"{field} is {getattr(known, field)!r}; it must be {allowed}")
    for field in ("input_channels", "output_channels"):
        if getattr(known, field) < 1:
            raise ValueError(f"{field} is {getattr(known, field)!r}; it must be at least 1")
    for field in ("load_size", "fine_size"):
        size = getattr(known, field)
        if not isinstance(size, (tuple, list)) or len(size) != 2:
            raise ValueError(f"{field} is {size!r}; it must be a pair (height, width)")
        if not all(isinstance(side, int) and side > 0 for side in size):
            raise ValueError(f"{field} is {size!r}; both must be positive whole numbers")
    if any(load < fine for load, fine in zip(known.load_size, known.fine_size)):
        raise ValueError(
            f"load_size {known.load_size!r} is smaller than fine_size {known.fine_size!r}; "
            "crops of fine_size must fit in pictures of load_size"
        )
    bands_of(known.value_range, known.log_bands, known.input_channels, known.output_channels)
    if known.lab != (known.layout == SINGLE):
        raise ValueError("lab and layout 'single' go together")
    if known.lab and (known.log_bands or len(as_ranges(known.value_range or (0, 1))) > 1):
        raise ValueError("photos to be coloured have one `value_range`, and no `log_bands`")
    if known.lab and (known.input_channels, known.output_channels) != (1, 2):
        raise ValueError("lab has 1 input channel, L, and 2 output channels, a and b")
    _check_inputs(known)
    _check_weights(known)
    for field, channels in (
        ("input_palette", known.input_channels),
        ("output_palette", known.output_channels),
    ):
        _check_palette(known, field, getattr(known, field), channels)


def _check_palette(known, field, palette, channels):
    if palette is None:
        return
    for other in ("lab", "inputs", "has_weights", "value_range"):
        if getattr(known, other):
            raise ValueError(f"{field} is of RGB pictures of which all pixels count; not {other}")
    if known.alpha == "keep":
        raise ValueError(f"{field} is of RGB pictures; alpha 'keep' does not go with it")
    if len(set(palette)) != len(palette) or len(palette) < 2:
        raise ValueError(f"{field} has to have two colours or more, each once")
    if len(palette) != channels:
        raise ValueError(f"{field} has {len(palette)} colours for {channels} channels")


def _check_inputs(known):
    if not known.inputs:
        if known.channels_of_inputs or known.target or known.neighbours or known.group:
            raise ValueError("target, channels_of_inputs, neighbours and group need inputs")
        return
    names = (*known.inputs, known.target)
    if known.layout != FOLDERS or len(set(names)) < len(names) or not all(names):
        raise ValueError("inputs and target are different names, of layout 'folders'")
    if len(known.channels_of_inputs) != len(known.inputs) or min(known.channels_of_inputs) < 1:
        raise ValueError("channels_of_inputs has a number of at least 1 for each of inputs")
    total = sum(known.channels_of_inputs) * known.folders.files_of_input
    if known.input_channels != total:
        raise ValueError(f"input_channels is {known.input_channels}; the inputs have {total}")


def _check_weights(known):
    if known.weights not in (None, *WEIGHTS):
        allowed = " or ".join(map(repr, WEIGHTS))
        raise ValueError(f"weights is {known.weights!r}; it must be {allowed}, or None")
    if known.weights == CHANNEL and known.layout != FOLDERS:
        raise ValueError(
            "`weights` channel is the last one of the target's own files; use `layout` folders"
        )
    if known.lab and known.has_weights:
        raise ValueError("all pixels of photos to be coloured count; leave `weights` out")
