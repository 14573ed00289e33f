"""What single options do on the stand-in, and what devices leave for each other."""

import json
import re

import numpy as np
import pytest


class TestOverflow:
    @pytest.mark.parametrize("flavour", ["old", "new"])
    @pytest.mark.parametrize("network", ["discriminator", "generator"])
    def test_only_the_network_that_overflows_skips_and_its_scale_drops(self, run, flavour, network):
        finished = run(
            flavour, "--max_steps=4", "--eval_steps=0", NPU_STANDIN_OVERFLOW=f"{network}:2"
        )
        report = json.loads((finished.folder / "progress.json").read_text())
        other = {"discriminator": "generator", "generator": "discriminator"}[network]
        assert (report[f"{network[0]}_scale"], report[f"{network[0]}_skipped"]) == (2.0**14, 1)
        assert (report[f"{other[0]}_scale"], report[f"{other[0]}_skipped"]) == (2.0**15, 0)
        assert report["step"] == 4


class TestOptions:
    def test_loss_scaling_is_off_where_nothing_is_float16(self, run):
        finished = run("new", "--max_steps=1", "--eval_steps=0", "--precision_mode=force_fp32")
        assert finished.events["loss_scale_optimizer"] == []
        assert finished.events["distributed_optimizer"] != []

    def test_dumps_profiles_and_tuning_reach_the_old_version(self, run, tmp_path):
        finished = run(
            "old",
            "--max_steps=1",
            "--eval_steps=0",
            "--data_dump_flag=True",
            f"--data_dump_path={tmp_path / 'dump'}",
            "--data_dump_step=0|5",
            "--profiling=True",
            f"--profiling_dump_path={tmp_path / 'profile'}",
            "--autotune=True",
        )
        (estimator,) = finished.events["estimator"]
        parameters = estimator["parameter_map"]
        assert parameters["enable_dump"] == ["b", True]
        assert parameters["dump_path"] == ["s", str(tmp_path / "dump")]
        assert parameters["dump_step"] == ["s", "0|5"]
        assert parameters["dump_mode"] == ["s", "all"]
        assert parameters["profiling_mode"] == ["b", True]
        assert json.loads(parameters["profiling_options"][1])["output"] == str(tmp_path / "profile")
        assert parameters["auto_tune_mode"] == ["s", "RL,GA"]
        assert (tmp_path / "dump").is_dir()
        assert (tmp_path / "profile").is_dir()

    def test_overflow_dumps_and_tuning_reach_the_new_version(self, run, tmp_path):
        finished = run(
            "new",
            "--max_steps=1",
            "--eval_steps=0",
            "--over_dump=True",
            f"--over_dump_path={tmp_path / 'dump'}",
            "--autotune=True",
        )
        (estimator,) = finished.events["estimator"]
        parameters = estimator["parameter_map"]
        assert parameters["enable_dump"] == ["b", False]
        assert parameters["enable_dump_debug"] == ["b", True]
        assert parameters["dump_path"] == ["s", str(tmp_path / "dump")]
        assert parameters["dump_debug_mode"] == ["s", "all"]
        assert parameters["aoe_mode"] == ["s", "2"]


class TestRanks:
    @pytest.fixture(scope="class")
    def distributed(self, run):
        return run("new", "--max_steps=2", RANK_SIZE="2", RANK_ID="1")

    def test_gradients_are_averaged_and_overflows_agreed_upon(self, distributed):
        scaled = distributed.events["loss_scale_optimizer"]
        assert [event["is_distributed"] for event in scaled] == [True, True]
        assert distributed.events["hccl"] != []
        (spec,) = distributed.events["estimator_spec"]
        assert spec["hooks"][0] == "NPUBroadcastGlobalVariablesHook"

    def test_a_rank_reads_its_share_saves_for_itself_and_leaves_results_to_rank_0(
        self, distributed
    ):
        folder, process = distributed.folder, distributed.process
        assert "rank 1 of 2 reads 2 files" in process.stdout  # Of 5 files, rank 0 has three.
        assert (folder / "model.ckpt-2.index").exists()
        assert not (folder / "frozen").exists()
        assert "val:" not in process.stdout


class TestAcrossDevices:
    @pytest.fixture(scope="class")
    def from_npu(self, run):
        return run("new", "--max_steps=2", "--eval_steps=0").folder

    def predictions(self, folder):
        return {path.name: path.read_bytes() for path in (folder / "outputs").glob("*.png")}

    def test_what_an_npu_trained_is_tested_on_a_cpu_with_the_same_pictures(
        self, start, train, from_npu, data
    ):
        flags = ["--phase=test", f"--data_path={data}", f"--checkpoint_dir={from_npu}"]
        assert start("old", *flags, "--device=npu").returncode == 0
        on_npu = self.predictions(from_npu)
        process = train(*flags, "--device=cpu")
        assert process.returncode == 0, process.stderr
        assert self.predictions(from_npu) == on_npu
        assert len(on_npu) == 2

    def test_what_a_cpu_trained_is_tested_on_an_npu(self, start, finished_on_cpu, data):
        flags = ["--phase=test", f"--data_path={data}", f"--checkpoint_dir={finished_on_cpu}"]
        process = start("new", *flags, "--device=npu")
        assert process.returncode == 0, process.stderr
        scores = json.loads((finished_on_cpu / "metrics.json").read_text())
        assert np.isfinite([scores["l1"], scores["psnr"], scores["ssim"]]).all()

    @pytest.fixture
    def finished_on_cpu(self, train, data, tmp_path):
        flags = [f"--data_path={data}", f"--checkpoint_dir={tmp_path}", "--max_steps=2"]
        assert train(*flags, "--eval_steps=0", "--device=cpu").returncode == 0
        return tmp_path

    def test_resuming_on_another_kind_of_device_is_refused_while_the_scaling_differs(
        self, start, train, from_npu, data
    ):
        flags = [f"--data_path={data}", f"--checkpoint_dir={from_npu}", "--max_steps=4"]
        process = train(*flags, "--device=cpu")
        assert process.returncode == 2
        assert "--loss_scale" in process.stderr


class TestBadInput:
    def test_a_bridge_that_does_not_import_is_said_with_what_to_do(self, start, data, tmp_path):
        (tmp_path / "npu_bridge").mkdir()
        (tmp_path / "npu_bridge" / "__init__.py").write_text("raise NameError('no handle')")
        flags = [f"--data_path={data}", f"--checkpoint_dir={tmp_path / 'run'}", "--max_steps=1"]
        environment = {"PYTHONPATH": str(tmp_path)}
        process = start("new", *flags, "--device=npu", **environment)
        assert process.returncode == 2
        assert "no handle" in process.stderr
        assert process.stderr.count("\n") == 1
        # With auto the run goes on where it can.
        process = start("new", *flags, "--eval_steps=0", **environment)
        assert process.returncode == 0
        assert re.match(r"device: (cpu|gpu) \(.*no handle", process.stdout)
