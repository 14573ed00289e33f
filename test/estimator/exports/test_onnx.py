"""ONNX files: what others make of them, and predict.py."""

import json
import logging
import os
import re
import shutil
import sys

import numpy as np
import onnx
import onnxruntime
import pytest
import tensorflow.compat.v1 as tf
from onnx import TensorProto, helper
from PIL import Image

from estimator.export import main
from estimator.predict import main as predict


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory):
    """An ONNX file and the frozen graph of a run, for one picture at a time."""
    folder = tmp_path_factory.mktemp("exported")
    export(finished, folder)
    return folder


@pytest.fixture(scope="module")
def photos(data, tmp_path_factory):
    """Five pictures of several sizes."""
    folder = tmp_path_factory.mktemp("photos")
    with Image.open(str(data / "train" / "1.jpg")) as pair:
        for number, size in enumerate([(64, 64), (100, 50), (31, 17), (64, 64), (64, 64)]):
            box = (256 + 10 * number, 0, 512, 256)
            pair.crop(box).resize(size, Image.BILINEAR).save(str(folder / f"{number}.png"))
    return folder


@pytest.fixture(scope="module")
def images():
    return np.random.RandomState(3).uniform(-1, 1, (5, 64, 64, 3)).astype(np.float32)


def export(finished, folder, *flags, formats="pb,onnx"):
    place = [f"--checkpoint_dir={finished[0]}", f"--output={folder}"]
    assert main([*place, f"--formats={formats}", *flags]) == 0


def run_onnx(path, images):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(["output"], {"input": images})[0]


def run_frozen(path, images):
    graph_def = tf.GraphDef.FromString(path.read_bytes())
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        return session.run("output:0", {"input:0": images})


def predicted(graph, photos, target, *flags):
    """The pictures that predict.py makes, as int [height, width, 3]."""
    places = [f"--graph={graph}", f"--input={photos}", f"--output={target}"]
    assert predict([*places, *flags]) == 0
    return [np.asarray(Image.open(str(path))).astype(int) for path in sorted(target.iterdir())]


class TestFile:
    def test_it_is_a_valid_model_between_float32_pictures(self, exported):
        path = str(exported / "model-6.onnx")
        onnx.checker.check_model(path)
        model = onnx.load(path)
        assert [opset.version for opset in model.opset_import if not opset.domain] == [13]
        for (end,), name in ((model.graph.input, "input"), (model.graph.output, "output")):
            kind = end.type.tensor_type
            assert (end.name, kind.elem_type) == (name, TensorProto.FLOAT)
            assert [side.dim_value for side in kind.shape.dim] == [1, 64, 64, 3]

    def test_it_gives_what_the_frozen_graph_gives(self, exported, images):
        output = run_onnx(exported / "model-6.onnx", images[:1])
        expected = run_frozen(exported / "model-6.pb", images[:1])
        assert np.ptp(expected) > 1e-3
        np.testing.assert_allclose(output, expected, atol=1e-5)

    def test_any_number_of_pictures_if_asked(self, finished, exported, images, tmp_path):
        export(finished, tmp_path, "--batch_size=0", formats="onnx")
        expected = [run_frozen(exported / "model-6.pb", each[None])[0] for each in images]
        for count in (1, 5):
            output = run_onnx(tmp_path / "model-6.onnx", images[:count])
            np.testing.assert_allclose(output, expected[:count], atol=1e-5)

    def test_dropout_is_one_draw_that_is_in_the_file(self, finished, images, tmp_path):
        export(finished, tmp_path, "--test_dropout", "--seed=7")
        output = run_onnx(tmp_path / "model-6.onnx", images[:1])
        expected = run_frozen(tmp_path / "model-6.pb", images[:1])
        np.testing.assert_allclose(output, expected, atol=1e-5)

    def test_the_note_is_beside_it_and_in_it(self, exported):
        note = json.loads((exported / "model-6.onnx.json").read_text())
        (held,) = onnx.load(str(exported / "model-6.onnx")).metadata_props
        assert (held.key, json.loads(held.value)) == ("note", note)
        assert note["input"] == {"name": "input", "shape": [1, 64, 64, 3], "dtype": "float32"}
        assert (note["direction"], note["step"], note["dropout"]) == ("BtoA", 6, "off")

    def test_an_export_leaves_the_process_as_it_was(self, finished, tmp_path):
        loggers = [logging.getLogger(name) for name in (None, "tf2onnx", "tensorflow")]
        before = [(each.level, list(each.handlers)) for each in loggers], dict(os.environ)
        export(finished, tmp_path, formats="onnx")
        assert ([(each.level, list(each.handlers)) for each in loggers], dict(os.environ)) == before
        assert not tf.executing_eagerly()


