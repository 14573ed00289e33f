"""What logits see, found by light: one line of a picture after the other.

A 4x4 layer's output i sees the rows from stride i - 1 to stride i + 2 of its input. Backwards from
a logit i of the 70x70 PatchGAN these are i - 1 .. i + 2, i - 2 .. i + 4, 2i - 5 .. 2i + 10,
4i - 11 .. 4i + 22 and 8i - 23 .. 8i + 46: 70 lines.
"""

import numpy as np
import pytest

from model_fn import NetworkConfig

places = pytest.mark.parametrize("place", ["rows", "columns"])


def network(place, long, short, **parts):
    """Without a norm, whose statistics reach across the picture; long where lines are lit."""
    height, width = (long, short) if place == "rows" else (short, long)
    return NetworkConfig(height, width, 1, 1, discriminator_filters=1, norm="none", **parts)


def assert_seen(changed, place, stride, before, size):
    """Logit i sees the lines from stride i - before on, so many of them, and no others."""
    changed = changed if place == "rows" else changed.transpose(0, 2, 1)
    lines = np.arange(len(changed)).reshape(-1, 1)
    for number in range(changed.shape[1]):
        first = stride * number - before
        assert (changed[:, number] == ((first <= lines) & (lines < first + size))).all()
    # Not cut off by the edge.
    assert changed[:, 3, 0].sum() == size


@pytest.mark.parametrize("of_input", [True, False])
@places
def test_the_papers_discriminator_sees_70_lines(seen_lines, place, of_input):
    changed = seen_lines(network(place, 128, 128), place, of_input)
    assert changed.shape == (128, 14, 14)
    assert_seen(changed, place, stride=8, before=23, size=70)


@places
@pytest.mark.parametrize(
    ("layers", "long", "stride", "before", "size"),
    [(1, 32, 2, 5, 16), (2, 64, 4, 11, 34), (4, 160, 16, 47, 142)],
)
def test_each_layer_of_stride_2_doubles_it_and_adds_two(
    seen_lines, place, layers, long, stride, before, size
):
    patch = network(place, long, 64, discriminator_layers=layers)
    assert_seen(seen_lines(patch, place, of_input=False), place, stride, before, size)


@places
@pytest.mark.parametrize(
    ("name", "long", "short", "stride", "before", "size"),
    [
        ("pixel", 32, 32, 1, 0, 1),
        ("patch_16", 32, 32, 2, 5, 16),
        ("patch_286", 320, 96, 32, 95, 286),
    ],
)
def test_the_papers_other_discriminators_see_what_they_are_named_after(
    seen_lines, place, name, long, short, stride, before, size
):
    patch = network(place, long, short, discriminator=name)
    assert_seen(seen_lines(patch, place, of_input=False), place, stride, before, size)


@places
@pytest.mark.parametrize(
    # A row r at half size is the mean of 2r and 2r + 1: from 2 (8i - 23) to 2 (8i + 46) + 1.
    ("scale", "stride", "before", "size"),
    [(0, 8, 23, 70), (1, 16, 46, 140)],
)
def test_the_second_scale_sees_twice_as_much(seen_lines, place, scale, stride, before, size):
    scales = network(place, 160, 64, discriminator="multi_scale")
    changed = seen_lines(scales, place, of_input=False, scale=scale)
    assert_seen(changed, place, stride, before, size)


@places
def test_the_third_scale_sees_four_times_as_much(seen_lines, place):
    scales = network(place, 320, 96, discriminator="multi_scale", discriminator_scales=3)
    changed = seen_lines(scales, place, of_input=True, scale=2)
    # From 4 (8i - 23) to 4 (8i + 46) + 3.
    assert_seen(changed, place, stride=32, before=92, size=280)


def test_without_the_condition_the_input_is_not_seen(seen_lines):
    alone = network("rows", 64, 64, conditional=False)
    assert not seen_lines(alone, "rows", of_input=True).any()
    assert seen_lines(alone, "rows", of_input=False).any()
