"""What a translation costs: python test/bench/inference.py --checkpoint_dir DIR.

Exports the run for each batch size and measures every export in a process of its own, since peak
memory is counted per process. Then predict.py's work, from picture files to PNG files, in turns
with its graph alone, on the same pictures in memory. Where the machine has bfloat16, it is measured
as well. Prints a table in Markdown.
"""

import argparse
import glob
import json
import os
import resource
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

from estimator.runtime import prepare_tensorflow

PROJECT = sys.path[0]
KINDS = {
    "pb": "frozen graph",
    "saved_model": "SavedModel",
    "tflite": "TFLite",
    "onnx": "ONNX Runtime",
    "pb-bfloat16": "frozen graph, bfloat16",
}
PREDICTIONS = {"pb": "predict.py", "pb-bfloat16": "predict.py, bfloat16"}
_PREDICT, _BFLOAT16 = "predict", "bfloat16"
ALONE = "TensorFlow alone"
_ROUNDS = 3  # Of predict.py and its graph in turns.


def main():
    """Measures all exports, or, as its own child process, one of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint_dir", metavar="DIR", help="a run's folder")
    parser.add_argument("--batches", default="1,8", help="batch sizes, separated by commas")
    parser.add_argument(
        "--formats",
        default=f"pb,saved_model,tflite,onnx,{_BFLOAT16}",
        help=f"separated by commas; {_BFLOAT16} is a pb of that type",
    )
    parser.add_argument("--repeats", type=int, default=10, help="timed calls; the fastest counts")
    parser.add_argument(
        "--pictures", type=int, default=100, help="that predict.py translates, in three rounds"
    )
    parser.add_argument("--measure", nargs=3, metavar=("KIND", "PATH", "BATCH"), help="one export")
    options = parser.parse_args()
    if options.measure:
        prepare_tensorflow()
        kind, path, batch = options.measure
        if kind == _PREDICT:
            result = measure_prediction(path, int(batch), options.pictures)
        else:
            result = measure(kind, path, batch, options.repeats)
        print(json.dumps({**result, "peak_mb": peak_megabytes()}))
        return
    if options.checkpoint_dir is None:
        parser.error("--checkpoint_dir is needed")
    print_table(options)


def print_table(options):
    """Exports, measures and prints."""
    print(
        "| export | batch | ms per image | CPU ms per image | peak memory, MB | file, MB |", end=""
    )
    print(" of its graph alone, by the clock | in CPU time |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    alone = run_apart("nothing", ".", 1, options)
    print(f"| {ALONE} | | | | {alone['peak_mb']:.0f} | | | |", flush=True)
    for batch in map(int, options.batches.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            paths = export(options.checkpoint_dir, folder, batch, options.formats.split(","))
            for kind, path in paths.items():
                result = run_apart(kind, path, batch, options)
                print(f"{row(KINDS[kind], batch, result)} {megabytes(path):.1f} | | |", flush=True)
            for kind in filter(paths.get, PREDICTIONS):
                result = run_apart(_PREDICT, paths[kind], batch, options)
                ratios = f"{result['ratio']:.2f} | {result['cpu_ratio']:.2f} |"
                print(f"{row(PREDICTIONS[kind], batch, result)} | {ratios}", flush=True)


def row(name, batch, result):
    """Makes the columns that all rows have."""
    times = f"{result['ms_per_image']:.0f} | {result['cpu_ms_per_image']:.0f}"
    return f"| {name} | {batch} | {times} | {result['peak_mb']:.0f} |"


def export(checkpoint_dir, folder, batch, formats):
    """Exports in a process of its own: a child's peak memory begins with that of its parent.

    Args:
        checkpoint_dir: A run's folder.
        folder: An empty one.
        batch: Pictures at a time.
        formats: List of them; `_BFLOAT16` is left out where there is none.

    Returns:
        Dict of kind to path.
    """
    command = [sys.executable, os.path.join(PROJECT, "estimator", "export.py")]
    command += [f"--checkpoint_dir={checkpoint_dir}", f"--batch_size={batch}"]
    float32 = ",".join(name for name in formats if name != _BFLOAT16)
    flags = [f"--output={folder}", f"--formats={float32}"]
    subprocess.run([*command, *flags], check=True, stdout=sys.stderr)
    if _BFLOAT16 in formats:
        flags = [f"--output={folder}/bfloat16", "--formats=pb"]
        flags.append("--precision_mode=allow_mix_precision_bf16")
        subprocess.run([*command, *flags], check=False, stdout=sys.stderr)
    patterns = {
        "pb": f"{folder}/model-*.pb",
        "saved_model": f"{folder}/saved_model/*",
        "tflite": f"{folder}/model-*.tflite",
        "onnx": f"{folder}/model-*.onnx",
        "pb-bfloat16": f"{folder}/bfloat16/model-*.pb",
    }
    found = {kind: glob.glob(pattern) for kind, pattern in patterns.items()}
    return {kind: paths[0] for kind, paths in found.items() if paths}


def run_apart(kind, path, batch, options):
    """Measures one export, or predict.py's work with one, in a process of its own."""
    counts = ["--repeats", str(options.repeats), "--pictures", str(options.pictures)]
    command = [sys.executable, __file__, *counts]
    output = subprocess.run(
        [*command, "--measure", kind, path, str(batch)], check=True, stdout=subprocess.PIPE
    )
    return json.loads(output.stdout)


