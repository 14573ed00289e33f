"""The commands of prepare.py on folders of pictures, looked at with Pillow."""

import io
import json
import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from input_fn.prepare import main
from input_fn.tools.pairing import share_out

COMMANDS = {"pair", "split", "resize", "edges", "grey", "blank", "fetch", "synth", "check", "pack"}
PREPARE = pathlib.Path(__file__).resolve().parents[3] / "input_fn" / "prepare.py"


def save(path, pixels=None, size=(8, 6), colour=(200, 100, 50)):
    path.parent.mkdir(parents=True, exist_ok=True)
    picture = Image.new("RGB", size, colour) if pixels is None else Image.fromarray(pixels)
    picture.save(str(path))
    return path


def pixels_of(path):
    with Image.open(str(path)) as picture:
        return np.asarray(picture)


def noise(seed, height, width):
    return np.random.RandomState(seed).randint(0, 256, (height, width, 3), np.uint8)


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


class TestProgram:
    def test_it_runs_from_any_folder_and_lists_its_commands(self, tmp_path):
        environment = {name: os.environ[name] for name in os.environ if name != "PYTHONPATH"}
        process = subprocess.run(
            [sys.executable, str(PREPARE), "--help"],
            cwd=str(tmp_path),
            env=environment,
            stdout=subprocess.PIPE,
            check=True,
            text=True,
        )
        listed = re.findall(r"^    ([a-z]+) ", process.stdout, re.MULTILINE)
        assert sorted(listed) == sorted(COMMANDS)

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (["join"], "invalid choice: 'join'"),
            (["resize", "in", "out", "--size=axb"], "HxW"),
            (["blank", "in", "out", "--share=2"], "0.01 to 0.99"),
            (["edges", "in", "out", "--threshold=0"], "1 to 254"),
            (["split", "in", "out", "--train=2"], "from 0 to 1"),
            (["split", "in", "out", "--group=("], "regular expression"),
            (["pack", "in", "out", "--shards=0"], "at least 1"),
            (["fetch", "cats", "out"], "'facades'"),
        ],
    )
    def test_flags_that_cannot_work_are_named_in_one_line(self, arguments, message, capsys):
        with pytest.raises(SystemExit) as exit_code:
            main(arguments)
        assert exit_code.value.code == 2
        error = capsys.readouterr().err
        assert error.startswith("error: ")
        assert message in error
        assert error.count("\n") == 1

    @pytest.mark.parametrize("command", ["edges", "grey", "blank", "split", "check", "pack"])
    def test_a_folder_that_is_missing_is_named_in_one_line(self, command, tmp_path, capsys):
        places = [str(tmp_path / "nowhere")] + [str(tmp_path / "out")] * (command != "check")
        assert main([command, *places]) == 2
        error = capsys.readouterr().err
        assert error.startswith(f"error: {tmp_path / 'nowhere'}")
        assert error.count("\n") == 1
        assert not (tmp_path / "out").exists()


class TestPair:
    def test_files_of_one_name_are_joined_extension_and_case_aside(self, tmp_path, capsys):
        a, b = noise(0, 6, 8), noise(1, 6, 8)
        save(tmp_path / "a" / "train" / "House.PNG", a)
        save(tmp_path / "b" / "train" / "house.png", b)
        assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "out"))]) == 0
        joined = pixels_of(tmp_path / "out" / "train" / "House.png")
        np.testing.assert_array_equal(joined, np.concatenate([a, b], axis=1))
        assert capsys.readouterr().out == "1 pairs written, 0 skipped\n"

    def test_what_has_no_partner_or_another_size_is_listed_and_the_code_is_1(
        self, tmp_path, capsys
    ):
        for name in ("1.jpg", "2.jpg", "only_a.jpg"):
            save(tmp_path / "a" / name)
        save(tmp_path / "b" / "1.jpg")
        save(tmp_path / "b" / "2.jpg", size=(8, 7))
        save(tmp_path / "b" / "only_b.jpg")
        assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "out"))]) == 1
        found = capsys.readouterr()
        assert found.out == "1 pairs written, 3 skipped\n"
        assert "a/only_a.jpg: has no partner in B" in found.err
        assert "b/only_b.jpg: has no partner in A" in found.err
        assert "2.jpg: is 8x6 pixels, but" in found.err
        assert files_below(tmp_path / "out") == ["1.jpg"]

    def test_two_files_that_differ_in_extension_only_are_not_guessed_at(self, tmp_path, capsys):
        for name in ("a/1.jpg", "a/1.png", "b/1.jpg", "a/2.jpg", "b/2.jpg"):
            save(tmp_path / name)
        assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "out"))]) == 1
        assert "1.png: several files have this name" in capsys.readouterr().err
        assert files_below(tmp_path / "out") == ["2.jpg"]

    def test_folders_that_have_nothing_in_common_are_an_error(self, tmp_path, capsys):
        save(tmp_path / "a" / "1.jpg")
        save(tmp_path / "b" / "2.jpg")
        assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "out"))]) == 2
        assert "nothing was written" in capsys.readouterr().err

    def test_a_broken_file_is_skipped_and_leaves_nothing(self, tmp_path, capsys):
        for name in ("a/1.jpg", "b/1.jpg", "b/2.jpg"):
            save(tmp_path / name)
        (tmp_path / "a" / "2.jpg").write_bytes(b"text")
        assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "out"))]) == 1
        assert "2.jpg: is not a picture" in capsys.readouterr().err
        assert files_below(tmp_path / "out") == ["1.jpg"]


