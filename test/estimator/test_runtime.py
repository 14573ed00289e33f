"""What a program does before its first step, and does not, in a process of its own."""

import pathlib
import subprocess
import sys

PROJECT = pathlib.Path(__file__).resolve().parents[2]

# Builds the stream of training batches, and says what Python has loaded and whether it collects.
PROGRAM = """
import gc, sys
from estimator.runtime import prepare_tensorflow
prepare_tensorflow()
import tensorflow.compat.v1 as tf
from input_fn import PairFormat, list_pairs, training_dataset, write_data_set
write_data_set(sys.argv[1], train=2, val=0)
with tf.Graph().as_default():
    pairs = list_pairs(sys.argv[1] + "/train")
    training_dataset(pairs, PairFormat("AtoB", 3, 3, (32, 32), (32, 32)), 1, seed=0)
print(gc.isenabled(), *sys.modules)
"""


def test_no_function_of_the_data_is_translated_and_garbage_is_still_collected(tmp_path):
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM, str(tmp_path / "data")]
    process = subprocess.run(
        command, cwd=str(PROJECT), stdout=subprocess.PIPE, text=True, check=True
    )
    collects, *modules = process.stdout.splitlines()[-1].split()
    assert collects == "True"
    # What AutoGraph generates are modules; on TensorFlow 1.15 it loads tf.contrib beside them.
    assert not [name for name in modules if "autograph_generated" in name]
    assert not [name for name in modules if name.startswith("tensorflow.contrib.")]
