"""Each format against the checkpoint, by the runtime that it is for."""

import io
import json
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.export import main
from estimator.predict import main as predict

USE = pathlib.Path(__file__).resolve().parents[3] / "docs" / "use.md"


@pytest.fixture(scope="module")
def exported(finished, tmp_path_factory):
    """All exports of a run for one picture at a time."""
    folder = tmp_path_factory.mktemp("exported")
    assert main([f"--checkpoint_dir={finished[0]}", f"--output={folder}"]) == 0
    return folder


@pytest.fixture(scope="module")
def images():
    return np.random.RandomState(3).uniform(-1, 1, (5, 64, 64, 3)).astype(np.float32)


@pytest.fixture(scope="module")
def expected(finished, images):
    """What the checkpoint makes of the images, restored by a Saver."""
    from model_fn import NetworkConfig, ObjectiveConfig
    from model_fn.inference import predict as translate

    network = NetworkConfig(64, 64, generator_filters=4, discriminator_filters=4)
    with tf.Graph().as_default(), tf.Session() as session:
        output = translate(tf.constant(images), network, ObjectiveConfig(test_dropout=False))
        tf.train.Saver().restore(session, str(finished[0] / "model.ckpt-6"))
        outputs = session.run(output)
    assert np.ptp(outputs) > 1e-3  # Not a constant, which anything would match.
    return outputs


def run_graph(path, images):
    graph_def = tf.GraphDef.FromString(path.read_bytes())
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        return session.run("output:0", {"input:0": images})


def run_tflite(path, images):
    interpreter = tf.lite.Interpreter(model_path=str(path))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], images)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


class TestFrozenGraph:
    def test_the_script_in_the_documents_translates_a_picture(self, exported, images, tmp_path):
        scripts = re.findall(r"```python\n(.*?)```", USE.read_text(encoding="utf-8"), re.DOTALL)
        (script,) = [each for each in scripts if "GraphDef" in each]
        script = re.sub(r'"[^"]*\.pb"', repr(str(exported / "model-6.pb")), script)
        script = script.replace("(256, 256)", "(64, 64)")
        pixels = np.round((images[0] + 1) * 127.5).astype(np.uint8)
        Image.fromarray(pixels).save(str(tmp_path / "input.png"))
        subprocess.run([sys.executable, "-c", script], cwd=str(tmp_path), check=True)
        output = run_graph(exported / "model-6.pb", pixels[None] / np.float32(127.5) - 1)
        with Image.open(str(tmp_path / "output.png")) as picture:
            np.testing.assert_allclose(np.asarray(picture), (output[0] + 1) * 127.5, atol=0.51)

    def test_it_gives_what_the_checkpoint_gives(self, exported, images, expected):
        output = run_graph(exported / "model-6.pb", images[:1])
        np.testing.assert_allclose(output, expected[:1], atol=1e-5)

    def test_any_number_of_pictures_if_asked(self, finished, images, expected, tmp_path):
        flags = ["--batch_size=0", "--formats=pb", f"--output={tmp_path}"]
        assert main([f"--checkpoint_dir={finished[0]}", *flags]) == 0
        for count in (1, 5):
            output = run_graph(tmp_path / "model-6.pb", images[:count])
            np.testing.assert_allclose(output, expected[:count], atol=1e-5)

    def test_a_fixed_batch_has_no_unknown_shape_for_offline_compilers(self, finished, tmp_path):
        flags = ["--batch_size=4", "--formats=pb", f"--output={tmp_path}"]
        assert main([f"--checkpoint_dir={finished[0]}", *flags]) == 0
        graph_def = tf.GraphDef.FromString((tmp_path / "model-6.pb").read_bytes())
        with tf.Graph().as_default() as graph:
            tf.import_graph_def(graph_def, name="")
            shapes = [tensor.shape for op in graph.get_operations() for tensor in op.outputs]
        assert all(shape.is_fully_defined() for shape in shapes)