class TestSplit:
    def test_every_file_is_in_one_split_in_the_shares_asked_for(self, tmp_path):
        for number in range(20):
            save(tmp_path / "in" / f"{number}.png", noise(number, 4, 8))
        flags = ["--train=0.7", "--val=0.2", "--test=0.1"]
        assert main(["split", str(tmp_path / "in"), str(tmp_path / "out"), *flags]) == 0
        splits = {
            name: set(os.listdir(str(tmp_path / "out" / name)))
            for name in os.listdir(str(tmp_path / "out"))
        }
        assert {name: len(files) for name, files in splits.items()} == {
            "train": 14,
            "val": 4,
            "test": 2,
        }
        assert set().union(*splits.values()) == {f"{number}.png" for number in range(20)}

    def test_the_seed_decides(self):
        names = [f"{number}.png" for number in range(50)]
        shares = {"train": 0.5, "val": 0.5}
        assert share_out(names, shares, 1) == share_out(names, shares, 1)
        assert share_out(names, shares, 1) != share_out(names, shares, 2)

    def test_tiles_of_one_photo_stay_together(self, tmp_path):
        for photo in "abcdef":
            for tile in range(3):
                save(tmp_path / "in" / f"{photo}_{tile}.png")
        flags = ["--train=0.5", "--val=0.5", "--test=0", "--group=^(.)_"]
        assert main(["split", str(tmp_path / "in"), str(tmp_path / "out"), *flags]) == 0
        photos = [
            {name[0] for name in os.listdir(str(tmp_path / "out" / split))}
            for split in ("train", "val")
        ]
        assert sorted(map(len, photos)) == [3, 3]
        assert not photos[0] & photos[1]

    def test_folders_a_and_b_are_shared_out_alike(self, tmp_path):
        for number in range(4):
            save(tmp_path / "in" / "A" / f"{number}.jpg")
            save(tmp_path / "in" / "B" / f"{number}.png")
        flags = ["--train=0.5", "--val=0.5", "--test=0"]
        assert main(["split", str(tmp_path / "in"), str(tmp_path / "out"), *flags]) == 0
        for split in ("train", "val"):
            stems = [
                {path.stem for path in (tmp_path / "out" / split / side).iterdir()} for side in "AB"
            ]
            assert len(stems[0]) == 2
            assert stems[0] == stems[1]

    def test_shares_that_do_not_add_up_are_refused(self, tmp_path, capsys):
        save(tmp_path / "in" / "1.jpg")
        assert main(["split", str(tmp_path / "in"), str(tmp_path / "out"), "--train=0.5"]) == 2
        assert "add up to 0.7" in capsys.readouterr().err


class TestResize:
    def resized(self, tmp_path, *flags):
        arguments = ["resize", str(tmp_path / "in"), str(tmp_path / "out"), "--size=4x6", *flags]
        assert main(arguments) == 0
        return pixels_of(tmp_path / "out" / "1.png")

    def test_each_half_of_a_pair_gets_the_size(self, tmp_path):
        left, right = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
        save(tmp_path / "in" / "1.png", np.concatenate([left, right], axis=1))
        found = self.resized(tmp_path, "--pairs")
        assert found.shape == (4, 12, 3)
        # Nothing of one half bleeds into the other.
        assert (found[:, :6] == 0).all()
        assert (found[:, 6:] == 255).all()

    def test_padding_keeps_the_whole_between_black_bars(self, tmp_path):
        save(tmp_path / "in" / "1.png", size=(4, 4), colour=(9, 9, 9))
        found = self.resized(tmp_path, "--mode=pad")
        assert found[..., 0].tolist() == [[0, 9, 9, 9, 9, 0]] * 4

    def test_cropping_fills_the_size_in_proportion(self, tmp_path):
        columns = np.repeat(np.arange(0, 120, 10, dtype=np.uint8), 4)
        save(tmp_path / "in" / "1.png", np.stack([np.tile(columns, (4, 1))] * 3, axis=-1))
        found = self.resized(tmp_path, "--mode=crop", "--filter=nearest")
        # The middle 6 of 48 columns, as they are.
        assert found[0, :, 0].tolist() == columns[21:27].tolist()

    def test_nearest_makes_no_new_colours(self, tmp_path):
        save(tmp_path / "in" / "1.png", np.where(noise(0, 9, 9) > 127, 255, 0).astype(np.uint8))
        assert set(np.unique(self.resized(tmp_path, "--filter=nearest"))) <= {0, 255}


