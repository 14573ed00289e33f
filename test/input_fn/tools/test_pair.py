"""`pair`: which files belong together, and what becomes of them."""

import numpy as np

from input_fn.prepare import main


def test_files_of_one_name_are_joined_extension_and_case_aside(
    tmp_path, capsys, save, pixels_of, noise
):
    a, b = noise(6, 8, 3, seed=0), noise(6, 8, 3, seed=1)
    save(tmp_path / "a" / "train" / "House.PNG", a)
    save(tmp_path / "b" / "train" / "house.png", b)
    assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "out"))]) == 0
    joined = pixels_of(tmp_path / "out" / "train" / "House.png")
    np.testing.assert_array_equal(joined, np.concatenate([a, b], axis=1))
    assert capsys.readouterr().out == "1 pairs written, 0 skipped\n"


def test_what_has_no_partner_or_another_size_is_listed_and_the_code_is_1(
    tmp_path, capsys, save, files_below
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


def test_two_files_that_differ_in_extension_only_are_not_guessed_at(
    tmp_path, capsys, save, files_below
):
    for name in ("a/1.jpg", "a/1.png", "b/1.jpg", "a/2.jpg", "b/2.jpg"):
        save(tmp_path / name)
    assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "out"))]) == 1
    assert "1.png: several files have this name" in capsys.readouterr().err
    assert files_below(tmp_path / "out") == ["2.jpg"]


def test_folders_that_have_nothing_in_common_are_an_error(tmp_path, capsys, save):
    save(tmp_path / "a" / "1.jpg")
    save(tmp_path / "b" / "2.jpg")
    assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "out"))]) == 2
    assert "nothing was written" in capsys.readouterr().err


def test_a_broken_file_is_skipped_and_leaves_nothing(tmp_path, capsys, save, files_below):
    for name in ("a/1.jpg", "b/1.jpg", "b/2.jpg"):
        save(tmp_path / name)
    (tmp_path / "a" / "2.jpg").write_bytes(b"text")
    assert main(["pair", *(str(tmp_path / name) for name in ("a", "b", "out"))]) == 1
    assert "2.jpg: is not a picture" in capsys.readouterr().err
    assert files_below(tmp_path / "out") == ["1.jpg"]
