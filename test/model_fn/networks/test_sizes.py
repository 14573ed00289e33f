import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model_fn import NetworkConfig, generator_depth


@pytest.mark.parametrize(
    ("height", "width", "depth"),
    [
        (32, 32, 5),
        (64, 64, 6),
        (96, 96, 5),
        (128, 128, 7),
        (160, 320, 5),
        (192, 256, 6),
        (256, 256, 8),
        (256, 512, 8),
        (512, 256, 8),
        (512, 512, 8),
        (1024, 1024, 8),
        (256, 32, 5),
        (32, 256, 5),
    ],
)
def test_depth_is_how_often_both_sides_can_be_halved_at_most_eight(height, width, depth):
    assert generator_depth(height, width) == depth
    assert NetworkConfig(height=height, width=width).depth == depth


@pytest.mark.parametrize(
    ("height", "width", "nearest"),
    [
        (100, 256, "96x256"),
        (256, 100, "256x96"),
        (250, 250, "256x256"),
        (16, 16, "32x32"),
        (1, 1, "32x32"),
        (0, 256, "32x256"),
        (-256, 256, "32x256"),
        (48, 112, "64x128"),
        (255, 257, "256x256"),
        (1000, 600, "992x608"),
    ],
)
@pytest.mark.parametrize(
    "attempt", [generator_depth, lambda height, width: NetworkConfig(height=height, width=width)]
)
def test_size_that_does_not_work_is_refused_with_the_nearest_that_does(
    height, width, nearest, attempt
):
    with pytest.raises(ValueError, match="multiples of 32") as error:
        attempt(height, width)
    message = str(error.value)
    assert message.startswith(f"a picture of {height}x{width} (height x width)")
    assert f"{nearest} works" in message
    assert "\n" not in message


@given(height=st.integers(-100, 3000), width=st.integers(-100, 3000))
def test_sizes_named_in_an_error_work(height, width):
    try:
        assert generator_depth(height, width) >= 5
        assert height % 32 == width % 32 == 0
    except ValueError as error:
        named = re.findall(r"(\d+)x(\d+)", str(error).split(";")[1])
        assert len(named) == 4
        for one in named:
            assert 5 <= generator_depth(*map(int, one)) <= 8


@pytest.mark.parametrize(
    "field", ["input_channels", "output_channels", "generator_filters", "discriminator_filters"]
)
@pytest.mark.parametrize("number", [0, -1])
def test_numbers_below_one_are_refused_by_name(field, number):
    with pytest.raises(ValueError, match=f"^{field} is {number}; it must be at least 1$"):
        NetworkConfig(**{field: number})
    assert getattr(NetworkConfig(**{field: 1}), field) == 1
