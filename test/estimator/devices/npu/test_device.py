import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

PROJECT = pathlib.Path(__file__).resolve().parents[4]

# Makes the device and prepares the process, and notes what either changes.
MADE = """
import json, os, sys, types
from estimator.runtime import prepare_tensorflow
prepare_tensorflow()
from estimator.devices import Device, choose_device, cpu
from estimator.options.train_options import parse_options
from model_fn import PLAIN
told = []
library = types.SimpleNamespace(mallopt=lambda *option: told.append(option))
cpu.ctypes = types.SimpleNamespace(CDLL=lambda name: library)
environment = dict(os.environ)
def changed():
    return dict(set(os.environ.items()) - set(environment.items()))
device = choose_device(parse_options(["--device=npu", *sys.argv[1:]]))
report = {"is_device": isinstance(device, Device), "after_constructor": changed(), "told": told}
names = ["rank", "size", "is_chief", "owns_folder", "description", "steps_per_run"]
names += ["session_writes_summaries", "optimizer_state"]
report["attributes"] = {name: getattr(device, name) for name in names}
report["plain"] = device.operations is PLAIN
report["hooks"] = device.training_hooks()
device.prepare_process()
report["after_preparation"] = changed()
report["unset"] = sorted(set(environment) - set(os.environ))
print(json.dumps(report))
"""


class TestProcess:
    @pytest.fixture
    def made(self, on_standin, tmp_path):
        def made(flavour, *flags, **environment):
            places = [f"--data_path={tmp_path}", f"--checkpoint_dir={tmp_path / 'run'}"]
            output = subprocess.run(
                [sys.executable, "-c", MADE, *places, *flags],
                check=True,
                stdout=subprocess.PIPE,
                env=on_standin(flavour, PROJECT, **environment),
            ).stdout
            return json.loads(output)

        return made

    @pytest.mark.parametrize("flavour", ["old", "new"])
    def test_the_constructor_changes_nothing_and_preparation_the_environment(self, made, flavour):
        report = made(flavour)
        assert report["is_device"]
        assert report["after_constructor"] == {}
        assert report["after_preparation"] == {
            "JOB_ID": "10087",
            "RANK_ID": "0",
            "RANK_SIZE": "1",
            "ASCEND_DEVICE_ID": "0",
        }
        assert report["unset"] == []
        assert report["told"] == []

    def test_it_has_all_attributes_before_the_process_is_prepared(self, made):
        report = made("new", "--iterations_per_loop=10", RANK_ID="1", RANK_SIZE="2")
        assert report["attributes"] == {
            "rank": 1,
            "size": 2,
            "is_chief": False,
            "owns_folder": True,
            "description": "device: npu (as asked), allow_mix_precision, rank 1 of 2",
            "steps_per_run": 10,
            "session_writes_summaries": False,
            "optimizer_state": "the loss scale of an npu",
        }
        assert report["plain"]
        assert report["hooks"] == []


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
