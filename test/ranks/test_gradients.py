"""The gradients of two ranks without NPUs: their mean, and what one alone has too large."""

import json
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest

# Trains as a rank would alone: each rank draws dropout of its own, by this much of the seed.
ALONE = """
import sys
sys.path.insert(0, sys.argv[1])
from estimator.runtime import prepare_tensorflow
prepare_tensorflow()
from estimator.devices.host import HostDevice
plain = HostDevice.dropout
HostDevice.dropout = lambda self, x, rate, seed, step: plain(
    self, x, rate, seed + 1000003 * int(sys.argv[2]), step
)
from estimator.train import main
sys.exit(main(sys.argv[3:]))
"""


class TestWeights:
    def test_the_gradient_of_two_ranks_is_the_mean_of_what_each_has_alone(
        self, project, data, tmp_path, weights_of
    ):
        """All go on from one checkpoint; with beta1 = 0, Adam's first moment is the gradient.

        Of the discriminator only: the generator's gradient is taken against the discriminator
        after its update, which is not the same with two ranks as with one.
        """
        pictures = sorted((data / "train").iterdir())[:2]
        folders = [
            self.data_of(chosen, tmp_path / f"data{number}")
            for number, chosen in enumerate([pictures[:1], pictures[1:], pictures])
        ]
        start = tmp_path / "start"
        self.train_alone(project, 0, folders[0], start, steps=1)
        # Whose pairs those were is forgotten, since the others would be refused.
        options = json.loads((start / "options.json").read_text())
        del options["pairs"]
        (start / "options.json").write_text(json.dumps(options))

        alone = []
        for rank in (0, 1):
            folder = tmp_path / f"alone{rank}"
            shutil.copytree(str(start), str(folder))
            self.train_alone(project, rank, folders[rank], folder, steps=2)
            alone.append(self.gradients(weights_of(folder / "model.ckpt-2")))

        output = tmp_path / "output"
        shutil.copytree(str(start), str(output / "0" / "ckpt"))
        command = [sys.executable, str(project / "estimator" / "launch.py"), *self.FLAGS]
        command += [f"--output_dir={output}", f"--data_path={folders[2]}", "--max_steps=2"]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "RANK_SIZE": "2"}
        )
        together = self.gradients(weights_of(output / "0" / "ckpt" / "model.ckpt-2"))
        for name, value in together.items():
            mean = (alone[0][name] + alone[1][name]) / 2
            np.testing.assert_allclose(value, mean, rtol=1e-3, atol=1e-5, err_msg=name)
            if "kernel" in name:
                assert np.abs(alone[0][name] - alone[1][name]).max() > 1e-3

    # Without jitter; batch norm is no matter, since each rank has one picture.
    FLAGS = (
        "--fine_size=32",
        "--ngf=4",
        "--ndf=4",
        "--no_flip",
        "--load_size=32",
        "--eval_steps=0",
        "--beta1=0",
        "--device=cpu",
    )

    def data_of(self, pictures, folder):
        (folder / "train").mkdir(parents=True)
        for picture in pictures:
            shutil.copy(str(picture), str(folder / "train"))
        return folder

    def train_alone(self, project, rank, data, folder, steps):
        command = [sys.executable, "-c", ALONE, str(project), str(rank), *self.FLAGS]
        command += [f"--data_path={data}", f"--checkpoint_dir={folder}", f"--max_steps={steps}"]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def gradients(self, weights):
        return {
            name: value
            for name, value in weights.items()
            if name.startswith("discriminator_optimizer/") and name.endswith("/Adam")
        }


# Trains as a rank whose gradients overflow in one run, as float16 ones do.
OVERFLOWING = """
import sys
sys.path.insert(0, sys.argv[1])
from estimator.runtime import prepare_tensorflow
prepare_tensorflow()
import itertools
import numpy as np
import tensorflow.compat.v1 as tf
compute = tf.train.AdamOptimizer.compute_gradients
def overflow(self, loss, *arguments, **keywords):
    runs = itertools.count()
    factor = tf.numpy_function(
        lambda: np.float32("inf" if next(runs) == int(sys.argv[2]) else 1), [], tf.float32
    )
    factor.set_shape([])
    return compute(self, loss * factor, *arguments, **keywords)
tf.train.AdamOptimizer.compute_gradients = overflow
from estimator.train import main
sys.exit(main(sys.argv[3:]))
"""


class TestOverflow:
    @pytest.mark.parametrize(
        "exchange",
        [[], ["--exchange=factors", "--exchange_dtype=float16"]],
        ids=["gradients", "factors in float16"],
    )
    def test_a_step_that_overflows_on_one_rank_is_skipped_by_both(
        self, project, data, tmp_path, run_cluster, weights_of, exchange
    ):
        flags = [f"--data_path={data}", f"--checkpoint_dir={tmp_path / 'run'}", "--max_steps=4"]
        flags += ["--fine_size=32", "--ngf=4", "--ndf=4", "--eval_steps=0", "--loss_scale=dynamic"]
        flags += ["--init_loss_scale=1024", "--device=cpu", *exchange]
        never, due = -1, 2
        command = [sys.executable, "-c", OVERFLOWING, str(project)]
        commands = [[*command, str(run), *flags] for run in (never, due)]
        run_cluster(commands, [tmp_path / "0.log", tmp_path / "1.log"], seconds=600)
        values = weights_of(tmp_path / "run" / "model.ckpt-4")
        assert all(np.isfinite(value).all() for value in values.values())
        skipped = {name: value for name, value in values.items() if "skipped_steps" in name}
        assert sorted(skipped.values()) == [1, 1]
