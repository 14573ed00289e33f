"""Several ranks on one machine without NPUs, through the 8p scripts in a copy of the project."""

import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow.compat.v1 as tf


class TestTwoHosts:
    @pytest.fixture
    def finished(self, start, finish):
        return finish(start("train_full_8p.sh", "--max_steps=4", "--print_freq=2", RANK_SIZE="2"))

    def test_all_ranks_train_and_rank_0_alone_leaves_results(self, finished, project):
        output = project / "test" / "output"
        assert "rank 0 of 2 reads 3 files" in (output / "0" / "train_0.log").read_text()
        assert "rank 1 of 2 reads 2 files" in (output / "1" / "train_1.log").read_text()
        assert (output / "0" / "ckpt" / "model.ckpt-4.index").exists()
        assert not list((output / "0" / "ckpt").glob("tmp_*"))
        assert (output / "0" / "frozen" / "model-4.pb").exists()
        assert sorted(path.name for path in (output / "1").iterdir()) == [".lock", "train_1.log"]
        report = json.loads((output / "0" / "ckpt" / "throughput.json").read_text())
        assert report["global_batch_size"] == 2
        (log,) = (output / "0").glob("*_bs1_2p_acc.log")
        assert "RankSize = 2\n" in log.read_text()
        assert re.search(
            r"Final Performance images/sec : [\d.]+\n"
            r"Final Train Accuracy : PSNR [\d.]+ dB, SSIM -?[\d.]+, L1 [\d.]+ \(0\.\.1\)\n",
            finished,
        )


class TestFailure:
    def test_a_killed_rank_ends_the_job_and_the_same_command_resumes(self, start, finish, project):
        flags = ["--max_steps=300", "--save_checkpoints_steps=50", "--eval_steps=0"]
        process = start("train_performance_8p.sh", *flags, RANK_SIZE="2")
        checkpoint = project / "test" / "output" / "0" / "ckpt" / "model.ckpt-50.index"
        deadline = time.monotonic() + 200
        while not checkpoint.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        os.kill(self.process_of_rank(1, project), signal.SIGKILL)
        killed = time.monotonic()
        output = finish(process, code=128 + signal.SIGKILL)
        assert time.monotonic() - killed < 60
        assert "error: rank 1 was killed by signal 9; the others were stopped" in output
        assert "Final result" not in output

        output = finish(start("train_performance_8p.sh", *flags, RANK_SIZE="2"))
        resumed = int(re.search(r"resuming \S+ at step (\d+)", output).group(1))
        assert resumed >= 50
        assert resumed % 50 == 0

    def process_of_rank(self, rank, project):
        for entry in pathlib.Path("/proc").iterdir():
            try:
                command = (entry / "cmdline").read_bytes()
                environment = (entry / "environ").read_bytes()
            except OSError:
                continue
            is_train = str(project / "estimator" / "train.py").encode() in command
            if is_train and f"RANK_ID={rank}\0".encode() in environment:
                return int(entry.name)
        raise AssertionError(f"rank {rank} does not run")

    def test_bad_input_ends_all_ranks_with_its_code(self, start, finish):
        output = finish(start("train_full_8p.sh", "--fine_size=100", RANK_SIZE="2"), code=2)
        assert "--fine_size" in output
        assert "Final result" not in output

    def test_a_second_job_in_the_same_folders_is_refused(self, start, finish, project):
        first = start("train_performance_8p.sh", "--max_steps=2000", RANK_SIZE="1")
        lock = project / "test" / "output" / "0" / "train_0.log"
        deadline = time.monotonic() + 100
        while not lock.exists():
            assert time.monotonic() < deadline
            time.sleep(0.1)
        output = finish(start("train_performance_8p.sh", RANK_SIZE="1"), code=2)
        assert "another job is working there" in output
        first.send_signal(signal.SIGTERM)
        subprocess.run(["pkill", "-TERM", "-f", str(project)], check=False)
        first.communicate(timeout=60)


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
        self, project, data, tmp_path
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

        alone = []
        for rank in (0, 1):
            folder = tmp_path / f"alone{rank}"
            shutil.copytree(str(start), str(folder))
            self.train_alone(project, rank, folders[rank], folder, steps=2)
            alone.append(self.gradients(folder))

        output = tmp_path / "output"
        shutil.copytree(str(start), str(output / "0" / "ckpt"))
        command = [sys.executable, str(project / "estimator" / "launch.py"), *self.FLAGS]
        command += [f"--output_dir={output}", f"--data_path={folders[2]}", "--max_steps=2"]
        subprocess.run(
            command, check=True, stdout=subprocess.DEVNULL, env={**os.environ, "RANK_SIZE": "2"}
        )
        for name, value in self.gradients(output / "0" / "ckpt").items():
            mean = (alone[0][name] + alone[1][name]) / 2
            np.testing.assert_allclose(value, mean, rtol=1e-3, atol=1e-5, err_msg=name)
            if "kernel" in name:
                assert np.abs(alone[0][name] - alone[1][name]).max() > 1e-3

    # Without jitter; batch norm is no matter, since each rank has one picture.
    FLAGS = (
        "--fine_size=64",
        "--ngf=4",
        "--ndf=4",
        "--no_flip",
        "--load_size=64",
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

    def gradients(self, folder):
        reader = tf.train.load_checkpoint(str(folder / "model.ckpt-2"))
        names = [
            name
            for name in reader.get_variable_to_shape_map()
            if name.startswith("discriminator_optimizer/") and name.endswith("/Adam")
        ]
        return {name: reader.get_tensor(name) for name in names}
