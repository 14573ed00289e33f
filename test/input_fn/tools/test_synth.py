"""`synth`: made-up pairs."""

from input_fn.prepare import main


def test_pairs_are_made_and_a_second_call_adds_what_is_missing(
    tmp_path, capsys, pixels_of, files_below
):
    arguments = ["synth", str(tmp_path), "--train=3", "--val=1", "--size=32x64"]
    assert main(arguments) == 0
    assert files_below(tmp_path) == ["train/1.jpg", "train/2.jpg", "train/3.jpg", "val/1.jpg"]
    assert pixels_of(tmp_path / "train" / "2.jpg").shape == (32, 128, 3)
    before = (tmp_path / "train" / "2.jpg").read_bytes()
    (tmp_path / "train" / "3.jpg").unlink()
    assert main(arguments) == 0
    assert (tmp_path / "train" / "2.jpg").read_bytes() == before
    assert (tmp_path / "train" / "3.jpg").exists()


def test_they_are_those_of_the_generator_whatever_the_number_of_processes(tmp_path, files_below):
    from input_fn import write_data_set

    assert main(["synth", str(tmp_path / "a"), "--train=2", "--val=1", "--size=32"]) == 0
    write_data_set(str(tmp_path / "b"), 2, 1, height=32, width=32)
    for name in files_below(tmp_path / "b"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
