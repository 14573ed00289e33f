import os
import pathlib
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import ObjectiveConfig, build_model_fn

PROGRAM = pathlib.Path(__file__).with_name("train_briefly.py")
ROOT = PROGRAM.parents[2]


class TestFreshProcesses:
    @pytest.fixture(scope="class")
    def digests(self):
        """Of seeds 7 and 8 from one process, and of 7 from one that hashes names differently."""
        # On all threads that TensorFlow takes by itself.
        inherited = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("TF_NUM_", "OMP_"))
        }
        processes = [
            subprocess.Popen(
                [sys.executable, str(PROGRAM), *seeds],
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
                env={**inherited, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": hash_seed},
            )
            for seeds, hash_seed in [(["7", "8"], "1"), (["7"], "2")]
        ]
        outputs = [process.communicate() for process in processes]
        for process, (_, errors) in zip(processes, outputs):
            assert process.returncode == 0, errors
        (of_7, of_8), (again_of_7,) = (output.split() for output, _ in outputs)
        return of_7, of_8, again_of_7

    def test_the_same_seed_gives_the_same_weights(self, digests):
        of_7, _, again_of_7 = digests
        assert len(of_7) == 64
        assert of_7 == again_of_7

    def test_another_seed_gives_others(self, digests):
        of_7, of_8, _ = digests
        assert of_7 != of_8


class TestResuming:
    @pytest.fixture(scope="class")
    def trained(
        self, network, make_device, seeded_dropout, pictures, presentation, tmp_path_factory
    ):
        """Trains by an Estimator in several calls; returns all that its checkpoint holds."""
        batches = pictures(4, 2, 32, 32, 1, seed=1), pictures(4, 2, 32, 32, 3, seed=2)

        def run(ends):
            folder, start = str(tmp_path_factory.mktemp("run")), 0
            for end in ends:
                model_fn = build_model_fn(
                    network,
                    ObjectiveConfig(seed=3),
                    make_device(dropout=seeded_dropout),
                    presentation,
                )
                config = tf.estimator.RunConfig(
                    folder, tf_random_seed=3, log_step_count_steps=None, save_summary_steps=None
                )

                def read(first=start):
                    pairs = tf.data.Dataset.from_tensor_slices(batches).skip(first)
                    return pairs.map(lambda x, y: ({"input": x}, y))

                tf.estimator.Estimator(model_fn, config=config).train(read, max_steps=end)
                start = end
            reader = tf.train.load_checkpoint(folder)
            return {
                name: reader.get_tensor(name) for name in sorted(reader.get_variable_to_shape_map())
            }

        return run

    @pytest.fixture(scope="class")
    def in_one_go(self, trained):
        return trained([4])

    def test_two_and_two_steps_through_a_checkpoint_are_four(self, trained, in_one_go):
        resumed = trained([2, 4])
        assert resumed["global_step"] == 4
        assert list(resumed) == list(in_one_go)
        for name, value in in_one_go.items():
            np.testing.assert_array_equal(resumed[name], value, err_msg=name)

    def test_a_checkpoint_holds_weights_both_adams_and_the_step(self, in_one_go):
        # 16 + 34 weights with two moments each, two powers of beta for each Adam, the step.
        assert len(in_one_go) == 3 * (16 + 34) + 2 * 2 + 1
        assert {name.split("/")[0] for name in in_one_go} == {
            "discriminator",
            "discriminator_optimizer",
            "generator",
            "generator_optimizer",
            "global_step",
        }
