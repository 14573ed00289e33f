"""What each part costs: a training step with it against one of the defaults; prints a table.

Both are run in turns, on a batch of noise that stays the same, without hooks. The ratio is that of
the medians. The operations are counted as in model_alone.py: 2 for each multiplication of the plain
graph's convolutions, those by single channels left out.
"""

import argparse
import importlib.util
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.devices import choose_device
from estimator.options import views
from estimator.options.train_options import parse_options
from estimator.runtime import prepare_tensorflow
from model_fn.step import build_training_step

_SPEC = importlib.util.spec_from_file_location(
    "model_alone", os.path.join(os.path.dirname(os.path.abspath(__file__)), "model_alone.py")
)
model_alone = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(model_alone)

PARTS = (
    "--netG=encoder_decoder",
    "--netG=resnet_6",
    "--netG=resnet_9",
    "--netG=global --norm=instance",
    "--netG=local --ngf=32 --norm=instance",
    "--netD=pixel",
    "--netD=patch_16",
    "--netD=patch_286",
    "--netD=multi_scale",
    "--norm=instance",
    "--norm=none",
    "--spectral_norm_D",
    "--upsample=resize",
    "--separable_conv",
    "--gan_mode=lsgan",
    "--gan_mode=hinge",
    "--gan_mode=wgangp --norm=instance",
    "--gan_mode=none",
    "--lambda_feat=10",
    "--lambda_edge=10",
    "--ema=0.999",
)
_WARM_UP = 2


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--fine_size", type=int, default=256, help="size of the pictures (256)")
    parser.add_argument("--filters", type=int, default=64, help="of both networks (64)")
    parser.add_argument("--batch_size", type=int, default=1, help="pairs per step (1)")
    parser.add_argument("--steps", type=int, default=7, help="timed steps of each (7)")
    parser.add_argument("--parts", default=",".join(PARTS), help="flags, separated by commas")
    flags = parser.parse_args()
    prepare_tensorflow()
    print(f"{flags.fine_size} pixels, {flags.filters} filters, batch {flags.batch_size}")
    print("| part | parameters of G, D | GFLOP | ms per step | of the default's |")
    print("|---|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as folder:
        default = Step(flags, folder)
        print(default.row("the defaults", default.milliseconds(flags.steps), 1.0), flush=True)
        for part in flags.parts.split(","):
            step = Step(flags, folder, *part.split())
            own, others = [], []
            for _ in range(flags.steps):
                own.append(step.milliseconds(1))
                others.append(default.milliseconds(1))
            own, others = statistics.median(own), statistics.median(others)
            print(step.row(f"`{part}`", own, own / others), flush=True)
            step.close()


class Step:
    """A training step, ready to be run.

    Args:
        flags: Of this program.
        folder: To name as the data's.
        *more: Flags of train.py.
    """

    def __init__(self, flags, folder, *more):
        options = parse_options(
            [
                f"--data_path={folder}",
                "--device=cpu",
                f"--fine_size={flags.fine_size}",
                f"--ngf={flags.filters}",
                f"--ndf={flags.filters}",
                f"--batch_size={flags.batch_size}",
                *more,
            ]
        )
        device = choose_device(options)
        device.prepare_process()
        random = np.random.RandomState(0)
        shape = [flags.batch_size, *options.fine_size, 3]
        with tf.Graph().as_default() as graph:
            x, y = (tf.constant(random.uniform(-1, 1, shape), tf.float32) for _ in range(2))
            step = tf.train.get_or_create_global_step()
            network, objective = views.network_config(options), views.objective_config(options)
            self._train = build_training_step(x, y, network, objective, device, step).train_op
            self._parameters = [
                sum(variable.shape.num_elements() for variable in tf.trainable_variables(scope))
                for scope in ("generator/", "discriminator/")
            ]
            initialise = tf.global_variables_initializer()
        self._session = tf.Session(graph=graph)
        self._session.run(initialise)
        for _ in range(_WARM_UP):
            self._session.run(self._train)
        self._gflop = model_alone.count_gflop(options, device)

    def milliseconds(self, steps):
        """Runs some steps; returns the median of their times."""
        times = []
        for _ in range(steps):
            start = time.perf_counter()
            self._session.run(self._train)
            times.append(1000 * (time.perf_counter() - start))
        return statistics.median(times)

    def row(self, name, milliseconds, ratio):
        """Makes the table's row."""
        generator, discriminator = self._parameters
        return (
            f"| {name} | {generator:,}, {discriminator:,} | {self._gflop:.0f} "
            f"| {milliseconds:.0f} | {ratio:.2f} |"
        )

    def close(self):
        """Frees the session's memory."""
        self._session.close()


if __name__ == "__main__":
    sys.exit(main())
