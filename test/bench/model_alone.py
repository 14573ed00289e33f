"""The training step on a batch that stays the same, and what stands beside it; prints JSON.

The step is run by Estimator with all hooks and, in between, without any. Every other step with
hooks writes summaries, pictures included; the difference between the three kinds is what hooks and
summaries cost, the latter divided by the steps between summaries. Beside them stand the time of a
checkpoint, divided by the steps between checkpoints; the rate of large matrix products; the
operations of a step, 2 for each multiplication, counted from the shapes of the convolutions of the
plain graph; and the time of what each step does to every weight.
"""

import argparse
import contextlib
import json
import os
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))

import numpy as np
import tensorflow.compat.v1 as tf
from rates import passes_over_weights, product_gflops

from estimator.devices import choose_device
from estimator.devices.host import BFLOAT16
from estimator.interruption import Interruption
from estimator.options import views
from estimator.options.train_options import parse_options
from estimator.ranks.heartbeat import Heartbeat
from estimator.run.plan import RunPlan
from estimator.run.reports import Reports
from estimator.runtime import prepare_tensorflow
from hooks import TrainingClock
from input_fn import Presentation
from model_fn import PLAIN, build_model_fn
from model_fn.step import build_training_step

_WARM_UP = 4
# Every other step with hooks, since the steps without hooks between them count as well.
_STEPS_BETWEEN_SUMMARIES = 4
_USUAL_STEPS_BETWEEN_SUMMARIES = 100
_CONVOLUTIONS = ("Conv2D", "Conv2DBackpropInput", "Conv2DBackpropFilter")


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--precision_mode", default="force_fp32", help="as of train.py")
    parser.add_argument("--fine_size", type=int, default=256, help="size of the pictures (256)")
    parser.add_argument("--filters", type=int, default=64, help="of both networks (64)")
    parser.add_argument("--steps", type=int, default=30, help="timed steps of each kind (30)")
    parser.add_argument("--product_size", type=int, default=2048, help="of the matrices (2048)")
    flags = parser.parse_args()
    prepare_tensorflow()
    with tempfile.TemporaryDirectory() as folder:
        options = parse_options(
            [
                f"--data_path={folder}",
                f"--checkpoint_dir={folder}/run",
                f"--fine_size={flags.fine_size}",
                f"--ngf={flags.filters}",
                f"--ndf={flags.filters}",
                f"--precision_mode={flags.precision_mode}",
                "--device=cpu",
                f"--summary_freq={_STEPS_BETWEEN_SUMMARIES}",
                f"--image_freq={_STEPS_BETWEEN_SUMMARIES}",
            ]
        )
        device = choose_device(options)
        device.prepare_process()
        turns = Turns(_WARM_UP)
        saves = train(options, device, turns, flags.steps)
        config = device.make_estimator(lambda features: None).config.session_config
    dtype = tf.bfloat16 if device.precision == BFLOAT16 else tf.float32
    gflop = count_gflop(options, device)
    rate = product_gflops(flags.product_size, dtype, config)
    alone = statistics.median(turns.alone)
    quiet, writing = sorted(map(statistics.median, (turns.hooked[::2], turns.hooked[1::2])))
    result = {
        "tensorflow": tf.__version__,
        "precision": device.precision,
        "step_ms": 1000 * alone,
        "hooks_share": (quiet - alone) / quiet,
        "summaries_share": (writing - quiet) / _USUAL_STEPS_BETWEEN_SUMMARIES / quiet,
        "checkpoint_share": statistics.mean(saves) / (options.save_checkpoints_steps * alone),
        "gflop": gflop,
        "product_gflops": rate,
        "floor_ms": 1000 * gflop / rate,
        "passes_ms": 1000 * passes_over_weights(turns.shapes, dtype, config),
    }
    print(json.dumps(result))


