"""Each kind of model: what the server makes of a picture is what predict.py makes of it."""

import pathlib
import re

import pytest

from estimator.export import main as export
from estimator.predict import main as predict

DOCUMENT = pathlib.Path(__file__).resolve().parents[3] / "docs" / "serving.md"


@pytest.fixture(scope="module")
def exports(finished, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    flags = [f"--checkpoint_dir={finished[0]}", f"--output={folder}"]
    assert export([*flags, "--formats=pb,saved_model,onnx"]) == 0
    return folder


@pytest.mark.parametrize(
    ("flag", "name"),
    [("--graph", "model-6.pb"), ("--graph", "model-6.onnx"), ("--saved_model", "saved_model")],
)
def test_an_export(serving, exports, photos, tmp_path, flag, name):
    model = f"{flag}={exports / name}"
    with serving(model) as running:
        assert "step 6, 64x64" in running.line
        answer = running.translate(photos["wide.jpg"].read_bytes(), "?keep_size=true")
    places = [f"--input={photos['wide.jpg']}", f"--output={tmp_path / 'out.png'}"]
    assert predict([*places, model, "--keep_size", "--device=cpu"]) == 0
    assert answer.body == (tmp_path / "out.png").read_bytes()


def test_the_example_in_the_document_works_as_it_stands(server, photos, tmp_path, monkeypatch):
    (program,) = re.findall(
        r"^```python\n(.*?)^```", DOCUMENT.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    content = photos["same.png"].read_bytes()
    (tmp_path / "input.png").write_bytes(content)
    monkeypatch.chdir(tmp_path)
    exec(compile(program.replace("8000", str(server.port)), "serving.md", "exec"), {})
    wanted = server.translate(content, "?keep_size=true").body
    assert (tmp_path / "output.png").read_bytes() == wanted
