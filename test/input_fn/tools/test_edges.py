"""`edges`: what stands in which half, and where the lines are."""

import numpy as np


def test_edges_are_black_lines_on_white_behind_the_photo(photo, halves):
    colour, lines = halves("edges")
    np.testing.assert_array_equal(colour, photo)
    assert set(np.unique(lines)) == {0, 255}
    assert (lines[8:12, 9:12] == 0).any()  # The dark square's left side,
    assert (lines[9:11, 14:16] == 255).all()  # its inside,
    assert (lines[:3] == 255).all()  # and what is far from it.
