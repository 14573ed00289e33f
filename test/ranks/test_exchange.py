"""What two ranks without NPUs send each other: all ways lead to the same weights on both."""

import pathlib
import re
import shutil
import sys
from collections import namedtuple

import numpy as np
import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[2]
# With beta1 = 0, Adam's first moment is the mean gradient of the last step. The scale of the losses
# is in the gradients that are exchanged by factors.
FLAGS = ["--fine_size=32", "--ngf=4", "--ndf=4", "--device=cpu", "--eval_steps=0", "--beta1=0"]
FLAGS += ["--loss_scale=dynamic", "--init_loss_scale=512", "--max_steps=2"]
PLAIN, FACTORS, BFLOAT16 = "gradients", "factors", "bfloat16"

# Trains as a worker that writes down its own copy of all variables at the end.
WORKER = """
import sys
sys.path.insert(0, sys.argv[1])
from estimator.runtime import prepare_tensorflow
prepare_tensorflow()
import numpy as np
import tensorflow.compat.v1 as tf
from estimator.run.reports import Reports
class Weights(tf.train.SessionRunHook):
    def begin(self):
        self.read = {each.op.name: each.read_value() for each in tf.global_variables()}
    def end(self, session):
        np.savez(sys.argv[2], **session.run(self.read))
plain = Reports.hooks
Reports.hooks = lambda self, tensors: [Weights(), *plain(self, tensors)]
from estimator.train import main
sys.exit(main(sys.argv[3:]))
"""

Finished = namedtuple("Finished", ["variables", "said"])
Finished.__doc__ = """A run of both: all variables of each at the end; and what each said."""


@pytest.fixture(scope="module")
def runs(data, run_cluster, tmp_path_factory):
    """Trains for two steps, and goes on from the first of them with other exchanges."""
    folder = tmp_path_factory.mktemp("exchange")

    def train(kind, *flags):
        command = [*FLAGS, f"--data_path={data}", f"--checkpoint_dir={folder / kind}", *flags]
        paths = [folder / f"{kind}-{rank}.npz" for rank in range(2)]
        logs = [folder / f"{kind}-{rank}.log" for rank in range(2)]
        worker = [sys.executable, "-c", WORKER, str(PROJECT)]
        run_cluster([[*worker, str(path), *command] for path in paths], logs, seconds=600)
        variables = [dict(np.load(str(path))) for path in paths]
        return Finished(variables, [log.read_text() for log in logs])

    def resume(kind, *flags):
        shutil.copytree(str(folder / PLAIN), str(folder / kind))
        (folder / kind / "checkpoint").write_text('model_checkpoint_path: "model.ckpt-1"\n')
        return train(kind, *flags)

    return {
        PLAIN: train(PLAIN, "--exchange=gradients", "--save_checkpoints_steps=1"),
        FACTORS: resume(FACTORS),
        BFLOAT16: resume(BFLOAT16, "--exchange=gradients", "--exchange_dtype=bfloat16"),
    }


@pytest.mark.parametrize("kind", [PLAIN, FACTORS, BFLOAT16])
def test_both_ranks_have_the_same_variables_to_the_last_bit(runs, kind):
    one, other = runs[kind].variables
    assert set(one) == set(other)
    assert one["global_step"] == 2
    for name, value in one.items():
        np.testing.assert_array_equal(value, other[name], err_msg=name)


@pytest.mark.parametrize(
    ("kind", "tolerance"),
    # bfloat16 has 8 bits: both addends and their sum are off by 2^-9 of themselves.
    [(FACTORS, 1e-5), (BFLOAT16, 2.0**-7)],
)
def test_a_run_goes_on_with_another_exchange_by_the_same_gradients(runs, kind, tolerance):
    """Those of the discriminator; the generator's are taken after its update by Adam.

    There, numbers as small as rounding errors make steps as large as others.
    """
    wanted, found = (gradients(runs[each], "discriminator") for each in (PLAIN, kind))
    assert len(wanted) == len(found) == 16
    for name, value in wanted.items():
        # A bias before batch norm has no gradient but for rounding.
        error = max(tolerance * np.abs(value).max(), 1e-6)
        np.testing.assert_allclose(found[name], value, rtol=0, atol=error, err_msg=name)
    # Not so close to each other as the generator's of another pair would be far from them.
    wanted, found = (gradients(runs[each], "generator") for each in (PLAIN, kind))
    for name, value in wanted.items():
        if name.endswith("kernel/Adam"):
            error = 0.02 * np.abs(value).max()
            np.testing.assert_allclose(found[name], value, rtol=0, atol=error, err_msg=name)


def gradients(run, network):
    """Picks the mean gradients of a network."""
    return {
        name: value
        for name, value in run.variables[0].items()
        if re.fullmatch(rf"{network}_optimizer/.*/Adam", name)
    }


def test_each_rank_says_what_is_exchanged(runs):
    lines = {
        PLAIN: r"rank \d of 2 at [\d.:]+$",
        FACTORS: r"rank \d of 2 at [\d.:]+; factors are exchanged in float32$",
        BFLOAT16: r"rank \d of 2 at [\d.:]+; gradients are exchanged in bfloat16$",
    }
    for kind, line in lines.items():
        for said in runs[kind].said:
            assert re.search(line, said, re.MULTILINE), said
