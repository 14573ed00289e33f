"""What a translation costs: python test/bench/inference.py --checkpoint_dir DIR.

Exports the run for each batch size and measures every export in a process of its own, since peak
memory is counted per process. Prints a table in Markdown.
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
KINDS = {"pb": "frozen graph", "saved_model": "SavedModel", "tflite": "TFLite", "onnx": "ONNX"}
ALONE = "TensorFlow alone"


def main():
    """Measures all exports, or, as its own child process, one of them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint_dir", metavar="DIR", help="a run's folder")
    parser.add_argument("--batches", default="1,8", help="batch sizes, separated by commas")
    parser.add_argument("--repeats", type=int, default=10, help="timed calls; the fastest counts")
    parser.add_argument("--measure", nargs=3, metavar=("KIND", "PATH", "BATCH"), help="one export")
    options = parser.parse_args()
    if options.measure:
        prepare_tensorflow()
        print(json.dumps(measure(*options.measure, options.repeats)))
        return
    if options.checkpoint_dir is None:
        parser.error("--checkpoint_dir is needed")
    print_table(options)


def print_table(options):
    """Exports, measures and prints."""
    print("| export | batch | ms per image | CPU ms per image | peak memory, MB | file, MB |")
    print("|---|--:|--:|--:|--:|--:|")
    alone = run_apart("nothing", ".", 1, options.repeats)
    print(f"| {ALONE} | | | | {alone['peak_mb']:.0f} | |", flush=True)
    for batch in map(int, options.batches.split(",")):
        with tempfile.TemporaryDirectory() as folder:
            paths = export(options.checkpoint_dir, folder, batch)
            for kind, path in paths.items():
                result = run_apart(kind, path, batch, options.repeats)
                print(
                    f"| {KINDS[kind]} | {batch} | {result['ms_per_image']:.0f} "
                    f"| {result['cpu_ms_per_image']:.0f} "
                    f"| {result['peak_mb']:.0f} | {megabytes(path):.1f} |",
                    flush=True,
                )


def export(checkpoint_dir, folder, batch):
    """Exports in a process of its own: a child's peak memory begins with that of its parent.

    Returns:
        Dict of kind to path.
    """
    command = [sys.executable, os.path.join(PROJECT, "estimator", "export.py")]
    flags = [f"--checkpoint_dir={checkpoint_dir}", f"--output={folder}", f"--batch_size={batch}"]
    flags.append(f"--formats={','.join(KINDS)}")
    subprocess.run([*command, *flags], check=True, stdout=sys.stderr)
    return {
        "pb": glob.glob(f"{folder}/model-*.pb")[0],
        "saved_model": glob.glob(f"{folder}/saved_model/*")[0],
        "tflite": glob.glob(f"{folder}/model-*.tflite")[0],
        "onnx": glob.glob(f"{folder}/model-*.onnx")[0],
    }


def run_apart(kind, path, batch, repeats):
    """Measures one export in a process of its own."""
    command = [sys.executable, __file__, "--repeats", str(repeats)]
    output = subprocess.run(
        [*command, "--measure", kind, path, str(batch)], check=True, stdout=subprocess.PIPE
    )
    return json.loads(output.stdout)


def measure(kind, path, batch, repeats):
    """Times one export.

    Returns:
        Dict of `ms_per_image`, from the fastest call, which other programs disturb least;
        `cpu_ms_per_image`, the time of all cores together in the mean call, which they disturb
        hardly; and `peak_mb`, the largest resident memory of the process, with TensorFlow.
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
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {**result, "peak_mb": kilobytes / 1024}


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
