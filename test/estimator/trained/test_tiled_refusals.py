"""predict.py --tile: what it refuses."""

import numpy as np
import pytest
from PIL import Image

from estimator.export import main as export
from estimator.predict import main
from input_fn import WholePicture


class TestBadInput:
    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            (["--tile", "--overlap=33"], ["--overlap 33", "64x64", "32"]),
            (["--overlap=16"], ["--overlap", "--tile"]),
            (["--tile_sample=4"], ["--tile_sample", "--tile"]),
            (["--tile", "--fit=pad"], ["--fit pad", "leave one out"]),
        ],
    )
    def test_flags_that_cannot_work_are_named(
        self, finished, large, tmp_path, refuses, flags, named
    ):
        places = [f"--input={large}", f"--output={tmp_path}", f"--checkpoint_dir={finished[0]}"]
        refuses(main([*places, *flags]), *named)
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("place", ["--input=-", "--output=-"])
    def test_pipes_have_no_tiles(self, finished, large, refuses, place):
        others = [f"--input={large}", "--output=x", f"--checkpoint_dir={finished[0]}", "--tile"]
        refuses(main([*others, place]), "--tile", "pipes")

    def test_nor_has_what_is_watched(self, finished, tmp_path, refuses):
        flags = [f"--watch={tmp_path}", "--output=x", f"--checkpoint_dir={finished[0]}", "--tile"]
        refuses(main(flags), "--watch", "--input")

    def test_a_graph_that_takes_no_statistics_leaves_seams_and_only_if_told_to(
        self, finished, large, tiled, tmp_path, refuses
    ):
        plain = finished[0] / "frozen" / "model-6.pb"
        code = tiled(large, tmp_path, "--overlap=8", model=plain)
        refuses(code, "--statistics=input", "--tile_statistics=own")
        flags = ["--overlap=8", "--tile_statistics=own"]
        assert tiled(large, tmp_path, *flags, model=plain) == 0

    def test_what_cannot_be_read_is_named_and_the_rest_done(self, large, tiled, tmp_path, capsys):
        (tmp_path / "a.png").write_bytes(large.read_bytes())
        (tmp_path / "b.png").write_text("not a picture")
        np.save(str(tmp_path / "c.npy"), np.zeros([70, 70, 5]))
        (tmp_path / "d.npy").write_bytes(b"\x93NUMPY and no more")
        assert tiled(f"{tmp_path}/*.*", tmp_path / "out", "--overlap=8") == 1
        said = capsys.readouterr()
        named = [line.split(": ")[1] for line in said.err.splitlines()]
        assert named == [str(tmp_path / name) for name in ("b.png", "c.npy", "d.npy")]
        assert "1 of 4 pictures" in said.out
        assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.png"]

    def test_what_is_found_bad_on_the_way_is_named_and_nothing_of_it_left(
        self, tiled, tmp_path, capsys
    ):
        values = np.zeros([200, 70, 3], np.float32)
        values[170, 5, 0] = np.nan
        np.save(str(tmp_path / "a.npy"), values)
        (tmp_path / "out").mkdir()
        assert tiled(tmp_path / "a.npy", tmp_path / "out", "--overlap=8", "--tile_sample=1") == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {tmp_path / 'a.npy'}: ")
        assert "not a number" in error
        assert error.count("\n") == 1
        assert not list((tmp_path / "out").iterdir())

    def test_too_little_memory_is_said_in_a_line(self, large, tiled, tmp_path, capsys, monkeypatch):
        def fail(*_):
            raise MemoryError

        monkeypatch.setattr(WholePicture, "of_file", fail)
        assert tiled(large, tmp_path, "--overlap=8") == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {large}: there is too little memory")
        assert error.count("\n") == 1

    def test_what_pillow_finds_too_large_is_named(
        self, large, tiled, tmp_path, capsys, monkeypatch
    ):
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10000)  # It refuses twice as many.
        assert tiled(large, tmp_path, "--overlap=8") == 1
        error = capsys.readouterr().err
        assert error.startswith(f"error: {large}: cannot be read as a picture")
        assert error.count("\n") == 1

    @pytest.mark.parametrize(
        ("flags", "named"),
        [
            (["--statistics=input"], ["--statistics input", "--formats=pb"]),
            (["--statistics=input", "--formats=pb"], ["--batch_size is 1", "--batch_size=0"]),
        ],
    )
    def test_what_takes_statistics_is_a_frozen_graph_for_several_tiles(
        self, finished, tmp_path, refuses, flags, named
    ):
        code = export([f"--checkpoint_dir={finished[0]}", f"--output={tmp_path}", *flags])
        refuses(code, *named)
        assert not list(tmp_path.iterdir())