class Turns(tf.train.SessionRunHook):
    """After each step of Estimator's makes one without hooks, and times both.

    Attributes:
        hooked: Seconds of each step with all hooks.
        alone: Seconds of each step without.
        shapes: Of all trained variables.
    """

    def __init__(self, warm_up):
        self._left_out = warm_up
        self.hooked, self.alone = [], []
        self._end = None

    def begin(self):
        """Learns what is trained."""
        self.shapes = [variable.shape for variable in tf.trainable_variables()]

    def before_run(self, run_context):
        """Learns what a step consists of."""
        self._fetches = run_context.original_args.fetches

    def after_run(self, run_context, run_values):
        """Makes the step without hooks."""
        start = time.perf_counter()
        run_context.session.run(self._fetches)
        end = time.perf_counter()
        if self._end is not None and self._left_out <= 0:
            self.hooked.append(start - self._end)
            self.alone.append(end - start)
        self._end = end
        self._left_out -= 1


class SaveTimes(tf.train.CheckpointSaverListener):
    """Times checkpoints.

    Attributes:
        seconds: Of each checkpoint.
    """

    def __init__(self):
        self.seconds = []

    def before_save(self, session, global_step_value):
        """Starts the watch."""
        self._start = time.perf_counter()

    def after_save(self, session, global_step_value):
        """Stops it."""
        self.seconds.append(time.perf_counter() - self._start)


def train(options, device, turns, steps):
    """Trains on one batch of noise; returns the seconds of each checkpoint."""
    saves = SaveTimes()
    last_step = 2 * (steps + _WARM_UP + 1)
    plan = RunPlan(options, device, None, None, steps_per_epoch=400, target_step=last_step)
    reports = Reports(plan, TrainingClock(), None, Interruption(), Heartbeat(None))
    model_fn = build_model_fn(
        views.network_config(options),
        views.objective_config(options),
        device,
        Presentation(plan.pair_format),
        training_hooks=reports.hooks,
    )
    estimator = device.make_estimator(model_fn)
    # The standard output is for the result.
    with contextlib.redirect_stdout(sys.stderr):
        estimator.train(
            lambda: tf.data.Dataset.from_tensors(_noise(options)).repeat(),
            hooks=[turns],
            max_steps=last_step,
            saving_listeners=[saves],
        )
    return saves.seconds


def _noise(options):
    random = np.random.RandomState(0)
    x, y = random.uniform(-1, 1, [2, 1, *options.fine_size, 3]).astype(np.float32)
    return {"input": x}, y


def count_gflop(options, device):
    """Counts the operations of one training step with batch 1, in 10^9."""
    device.operations = PLAIN
    with tf.Graph().as_default() as graph:
        features, y = _noise(options)
        build_training_step(
            tf.constant(features["input"]),
            tf.constant(y),
            views.network_config(options),
            views.objective_config(options),
            device,
            tf.train.get_or_create_global_step(),
        )
        total = 0
        for operation in _needed(graph):
            if operation.type in _CONVOLUTIONS:
                inputs, output = operation.inputs, operation.outputs[0]
                # The picture of fewer pixels, each of which sees the whole kernel.
                small = output if operation.type == "Conv2D" else inputs[2]
                is_filter = operation.type == "Conv2DBackpropFilter"
                kernel = output if is_filter else inputs[1]
                batch, height, width, _ = small.shape.as_list()
                total += 2 * batch * height * width * kernel.shape.num_elements()
    return total / 1e9


def _needed(graph):
    """Finds what the updates are made from; the graph also has gradients that nothing reads.

    These hang on control dependencies only, and TensorFlow drops them before it runs the graph.
    """
    remaining = [one for one in graph.get_operations() if one.type == "ResourceApplyAdam"]
    found = set()
    while remaining:
        one = remaining.pop()
        if one not in found:
            found.add(one)
            remaining += [tensor.op for tensor in one.inputs]
    return found


if __name__ == "__main__":
    main()
