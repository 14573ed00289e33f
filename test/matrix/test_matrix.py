"""Every format through every program, by their command lines, from the files to the files."""

import collections
import importlib.util
import io
import json
import pathlib
import shutil

import numpy as np
import onnxruntime
import pytest
import tensorflow.compat.v1 as tf
import tifffile
from PIL import Image

from estimator import export, predict, train
from input_fn import prepare

_SPEC = importlib.util.spec_from_file_location(
    "matrix_formats", str(pathlib.Path(__file__).with_name("formats.py"))
)
formats = importlib.util.module_from_spec(_SPEC)
_SPEC.loader.exec_module(formats)

NAMES = formats.NAMES
SMALL = ["--ngf=4", "--ndf=4", "--device=cpu"]
SOURCES = ("checkpoint", "graph", "saved_model", "onnx")
ONE_LEVEL = 1.0

Used = collections.namedtuple("Used", ["format", "run", "inputs", "predicted", "output"])
Used.__doc__ = """What is left of a format: its `Format`; the run's folder; the paths of the inputs
alone; for each source the folder of its predictions; and what each program printed, by its name."""


@pytest.fixture(scope="module", params=list(formats.FORMATS))
def used(request, call, tmp_path_factory):
    """Trains, resumes, tests, exports and predicts; every program ends with exit code 0."""
    name, folder = request.param, tmp_path_factory.mktemp("format")
    format_ = formats.FORMATS[name]
    data, run, inputs = folder / "data", folder / "run", folder / "inputs"
    inputs.mkdir()
    format_.write(data)
    output = {}

    def note(title, program, *arguments):
        output[title] = call(program, *arguments)

    given = data
    if name == "packed":
        given = folder / "packed"
        note("pack", prepare, "pack", data, given, "--shards=2")
    # Without dropout, as exports are, so that all that follows is to be the same.
    flags = [
        f"--data_path={given}",
        f"--checkpoint_dir={run}",
        *(
            []
            if any(each.startswith("--fine_size") for each in format_.flags)
            else ["--fine_size=32"]
        ),
        *SMALL,
        "--test_dropout=false",
        *format_.flags,
    ]
    note("train", train, *flags, "--max_steps=2")
    note("resume", train, *flags, "--max_steps=4")
    note("test", train, f"--data_path={given}", f"--checkpoint_dir={run}", "--phase=test")
    note("export", export, f"--checkpoint_dir={run}", "--formats=pb,saved_model,tflite,onnx")
    paths = format_.inputs(data, inputs)
    models = {
        "checkpoint": f"--checkpoint_dir={run}",
        "graph": f"--graph={run}/export/model-4.pb",
        "saved_model": f"--saved_model={run}/export/saved_model",
        "onnx": f"--graph={folder}/alone.onnx",
    }
    # Without the note beside it: it has one in it.
    shutil.copy(str(run / "export" / "model-4.onnx"), str(folder / "alone.onnx"))
    predicted = {source: folder / f"by_{source}" for source in models}
    for source, model in models.items():
        note(source, predict, f"--input={paths[0].parent}", f"--output={predicted[source]}", model)
    return Used(format_, run, paths, predicted, output)


def values(path, white):
    """Reads a picture, 0..255 [height, width, channels]: from .npy or .tif where there is one."""
    array, tiff = path.with_suffix(".npy"), path.with_suffix(".tif")
    if array.exists():
        return np.load(str(array)) * (255.0 / white)
    if tiff.exists():
        return tifffile.imread(str(tiff)) * (255.0 / white)
    pixels = np.asarray(Image.open(str(path)), np.float32)
    return pixels.reshape(pixels.shape[0], pixels.shape[1], -1)


def of_test_phase(used, name, which=""):
    return values(used.run / "outputs" / which / f"{name}.png", used.format.white)


def test_training_resumes_where_it_stopped(used):
    assert f"resuming {used.run} at step 2" in used.output["resume"]
    assert json.loads((used.run / "progress.json").read_text())["step"] == 4


