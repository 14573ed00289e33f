"""Measures how many pairs per second the input pipeline delivers, and how many the model consumes.

The pipeline runs by itself as in training: files (from the operating system's cache, once they have
been read), 286x286 cropped to 256x256, mirroring, batch 1. The model makes training steps on one
batch that stays the same. They take turns, so that whatever else the machine does falls on both;
medians of the windows are reported.

Exit code: 0 if the pipeline is at least 20 times as fast as the model, 1 if it is not, 2 for bad
input.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time

# Started as a script, Python looks for packages beside this file, not in the project's folder.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from estimator.runtime import prepare_tensorflow

WANTED_RATIO = 20
SYNTHETIC_PAIRS = 40
# Of a window, and left out before each: meanwhile the pipeline has prefetched, which would count
# as delivered in no time, and caches have gone cold.
WARM_UP = 0.25


def main(arguments=None):
    """Measures and reports.

    Args:
        arguments: The flags; None for those of the command line.

    Returns:
        Exit code.
    """
    flags = build_parser().parse_args(arguments)
    prepare_tensorflow()
    from estimator.options.train_options import parse_options
    from input_fn import DataError

    with tempfile.TemporaryDirectory() as folder:
        options = parse_options(
            [
                f"--data_path={flags.data_path or folder}",
                f"--ngf={flags.filters}",
                f"--ndf={flags.filters}",
                f"--checkpoint_dir={folder}/run",
            ]
        )
        try:
            paths = find_files(options, synthetic=flags.data_path is None)
        except DataError as error:
            print(f"error: {error}", file=sys.stderr)
            return 2
        next_batch, batch = build_pipeline(paths, options)
        steps = [next_batch]
        if flags.model_step_ms is None:
            steps.append(build_model(batch, options))
        rates = measure(steps, flags.seconds, flags.repeats)
    return report(flags, *rates)


def build_parser():
    """Builds the parser of the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--data_path", metavar="DIR", help="folder with train/; synthetic pairs if left out"
    )
    parser.add_argument(
        "--seconds", type=positive(float), default=5.0, help="length of a window (5)"
    )
    parser.add_argument("--repeats", type=positive(int), default=5, help="windows of each (5)")
    parser.add_argument(
        "--filters", type=positive(int), default=64, help="of both networks' first layers (64)"
    )
    parser.add_argument(
        "--model_step_ms",
        type=positive(float),
        help="milliseconds of a training step, if known from elsewhere; measured if left out",
    )
    return parser


def positive(kind):
    """Makes an argparse type of numbers above 0."""

    def parse(text):
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text} is out of range; it must be above 0")
        return value

    parse.__name__ = kind.__name__  # Which argparse says of text that is no number.
    return parse


def find_files(options, synthetic):
    """Lists the training files, which are made first if they are to be synthetic."""
    from estimator.options import views
    from input_fn import check_pairs, find_split, list_pairs, write_data_set

    height, width = options.fine_size
    if synthetic:
        write_data_set(options.data_path, SYNTHETIC_PAIRS, 0, options.seed, height, width)
    paths = list_pairs(find_split(options.data_path, "train"))
    check_pairs(paths, views.pair_format(options))
    return paths


def build_pipeline(paths, options):
    """Starts the training pipeline.

    Returns:
        A function that takes one batch out of it and drops it, and a batch, as arrays.
    """
    import tensorflow.compat.v1 as tf

    from estimator.options import views
    from input_fn import training_dataset

    with tf.Graph().as_default() as graph, tf.device("/cpu:0"):
        dataset = training_dataset(
            paths, views.pair_format(options), options.batch_size, options.seed
        )
        features, y = tf.data.make_one_shot_iterator(dataset).get_next()
    session = tf.Session(graph=graph, config=tf.ConfigProto(device_count={"GPU": 0}))
    batch = session.run((features, y))
    # The operation, not its results, which would be copied.
    return session.make_callable(y.op), batch


def build_model(batch, options):
    """Builds the training step on a batch that stays the same.

    Returns:
        A function that makes one step.
    """
    import tensorflow.compat.v1 as tf

    from estimator.devices import choose_device
    from estimator.options import views
    from input_fn import Presentation
    from model_fn import build_model_fn

    device = choose_device(options)
    device.prepare_process()
    print(device.description, flush=True)
    model_fn = build_model_fn(
        views.network_config(options),
        views.objective_config(options),
        device,
        Presentation(views.pair_format(options)),
    )
    with tf.Graph().as_default() as graph:
        tf.set_random_seed(options.seed)
        # Out of a dataset as in training: with constants, part of the step would be done once.
        with tf.device("/cpu:0"):
            dataset = tf.data.Dataset.from_tensors(batch).repeat()
            features, y = tf.data.make_one_shot_iterator(dataset).get_next()
        spec = model_fn(features, y, tf.estimator.ModeKeys.TRAIN)
        initialize = tf.global_variables_initializer()
    session = tf.Session(graph=graph)
    session.run(initialize)
    return session.make_callable([spec.train_op, spec.loss])


def measure(steps, seconds, repeats):
    """Measures by turns.

    Args:
        steps: Functions, each of which handles a batch of one pair.
        seconds: Length of a window.
        repeats: Number of windows of each function.

    Returns:
        For each function, a list of its rates per second, one for each window.
    """
    rates = [[] for _ in steps]
    for number in range(repeats + 1):
        for step, found in zip(steps, rates):
            run_for(step, WARM_UP * seconds)
            rate = run_for(step, seconds)
            # The first windows have compilation in them, and threads that are still being tuned.
            if number:
                found.append(rate)
    return rates


def run_for(step, seconds):
    """Calls a function until the time is up, at least once, and returns its rate per second."""
    start, count, passed = time.perf_counter(), 0, 0.0
    while passed < seconds or not count:
        step()
        count += 1
        passed = time.perf_counter() - start
    return count / passed


def report(flags, pipeline_rates, model_rates=None):
    """Prints the table and returns the exit code."""
    pipeline = statistics.median(pipeline_rates)
    windows = f"median of {flags.repeats} x {flags.seconds:g} s"
    if model_rates is None:
        model, source = 1000 / flags.model_step_ms, "as given"
    else:
        model, source = statistics.median(model_rates), f"{flags.filters} filters, {windows}"
    ratio = pipeline / model
    verdict = "enough" if ratio >= WANTED_RATIO else "too low"
    for name, value, remark in (
        ("pipeline, pairs/s", f"{pipeline:.1f}", windows),
        ("model, images/s", f"{model:.3f}", f"{1000 / model:.1f} ms a step, {source}"),
        ("ratio", f"{ratio:.1f}", f"at least {WANTED_RATIO} is wanted: {verdict}"),
        ("cores", f"{os.cpu_count()}", ""),
    ):
        print(f"{name:<18}{value:>10}  {remark}".rstrip())
    return 0 if ratio >= WANTED_RATIO else 1


if __name__ == "__main__":
    sys.exit(main())
