"""predict.py --watch: a process that translates what arrives, until a signal."""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest
from PIL import Image

from estimator.predict import main
from estimator.trained.watching import Arrivals

PREDICT = pathlib.Path(__file__).resolve().parents[3] / "estimator" / "predict.py"
SECONDS = 60


@pytest.fixture
def picture(data):
    return data / "train" / "1.jpg"


class TestProcess:
    @pytest.fixture
    def folders(self, tmp_path):
        (tmp_path / "in").mkdir()
        return tmp_path / "in", tmp_path / "out"

    @pytest.fixture
    def start(self, finished, folders):
        processes = []

        def started():
            flags = [f"--watch={folders[0]}", f"--output={folders[1]}"]
            processes.append(
                subprocess.Popen(
                    [sys.executable, str(PREDICT), *flags, f"--checkpoint_dir={finished[0]}"],
                    stdout=subprocess.PIPE,
                    stderr=subprocess.PIPE,
                    universal_newlines=True,
                )
            )
            assert "watching" in processes[-1].stdout.readline(), processes[-1].communicate()
            return processes[-1]

        yield started
        for process in processes:
            process.kill()
            process.communicate()

    def test_what_is_there_and_what_arrives_is_translated_as_without(
        self, start, folders, finished, picture, tmp_path
    ):
        source, target = folders
        shutil.copy(str(picture), str(source / "before.jpg"))
        (source / "broken.png").write_text("not a picture")
        process = start()
        assert process.stdout.readline().strip() == str(target / "before.png")
        # Arrives in two parts, the second after the file has been looked at.
        content = picture.read_bytes()
        with open(str(source / "after.jpg"), "wb") as file:
            for part in (content[:1000], content[1000:2000], content[2000:]):
                file.write(part)
                file.flush()
                time.sleep(0.3)
        assert process.stdout.readline().strip() == str(target / "after.png")
        process.send_signal(signal.SIGTERM)
        output, error = process.communicate(timeout=SECONDS)
        assert process.returncode == 0
        assert output == ""
        broken, *notice = error.splitlines()
        assert broken.startswith(f"error: {source / 'broken.png'}: cannot be read as a picture")
        # There is none where it has ended before it could be said.
        wait = "ending after the pictures that are being translated"
        assert all(line.startswith(wait) for line in notice)
        flags = [f"--input={picture}", f"--output={tmp_path / 'a.png'}"]
        assert main([*flags, f"--checkpoint_dir={finished[0]}"]) == 0
        wanted = (tmp_path / "a.png").read_bytes()
        assert {path.name: path.read_bytes() for path in target.iterdir()} == {
            "before.png": wanted,
            "after.png": wanted,
        }

    @pytest.mark.parametrize("output", ["-", "a.png", "in"])
    def test_results_go_to_another_folder(self, finished, folders, refuses, output):
        target = output if output == "-" else folders[0].parent / output
        flags = [f"--watch={folders[0]}", f"--output={target}"]
        refuses(main([*flags, f"--checkpoint_dir={finished[0]}"]), f"--output {target}")

    def test_a_folder_that_is_not_there(self, finished, tmp_path, refuses):
        flags = [f"--watch={tmp_path / 'no'}", f"--output={tmp_path / 'out'}"]
        refuses(main([*flags, f"--checkpoint_dir={finished[0]}"]), "--watch", "no folder")

    def test_pictures_come_from_one_place(self, folders, refuses):
        flags = ["--input=a.png", f"--watch={folders[0]}", "--output=out", "--graph=a.pb"]
        refuses(main(flags), "--watch", "not allowed with")


class TestArrivals:
    @pytest.fixture
    def folders(self, tmp_path):
        for name in ("in", "out"):
            (tmp_path / name).mkdir()
        return tmp_path / "in", tmp_path / "out"

    @pytest.fixture
    def taken(self, folders):
        """Looks once more, and lists the names of what is due."""
        arrivals = Arrivals(*map(str, folders))

        def look():
            arrivals.look()
            return [os.path.basename(target) for _, target in arrivals.take(100)]

        return look

    def test_a_file_is_due_once_it_has_stopped_changing(self, folders, taken):
        for size in (1, 2, 3):
            (folders[0] / "a.png").write_bytes(bytes(size))
            assert taken() == []
        assert taken() == ["a.png"]
        assert taken() == []

    def test_a_file_that_has_changed_is_due_again(self, folders, taken):
        (folders[0] / "a.png").write_bytes(bytes(1))
        assert [taken(), taken()] == [[], ["a.png"]]
        (folders[0] / "a.png").write_bytes(bytes(2))
        assert [taken(), taken()] == [[], ["a.png"]]

    def test_what_has_a_newer_result_is_done(self, folders):
        for name, seconds in (("older.png", -9), ("newer.png", 9)):
            (folders[0] / name).write_bytes(b"")
            (folders[1] / name).write_bytes(b"")
            now = time.time()
            os.utime(str(folders[1] / name), (now + seconds, now + seconds))
        arrivals = Arrivals(*map(str, folders))
        arrivals.look()
        assert [os.path.basename(target) for _, target in arrivals.take(9)] == ["older.png"]

    def test_other_files_hidden_ones_and_folders_are_left_alone(self, folders, taken):
        (folders[0] / "a.txt").write_bytes(b"")
        (folders[0] / ".a.png").write_bytes(b"")
        (folders[0] / "b.png").mkdir()
        assert [taken(), taken()] == [[], []]

    def test_files_that_differ_in_their_endings_only(self, folders, taken):
        for name in ("a.png", "a.jpg"):
            (folders[0] / name).write_bytes(b"")
        assert [taken(), sorted(taken())] == [[], ["a.jpg.png", "a.png.png"]]


def test_pictures_of_other_formats_are_watched_for(tmp_path):
    (tmp_path / "in").mkdir()
    Image.new("RGB", (4, 4)).save(str(tmp_path / "in" / "a.webp"))
    arrivals = Arrivals(str(tmp_path / "in"), str(tmp_path / "out"))
    arrivals.look()
    assert len(arrivals.take(9)) == 1
