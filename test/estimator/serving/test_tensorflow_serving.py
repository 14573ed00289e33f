"""The interface of TensorFlow Serving, against the SavedModel that export.py writes for it."""

import base64
import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from estimator.export import main as export


@pytest.fixture(scope="module")
def saved_model(finished, tmp_path_factory):
    folder = tmp_path_factory.mktemp("export")
    flags = [f"--checkpoint_dir={finished[0]}", f"--output={folder}", "--formats=saved_model"]
    assert export([*flags, "--test_dropout=true"]) == 0
    return folder / "saved_model" / "6"


@pytest.fixture(scope="module")
def run_signature(saved_model):
    """Runs a signature of the SavedModel by TensorFlow alone."""
    with tf.Graph().as_default(), tf.Session() as session:
        signatures = tf.saved_model.loader.load(session, ["serve"], str(saved_model)).signature_def

        def run(name, values):
            signature = signatures[name]
            (taken,), (given,) = signature.inputs.values(), signature.outputs.values()
            return session.run(given.name, {taken.name: values})

        yield run


@pytest.fixture(scope="module")
def pictures():
    return np.random.RandomState(0).uniform(-1, 1, [3, 64, 64, 3]).astype(np.float32)


def as_text(content):
    return {"b64": base64.b64encode(content).decode("ascii")}


class TestFloats:
    @pytest.mark.parametrize("named", [False, True])
    def test_rows(self, server, pictures, run_signature, named):
        rows = [{"input": each} if named else each for each in pictures.tolist()]
        answer = server.predict({"instances": rows})
        assert list(answer.json) == ["predictions"]
        wanted = run_signature("serving_default", pictures)
        np.testing.assert_allclose(np.array(answer.json["predictions"]), wanted, atol=1e-5)

    @pytest.mark.parametrize("named", [False, True])
    def test_columns(self, server, pictures, run_signature, named):
        column = pictures.tolist()
        answer = server.predict({"inputs": {"input": column} if named else column})
        assert list(answer.json) == ["outputs"]
        wanted = run_signature("serving_default", pictures)
        np.testing.assert_allclose(np.array(answer.json["outputs"]), wanted, atol=1e-5)

    def test_a_version_may_be_named(self, server, pictures):
        question = {"instances": pictures[:1].tolist(), "signature_name": "serving_default"}
        assert server.predict(question, "/v1/models/pix2pix/versions/6").status == 200
        assert server.predict(question, "/v1/models/pix2pix/versions/7").status == 404


class TestFiles:
    @pytest.mark.parametrize("form", ["rows", "named rows", "columns", "named columns"])
    def test_files_in_base64(self, server, photos, run_signature, form):
        # Turned by its EXIF data elsewhere, but not by the signature.
        contents = [photos[name].read_bytes() for name in ("wide.jpg", "turned.jpg", "grey.png")]
        values = [as_text(content) for content in contents]
        if form == "named rows":
            values = [{"image_bytes": value} for value in values]
        if form == "named columns":
            values = {"image_bytes": values}
        key, answered = ("instances", "predictions") if "rows" in form else ("inputs", "outputs")
        answer = server.predict({"signature_name": "encoded", key: values})
        assert answer.status == 200, answer.body
        found = [base64.b64decode(each["b64"]) for each in answer.json[answered]]
        for one, other in zip(found, run_signature("encoded", contents)):
            difference = levels(one) - levels(other)
            assert np.abs(difference).max() <= 1
        assert len(found) == 3

    def test_a_file_of_another_kind(self, server, photos):
        values = [as_text(photos["tall.gif"].read_bytes())]
        answer = server.predict({"signature_name": "encoded", "instances": values})
        assert answer.status == 400
        assert "JPEG and PNG" in answer.error


def levels(content):
    with Image.open(io.BytesIO(content)) as picture:
        return np.asarray(picture).astype(int)


class TestAbout:
    def test_status(self, server):
        (found,) = server.ask("GET", "/v1/models/pix2pix").json["model_version_status"]
        assert (found["version"], found["state"]) == ("6", "AVAILABLE")

    def test_metadata_are_those_of_the_saved_model(self, server, saved_model):
        found = server.ask("GET", "/v1/models/pix2pix/metadata").json
        described = found["metadata"]["signature_def"]["signature_def"]
        with tf.Graph().as_default(), tf.Session() as session:
            model = tf.saved_model.loader.load(session, ["serve"], str(saved_model))
        assert set(described) == set(model.signature_def)
        for name, signature in model.signature_def.items():
            assert described[name]["method_name"] == signature.method_name
            for ends in ("inputs", "outputs"):
                for end, tensor in getattr(signature, ends).items():
                    found = described[name][ends][end]
                    sides = [int(side["size"]) for side in found["tensor_shape"]["dim"]]
                    assert sides == [side.size for side in tensor.tensor_shape.dim]
                    assert (
                        tf.as_dtype(tensor.dtype).name
                        in ({"DT_FLOAT": "float32", "DT_STRING": "string"}[found["dtype"]])
                    )

    def test_another_model(self, server):
        answer = server.ask("GET", "/v1/models/other")
        assert answer.status == 404
        assert list(answer.json) == ["error"]


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "no JSON"),
        (b"{", "no JSON"),
        (b"[1, 2]", "no JSON object"),
        (b"\xff\xfe", "no JSON"),
        (b'{"instances": ' + b"[" * 100000, "no JSON"),
        (b"{}", "neither"),
        (b'{"instances": [1], "inputs": [1]}', "instances and inputs"),
        (b'{"instances": []}', "no list of pictures"),
        (b'{"instances": 7}', "no list of pictures"),
        (b'{"instances": [[1, 2], [3]]}', "shape (2,)"),
        (b'{"instances": [[[1, 2], [3]]]}', "something else"),
        (b'{"instances": ["1"]}', "something else"),
        (b'{"instances": [NaN]}', "NaN is no JSON"),
        (b'{"instances": [{"picture": 1}]}', "has one input, input"),
        (b'{"signature_name": "other", "instances": [1]}', "serving_default, encoded"),
        (b'{"signature_name": ["encoded"], "instances": [1]}', "is none"),
        (b'{"signature_name": "encoded", "instances": [{"b64": "?"}]}', "base64"),
        (b'{"signature_name": "encoded", "instances": [7]}', "base64"),
        (b'{"signature_name": "encoded", "instances": [{"b64": "aGk="}]}', "begins with b'hi'"),
    ],
)
def test_what_cannot_be_read_is_said(server, body, said):
    answer = server.ask("POST", "/v1/models/pix2pix:predict", body)
    assert answer.status == 400
    assert said in answer.error


def test_numbers_that_float32_does_not_hold(server, pictures):
    values = pictures[:1].tolist()
    values[0][0][0][0] = 1e300
    answer = server.predict({"instances": values})
    assert answer.status == 400
    assert "too large" in answer.error
