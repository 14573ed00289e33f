"""Spectral normalisation of the discriminator's kernels (Miyato et al. 2018)."""

import tensorflow.compat.v1 as tf


class SpectralNorm:
    """Divides kernels by their largest singular value, which one iteration a step follows.

    The iteration's vector is kept in a variable beside the kernel. All uses of a kernel in a step
    start from the same vector.

    Attributes:
        updates: List of (variable, next value), one for each kernel's use, in order.
    """

    def __init__(self):
        self.updates = []

    def constrain(self, kernel):
        """Normalises a kernel in the present variable scope.

        Args:
            kernel: float32 [height, width, channels, filters].

        Returns:
            The kernel divided by the largest singular value, as far as it is known, of its matrix
            [height x width x channels, filters].
        """
        matrix = tf.reshape(kernel, [-1, kernel.shape.as_list()[-1]])
        vector = tf.get_variable(
            "singular_vector",
            [1, kernel.shape.as_list()[-1]],
            initializer=tf.random_normal_initializer(),
            trainable=False,
        )
        left = tf.nn.l2_normalize(tf.matmul(vector, matrix, transpose_b=True))
        right = tf.nn.l2_normalize(tf.matmul(left, matrix))
        # Their gradients are no part of the method (section 2.1 and appendix A).
        left, right = tf.stop_gradient(left), tf.stop_gradient(right)
        self.updates.append((vector, right))
        value = tf.matmul(tf.matmul(left, matrix), right, transpose_b=True)
        return kernel * tf.reciprocal(tf.reshape(value, []))