class TestSavedModel:
    def test_the_public_command_line_runs_it(self, exported, images, expected, tmp_path):
        np.save(str(tmp_path / "images.npy"), images)
        tool = pathlib.Path(sys.executable).with_name("saved_model_cli")
        folder = exported / "saved_model" / "6"
        flags = ["--tag_set=serve", "--signature_def=serving_default"]
        flags.append(f"--inputs=input={tmp_path / 'images.npy'}")
        subprocess.run(
            [str(tool), "run", "--dir", str(folder), *flags, f"--outdir={tmp_path}"],
            check=True,
            capture_output=True,
        )
        np.testing.assert_allclose(np.load(str(tmp_path / "output.npy")), expected, atol=1e-5)

    def test_files_go_in_and_png_files_come_out(self, exported, images, expected):
        pixels = np.round((images + 1) * 127.5).astype(np.uint8)
        outputs = self.serve(exported, [self.encoded(each, "PNG") for each in pixels])
        levels = (run_graph_of_any(exported, pixels / np.float32(127.5) - 1) + 1) * 127.5
        np.testing.assert_allclose(outputs, levels, atol=0.51)

    @pytest.mark.parametrize(
        ("kind", "mode", "size"), [("JPEG", "RGB", (300, 200)), ("PNG", "L", (20, 90))]
    )
    def test_files_of_any_size_are_stretched(self, exported, kind, mode, size):
        picture = Image.new(mode, size, "gray")
        buffer = io.BytesIO()
        picture.save(buffer, format=kind)
        (output,) = self.serve(exported, [buffer.getvalue()])
        grey = np.full((1, 64, 64, 3), 128 / 127.5 - 1, np.float32)
        expected = (run_graph_of_any(exported, grey)[0] + 1) * 127.5
        np.testing.assert_allclose(output, expected, atol=1.01)

    def encoded(self, pixels, kind):
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, format=kind)
        return buffer.getvalue()

    def serve(self, exported, files):
        with tf.Graph().as_default(), tf.Session() as session:
            folder = str(exported / "saved_model" / "6")
            model = tf.saved_model.loader.load(session, ["serve"], folder)
            signature = model.signature_def["encoded"]
            fed = {signature.inputs["image_bytes"].name: files}
            outputs = session.run(signature.outputs["output_bytes"].name, fed)
        return np.stack([np.asarray(Image.open(io.BytesIO(each))) for each in outputs])

    @pytest.mark.parametrize("place", ["saved_model", "saved_model/6"])
    def test_predict_takes_it_or_the_folder_of_its_versions(self, exported, tmp_path, place):
        Image.new("RGB", (40, 30)).save(str(tmp_path / "a.png"))
        files = [f"--input={tmp_path / 'a.png'}", f"--output={tmp_path / 'out'}"]
        assert predict([*files, f"--saved_model={exported / place}"]) == 0
        assert (tmp_path / "out" / "a.png").exists()


def run_graph_of_any(exported, images):
    return np.concatenate([run_graph(exported / "model-6.pb", each[None]) for each in images])


class TestTensorFlowLite:
    def test_its_interpreter_gives_what_the_checkpoint_gives(self, exported, images, expected):
        output = run_tflite(exported / "model-6.tflite", images[:1])
        np.testing.assert_allclose(output, expected[:1], atol=1e-4)

    def test_several_pictures_at_a_time(self, finished, images, expected, tmp_path):
        flags = ["--batch_size=5", "--formats=tflite", f"--output={tmp_path}"]
        assert main([f"--checkpoint_dir={finished[0]}", *flags]) == 0
        output = run_tflite(tmp_path / "model-6.tflite", images)
        np.testing.assert_allclose(output, expected, atol=1e-4)


class TestNotes:
    @pytest.mark.parametrize(
        ("name", "batch"),
        [("model-6.json", 1), ("model-6.tflite.json", 1), ("saved_model/6/model.json", None)],
    )
    def test_every_export_has_one(self, exported, name, batch):
        note = json.loads((exported / name).read_text())
        assert note["input"]["shape"] == [batch, 64, 64, 3]
        assert note["output"]["shape"] == [batch, 64, 64, 3]
        assert (note["direction"], note["step"], note["dropout"]) == ("BtoA", 6, "off")
        assert note["value_range"] == [-1.0, 1.0]


def test_dropout_is_off_unless_asked_for_and_then_said(finished, images, tmp_path):
    for name, flags in (("on", ["--test_dropout", "--seed=7"]), ("off", [])):
        place = [f"--checkpoint_dir={finished[0]}", f"--output={tmp_path / name}"]
        assert main([*place, "--formats=pb", *flags]) == 0
    note = json.loads((tmp_path / "on" / "model-6.json").read_text())
    assert note["dropout"] == "on, one draw with seed 7"
    outputs = [run_graph(tmp_path / each / "model-6.pb", images[:1]) for each in ("on", "off")]
    assert np.abs(outputs[0] - outputs[1]).max() > 1e-3
