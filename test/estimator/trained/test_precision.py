"""Translations in bfloat16: by predict.py, by exports of it, by the test phase."""

import json
import shutil

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image
from skimage.metrics import structural_similarity

from estimator.devices import cpu
from estimator.export import main as export
from estimator.predict import main as predict
from estimator.train import main as train

MODE = "--precision_mode=allow_mix_precision_bf16"
MODES = ["allow_mix_precision", "allow_mix_precision_bf16", "allow_fp32_to_bf16"]
BFLOAT16, FLOAT32 = tf.bfloat16.as_datatype_enum, tf.float32.as_datatype_enum
CONVOLUTIONS = ("Conv2D", "Conv2DBackpropInput")
needs_bfloat16 = pytest.mark.skipif(cpu.bfloat16_obstacle() is not None, reason="no bfloat16 here")


@pytest.fixture
def obstructed(monkeypatch):
    monkeypatch.setattr(cpu, "bfloat16_obstacle", lambda: "it is too old")


@pytest.fixture
def photos(data, tmp_path):
    """Three pictures of the network's size."""
    folder = tmp_path / "photos"
    folder.mkdir()
    for number, path in enumerate(sorted((data / "train").glob("*.jpg"))[:3]):
        with Image.open(str(path)) as pair:
            half = pair.crop((256, 0, 512, 256)).resize((64, 64), Image.BILINEAR)
        half.save(str(folder / f"{number}.png"))
    return folder


@pytest.fixture
def predicted(finished, photos, tmp_path):
    """Translates the photos; returns uint8 [3, 64, 64, 3] as int."""

    def run(name, *flags, model=None):
        model = f"--checkpoint_dir={finished[0]}" if model is None else model
        folder = tmp_path / name
        assert predict([f"--input={photos}", f"--output={folder}", model, *flags]) == 0
        return np.stack([pixels(folder / f"{number}.png") for number in range(3)])

    return run


def pixels(path):
    with Image.open(str(path)) as picture:
        return np.asarray(picture).astype(int)


def graph_of(path):
    return tf.GraphDef.FromString(path.read_bytes())


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory):
    """Exports of a run in bfloat16: the folder, beside one in float32."""
    folder = tmp_path_factory.mktemp("exported")
    place = [f"--checkpoint_dir={finished[0]}", f"--output={folder}"]
    assert export([*place, "--formats=pb,saved_model", MODE]) == 0
    assert export([*place, "--formats=pb", "--precision_mode=force_fp32"]) == 0
    return folder


@needs_bfloat16
class TestPredictions:
    def test_a_checkpoints_differ_from_float32_by_no_more_than_rounding(self, predicted):
        difference = np.abs(predicted("bfloat16", MODE) - predicted("float32"))
        # 8 bits of each factor are of 255 levels less than one; in the mean they cancel out.
        assert difference.max() <= 4
        assert difference.mean() < 0.5

    @pytest.mark.parametrize("mode", MODES)
    def test_they_are_those_of_the_exports_in_bfloat16(self, predicted, exported, mode):
        own = predicted("own", "--test_dropout=false", f"--precision_mode={mode}")
        for number, model in enumerate(
            [
                f"--graph={exported / 'model-6-bfloat16.pb'}",
                f"--saved_model={exported / 'saved_model-bfloat16'}",
            ]
        ):
            others = predicted(str(number), model=model)
            assert np.abs(own - others).max() <= 1

    def test_tiles_are_as_well(self, predicted, finished):
        tiled = [
            predicted(str(len(flags)), "--tile", "--overlap=16", *flags) for flags in ([], [MODE])
        ]
        assert np.abs(np.subtract(*tiled)).max() <= 4


