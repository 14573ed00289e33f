"""The programs in docs/library.md and the example in docs/data.md, run as they stand there."""

import os
import pathlib
import re
import subprocess
import sys

import pytest
from PIL import Image

from input_fn import write_data_set

PROJECT = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the programs run: with pairs in DIR, a photo, and a run's frozen graph."""
    folder = tmp_path_factory.mktemp("library")
    write_data_set(str(folder / "DIR"), train=4, val=1, seed=0)
    os.link(str(folder / "DIR" / "val" / "1.jpg"), str(folder / "photo.jpg"))
    flags = ["--data_path=DIR", "--checkpoint_dir=run", "--fine_size=64", "--ngf=4", "--ndf=4"]
    flags += ["--max_steps=10", "--eval_steps=0"]
    program = str(PROJECT / "estimator" / "train.py")
    subprocess.run(
        [sys.executable, program, *flags], check=True, cwd=str(folder), stdout=subprocess.DEVNULL
    )
    os.rename(str(folder / "run"), str(folder / "trained"))
    (folder / "run").mkdir()
    os.rename(str(folder / "trained" / "frozen"), str(folder / "run" / "frozen"))
    return folder


@pytest.fixture(scope="module")
def programs():
    text = (PROJECT / "docs" / "library.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def run(program, folder):
    environment = {**os.environ, "PYTHONPATH": str(PROJECT)}
    process = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=False,
        cwd=str(folder),
        env=environment,
    )
    assert process.returncode == 0, process.stderr
    return process.stdout


def test_an_estimator_of_ones_own_trains(folder, programs):
    run(programs[0], folder)
    assert (folder / "run" / "model.ckpt-10.index").exists()


def test_keras_learns_from_the_pairs(folder, programs):
    assert "Epoch 2/2" in run(programs[1], folder)


def test_a_generator_translates_a_photo(folder, programs):
    # The synthetic pair as a whole.
    assert run(programs[2], folder).strip() == "(256, 512, 3) uint8"


def test_no_program_is_left_out(programs):
    assert len(programs) == 3


def test_the_way_from_photos_to_a_model_leads_there(tmp_path):
    text = (PROJECT / "docs" / "data.md").read_text(encoding="utf-8")
    after = text.split("## From photos to a model")[1]
    commands = re.search(r"^```bash\n(.*?)^```", after, re.MULTILINE | re.DOTALL).group(1)
    small = " --fine_size=32 --ngf=4 --ndf=4 --max_steps=2"
    commands = commands.replace("--which_direction=BtoA", f"--which_direction=BtoA{small}")
    for folder in ("photos", "drawings"):
        (tmp_path / folder).mkdir()
    for number in range(10):
        picture = Image.effect_noise((300, 280), 80).convert("RGB")
        picture.save(str(tmp_path / "photos" / f"{number}.jpg"))
    picture.save(str(tmp_path / "drawings" / "mine.png"))
    for program in ("estimator", "input_fn", "model_fn", "hooks"):
        os.symlink(str(PROJECT / program), str(tmp_path / program))
    script = f'set -e\npython() {{ {sys.executable} "$@"; }}\n{commands}'
    process = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, check=False, cwd=str(tmp_path)
    )
    assert process.returncode == 0, process.stderr
    assert (tmp_path / "run" / "index.html").exists()
    assert (tmp_path / "run" / "export" / "model-2.tflite").exists()
    with Image.open(str(tmp_path / "coloured" / "mine.png")) as result:
        assert result.size == (32, 32)
