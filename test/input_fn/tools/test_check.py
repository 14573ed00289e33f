"""`check`: what is reported of a data set."""

import json

import numpy as np
import pytest
from PIL import Image

from input_fn.prepare import main


@pytest.fixture
def data(tmp_path, save, noise):
    labels = np.zeros((32, 32, 3), np.uint8)
    labels[:16] = (255, 0, 0)
    labels[:, :8] = (0, 0, 255)
    for number in range(4):
        pair = np.concatenate([noise(32, 32, 3, seed=number), labels], axis=1)
        save(tmp_path / "train" / f"{number}.png", pair)
    save(tmp_path / "val" / "0.png", np.concatenate([noise(32, 32, 3, seed=9), labels], axis=1))
    return tmp_path


def reported(data, capsys, *flags):
    code = main(["check", str(data), "--json=-", *flags])
    return code, json.loads(capsys.readouterr().out)


def test_a_sound_data_set_is_described_and_the_code_is_0(data, capsys):
    code, report = reported(data, capsys, "--image_size=32")
    assert code == 0
    train = report["splits"]["train"]
    assert (train["pairs"], train["bad"]) == (4, [])
    assert train["sizes"] == {"32x64": 4}
    assert train["modes"] == {"PNG RGB": 4}
    assert report["duplicates_across_splits"] == []


def test_class_colours_are_listed_with_their_shares(data, capsys):
    _, report = reported(data, capsys, "--image_size=32")
    colours = report["splits"]["train"]["colours"]
    assert colours["A"] is None
    # Blue has 8 of 32 columns; red and black have halves of the rest.
    assert colours["B"] == pytest.approx({"0000ff": 0.25, "ff0000": 0.375, "000000": 0.375})


def test_mixed_sizes_and_modes_are_counted(data, capsys, save, noise):
    save(data / "train" / "9.png", noise(16, 40, 3, seed=5)[..., 0])
    code, report = reported(data, capsys, "--image_size=32")
    assert code == 0
    assert report["splits"]["train"]["sizes"] == {"32x64": 4, "16x40": 1}
    assert report["splits"]["train"]["modes"] == {"PNG RGB": 4, "PNG L": 1}


def test_pairs_that_are_in_two_splits_are_found_whatever_their_names(data, capsys, save):
    with Image.open(str(data / "train" / "2.png")) as picture:
        picture.save(str(data / "val" / "other.png"), compress_level=1)
    code, report = reported(data, capsys, "--image_size=32")
    assert code == 1
    assert report["duplicates_across_splits"] == [
        [str(data / "train" / "2.png"), str(data / "val" / "other.png")]
    ]


def test_each_bad_file_has_a_line(data, capsys, save, noise):
    whole = (data / "train" / "0.png").read_bytes()
    (data / "train" / "cut.png").write_bytes(whole[:-200])
    (data / "train" / "mislabelled.jpg").write_bytes(whole)
    (data / "train" / "empty.png").write_bytes(b"")
    save(data / "train" / "odd.png", noise(32, 63, 3, seed=0))
    save(data / "train" / "single.png", noise(32, 32, 3, seed=0))
    code, report = reported(data, capsys, "--image_size=32")
    assert code == 1
    bad = sorted(report["splits"]["train"]["bad"])
    for line, (name, fault) in zip(
        bad,
        [
            ("cut.png", "incomplete or damaged"),
            ("empty.png", "is empty"),
            ("mislabelled.jpg", "rename it to .png"),
            ("odd.png", "odd width"),
            ("single.png", "single picture"),
        ],
    ):
        assert line.startswith(str(data / "train" / name) + ": ")
        assert fault in line


def test_the_table_says_the_same_for_the_eye(data, capsys):
    (data / "train" / "empty.png").write_bytes(b"")
    assert main(["check", str(data), "--image_size=32", f"--json={data / 'r.json'}"]) == 1
    out = capsys.readouterr().out
    assert "train: 5 pairs, 1 bad" in out
    assert "bits: 8: 4" in out
    assert "B: label maps of 3 colours" in out
    assert json.loads((data / "r.json").read_text())["splits"]["train"]["pairs"] == 5