class TestPairsOfPhotos:
    @pytest.fixture
    def photo(self, tmp_path):
        pixels = np.full((20, 30, 3), 200, np.uint8)
        pixels[5:15, 10:20] = (20, 40, 60)
        save(tmp_path / "in" / "1.png", pixels)
        return pixels

    def halves(self, tmp_path, command, *flags):
        assert main([command, str(tmp_path / "in"), str(tmp_path / "out"), *flags]) == 0
        pair = pixels_of(tmp_path / "out" / "1.png")
        return pair[:, :30], pair[:, 30:]

    def test_grey_goes_before_the_photo(self, tmp_path, photo):
        grey, colour = self.halves(tmp_path, "grey")
        np.testing.assert_array_equal(colour, photo)
        # 0.299 20 + 0.587 40 + 0.114 60 = 36.3.
        assert grey[10, 15].tolist() == [36, 36, 36]

    def test_edges_are_black_lines_on_white_behind_the_photo(self, tmp_path, photo):
        colour, lines = self.halves(tmp_path, "edges")
        np.testing.assert_array_equal(colour, photo)
        assert set(np.unique(lines)) == {0, 255}
        assert (lines[8:12, 9:12] == 0).any()  # The dark square's left side,
        assert (lines[9:11, 14:16] == 255).all()  # its inside,
        assert (lines[:3] == 255).all()  # and what is far from it.

    def test_the_hole_is_white_in_the_middle_and_only_in_a(self, tmp_path, photo):
        holed, whole = self.halves(tmp_path, "blank", "--share=0.4")
        np.testing.assert_array_equal(whole, photo)
        changed = (holed != photo).any(axis=-1)
        rows, columns = np.nonzero((holed == 255).all(axis=-1))
        assert (rows.min(), rows.max(), columns.min(), columns.max()) == (6, 13, 9, 20)
        assert changed.sum() == 8 * 12

    def test_random_holes_follow_from_the_seed_and_the_name(self, tmp_path, photo):
        flags = ["--share=0.3", "--hole=random"]
        first, _ = self.halves(tmp_path, "blank", *flags)
        again, _ = self.halves(tmp_path, "blank", *flags)
        other, _ = self.halves(tmp_path, "blank", *flags, "--seed=5")
        np.testing.assert_array_equal(first, again)
        assert (first != other).any()

    def test_sixteen_bits_are_not_cut_down_in_silence(self, tmp_path, capsys):
        deep = Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100)
        (tmp_path / "in").mkdir()
        deep.save(str(tmp_path / "in" / "1.png"))
        assert main(["grey", str(tmp_path / "in"), str(tmp_path / "out")]) == 1
        assert "has 16 bits" in capsys.readouterr().err


class TestSynth:
    def test_pairs_are_made_and_a_second_call_adds_what_is_missing(self, tmp_path, capsys):
        arguments = ["synth", str(tmp_path), "--train=3", "--val=1", "--size=32x64"]
        assert main(arguments) == 0
        assert files_below(tmp_path) == ["train/1.jpg", "train/2.jpg", "train/3.jpg", "val/1.jpg"]
        assert pixels_of(tmp_path / "train" / "2.jpg").shape == (32, 128, 3)
        before = (tmp_path / "train" / "2.jpg").read_bytes()
        (tmp_path / "train" / "3.jpg").unlink()
        assert main(arguments) == 0
        assert (tmp_path / "train" / "2.jpg").read_bytes() == before
        assert (tmp_path / "train" / "3.jpg").exists()

    def test_they_are_those_of_the_generator_whatever_the_number_of_processes(self, tmp_path):
        from input_fn import write_data_set

        assert main(["synth", str(tmp_path / "a"), "--train=2", "--val=1", "--size=32"]) == 0
        write_data_set(str(tmp_path / "b"), 2, 1, height=32, width=32)
        for name in files_below(tmp_path / "b"):
            assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