def measure(kind, path, batch, repeats):
    """Times one export.

    Returns:
        Dict of `ms_per_image`, from the fastest call, which other programs disturb least; and
        `cpu_ms_per_image`, the time of all cores together in the mean call, which they disturb
        hardly.
    """
    import numpy as np

    result = {}
    if kind != "nothing":
        translate, size, channels = load(kind, path)
        shape = [int(batch), *size, channels]
        pictures = np.random.RandomState(0).uniform(-1, 1, shape).astype(np.float32)
        for _ in range(2):
            translate(pictures)
        seconds, cpu_start = [], time.process_time()
        for _ in range(repeats):
            start = time.perf_counter()
            translate(pictures)
            seconds.append(time.perf_counter() - start)
        cpu_seconds = (time.process_time() - cpu_start) / repeats
        result["ms_per_image"] = min(seconds) * 1000 / int(batch)
        result["cpu_ms_per_image"] = cpu_seconds * 1000 / int(batch)
    return result


def measure_prediction(path, batch, count):
    """Times predict.py's work, from files to files, in turns with the graph alone.

    Loading is left out; both have the same session, which is kept.

    Returns:
        Dict of `ms_per_image` and `cpu_ms_per_image`, medians of the rounds; and of `ratio` and
        `cpu_ratio`, what these are of those of the graph alone, on the same pictures in memory.
    """
    import numpy as np

    from estimator.devices.prediction import keep_memory
    from estimator.options import parse_predict_options
    from estimator.trained.opening import open_predictor
    from estimator.trained.picture_line import translate_all
    from estimator.trained.picture_steps import read_picture
    from estimator.trained.single_pictures import find_work, threads_beside
    from input_fn import write_data_set

    with tempfile.TemporaryDirectory() as folder:
        write_data_set(folder, train=count, val=0, seed=0)
        flags = [f"--input={folder}/train", f"--output={folder}/out", f"--graph={path}"]
        options = parse_predict_options([*flags, f"--batch_size={batch}"])
        keep_memory(options.device)
        with open_predictor(options, batch) as predictor:
            pictures, targets = find_work(options, predictor.pair_format)
            work, threads = list(zip(pictures, targets)), threads_beside(pictures)
            x = np.stack([read_picture(picture, predictor).x for picture in pictures])

            def alone():
                for start in range(0, count, batch):
                    predictor.translate(x[start : start + batch])

            def whole():
                translate_all(work, predictor, options, print, lambda target: None, threads)

            alone()
            rounds = [[*timed(alone), *timed(whole)] for _ in range(_ROUNDS)]
    wall, cpu, whole_wall, whole_cpu = 1000 / count * np.median(rounds, axis=0)
    return {
        "ms_per_image": whole_wall,
        "cpu_ms_per_image": whole_cpu,
        "ratio": whole_wall / wall,
        "cpu_ratio": whole_cpu / cpu,
    }


def timed(function):
    """Calls a function; returns the seconds that it took by the clock, and of all cores."""
    start, cpu_start = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - start, time.process_time() - cpu_start


def peak_megabytes():
    """Reads the largest resident memory of the process, with TensorFlow."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def load(kind, path):
    """Loads an export as (function of pictures, size, channels)."""
    import tensorflow.compat.v1 as tf

    from estimator.trained.sources import from_graph, from_saved_model

    if kind != "tflite":
        predictor = (from_saved_model if kind == "saved_model" else from_graph)(path)
        pair_format = predictor.pair_format
        return predictor.translate, pair_format.fine_size, pair_format.input_channels
    interpreter = tf.lite.Interpreter(model_path=path)
    interpreter.allocate_tensors()
    taken, given = interpreter.get_input_details()[0], interpreter.get_output_details()[0]

    def translate(pictures):
        interpreter.set_tensor(taken["index"], pictures)
        interpreter.invoke()
        return interpreter.get_tensor(given["index"])

    _, height, width, channels = taken["shape"]
    return translate, (height, width), channels


def megabytes(path):
    """Adds up a file's or a folder's bytes."""
    if os.path.isfile(path):
        return os.path.getsize(path) / 1e6
    files = [os.path.join(folder, name) for folder, _, names in os.walk(path) for name in names]
    return sum(map(os.path.getsize, files)) / 1e6


if __name__ == "__main__":
    main()
