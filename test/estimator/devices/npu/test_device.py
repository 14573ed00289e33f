import json
import pathlib
import re
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

    def test_it_says_that_its_exchange_is_not_chosen_by_flags(self, made):
        report = made("new", "--exchange_dtype=float16", RANK_ID="1", RANK_SIZE="2")
        line = "device: npu (as asked), allow_mix_precision, rank 1 of 2; --exchange_dtype float16 "
        assert report["attributes"]["description"] == f"{line}is for several CPUs or GPUs"

    def test_under_the_launcher_the_first_rank_of_a_machine_owns_the_folder(self, made):
        for rank, owns in (("8", True), ("9", False)):
            report = made("new", RANK_ID=rank, RANK_SIZE="16", PIX2PIX_SAVING_RANK="8")
            assert report["attributes"]["owns_folder"] is owns
            assert report["attributes"]["is_chief"] is False


class TestAcrossDevices:
    @pytest.fixture(scope="class")
    def trained(self, run):
        return run("new", "--max_steps=2")

    @pytest.fixture(scope="class")
    def from_npu(self, trained):
        return trained.folder

    def predictions(self, folder):
        return {path.name: path.read_bytes() for path in (folder / "outputs").glob("*.png")}

    def test_what_an_npu_trained_is_tested_on_a_cpu_with_the_same_pictures(
        self, start, train, from_npu, data
    ):
        flags = ["--phase=test", f"--data_path={data}", f"--checkpoint_dir={from_npu}"]
        assert start("old", *flags, "--device=npu").returncode == 0
        on_npu, scores = self.predictions(from_npu), self.scores(from_npu)
        process = train(*flags, "--device=cpu")
        assert process.returncode == 0, process.stderr
        assert self.predictions(from_npu) == on_npu
        assert len(on_npu) == 2
        assert self.scores(from_npu) == pytest.approx(scores, rel=1e-5)

    def scores(self, folder):
        metrics = json.loads((folder / "metrics.json").read_text())
        return {name: metrics[name] for name in ("l1", "psnr", "ssim")}

    def test_testing_on_an_npu_gives_the_scores_that_training_gave(
        self, start, trained, from_npu, data
    ):
        flags = ["--phase=test", f"--data_path={data}", f"--checkpoint_dir={from_npu}"]
        assert start("new", *flags, "--device=npu").returncode == 0
        line = re.search(r"^val: step 2, (.*)$", trained.process.stdout, re.MULTILINE)[1]
        in_training = dict(each.split(": ") for each in line.split(", "))
        for name, value in self.scores(from_npu).items():
            assert value == pytest.approx(float(in_training[name]), abs=6e-5), name

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


# What a session of predict.py asks of the device.
CONFIG = """
import json, os, sys
from estimator.devices.npu.prediction import prediction_config
rewriting = prediction_config(*sys.argv[1:]).graph_options.rewrite_options
(optimizer,) = rewriting.custom_optimizers
values = {
    name: [value.WhichOneof("value"), str(getattr(value, value.WhichOneof("value")))]
    for name, value in optimizer.parameter_map.items()
}
print(json.dumps([optimizer.name, values, os.environ["JOB_ID"], "npu_bridge" in sys.modules]))
"""


class TestPrediction:
    @pytest.fixture(scope="class")
    def trained(self, run):
        return run("new", "--max_steps=2", "--eval_steps=0").folder

    @pytest.fixture
    def predict(self, on_standin, data, tmp_path):
        """Runs predict.py; returns its process and the bytes of what it wrote, by name."""

        def predicted(*flags, **environment):
            output = tmp_path / f"output{len(list(tmp_path.iterdir()))}"
            command = [sys.executable, str(PROJECT / "estimator" / "predict.py"), *flags]
            process = subprocess.run(
                [*command, f"--input={data / 'val'}", f"--output={output}"],
                capture_output=True,
                text=True,
                check=False,
                env=on_standin("new", **environment),
            )
            return process, {each.name: each.read_bytes() for each in output.glob("*.png")}

        return predicted

    @pytest.mark.parametrize(
        ("asked", "mode"),
        [([], "allow_mix_precision"), (["allow_fp32_to_fp16"], "allow_fp32_to_fp16")],
    )
    def test_a_session_asks_for_the_device_and_float16_where_it_does_no_harm_or_another_mode(
        self, on_standin, asked, mode
    ):
        output = subprocess.run(
            [sys.executable, "-c", CONFIG, *asked],
            check=True,
            stdout=subprocess.PIPE,
            env=on_standin("new", PROJECT),
        ).stdout
        name, values, job, is_loaded = json.loads(output)
        assert name == "NpuOptimizer"
        assert values == {
            "use_off_line": ["b", "True"],
            "graph_run_mode": ["i", "0"],
            "precision_mode": ["s", str(mode.encode())],
        }
        assert job
        assert is_loaded

    @pytest.mark.parametrize("batch_size", ["1", "3"])
    def test_it_gives_the_pictures_that_a_cpu_gives(self, predict, trained, batch_size):
        """Of two pictures, with batches that the device has to fill up, and none to spare."""
        source = f"--checkpoint_dir={trained}"
        on_npu, pictures = predict(source, "--device=npu", f"--batch_size={batch_size}")
        assert on_npu.returncode == 0, on_npu.stderr
        assert len(pictures) == 2
        assert predict(source, "--device=cpu")[1] == pictures
        graph = f"--graph={trained / 'frozen' / 'model-2.pb'}"
        process, from_graph = predict(graph, "--device=npu")
        assert process.returncode == 0, process.stderr
        assert sorted(from_graph) == sorted(pictures)

    def test_a_model_for_any_number_of_pictures_is_refused(self, predict, trained, tmp_path):
        export = [sys.executable, str(PROJECT / "estimator" / "export.py")]
        export += [f"--checkpoint_dir={trained}", f"--output={tmp_path / 'any'}"]
        subprocess.run([*export, "--batch_size=0", "--formats=pb"], check=True)
        graph = f"--graph={tmp_path / 'any' / 'model-2.pb'}"
        process, pictures = predict(graph, "--device=npu")
        assert process.returncode == 2
        assert "--device npu: " in process.stderr
        assert "--batch_size=1" in process.stderr
        assert process.stderr.count("\n") == 1
        assert not pictures

    def test_without_the_vendors_package_it_is_refused(self, predict, trained, tmp_path):
        (tmp_path / "npu_bridge").mkdir()
        (tmp_path / "npu_bridge" / "__init__.py").write_text("raise NameError('no handle')")
        flags = [f"--checkpoint_dir={trained}", "--device=npu"]
        process, pictures = predict(*flags, PYTHONPATH=str(tmp_path))
        assert process.returncode == 2
        assert "no handle" in process.stderr
        assert process.stderr.count("\n") == 1
        assert not pictures
