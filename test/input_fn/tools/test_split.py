"""`split`: shares, groups, folders A and B."""

import os

from input_fn.prepare import main
from input_fn.tools.split import share_out


def test_every_file_is_in_one_split_in_the_shares_asked_for(tmp_path, save, noise):
    for number in range(20):
        save(tmp_path / "in" / f"{number}.png", noise(4, 8, 3, seed=number))
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


def test_the_seed_decides():
    names = [f"{number}.png" for number in range(50)]
    shares = {"train": 0.5, "val": 0.5}
    assert share_out(names, shares, 1) == share_out(names, shares, 1)
    assert share_out(names, shares, 1) != share_out(names, shares, 2)


def test_tiles_of_one_photo_stay_together(tmp_path, save):
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


def test_folders_a_and_b_are_shared_out_alike(tmp_path, save):
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


def test_shares_that_do_not_add_up_are_refused(tmp_path, capsys, save):
    save(tmp_path / "in" / "1.jpg")
    assert main(["split", str(tmp_path / "in"), str(tmp_path / "out"), "--train=0.5"]) == 2
    assert "add up to 0.7" in capsys.readouterr().err