class TestHalf:
    @pytest.fixture(scope="class")
    def half(self, finished, tmp_path_factory):
        folder = tmp_path_factory.mktemp("half")
        export(finished, folder, "--fp16", formats="onnx")
        return folder / "model-6.onnx"

    def test_the_file_has_half_the_size(self, half, exported):
        sizes = [path.stat().st_size for path in (half, exported / "model-6.onnx")]
        assert sizes[0] / sizes[1] == pytest.approx(0.5, abs=0.05)
        assert json.loads(half.with_name("model-6.onnx.json").read_text())["stored_weights"] == (
            "float16"
        )

    def test_input_and_output_stay_float32_and_a_level_apart_at_most(self, half, exported, images):
        onnx.checker.check_model(str(half))
        output = run_onnx(half, images[:1])
        assert output.dtype == np.float32
        difference = np.abs(output - run_onnx(exported / "model-6.onnx", images[:1])).max()
        assert 0 < difference < 2 / 255

    def test_the_error_is_printed_and_has_a_limit_of_its_own(self, finished, tmp_path, capsys):
        export(finished, tmp_path, "--fp16")
        lines = capsys.readouterr().out.splitlines()
        errors = dict(
            re.fullmatch(r"(.*): differs from the checkpoint by (.*)", line).groups()
            for line in lines[:2]
        )
        assert float(errors["pb"]) <= 1e-4 < float(errors["onnx, float16 weights"]) < 2 / 255

    def test_weights_that_float16_does_not_hold_are_an_error(
        self, finished, tmp_path, capsys, monkeypatch
    ):
        monkeypatch.setattr("estimator.exports.whole_export.HALF_TOLERANCE", 1e-9)
        place = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path}"]
        assert main([*place, "--formats=onnx", "--fp16"]) == 1
        error = capsys.readouterr().err
        assert error.startswith("error: onnx, float16 weights: differs")
        assert error.endswith("nothing was exported; leave out --fp16\n")
        assert list(tmp_path.iterdir()) == []


class TestPredict:
    def test_it_gives_what_the_frozen_graph_gives(self, exported, photos, tmp_path):
        outputs = predicted(exported / "model-6.onnx", photos, tmp_path / "onnx", "--keep_size")
        expected = predicted(exported / "model-6.pb", photos, tmp_path / "pb", "--keep_size")
        assert [each.shape for each in outputs] == [each.shape for each in expected]
        for output, wanted in zip(outputs, expected):
            assert np.abs(output - wanted).max() <= 1

    def test_several_pictures_to_a_file_of_a_fixed_or_any_number(
        self, finished, exported, photos, tmp_path
    ):
        expected = predicted(exported / "model-6.onnx", photos, tmp_path / "one")
        for number in (0, 2):
            folder = tmp_path / str(number)
            export(finished, folder, f"--batch_size={number}", formats="onnx")
            graph = folder / "model-6.onnx"
            outputs = predicted(graph, photos, tmp_path / f"by_{number}", "--batch_size=4")
            assert len(outputs) == 5
            assert max(np.abs(a - b).max() for a, b in zip(outputs, expected)) <= 1

    def test_the_note_beside_it_counts_more_than_the_one_in_it(self, exported, tmp_path, refuses):
        shutil.copy(str(exported / "model-6.onnx"), str(tmp_path))
        note = json.loads((exported / "model-6.onnx.json").read_text())
        note["pair_format"]["fine_size"] = [32, 32]
        (tmp_path / "model-6.onnx.json").write_text(json.dumps(note))
        refuses(translate(tmp_path / "model-6.onnx", tmp_path), "its note says [32, 32, 3]")