class TestWhereThereIsNone:
    def test_a_prediction_is_float32_and_says_why(self, predicted, obstructed, capsys):
        np.testing.assert_array_equal(predicted("asked", MODE), predicted("float32"))
        assert capsys.readouterr().err.splitlines() == [
            "float32, allow_mix_precision_bf16 cannot be done here: it is too old"
        ]

    def test_float32_goes_without_saying(self, predicted, capsys):
        predicted("float32", "--precision_mode=force_fp32")
        assert capsys.readouterr().err == ""

    def test_an_export_is_refused_and_nothing_written(
        self, finished, obstructed, tmp_path, refuses
    ):
        flags = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path / 'x'}"]
        code = export([*flags, "--formats=pb", MODE])
        refuses(code, "--precision_mode allow_mix_precision_bf16", "it is too old", "leave it out")
        assert not (tmp_path / "x").exists()

    @pytest.mark.parametrize("name", ["tflite", "onnx", "web"])
    def test_a_format_without_bfloat16_is_refused_by_name(self, finished, tmp_path, refuses, name):
        flags = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path / 'x'}"]
        code = export([*flags, f"--formats=pb,{name}", MODE])
        refuses(code, f"{name} cannot be computed in bfloat16", "--formats=pb,saved_model")
        assert not (tmp_path / "x").exists()


@needs_bfloat16
class TestExports:
    def test_they_lie_beside_those_in_float32_which_are_as_ever(self, exported):
        assert sorted(path.name for path in exported.iterdir()) == [
            "model-6-bfloat16.json",
            "model-6-bfloat16.pb",
            "model-6.json",
            "model-6.pb",
            "saved_model-bfloat16",
        ]
        types = {
            node.attr["T"].type
            for node in graph_of(exported / "model-6.pb").node
            if node.op in CONVOLUTIONS
        }
        assert types == {FLOAT32}

    def test_a_frozen_graph_has_convolutions_in_bfloat16_and_all_else_in_float32(self, exported):
        nodes = graph_of(exported / "model-6-bfloat16.pb").node
        types = {node.attr["T"].type for node in nodes if node.op in CONVOLUTIONS}
        assert types == {BFLOAT16}
        others = {
            node.op
            for node in nodes
            if BFLOAT16 in (node.attr["T"].type, node.attr["dtype"].type)
            and node.op not in CONVOLUTIONS
        }
        assert others <= {"Const", "Pad"}

    def test_its_weights_are_stored_so_which_halves_the_file(self, exported):
        float32, bfloat16 = (
            sum(
                np.prod([side.size for side in node.attr["value"].tensor.tensor_shape.dim])
                for node in graph_of(exported / name).node
                if node.op == "Const" and node.attr["dtype"].type == dtype
            )
            for name, dtype in (("model-6.pb", FLOAT32), ("model-6-bfloat16.pb", BFLOAT16))
        )
        assert bfloat16 > 0.98 * float32

    def test_their_notes_say_it(self, exported):
        notes = [exported / "model-6-bfloat16.json", exported / "model-6.json"]
        notes.append(exported / "saved_model-bfloat16" / "6" / "model.json")
        said = [json.loads(path.read_text())["convolutions"] for path in notes]
        assert said == ["bfloat16", "float32", "bfloat16"]
        ends = json.loads(notes[0].read_text())
        assert [ends[name]["dtype"] for name in ("input", "output")] == ["float32", "float32"]


@needs_bfloat16
def test_the_test_phase_translates_in_bfloat16_and_scores_in_float32(finished, data, tmp_path):
    written = []
    for name, flags in (("float32", []), ("bfloat16", [MODE])):
        run = tmp_path / name
        shutil.copytree(str(finished[0]), str(run))
        places = [f"--data_path={data}", f"--checkpoint_dir={run}", "--phase=test"]
        assert train([*places, "--device=cpu", *flags]) == 0
        written.append(np.stack([pixels(run / "outputs" / f"{name}.png") for name in (1, 2)]))
    assert 0 < np.abs(np.subtract(*written)).max() <= 4
    targets = [pixels(run / "outputs" / "targets" / f"{name}.png") for name in (1, 2)]
    # By another library, of what was written; the variances would be far off in bfloat16.
    wanted = [
        structural_similarity(
            np.uint8(output),
            np.uint8(target),
            channel_axis=2,
            gaussian_weights=True,
            sigma=1.5,
            use_sample_covariance=False,
        )
        for output, target in zip(written[1], targets)
    ]
    report = json.loads((run / "metrics.json").read_text())
    assert report["ssim"] == pytest.approx(np.mean(wanted), abs=2e-3)
