"""What a page, or another program, has to know of the model: /note.json."""

from estimator.scores.label_maps import load_palette

VERSION = 1


def model_note(options, predictor):
    """Describes the model and how it is called.

    Args:
        options: `ServeOptions`.
        predictor: `Predictor`.

    Returns:
        Dict that JSON can hold.

    Raises:
        OptionsError: The palette cannot be read.
    """
    pair_format = predictor.pair_format
    height, width = pair_format.fine_size
    return {
        "version": VERSION,
        "model": options.model_name,
        "step": predictor.note.step,
        "direction": pair_format.direction,
        "input": {"height": height, "width": width, "channels": pair_format.input_channels},
        "output": {"height": height, "width": width, "channels": predictor.shown_channels},
        "kinds": sorted(predictor.kinds),
        "fit": options.fit,
        "resize": pair_format.resize,
        "alpha": pair_format.alpha,
        "lab": pair_format.lab,
        "palette": _palette(options.label_palette),
        "translate": "v1/translate",
        "max_body_mb": options.max_body_mb,
        "max_megapixels": options.max_megapixels,
    }


def _palette(name):
    """Lists the classes' names and colours, #rrggbb; None without a palette."""
    if name is None:
        return None
    palette = load_palette(name)
    return [
        {"name": label, "colour": "#{:02x}{:02x}{:02x}".format(*colour)}
        for label, colour in zip(palette.names, palette.colours)
    ]