def translate(graph, folder, *flags):
    """Runs predict.py on a picture of its own; returns the exit code."""
    Image.new("RGB", (64, 64)).save(str(folder / "in.png"))
    files = [f"--input={folder / 'in.png'}", f"--output={folder / 'out'}"]
    return predict([f"--graph={graph}", *files, *flags])


def identity(name, shape, opset=13, kind=TensorProto.FLOAT):
    """A model that gives what it takes, from `name` to `output`."""
    ends = [helper.make_tensor_value_info(each, kind, shape) for each in (name, "output")]
    node = helper.make_node("Identity", [name], ["output"])
    graph = helper.make_graph([node], "identity", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)])
    model.ir_version = 7
    return model


class TestBadFiles:
    @pytest.mark.parametrize(
        ("content", "named"),
        [
            (b"", "cannot be loaded by ONNX Runtime"),
            (b"\x89PNG, not a model" * 9, "cannot be loaded by ONNX Runtime"),
            (identity("input", [1, 8, 8, 3], opset=99), "it is of opset 99, the runtime knows up"),
            (identity("x", [1, 8, 8, 3]), "is not from one float32 input to one output"),
            (identity("input", [1, 8, 8, 3], kind=TensorProto.FLOAT16), "is not from one float32"),
            (identity("input", [8, 3]), "is of shape [8, 3]; pictures of a fixed size"),
            (identity("input", ["n", "h", "w", 3]), "is of shape [None, None, None, 3]"),
        ],
        ids=["empty", "no_model", "newer", "other_ends", "half_ends", "no_pictures", "any_size"],
    )
    def test_what_is_no_generator_is_refused(self, tmp_path, refuses, content, named):
        path = tmp_path / "a.onnx"
        content = content if isinstance(content, bytes) else content.SerializeToString()
        path.write_bytes(content)
        refuses(translate(path, tmp_path), f"--graph {path}", named)

    def test_a_file_that_was_cut_off(self, exported, tmp_path, refuses):
        path = tmp_path / "a.onnx"
        path.write_bytes((exported / "model-6.onnx").read_bytes()[:100000])
        refuses(translate(path, tmp_path), f"--graph {path}", "cannot be loaded by ONNX Runtime")

    def test_a_file_that_is_not_there(self, tmp_path, refuses):
        refuses(translate(tmp_path / "a.onnx", tmp_path), "No such file")

    @pytest.mark.parametrize(
        ("note", "named"),
        [("no JSON", "its note in its metadata cannot be read"), ('{"version": 99}', "99")],
    )
    def test_a_note_in_it_that_cannot_be_used(self, tmp_path, refuses, note, named):
        model = identity("input", [1, 8, 8, 3])
        helper.set_model_props(model, {"note": note})
        onnx.save(model, str(tmp_path / "a.onnx"))
        refuses(translate(tmp_path / "a.onnx", tmp_path), named)

    def test_without_any_note_pictures_are_stretched(self, tmp_path):
        onnx.save(identity("input", [1, 8, 8, 3]), str(tmp_path / "a.onnx"))
        assert translate(tmp_path / "a.onnx", tmp_path) == 0
        with Image.open(str(tmp_path / "out" / "in.png")) as picture:
            assert picture.size == (8, 8)

    def test_an_npu_does_not_take_it(self, exported, tmp_path, refuses):
        code = translate(exported / "model-6.onnx", tmp_path, "--device=npu")
        refuses(code, "--device npu", "ONNX Runtime", "--checkpoint_dir")


class TestMissingPackages:
    @pytest.mark.parametrize("package", ["tf2onnx", "onnx", "onnxruntime"])
    def test_an_export_names_the_extra(self, finished, tmp_path, refuses, monkeypatch, package):
        monkeypatch.setitem(sys.modules, package, None)
        place = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path}"]
        code = main([*place, "--formats=pb,onnx"])
        refuses(code, "--formats onnx", f"package {package}", "pip install '.[onnx]'")
        assert list(tmp_path.iterdir()) == []

    def test_a_prediction_names_the_extra(self, exported, tmp_path, refuses, monkeypatch):
        monkeypatch.setitem(sys.modules, "onnxruntime", None)
        code = translate(exported / "model-6.onnx", tmp_path)
        refuses(code, "--graph", "package onnxruntime", "pip install '.[onnx]'")
