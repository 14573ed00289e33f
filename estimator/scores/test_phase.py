"""The test phase: translates a split, scores it, and leaves pictures, a page and a report."""

import contextlib
import os

import tensorflow.compat.v1 as tf
from tqdm import tqdm

from estimator.endings import abridged
from estimator.errors import OptionsError
from estimator.options import views
from estimator.options.train_options import parse_options
from estimator.palettes.palette import load_palette, palette_of
from estimator.run.failures import explained
from estimator.run.folder import network_difference
from estimator.run.stored_run import stored_network
from estimator.run.value_range import with_range_of_run
from estimator.scores.gallery import gallery_page
from estimator.scores.inception import FeatureExtractor
from estimator.scores.label_maps import LabelScores
from estimator.scores.scoreboard import UNITS, Scoreboard, table
from estimator.scores.unit_scores import UnitScores
from estimator.trained.chosen_checkpoint import choose_checkpoint
from estimator.trained.output_files import output_names, result_tags, write_picture
from estimator.trained.weights import load_weights
from input_fn import (
    Presentation,
    check_pairs,
    evaluation_dataset,
    find_split,
    has_split,
    list_pairs,
    memory_folder,
    placed_inputs,
    remove_leftovers,
    stored_values,
    write_bytes,
    write_json,
)
from model_fn import build_model_fn

OUTPUTS = "outputs"
METRICS_FILE = "metrics.json"
GALLERY_FILE = "index.html"
# Beside the outputs, what the network was given and what it should have made of it.
_FOLDERS = {"picture": OUTPUTS, "input": f"{OUTPUTS}/inputs", "target": f"{OUTPUTS}/targets"}
_ROW = {"picture": "output", "input": "input", "target": "target"}
_COLOUR_CHANNELS = 3
_SEEN_BY_INCEPTION = (1, 3)


def test(options, device):
    """Translates every pair's input and compares with its target.

    Flags of the network that were not given are those of the trained run. Everything goes into
    the checkpoint folder: `outputs/`, `index.html`, `metrics.json`.

    Args:
        options: `Options`.
        device: From `choose_device`.

    Raises:
        OptionsError: There is no trained run, or a flag contradicts it.
        DataError: The data cannot be used.
    """
    options = parse_options(options.command, stored_network(options.checkpoint_dir))
    options = with_range_of_run(options)
    difference = network_difference(options)
    if difference:
        raise OptionsError(difference)
    checkpoint = choose_checkpoint(options)
    load_weights(options)  # To refuse a checkpoint that cannot be restored, in one line.
    split = options.split or ("test" if has_split(options.data_path, "test") else "val")
    pair_format = views.pair_format(options)
    folder = find_split(options.data_path, split)
    layout, has_weights = pair_format.layout, pair_format.has_weight_files
    pairs = list_pairs(folder, options.test_size, layout, pair_format.folders, has_weights)
    label_scores, extractor = _extra_scores(options, len(pairs))
    pairs, bad = check_pairs(pairs, pair_format, options.skip_bad, memory_folder(os.environ))
    if bad:
        print(f"{split}: {len(bad)} are left out:", *abridged(bad), sep="\n    ", flush=True)
    remove_leftovers(options.checkpoint_dir)

    names = output_names(pairs.names)
    places = placed_inputs(pairs, pair_format)
    predictions = tqdm(
        _predictions(options, device, checkpoint.path, pairs, pair_format),
        desc=split,
        total=len(pairs),
        unit="img",
        disable=None,
    )
    bands = pair_format.shown_bands
    unit_scores = None if bands is None else UnitScores(bands)
    scoreboard = Scoreboard(label_scores, extractor, unit_scores)
    with explained([pairs], pair_format), extractor or contextlib.ExitStack():
        for file, name, prediction, place in zip(pairs.names, names, predictions, places):
            tags = None if place is None else result_tags(*place, pair_format, pair_format.resize)
            for which, folder in _FOLDERS.items():
                path = os.path.join(options.checkpoint_dir, folder, name)
                bands = _bands(which, pair_format)
                values = stored_values(prediction[which], bands)
                levels = prediction[f"{which}_levels"]
                write_picture(path, levels, values, tags, bands is not None)
            scoreboard.add(file, {**prediction, "output": prediction["picture"]})
    _write_results(options, checkpoint.step, split, scoreboard, names)


def _bands(which, pair_format):
    """Picks the bands in whose units a picture is written; None for [0, 1]."""
    is_input = which == "input" and not pair_format.lab
    return pair_format.input_bands if is_input else pair_format.shown_bands


def _extra_scores(options, count):
    """Makes the `LabelScores` and the `FeatureExtractor` that were asked for, or None."""
    label_scores = None
    if options.palette_output is not None and options.label_palette is None:
        label_scores = LabelScores(palette_of(options.palette_output))
    elif options.label_palette is not None:
        if options.lab_colorization or options.output_nc != _COLOUR_CHANNELS:
            raise OptionsError(
                f"--label_palette {options.label_palette}: the run's targets are no pictures of "
                f"flat colours, but have {options.output_nc} channel(s); leave it out"
            )
        label_scores = LabelScores(load_palette(options.label_palette))
    extractor = None
    if options.inception_graph is not None:
        if not options.lab_colorization and options.output_nc not in _SEEN_BY_INCEPTION:
            raise OptionsError(
                "--inception_graph: Inception networks see RGB or grey pictures, the run's have "
                f"{options.output_nc} channels; leave it out"
            )
        if count < 2:
            raise OptionsError(
                "--inception_graph: KID and FID compare sets of pictures, and there is one; leave "
                "it out"
            )
        extractor = FeatureExtractor(options.inception_graph, options.inception_nodes)
    return label_scores, extractor


def _predictions(options, device, path, pairs, pair_format):
    """Yields for each pair a dict of input, output, target and scores."""
    network, objective = views.network_config(options), views.objective_config(options)
    dtype = tf.as_dtype(device.prediction_dtype)
    model_fn = build_model_fn(
        network, objective, device, Presentation(pair_format), prediction_dtype=dtype
    )
    estimator = device.make_predictor(model_fn)

    def input_fn():
        dataset = evaluation_dataset(pairs, pair_format)
        return dataset.map(lambda features, target: {**features, "target": target})

    return estimator.predict(input_fn, checkpoint_path=path)


def _write_results(options, step, split, scoreboard, names):
    folder = options.checkpoint_dir
    report = {
        "split": split,
        "data_path": os.path.abspath(options.data_path),
        "step": step,
        "direction": options.which_direction,
        "test_dropout": options.test_dropout,
        "seed": options.seed,
        **scoreboard.report(),
    }
    dropout = f"on, seed {options.seed}" if options.test_dropout else "off"
    caption = (
        f"{report['images']} images, step {step}, {options.which_direction}, dropout {dropout}; "
        f"data range {report['data_range']}"
    )
    rows = [
        {**picture, **{_ROW[which]: f"{place}/{name}" for which, place in _FOLDERS.items()}}
        for picture, name in zip(scoreboard.pictures, names)
    ]
    units = {name: text for name, text in UNITS.items() if name in rows[0]["scores"]}
    page = gallery_page(f"{split}: input, output, target", caption, rows, units)
    write_bytes(os.path.join(folder, GALLERY_FILE), page.encode("utf-8"))
    write_json(os.path.join(folder, METRICS_FILE), report)
    print(f"{split}: {caption}")
    print("\n".join(table(report)))
    for name in (OUTPUTS, GALLERY_FILE, METRICS_FILE):
        print(os.path.abspath(os.path.join(folder, name)), flush=True)
