"""The test phase: scores the latest checkpoint and writes its pictures."""

import os

import numpy as np
from PIL import Image

from estimator import configs
from estimator.errors import OptionsError
from estimator.failures import explained
from estimator.options import parse_options
from estimator.run_folder import network_difference, stored_network
from hooks import write_json_atomically
from input_fn import check_pairs, evaluation_dataset, find_split, has_split, list_pairs
from model_fn import build_model_fn

OUTPUTS = "outputs"
METRICS_FILE = "metrics.json"


def test(options, device):
    """Translates every pair's input and compares with its target.

    The split is test/ if the data has it, else val/. Flags of the network that were not given are
    those of the trained run.

    Args:
        options: `Options`.
        device: From `choose_device`.

    Raises:
        OptionsError: There is no trained run, or a flag contradicts it.
        DataError: The data cannot be used.
    """
    options = parse_options(options.command, stored_network(options.checkpoint_dir))
    difference = network_difference(options)
    if difference:
        raise OptionsError(difference)
    split = "test" if has_split(options.data_path, "test") else "val"
    paths = list_pairs(find_split(options.data_path, split))
    height, width = options.fine_size
    check_pairs(paths, half_aspect=width / height)
    network, objective = configs.network_config(options), configs.objective_config(options)
    estimator = device.make_predictor(build_model_fn(network, objective, device))

    def input_fn():
        return evaluation_dataset(paths, configs.pair_format(options))

    with explained(paths):
        metrics = estimator.evaluate(input_fn, name="test")
    scores = {name: float(metrics[name]) for name in ("l1", "psnr", "ssim")}
    folder = os.path.join(options.checkpoint_dir, OUTPUTS)
    os.makedirs(folder, exist_ok=True)
    for path, prediction in zip(paths, estimator.predict(input_fn)):
        name = os.path.splitext(os.path.basename(path))[0] + ".png"
        _write_picture(os.path.join(folder, name), prediction["output"])
    report = {"split": split, "images": len(paths), "step": int(metrics["global_step"]), **scores}
    write_json_atomically(os.path.join(options.checkpoint_dir, METRICS_FILE), report)
    print(
        f"{split}: {len(paths)} images, step {report['step']}, l1: {scores['l1']:.4f} (0..1), "
        f"psnr: {scores['psnr']:.2f} dB, ssim: {scores['ssim']:.4f}"
    )
    print(f"pictures: {os.path.abspath(folder)}", flush=True)


def _write_picture(path, picture):
    """Writes float [height, width, 1 or 3] in [-1, 1] as PNG."""
    pixels = np.round((np.squeeze(picture) + 1.0) * 127.5).clip(0, 255).astype(np.uint8)
    temporary = path + ".partial"
    Image.fromarray(pixels).save(temporary, format="PNG")
    os.replace(temporary, path)
