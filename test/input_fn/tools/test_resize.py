"""`resize`: sizes and proportions."""

import numpy as np
import pytest

from input_fn.prepare import main


@pytest.fixture
def resized(tmp_path, pixels_of):
    """Has the picture of the folder `in` resized to 4x6 and returns its pixels."""

    def resized(*flags):
        arguments = ["resize", str(tmp_path / "in"), str(tmp_path / "out"), "--size=4x6", *flags]
        assert main(arguments) == 0
        return pixels_of(tmp_path / "out" / "1.png")

    return resized


def test_each_half_of_a_pair_gets_the_size(tmp_path, save, resized):
    left, right = np.zeros((8, 8, 3), np.uint8), np.full((8, 8, 3), 255, np.uint8)
    save(tmp_path / "in" / "1.png", np.concatenate([left, right], axis=1))
    found = resized("--pairs")
    assert found.shape == (4, 12, 3)
    # Nothing of one half bleeds into the other.
    assert (found[:, :6] == 0).all()
    assert (found[:, 6:] == 255).all()


def test_padding_keeps_the_whole_between_black_bars(tmp_path, save, resized):
    save(tmp_path / "in" / "1.png", size=(4, 4), colour=(9, 9, 9))
    found = resized("--mode=pad")
    assert found[..., 0].tolist() == [[0, 9, 9, 9, 9, 0]] * 4


def test_cropping_fills_the_size_in_proportion(tmp_path, save, resized):
    columns = np.repeat(np.arange(0, 120, 10, dtype=np.uint8), 4)
    save(tmp_path / "in" / "1.png", np.stack([np.tile(columns, (4, 1))] * 3, axis=-1))
    found = resized("--mode=crop", "--filter=nearest")
    # The middle 6 of 48 columns, as they are.
    assert found[0, :, 0].tolist() == columns[21:27].tolist()


def test_nearest_makes_no_new_colours(tmp_path, save, noise, resized):
    save(tmp_path / "in" / "1.png", np.where(noise(9, 9, 3, seed=0) > 127, 255, 0).astype(np.uint8))
    assert set(np.unique(resized("--filter=nearest"))) <= {0, 255}
