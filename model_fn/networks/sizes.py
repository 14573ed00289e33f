"""Which picture sizes the networks take, and how deep the generator is for each."""

MAXIMUM_DEPTH = 8  # The paper's U-Net has eight encoder layers (section 6.1.1).
MINIMUM_DEPTH = 5  # Three innermost layers with dropout, and two more on the way out.


def generator_depth(height, width):
    """Finds the number of encoder layers for a picture size.

    Each layer halves both sides, so both must be multiples of 2**depth. The depth is the largest
    that allows, at most the paper's 8: 256x256 has depth 8, 64x64 depth 6, 512x512 depth 8.

    Args:
        height: Pixels, at least 1.
        width: Pixels, at least 1.

    Returns:
        The depth, `MINIMUM_DEPTH` to `MAXIMUM_DEPTH`.

    Raises:
        ValueError: A side is not a multiple of 2**MINIMUM_DEPTH; names the nearest sizes that are.
    """
    depth = min(MAXIMUM_DEPTH, _times_divisible_by_two(height), _times_divisible_by_two(width))
    if depth < MINIMUM_DEPTH:
        raise ValueError(
            f"a picture of {height}x{width} (height x width) cannot be halved {MINIMUM_DEPTH} "
            f"times; both sides must be multiples of {2**MINIMUM_DEPTH}: "
            f"{_nearest(height)}x{_nearest(width)} works, as do 64x64, 256x256 and 256x512"
        )
    return depth


def _times_divisible_by_two(number):
    if number < 1:
        return 0
    return (number & -number).bit_length() - 1


def _nearest(side):
    unit = 2**MINIMUM_DEPTH
    return max(unit, int(side / unit + 0.5) * unit)
