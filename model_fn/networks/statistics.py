"""Statistics of norms that come from outside, so that the tiles of a picture can share them."""

import tensorflow.compat.v1 as tf

# In the place of a variance: whose statistics are to be taken, each picture's or the batch's.
OF_EACH, OF_ALL = -1.0, -2.0


class GivenStatistics:
    """Hands each norm of a network its part of a table, in the order in which they are built.

    A norm over one pixel has no part in it: its own variance is 0 in training as well, so that what
    it puts out is constant, and with any other statistics it would not be.

    Args:
        table: float32 [batch, 2, channels of all norms]: means, then variances. Instead of a
            variance it may have `OF_EACH`, for the statistics of the picture itself, or `OF_ALL`,
            for those of all pictures of the batch as if they were one.

    Attributes:
        channels: Of the norms that have been built, all together.
    """

    def __init__(self, table):
        self._table = table
        self._measured = []
        self.channels = 0

    def moments(self, x):
        """Finds the mean and the variance that x is to be normalised with.

        Args:
            x: float32 [batch, height, width, channels]; all but the first are static.

        Returns:
            Two of float32 [batch, 1, 1, channels].
        """
        each = tf.nn.moments(x, axes=[1, 2], keepdims=True)
        _, height, width, channels = x.shape.as_list()
        if height * width == 1:
            return each
        part = self._table[:, :, self.channels : self.channels + channels]
        self.channels += channels
        given = [part[:, number, None, None] for number in (0, 1)]
        is_of_all = given[1] < (OF_EACH + OF_ALL) / 2
        measured = [tf.where(is_of_all, *both) for both in zip(_of_all(*each), each)]
        self._measured.append(tf.concat([moment[:, :, 0] for moment in measured], axis=1))
        is_given = given[1] >= 0.0
        return tuple(tf.where(is_given, *both) for both in zip(given, measured))

    @property
    def measured(self):
        """The statistics of the pictures as they came to each norm: a tensor like the table."""
        return tf.concat(self._measured, axis=2)


def _of_all(mean, variance):
    """Turns the moments of each picture into those of all pictures, in the same shape."""
    common = tf.reduce_mean(mean, axis=0, keepdims=True)
    spread = tf.reduce_mean(variance + tf.square(mean - common), axis=0, keepdims=True)
    return [moment + tf.zeros_like(mean) for moment in (common, spread)]
