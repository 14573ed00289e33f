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
from input_fn import (
    check_pairs,
    evaluation_dataset,
    find_split,
    has_split,
    list_pairs,
    memory_folder,
    pair_names,
)
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
    pair_format = configs.pair_format(options)
    pairs = list_pairs(find_split(options.data_path, split), layout=pair_format.layout)
    pairs, bad = check_pairs(pairs, pair_format, options.skip_bad, memory_folder(os.environ))
    if bad:
        print(f"{split}: {len(bad)} are left out: {bad[0]}", flush=True)
    network, objective = configs.network_config(options), configs.objective_config(options)
    estimator = device.make_predictor(build_model_fn(network, objective, device))

    def input_fn():
        return evaluation_dataset(pairs, pair_format)

    with explained(pairs, pair_format):
        metrics = estimator.evaluate(input_fn, name="test")
    scores = {name: float(metrics[name]) for name in ("l1", "psnr", "ssim")}
    folder = os.path.join(options.checkpoint_dir, OUTPUTS)
    os.makedirs(folder, exist_ok=True)
    for name, prediction in zip(pair_names(pairs), estimator.predict(input_fn)):
        _write_picture(os.path.join(folder, os.path.splitext(name)[0]), prediction["picture"])
    report = {"split": split, "images": len(pairs), "step": int(metrics["global_step"]), **scores}
    write_json_atomically(os.path.join(options.checkpoint_dir, METRICS_FILE), report)
    print(
        f"{split}: {len(pairs)} images, step {report['step']}, l1: {scores['l1']:.4f} (0..1), "
        f"psnr: {scores['psnr']:.2f} dB, ssim: {scores['ssim']:.4f}"
    )
    print(f"pictures: {os.path.abspath(folder)}", flush=True)


def _write_picture(stem, picture):
    """Writes float [height, width, channels] in [-1, 1]: as PNG, or as .npy what PNG cannot hold.

    The values of .npy files are in [0, 1], as they are read.
    """
    fits = picture.shape[-1] in (1, 3, 4)
    path = stem + (".png" if fits else ".npy")
    temporary = path + ".partial"
    with open(temporary, "wb") as file:
        if fits:
            pixels = np.round((picture + 1.0) * 127.5).clip(0, 255).astype(np.uint8)
            pixels = pixels[..., 0] if pixels.shape[-1] == 1 else pixels
            Image.fromarray(pixels).save(file, format="PNG")
        else:
            np.save(file, picture * 0.5 + 0.5)
    os.replace(temporary, path)