class TestCheck:
    @pytest.fixture
    def data(self, tmp_path):
        labels = np.zeros((32, 32, 3), np.uint8)
        labels[:16] = (255, 0, 0)
        labels[:, :8] = (0, 0, 255)
        for number in range(4):
            pair = np.concatenate([noise(number, 32, 32), labels], axis=1)
            save(tmp_path / "train" / f"{number}.png", pair)
        save(tmp_path / "val" / "0.png", np.concatenate([noise(9, 32, 32), labels], axis=1))
        return tmp_path

    def report(self, data, capsys, *flags):
        code = main(["check", str(data), "--json=-", *flags])
        return code, json.loads(capsys.readouterr().out)

    def test_a_sound_data_set_is_described_and_the_code_is_0(self, data, capsys):
        code, report = self.report(data, capsys, "--image_size=32")
        assert code == 0
        train = report["splits"]["train"]
        assert (train["pairs"], train["bad"]) == (4, [])
        assert train["sizes"] == {"32x64": 4}
        assert train["modes"] == {"PNG RGB": 4}
        assert report["duplicates_across_splits"] == []

    def test_class_colours_are_listed_with_their_shares(self, data, capsys):
        _, report = self.report(data, capsys, "--image_size=32")
        colours = report["splits"]["train"]["colours"]
        assert colours["A"] is None
        # Blue has 8 of 32 columns; red and black have halves of the rest.
        assert colours["B"] == pytest.approx({"0000ff": 0.25, "ff0000": 0.375, "000000": 0.375})

    def test_mixed_sizes_and_modes_are_counted(self, data, capsys):
        save(data / "train" / "9.png", noise(5, 16, 40)[..., 0])
        code, report = self.report(data, capsys, "--image_size=32")
        assert code == 0
        assert report["splits"]["train"]["sizes"] == {"32x64": 4, "16x40": 1}
        assert report["splits"]["train"]["modes"] == {"PNG RGB": 4, "PNG L": 1}

    def test_pairs_that_are_in_two_splits_are_found_whatever_their_names(self, data, capsys):
        with Image.open(str(data / "train" / "2.png")) as picture:
            picture.save(str(data / "val" / "other.png"), compress_level=1)
        code, report = self.report(data, capsys, "--image_size=32")
        assert code == 1
        assert report["duplicates_across_splits"] == [
            [str(data / "train" / "2.png"), str(data / "val" / "other.png")]
        ]

    def test_each_bad_file_has_a_line(self, data, capsys):
        whole = (data / "train" / "0.png").read_bytes()
        (data / "train" / "cut.png").write_bytes(whole[:-200])
        (data / "train" / "mislabelled.jpg").write_bytes(whole)
        (data / "train" / "empty.png").write_bytes(b"")
        save(data / "train" / "odd.png", noise(0, 32, 63))
        save(data / "train" / "single.png", noise(0, 32, 32))
        code, report = self.report(data, capsys, "--image_size=32")
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

    def test_the_table_says_the_same_for_the_eye(self, data, capsys):
        (data / "train" / "empty.png").write_bytes(b"")
        assert main(["check", str(data), "--image_size=32", f"--json={data / 'r.json'}"]) == 1
        out = capsys.readouterr().out
        assert "train: 5 pairs, 1 bad" in out
        assert "bits: 8: 4" in out
        assert "B: label maps of 3 colours" in out
        assert json.loads((data / "r.json").read_text())["splits"]["train"]["pairs"] == 5


class TestPack:
    def test_bad_pairs_are_left_out_and_listed(self, tmp_path, capsys):
        for number in range(5):
            save(tmp_path / "in" / "train" / f"{number}.jpg")
        (tmp_path / "in" / "train" / "2.jpg").write_bytes(b"")
        assert main(["pack", str(tmp_path / "in"), str(tmp_path / "out"), "--shards=2"]) == 1
        found = capsys.readouterr()
        assert found.out == "4 pairs written, 1 skipped\n"
        assert "2.jpg: is empty" in found.err
        index = json.loads((tmp_path / "out" / "train" / "packed.json").read_text())
        assert index["names"] == ["0.jpg", "1.jpg", "3.jpg", "4.jpg"]

    def test_records_hold_the_files_as_they_are(self, tmp_path):
        import tensorflow.compat.v1 as tf

        a = save(tmp_path / "in" / "val" / "A" / "1.jpg")
        b = save(tmp_path / "in" / "val" / "B" / "1.png")
        flags = ["--data_layout=folders"]
        assert main(["pack", str(tmp_path / "in"), str(tmp_path / "out"), *flags]) == 0
        (shard,) = (tmp_path / "out" / "val").glob("*.tfrecord")
        (record,) = tf.io.tf_record_iterator(str(shard))
        features = tf.train.Example.FromString(record).features.feature
        stored = [features[f"file_{number}"].bytes_list.value[0] for number in (0, 1)]
        assert stored == [a.read_bytes(), b.read_bytes()]
        assert Image.open(io.BytesIO(stored[1])).format == "PNG"
