"""`blank`: where the hole is."""

import numpy as np


def test_the_hole_is_white_in_the_middle_and_only_in_a(photo, halves):
    holed, whole = halves("blank", "--share=0.4")
    np.testing.assert_array_equal(whole, photo)
    changed = (holed != photo).any(axis=-1)
    rows, columns = np.nonzero((holed == 255).all(axis=-1))
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (6, 13, 9, 20)
    assert changed.sum() == 8 * 12


def test_random_holes_follow_from_the_seed_and_the_name(halves):
    flags = ["--share=0.3", "--hole=random"]
    first, _ = halves("blank", *flags)
    again, _ = halves("blank", *flags)
    other, _ = halves("blank", *flags, "--seed=5")
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()
