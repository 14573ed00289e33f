"""import_model.py from the command line, and what the other programs do with its run."""

import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from estimator.export import main as export
from estimator.import_model import main
from estimator.predict import main as predict
from estimator.train import main as train

GOLDEN = pathlib.Path(__file__).parent / "golden"
PROGRAM = pathlib.Path(__file__).resolve().parents[3] / "estimator" / "import_model.py"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The folder of a run that was imported by a process of its own."""
    folder = tmp_path_factory.mktemp("imported") / "run"
    command = [f"--from={GOLDEN / 'unet_256.pth'}", f"--checkpoint_dir={folder}"]
    command = [sys.executable, str(PROGRAM), *command, "--which_direction=BtoA"]
    process = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/")
    assert (process.returncode, process.stderr) == (0, "")
    assert "unet_256" in process.stdout
    assert process.stdout.endswith(f"{folder}\n")
    return folder


@pytest.fixture(scope="module")
def photo(tmp_path_factory, picture):
    """The picture that the golden file was made of."""
    path = tmp_path_factory.mktemp("photo") / "photo.png"
    Image.fromarray(picture(256, 256, 3)).save(str(path))
    return path


def levels(path):
    with Image.open(str(path)) as picture:
        return np.asarray(picture).astype(float)[3::7, 3::7]


def golden_levels():
    return (np.load(str(GOLDEN / "unet_256.npy")) + 1) * 127.5


class TestRun:
    def test_predict_makes_the_golden_picture(self, run, photo, tmp_path):
        places = [f"--input={photo}", f"--output={tmp_path / 'out.png'}"]
        assert predict([*places, f"--checkpoint_dir={run}"]) == 0
        assert np.abs(levels(tmp_path / "out.png") - golden_levels()).max() <= 1

    def test_an_exported_graph_makes_it_as_well(self, run, photo, tmp_path):
        out = tmp_path / "export"
        assert export([f"--checkpoint_dir={run}", f"--output={out}", "--formats=pb"]) == 0
        places = [f"--input={photo}", f"--output={tmp_path / 'out.png'}"]
        assert predict([*places, f"--graph={out / 'model-0.pb'}"]) == 0
        assert np.abs(levels(tmp_path / "out.png") - golden_levels()).max() <= 1

    def test_the_test_phase_scores_it(self, run, data):
        flags = [f"--data_path={data}", f"--checkpoint_dir={run}", "--phase=test", "--device=cpu"]
        assert train(flags) == 0
        report = json.loads((run / "metrics.json").read_text())
        assert (report["step"], report["direction"], report["images"]) == (0, "BtoA", 2)

    def test_training_does_not_go_on_in_it(self, run, data, capsys):
        flags = [f"--data_path={data}", f"--checkpoint_dir={run}", "--ngf=1", "--device=cpu"]
        assert train(flags) == 2
        said = capsys.readouterr().err
        assert "imported generator" in said
        assert said.count("\n") == 1

    def test_a_run_of_its_own_starts_from_its_weights(self, run, data, tmp_path, weights_of):
        """Fine-tuning: the discriminator, which the file does not have, begins anew."""
        flags = [f"--data_path={data}", f"--checkpoint_dir={tmp_path / 'tuned'}", "--device=cpu"]
        flags += ["--ngf=1", "--ndf=4", "--which_direction=BtoA", f"--init_from={run}"]
        # So that the step that is made changes nothing that could be seen.
        assert train([*flags, "--max_steps=1", "--learning_rate=1e-12", "--eval_steps=0"]) == 0
        there, here = weights_of(run / "model.ckpt-0"), weights_of(tmp_path / "tuned/model.ckpt-1")
        names = [name for name in here if name.startswith("generator/")]
        assert len(names) > 30
        for name in names:
            np.testing.assert_allclose(here[name], there[name], rtol=0, atol=1e-9, err_msg=name)
        assert any(name.startswith("discriminator/") for name in here)

    def test_options_say_where_it_is_from(self, run):
        options = json.loads((run / "options.json").read_text())
        assert str(GOLDEN / "unet_256.pth") in options["imported"]
        assert (options["ngf"], options["fine_size"]) == (1, [256, 256])
        assert options["test_dropout"] is False

    def test_a_second_import_is_refused(self, run, capsys):
        before = sorted(path.name for path in run.iterdir())
        flags = [f"--from={GOLDEN / 'unet_256.pth'}", f"--checkpoint_dir={run}"]
        assert main(flags) == 2
        assert "holds a run already" in capsys.readouterr().err
        assert sorted(path.name for path in run.iterdir()) == before


class TestEveryNetwork:
    @pytest.mark.parametrize(
        ("name", "size"), [("unet_128", 128), ("resnet_6blocks", 64), ("resnet_9blocks", 64)]
    )
    def test_all_formats_are_exported(self, name, size, tmp_path, capsys):
        places = [f"--checkpoint_dir={tmp_path / 'run'}", f"--fine_size={size}"]
        assert main([f"--from={GOLDEN / name}.pth", *places]) == 0
        assert export(places[:1]) == 0, capsys.readouterr().err
        assert (tmp_path / "run" / "export" / "model-0.tflite").exists()


class TestRefusals:
    def test_a_file_for_a_folder(self, tmp_path, capsys):
        (tmp_path / "run").write_bytes(b"")
        flags = [f"--from={GOLDEN / 'unet_256.pth'}", f"--checkpoint_dir={tmp_path / 'run'}"]
        assert main(flags) == 2
        assert "is a file" in capsys.readouterr().err

    def test_a_full_disk_leaves_no_run(self, tmp_path, capsys, monkeypatch):
        def full(*_):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr("estimator.run.checkpoints.write_bytes", full)
        flags = [f"--from={GOLDEN / 'unet_256.pth'}", f"--checkpoint_dir={tmp_path / 'run'}"]
        assert main(flags) == 1
        assert "no run was made" in capsys.readouterr().err
        assert not (tmp_path / "run").exists()

    @pytest.mark.parametrize("size", ["128", "300", "256x384"])
    def test_sizes_that_the_network_does_not_take(self, size, refused):
        said = refused(GOLDEN / "unet_256.pth", f"--fine_size={size}")
        assert "multiples of 256" in said

    def test_another_size_that_it_takes(self, import_of, tmp_path):
        assert import_of(GOLDEN / "unet_256.pth", "--fine_size=256x512") == (0, "")
        options = json.loads((tmp_path / "run" / "options.json").read_text())
        assert options["fine_size"] == [256, 512]

    @pytest.mark.parametrize("flags", [[], ["--from=a"], ["--from=a", "--checkpoint_dir=b", "--c"]])
    def test_flags(self, flags, capsys):
        assert main(flags) == 2
        assert "--help" in capsys.readouterr().err
