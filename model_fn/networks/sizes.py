"""Which picture sizes the networks take, and how deep a U-Net is for each."""

MAXIMUM_DEPTH = 8  # The paper's U-Net has eight encoder layers (section 6.1.1).
MINIMUM_DEPTH = 5  # Three innermost layers with dropout, and two more on the way out.
_FEWEST_LAYERS = 2  # Of a depth that is asked for: one way in, a bottleneck.


class SizeError(ValueError):
    """A network does not take pictures of its size; names a size that works."""


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
        SizeError: A side is not a multiple of 2**MINIMUM_DEPTH; names the nearest sizes that are.
    """
    depth = min(MAXIMUM_DEPTH, _times_divisible_by_two(height), _times_divisible_by_two(width))
    if depth < MINIMUM_DEPTH:
        raise SizeError(
            f"a picture of {height}x{width} (height x width) cannot be halved {MINIMUM_DEPTH} "
            f"times; both sides must be multiples of {2**MINIMUM_DEPTH}: "
            f"{_nearest(height, 2**MINIMUM_DEPTH)}x{_nearest(width, 2**MINIMUM_DEPTH)} works, as "
            "do 64x64, 256x256 and 256x512"
        )
    return depth


def unet_depth(network):
    """Finds the number of encoder layers of a U-Net: what was asked for, or what the size allows.

    Args:
        network: `NetworkConfig`.

    Returns:
        The depth.

    Raises:
        ValueError: The size does not work (`SizeError`), or the depth that was asked for.
    """
    depth = network.unet_depth
    if depth is None:
        return generator_depth(network.height, network.width)
    if depth < _FEWEST_LAYERS:
        raise ValueError(f"`unet_depth` is {depth}; it must be at least {_FEWEST_LAYERS}")
    require_multiples(network, 2**depth, f"a U-Net of `unet_depth` {depth}")
    return depth


def require_multiples(network, unit, what):
    """Refuses pictures whose sides are no multiples of a number.

    Args:
        network: `NetworkConfig`.
        unit: The number.
        what: What needs it, for the message.

    Raises:
        SizeError: They are not; names a size that works.
    """
    height, width = network.height, network.width
    if height % unit or width % unit:
        raise SizeError(
            f"{what} does not take {height}x{width} (height x width): both sides must be multiples "
            f"of {unit}; {_nearest(height, unit)}x{_nearest(width, unit)} works"
        )


def _times_divisible_by_two(number):
    if number < 1:
        return 0
    return (number & -number).bit_length() - 1


def _nearest(side, unit):
    return max(unit, int(side / unit + 0.5) * unit)
