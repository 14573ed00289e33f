"""Two ranks on the stand-in for npu_bridge: through an 8p script, and started one by one."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

FAKES = pathlib.Path(__file__).resolve().parents[1] / "fakes"


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return str(free.getsockname()[1])


@pytest.fixture(scope="module")
def on_two_npus():
    """Makes the environment in which the ranks of a script find the stand-in and each other."""

    def environment(**more):
        path = os.pathsep.join([str(FAKES / "npu_new"), str(FAKES)])
        return {"RANK_SIZE": "2", "PYTHONPATH": path, "NPU_STANDIN_PORT": free_port(), **more}

    return environment


def checkpoint(folder, step):
    reader = tf.train.load_checkpoint(str(folder / f"model.ckpt-{step}"))
    return {name: reader.get_tensor(name) for name in reader.get_variable_to_shape_map()}


def record_of(folder, rank):
    record = json.loads((folder / f"{rank}.json").read_text())
    return record["counts"], {event["event"]: event for event in record["events"]}


class TestScript:
    def test_ranks_share_a_folder_that_the_first_writes_and_all_resume_from(
        self, start, finish, project, on_two_npus, tmp_path
    ):
        flags = ["--precision_mode=allow_mix_precision", "--save_checkpoints_steps=2"]
        environment = on_two_npus(NPU_STANDIN_RECORD=str(tmp_path / "{rank}.json"))
        output = finish(start("train_performance_8p.sh", *flags, "--max_steps=2", **environment))
        assert "device: npu (as asked)" in output
        folder = project / "test" / "output"
        assert f"rank table: {folder / 'rank_table_2p.json'}" in output
        logs = [(folder / str(rank) / f"train_{rank}.log").read_text() for rank in (0, 1)]
        assert "rank 0 of 2 reads 3 files" in logs[0]
        assert "rank 1 of 2 reads 2 files" in logs[1]
        # With several ranks val/ is scored at the end alone, and by the first alone.
        assert re.findall(r"^val: step (\d+),", logs[0], re.MULTILINE) == ["2"]
        assert "val: step" not in logs[1]
        assert sorted(path.name for path in (folder / "1").iterdir()) == [".lock", "train_1.log"]
        assert (folder / "0" / "frozen" / "model-2.pb").exists()

        seeds = []
        for rank in (0, 1):
            _, events = record_of(tmp_path, rank)
            parameters = events["estimator"]["parameter_map"]
            assert parameters["hcom_parallel"] == ["b", True]
            # What the script's --iterations_per_loop=auto comes to here.
            assert parameters["iterations_per_loop"] == ["i", 2]
            hooks = events["estimator_spec"]["hooks"]
            assert hooks[0] == "NPUBroadcastGlobalVariablesHook"
            assert ("NPUCheckpointSaverHook" in hooks) is (rank == 0)
            assert events["loss_scale_optimizer"]["is_distributed"] is True
            seeds.append(events["dropout"]["seed"])
        assert seeds[0] != seeds[1]

        output = finish(start("train_performance_8p.sh", *flags, "--max_steps=4", **environment))
        logs = [(folder / str(rank) / f"train_{rank}.log").read_text() for rank in (0, 1)]
        for log in logs:
            assert re.search(r"^resuming .* at step 2$", log, re.MULTILINE)
        assert (folder / "0" / "ckpt" / "model.ckpt-4.index").exists()
        assert "Final Performance images/sec" in output

    def test_an_interrupt_saves_and_the_same_command_resumes(
        self, start, finish, project, on_two_npus
    ):
        flags = ["--eval_steps=0", "--iterations_per_loop=5", "--print_freq=5"]
        environment = on_two_npus()
        process = start("train_performance_8p.sh", *flags, "--max_steps=100000", **environment)
        log = project / "test" / "output" / "0" / "train_0.log"
        deadline = time.monotonic() + 200
        while not (log.exists() and "step: 10/" in log.read_text()):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.send_signal(signal.SIGTERM)
        output = finish(process, code=143)
        step = int(re.search(r"interrupted at step (\d+), which is saved", output).group(1))
        assert step >= 10
        assert step % 5 == 0
        assert (project / "test" / "output" / "0" / "ckpt" / f"model.ckpt-{step}.index").exists()

        end = f"--max_steps={step + 5}"
        finish(start("train_performance_8p.sh", *flags, end, **environment))
        logs = [project / "test" / "output" / str(n) / f"train_{n}.log" for n in (0, 1)]
        assert all(f" at step {step}\n" in log.read_text() for log in logs)

    def test_a_broken_bridge_ends_the_job_instead_of_training_on_cpus(
        self, start, finish, project, tmp_path
    ):
        (tmp_path / "npu_bridge").mkdir()
        (tmp_path / "npu_bridge" / "__init__.py").write_text("raise NameError('no handle')")
        environment = {"RANK_SIZE": "2", "PYTHONPATH": str(tmp_path)}
        output = finish(start("train_performance_8p.sh", "--max_steps=2", **environment), code=2)
        assert "no handle" in output
        assert "Final result" not in output
        assert not (project / "test" / "output" / "0" / "ckpt" / "checkpoint").exists()


class TestRanks:
    """Ranks that were started one by one, each with a folder of its own, as ModelZoo's are."""

    @pytest.fixture
    def train(self, project, data, on_two_npus, tmp_path):
        """Runs both ranks to their end."""

        def train(*flags, **environment):
            table = {
                "server_count": "1",
                "server_list": [
                    {
                        "server_id": "127.0.0.1",
                        "device": [
                            {"device_id": rank, "device_ip": "10.0.0.1", "rank_id": rank}
                            for rank in ("0", "1")
                        ],
                    }
                ],
                "status": "completed",
                "version": "1.0",
            }
            (tmp_path / "table.json").write_text(json.dumps(table))
            shared = {
                **os.environ,
                **on_two_npus(**environment),
                "JOB_ID": "1",
                "RANK_TABLE_FILE": str(tmp_path / "table.json"),
            }
            processes = [
                subprocess.Popen(
                    [
                        *(sys.executable, str(project / "estimator" / "train.py")),
                        *("--device=npu", "--fine_size=32", "--ngf=4", "--ndf=4", "--eval_steps=0"),
                        *(f"--data_path={data}", f"--checkpoint_dir={tmp_path / rank}", *flags),
                    ],
                    env={**shared, "RANK_ID": rank, "ASCEND_DEVICE_ID": rank},
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    universal_newlines=True,
                )
                for rank in ("0", "1")
            ]
            for process in processes:
                output, _ = process.communicate(timeout=300)
                assert process.returncode == 0, output

        return train

    def test_with_other_pictures_they_end_with_equal_weights_and_skip_together(
        self, train, tmp_path
    ):
        """Though either network overflows on one rank alone."""
        train("--max_steps=1")
        train(
            "--max_steps=5",
            NPU_STANDIN_OVERFLOW="discriminator:2@1,generator:3@0",
            NPU_STANDIN_RECORD=str(tmp_path / "{rank}.json"),
        )
        first, second = (checkpoint(tmp_path / str(rank), 5) for rank in (0, 1))
        assert first.keys() == second.keys()
        for name, value in first.items():
            np.testing.assert_array_equal(value, second[name], err_msg=name)
        for network in ("discriminator", "generator"):
            assert first[f"{network}_optimizer/skipped_steps"] == 1
            assert first[f"{network}_optimizer/loss_scale"] == 2.0**14
        gradients = len([name for name in first if name.endswith("/Adam")])
        for rank in (0, 1):
            counts, _ = record_of(tmp_path, rank)
            # The weights at the start; in five attempts at four steps, gradients and whether to
            # skip, of both networks.
            assert counts["exchanges"] == 1 + 5 * (gradients + 2)