def test_the_test_phase_leaves_scores_and_a_page_with_its_pictures(used):
    metrics = json.loads((used.run / "metrics.json").read_text())
    assert [each["name"].rsplit(".", 1)[0] for each in metrics["per_image"]] == sorted(NAMES)
    assert all(np.isfinite(metrics[score]) for score in ("l1", "psnr", "ssim"))
    page = (used.run / "index.html").read_text()
    for name in NAMES:
        for place in ("outputs", "outputs/inputs", "outputs/targets"):
            assert f'src="{place}/{name}.png"' in page
            assert (used.run / place / f"{name}.png").exists()


def test_the_network_sees_what_others_compute(used):
    """Against NumPy, Pillow and scikit-image."""
    for number, name in enumerate(NAMES):
        expected = (used.format.seen(number) + 1.0) * 127.5
        difference = np.abs(of_test_phase(used, name, "inputs") - expected)
        assert difference.mean() < 1.0
        assert difference.max() <= (ONE_LEVEL if used.format.exact else 12.0)


@pytest.mark.parametrize("source", SOURCES)
def test_predictions_are_what_the_test_phase_wrote(used, source):
    for name in NAMES:
        predicted = values(used.predicted[source] / f"{name}.png", used.format.white)
        assert np.abs(predicted - of_test_phase(used, name)).max() <= ONE_LEVEL


def test_outputs_differ_from_picture_to_picture(used):
    """Otherwise equal pictures would prove nothing."""
    first, second = (of_test_phase(used, name) for name in NAMES)
    assert np.abs(first - second).max() > 2 * ONE_LEVEL


def test_encoded_pictures_give_what_the_test_phase_wrote(used):
    with tf.Graph().as_default(), tf.Session() as session:
        folder = used.run / "export" / "saved_model" / "4"
        model = tf.saved_model.loader.load(session, ["serve"], str(folder))
        signature = model.signature_def.get("encoded")
        if used.inputs[0].suffix in (".npy", ".tif"):
            assert signature is None
            assert "without the signature of encoded pictures" in used.output["export"]
            return
        files = [path.read_bytes() for path in used.inputs]
        encoded = session.run(
            signature.outputs["output_bytes"].name, {signature.inputs["image_bytes"].name: files}
        )
    for name, content in zip(NAMES, encoded):
        pixels = np.asarray(Image.open(io.BytesIO(content)), np.float32)
        expected = of_test_phase(used, name)
        assert np.abs(pixels.reshape(expected.shape) - expected).max() <= ONE_LEVEL


def raw_outputs_of_graph(run, x):
    graph_def = tf.GraphDef.FromString((run / "export" / "model-4.pb").read_bytes())
    with tf.Graph().as_default(), tf.Session() as session:
        tf.import_graph_def(graph_def, name="")
        return session.run("output:0", {"input:0": x})


def raw_outputs_of_tflite(run, x):
    interpreter = tf.lite.Interpreter(model_path=str(run / "export" / "model-4.tflite"))
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    return interpreter.get_tensor(interpreter.get_output_details()[0]["index"])


def raw_outputs_of_onnx(run, x):
    path = str(run / "export" / "model-4.onnx")
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    return session.run(["output"], {"input": x})[0]


@pytest.mark.parametrize(
    "run_raw", [raw_outputs_of_graph, raw_outputs_of_tflite, raw_outputs_of_onnx]
)
def test_exports_without_this_project_give_what_the_test_phase_wrote(used, run_raw):
    """What the network is to see is computed by others, what it makes of it by TensorFlow alone."""
    if not used.format.exact:
        pytest.skip("what others compute is not exact where pictures are resized")
    for number, name in enumerate(NAMES):
        x = used.format.seen(number)[None].astype(np.float32)
        picture = (run_raw(used.run, x)[0] + 1.0) * 127.5
        if "--lab_colorization" in used.format.flags:
            picture = formats.colours(x[0], run_raw(used.run, x)[0])
        assert np.abs(picture - of_test_phase(used, name)).max() <= ONE_LEVEL + 0.5
