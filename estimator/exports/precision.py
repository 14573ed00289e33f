"""The type in which an export computes convolutions, and what follows from it."""

import tensorflow.compat.v1 as tf

from estimator.devices import cpu
from estimator.devices.precision import CPU_BFLOAT16_MODES
from estimator.errors import OptionsError

# Eight of 255 levels of [-1, 1] at the worst pixel: weights and what they meet have but 8 bits.
BFLOAT16_TOLERANCE = 16 / 255
_LEVELS = 127.5  # To one unit of [-1, 1].


class ExportPrecision:
    """Float32, or bfloat16.

    Attributes:
        dtype: `tf.DType`.
        ending: What tells the names of its files from those of float32.
        words: What is said of it in lines on exports.
        tolerance: How much more than in float32 an output, in [-1, 1], may differ.
        tolerance_in_levels: The same in levels of 255.

    Args:
        mode: One of `EXPORT_MODES`, or None for float32.

    Raises:
        OptionsError: Nothing here computes in bfloat16.
    """

    def __init__(self, mode):
        self.dtype, self.ending, self.words, self.tolerance = tf.float32, "", "", 0.0
        if mode in CPU_BFLOAT16_MODES:
            obstacle = cpu.bfloat16_obstacle()
            if obstacle is not None:
                raise OptionsError(
                    f"--precision_mode {mode}: an export cannot be checked here: {obstacle}; leave "
                    "it out, or export on another machine"
                )
            self.dtype, self.tolerance = tf.bfloat16, BFLOAT16_TOLERANCE
            self.ending, self.words = "-bfloat16", ", bfloat16"
        self.tolerance_in_levels = self.tolerance * _LEVELS
