"""Label maps as classes, by the command lines: from files to files of pure colours."""

import contextlib
import io
import json
import re

import numpy as np
import pytest
from PIL import Image

from estimator import predict, train
from input_fn import FACADE_COLOURS, write_data_set

COLOURS = set(FACADE_COLOURS.values())
SMALL = ["--fine_size=32", "--ngf=4", "--ndf=4", "--device=cpu", "--max_steps=2"]


def labels(size=64, seed=0):
    """A map of three classes in blocks, uint8 [size, size, 3]."""
    classes = np.random.RandomState(seed).randint(0, 3, (4, 4))
    colours = np.array([[10, 10, 10], [250, 120, 0], [0, 90, 250]], np.uint8)
    return colours[classes].repeat(size // 4, axis=0).repeat(size // 4, axis=1)


def photo(size=64, seed=0):
    return np.random.RandomState(seed).randint(0, 256, (size, size, 3)).astype(np.uint8)


def write(folder, left, right, count=3, **options):
    (folder / "train").mkdir(parents=True)
    for number in range(count):
        pair = np.concatenate([left(seed=number), right(seed=number)], axis=1)
        name = f"{number}.{'jpg' if options else 'png'}"
        Image.fromarray(pair).save(str(folder / "train" / name), **options)
    return folder


@pytest.fixture(scope="module")
def facades(tmp_path_factory):
    """Synthetic facades, as JPEG files."""
    folder = tmp_path_factory.mktemp("facades")
    write_data_set(str(folder), train=4, val=2, seed=0)
    return folder


@pytest.fixture(scope="module")
def to_labels(facades, tmp_path_factory):
    """A run from photos to labels; returns its folder and what it printed."""
    folder = tmp_path_factory.mktemp("runs") / "labels"
    return folder, run(facades, folder, "--palette_output=auto")


def run(data, folder, *flags):
    """Trains in this process; returns what was printed."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        code = train.main([f"--data_path={data}", f"--checkpoint_dir={folder}", *SMALL, *flags])
    assert code == 0
    return printed.getvalue()


def colours_of(path):
    with Image.open(str(path)) as picture:
        return {colour for _, colour in picture.convert("RGB").getcolors(1 << 16)}


class TestClasses:
    def test_are_found_in_the_data_and_listed_before_the_first_step(self, to_labels):
        _, printed = to_labels
        line = next(line for line in printed.splitlines() if line.startswith("--palette_output"))
        assert f"{len(FACADE_COLOURS)} classes in 4 pairs: " in line
        assert all(f"{name} " in line for name in FACADE_COLOURS)
        shares = [float(share) for share in re.findall(r"([\d.]+)%", line)]
        assert sum(shares) == pytest.approx(100.0, abs=1.0)
        assert printed.index(line) < printed.index("step: 1/2")

    def test_of_maps_of_other_colours_are_those_that_are_there(self, tmp_path):
        data = write(tmp_path / "data", labels, photo, quality=90)
        printed = run(data, tmp_path / "run", "--palette_input=auto")
        line = next(line for line in printed.splitlines() if line.startswith("--palette_input"))
        found = re.findall(r"#(..)(..)(..) ", line)
        found = np.array([[int(part, 16) for part in colour] for colour in found])
        wanted = np.array([[10, 10, 10], [250, 120, 0], [0, 90, 250]])
        assert len(found) == 3
        distances = np.abs(found[:, None] - wanted[None]).max(axis=-1)
        assert distances.min(axis=0).max() <= 4  # What JPEG does to a flat area.

    def test_may_be_named_in_a_file(self, tmp_path):
        data = write(tmp_path / "data", labels, photo)
        (tmp_path / "colours.txt").write_text("10,10,10 road\n#fa7800 car\n0,90,250 sky\n")
        flag = f"--palette_input={tmp_path / 'colours.txt'}"
        printed = run(data, tmp_path / "run", flag)
        assert re.search(r"3 classes in 3 pairs: road \S+%, car \S+%, sky \S+%", printed)
        stored = json.loads((tmp_path / "run" / "options.json").read_text())
        assert stored["palette_input"] == ["#0a0a0a road", "#fa7800 car", "#005afa sky"]


class TestOutputs:
    def test_predictions_are_of_the_classes_colours_alone(self, to_labels, facades, tmp_path):
        folder, _ = to_labels
        photos = tmp_path / "photos"
        photos.mkdir()
        for number, side in enumerate((50, 32, 90)):
            Image.fromarray(photo(side)).save(str(photos / f"{number}.png"))
        ways = (("network", []), ("file", ["--keep_size"]), ("tiles", ["--tile", "--overlap=8"]))
        for name, flags in ways:
            output = tmp_path / name
            code = predict.main(
                [f"--input={photos}", f"--output={output}", f"--checkpoint_dir={folder}", *flags]
            )
            assert code == 0
            found = set().union(*(colours_of(path) for path in output.iterdir()))
            assert found <= COLOURS
        for name in ("file", "tiles"):
            with Image.open(str(tmp_path / name / "2.png")) as picture:
                assert picture.size == (90, 90)

    def test_the_test_phase_scores_classes_unasked(self, to_labels, facades, refuses):
        folder, _ = to_labels
        flags = [f"--data_path={facades}", f"--checkpoint_dir={folder}", "--phase=test"]
        assert train.main(flags) == 0
        report = json.loads((folder / "metrics.json").read_text())
        assert set(report["labels"]) >= {"pixel_accuracy", "class_accuracy", "class_iou"}
        assert set().union(*map(colours_of, (folder / "outputs").glob("*.png"))) <= COLOURS
        assert set().union(*map(colours_of, (folder / "outputs/targets").glob("*.png"))) <= COLOURS

    def test_maps_without_and_with_noise_are_the_same_input(self, tmp_path):
        data = write(tmp_path / "data", labels, photo)
        folder = tmp_path / "run"
        run(data, folder, "--palette_input=auto")
        clean = labels(32)
        noisy = np.clip(clean + np.random.RandomState(1).randint(-20, 21, clean.shape), 0, 255)
        pictures = tmp_path / "pictures"
        pictures.mkdir()
        for name, picture in (("clean", clean), ("noisy", noisy)):
            Image.fromarray(picture.astype(np.uint8)).save(str(pictures / f"{name}.png"))
        output = tmp_path / "output"
        flags = [f"--input={pictures}", f"--output={output}", f"--checkpoint_dir={folder}"]
        assert predict.main(flags) == 0
        assert (output / "clean.png").read_bytes() == (output / "noisy.png").read_bytes()


class TestDetected:
    """--palette_input=detect and --palette_output=detect, as the preset `recommended` has them."""

    FLAGS = ("--palette_input=detect", "--palette_output=detect")

    def stored(self, folder):
        options = json.loads((folder / "options.json").read_text())
        return options["palette_input"], options["palette_output"]

    def test_maps_are_classes_and_photos_are_not_by_side(self, facades, tmp_path):
        printed = run(facades, tmp_path / "run", *self.FLAGS)
        assert "--palette_input: none, the input pictures are no label maps" in printed
        assert f"--palette_output: {len(FACADE_COLOURS)} classes in 4 pairs: " in printed
        photos, maps = self.stored(tmp_path / "run")
        assert photos is None
        assert len(maps) == len(FACADE_COLOURS)

    def test_a_run_goes_on_and_is_tested_with_what_was_detected(self, facades, tmp_path, capsys):
        folder = tmp_path / "run"
        run(facades, folder, "--preset=recommended")
        assert "resuming" in run(facades, folder, "--preset=recommended", "--max_steps=4")
        flags = [f"--data_path={facades}", f"--checkpoint_dir={folder}", "--phase=test"]
        assert train.main([*flags, "--preset=recommended"]) == 0
        assert "--palette_output=detect --" in capsys.readouterr().out
        assert set().union(*map(colours_of, (folder / "outputs").glob("*.png"))) <= COLOURS

    def test_one_photo_among_maps_makes_them_pictures(self, tmp_path):
        def mostly_maps(seed):
            return photo(seed=seed) if seed == 11 else labels(seed=seed)

        data = write(tmp_path / "data", mostly_maps, photo, count=12)
        run(data, tmp_path / "run", *self.FLAGS)
        assert self.stored(tmp_path / "run") == (None, None)

    @pytest.mark.parametrize(("greys", "count"), [((0, 255), 2), ((0, 80, 160, 255), None)])
    def test_more_than_two_greys_are_values(self, tmp_path, greys, count):
        def drawing(seed):
            steps = np.array(greys, np.uint8)[labels(seed=seed)[..., 0] % len(greys)]
            steps[:16, :16] = greys[0]
            steps[16:32, :16] = greys[-1]
            return np.stack([steps] * 3, axis=-1)

        data = write(tmp_path / "data", drawing, photo)
        run(data, tmp_path / "run", *self.FLAGS)
        found, _ = self.stored(tmp_path / "run")
        assert (None if found is None else len(found)) == count

    @pytest.mark.parametrize("flag", ["--alpha=mask", "--nodata=300", "--input_nc=1"])
    def test_what_does_not_go_with_classes_turns_it_off(self, tmp_path, flag):
        data = write(tmp_path / "data", labels, photo)
        run(data, tmp_path / "run", "--palette_input=detect", flag)
        assert self.stored(tmp_path / "run")[0] is None


class TestBadInput:
    @pytest.mark.parametrize("palette", ["auto", "facades"])
    def test_the_wrong_side_is_refused_before_the_first_step(
        self, facades, tmp_path, refuses, palette
    ):
        folder = tmp_path / "run"
        flags = [f"--data_path={facades}", f"--checkpoint_dir={folder}", *SMALL]
        # From A, the photos, to B, the labels.
        code = train.main([*flags, f"--palette_input={palette}"])
        refuses(code, "--palette_input", "--which_direction")
        assert not folder.exists()

    def test_other_classes_are_not_mixed_into_a_run(self, to_labels, facades, refuses):
        folder, _ = to_labels
        flags = [f"--data_path={facades}", f"--checkpoint_dir={folder}", *SMALL]
        refuses(train.main(flags), "--palette_output", "another --checkpoint_dir")

    def test_a_run_of_auto_goes_on(self, to_labels, facades, capsys):
        folder, _ = to_labels
        flags = [f"--data_path={facades}", f"--checkpoint_dir={folder}", *SMALL]
        assert train.main([*flags, "--palette_output=auto"]) == 0
        assert "training is complete" in capsys.readouterr().out

    @pytest.mark.parametrize(
        "flags",
        [
            *(["--input_nc=1"], ["--alpha=keep"], ["--alpha=mask"], ["--lab_colorization"]),
            *(["--value_range=0,100"], ["--nodata=0"], ["--weights=pictures"]),
            *(["--neighbours=1", "--data_layout=folders"],),
        ],
    )
    def test_what_does_not_go_with_it_is_named(self, tmp_path, refuses, flags):
        code = train.main(["--data_path=.", "--palette_input=facades", *flags])
        # By the flag's name; numbers and the like are not repeated.
        refuses(code, "--palette_input", flags[0] if "nc" in flags[0] else flags[0].split("=")[0])

    def test_a_file_of_colours_that_is_not_there(self, refuses):
        code = train.main(["--data_path=.", "--palette_output=/nowhere"])
        refuses(code, "--palette_output /nowhere", "cannot be read")
