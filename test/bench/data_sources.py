"""Pairs per second that a training could read: from JPEG files, a cache, packed files, and by hand.

Prints a table; the loops by hand are a plain Pillow loop and tf.data with py_func, as ports of
pix2pix to TensorFlow 1 read their data. Then the time of each stage on one core, which tells what
limits them.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

import numpy as np
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.runtime import prepare_tensorflow
from input_fn import PairFormat, list_pairs, training_dataset
from input_fn import prepare as prepare_command
from input_fn.preprocessing import training_pair
from input_fn.reading import PairReader

FORMAT = PairFormat("BtoA", 3, 3, load_size=(286, 286), fine_size=(256, 256))
_WARM_UP = 20


def main():
    """Measures and prints."""
    prepare_tensorflow()
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data_path", help="folder with train/ (default: 200 synthetic facades)")
    parser.add_argument("--pairs", type=int, default=400, help="pairs to a round (default: 400)")
    parser.add_argument("--rounds", type=int, default=3, help="the best of so many is shown")
    options = parser.parse_args()
    folder = tempfile.mkdtemp()
    try:
        _measure_all(options, folder)
    finally:
        shutil.rmtree(folder)


def _measure_all(options, folder):
    data = options.data_path
    if data is None:
        data = os.path.join(folder, "synth")
        prepare_command.main(["synth", data, "--train=200", "--val=0"])
    prepare_command.main(["pack", data, os.path.join(folder, "packed")])
    pairs = list_pairs(os.path.join(data, "train"))
    files = [file for (file,) in pairs.groups()]
    packed = list_pairs(os.path.join(folder, "packed", "train"))
    sources = {
        "JPEG files": lambda: training_dataset(pairs, FORMAT, 1, 0),
        "cache in memory": lambda: training_dataset(pairs, FORMAT, 1, 0, cache="memory"),
        "cache in a folder": lambda: training_dataset(
            pairs, FORMAT, 1, 0, cache=os.path.join(folder, "cache")
        ),
        "packed": lambda: training_dataset(packed, FORMAT, 1, 0),
        "tf.data with py_func": lambda: _py_func_dataset(files),
    }
    print(f"{len(files)} files of {data}, {os.cpu_count()} cores; pairs per second, best of rounds")
    for name, dataset in sources.items():
        # Caches are filled first: by an epoch.
        warm_up = len(files) + _WARM_UP if "cache" in name else _WARM_UP
        print(f"{name:22s} {_rate(dataset, options, warm_up):8.0f}", flush=True)
    print(f"{'Pillow loop':22s} {_pillow_rate(files, options):8.0f}", flush=True)
    print("\nmilliseconds per pair on one core")
    for name, seconds in _stages(pairs, files).items():
        print(f"{name:22s} {1000 * seconds:8.2f}", flush=True)


def _rate(dataset, options, warm_up):
    with tf.Graph().as_default(), tf.Session() as session:
        iterator = tf.data.make_initializable_iterator(dataset())
        # The operation alone: what is fetched would be copied.
        following = iterator.get_next()
        advance = session.make_callable(tf.group(following[0]["input"].op, following[1].op))
        session.run(iterator.initializer)
        for _ in range(warm_up):
            advance()
        return max(_timed(advance, options.pairs) for _ in range(options.rounds))


def _timed(advance, count):
    start = time.perf_counter()
    for _ in range(count):
        advance()
    return count / (time.perf_counter() - start)


def _by_hand(path, random):
    """Reads a pair as ports do: Pillow, NumPy, one picture after the other."""
    with Image.open(path) as picture:
        pair = picture.convert("RGB")
    half = pair.width // 2
    top, left = random.randint(0, 31, 2)
    mirrored = random.uniform() < 0.5
    pictures = []
    for start in (half, 0):
        side = pair.crop((start, 0, start + half, pair.height)).resize((286, 286), Image.BILINEAR)
        pixels = np.asarray(side)[top : top + 256, left : left + 256]
        pixels = pixels[:, ::-1] if mirrored else pixels
        pictures.append(pixels.astype(np.float32) / 127.5 - 1.0)
    return pictures


def _py_func_dataset(files):
    random = np.random.RandomState(0)

    def load(path):
        x, y = tf.py_func(lambda name: _by_hand(name, random), [path], [tf.float32, tf.float32])
        x.set_shape([256, 256, 3])
        y.set_shape([256, 256, 3])
        return {"input": x}, y

    dataset = tf.data.Dataset.from_tensor_slices(files).shuffle(len(files)).repeat()
    # Else AutoGraph would translate `_by_hand` at every call, which takes seconds.
    load = tf.autograph.experimental.do_not_convert(load)
    return dataset.map(load, num_parallel_calls=2).batch(1).prefetch(2)


def _pillow_rate(files, options):
    random = np.random.RandomState(0)
    order = iter(random.randint(len(files), size=10**6))
    return max(
        _timed(lambda: _by_hand(files[next(order)], random), options.pairs)
        for _ in range(options.rounds)
    )


def _stages(pairs, files):
    """Measures what is done to a pair, each stage with what comes before it, and subtracts."""
    reader = PairReader(pairs.kinds, FORMAT)
    config = tf.ConfigProto(intra_op_parallelism_threads=1, inter_op_parallelism_threads=1)
    with tf.Graph().as_default(), tf.Session(config=config) as session:
        path = tf.placeholder(tf.string, [])
        contents = tf.io.read_file(path)
        stacks = reader.stacks([contents])
        seed = tf.constant([0, 1], tf.int64)
        features, y = training_pair(stacks, seed, FORMAT, flip=True)
        ends = {
            "read": contents.op,
            "decode and split": stacks[0].op,
            "resize, crop, mirror": tf.group(features["input"].op, y.op),
        }
        totals = {name: _best_seconds(session, op, path, files) for name, op in ends.items()}
    stages, before = {}, 0.0
    for name, total in totals.items():
        stages[name] = max(total - before, 0.0)
        before = total
    return stages


def _best_seconds(session, op, path, files):
    run = session.make_callable(op, feed_list=[path])
    best = float("inf")
    for _ in range(5):
        start = time.perf_counter()
        for file in files[:100]:
            run(file)
        best = min(best, (time.perf_counter() - start) / len(files[:100]))
    return best


if __name__ == "__main__":
    main()
