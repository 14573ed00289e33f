"""The mean of the ranks' gradients, exchanged by HCCL in pieces that are each network's own."""

import tensorflow.compat.v1 as tf

from estimator.devices.npu.loading import load

# Large enough for the links of a server to work at their full rate, and small enough that most of
# the generator's 218 MB is under way while the backward pass goes on.
PIECE_BYTES = 32 * 2**20

_BY_ID = 2  # HCCL fuses what has the same fusion_id, and nothing else.


class MeanOverRanks(tf.train.Optimizer):
    """Averages gradients over the ranks, and applies the means by another optimizer.

    The vendor's NPUDistributedOptimizer leaves the fusion of all all-reduces in a graph to HCCL
    (fusion=1), which pays no heed to what they depend on. In this training step the generator's
    gradients depend on the discriminator's update, so that an all-reduce fused from gradients of
    both would wait for itself. Here a piece holds gradients of one network alone, in the order in
    which the backward pass yields them.

    Args:
        optimizer: `tf.train.Optimizer`.
        size: The number of ranks.
        fusion_ids: Iterator of whole numbers from 1, one for a piece; all networks of a graph draw
            from the same, on all ranks in the same order.
        piece_bytes: A piece is complete when it would become larger than this.
    """

    def __init__(self, optimizer, size, fusion_ids, piece_bytes=PIECE_BYTES):
        super().__init__(use_locking=False, name=f"MeanOverRanks{type(optimizer).__name__}")
        self._optimizer = optimizer
        self._size = size
        self._fusion_ids = fusion_ids
        self._piece_bytes = piece_bytes

    def compute_gradients(self, *args, **kwargs):
        """Computes this rank's gradients, as the other optimizer does, and averages them.

        Returns:
            List of (gradient, variable) in the order of the variables; a gradient that is None
            stays None.
        """
        pairs = self._optimizer.compute_gradients(*args, **kwargs)
        means = [None] * len(pairs)
        with tf.name_scope(self._name):
            for piece in self._pieces([gradient for gradient, _ in pairs]):
                fusion_id = next(self._fusion_ids)
                for position in piece:
                    means[position] = self._mean(pairs[position][0], fusion_id)
        return [(mean, variable) for mean, (_, variable) in zip(means, pairs)]

    def apply_gradients(self, grads_and_vars, global_step=None, name=None):
        """Applies them, as the other optimizer does."""
        return self._optimizer.apply_gradients(grads_and_vars, global_step, name)

    def _pieces(self, gradients):
        """Lists the positions of the gradients in pieces, the last layers' first."""
        pieces, room = [], 0
        for position in reversed(range(len(gradients))):
            gradient = gradients[position]
            if gradient is None:
                continue
            size = gradient.shape.num_elements() * gradient.dtype.size
            if size > room:
                pieces.append([])
                room = self._piece_bytes
            pieces[-1].append(position)
            room -= size
        return pieces

    def _mean(self, gradient, fusion_id):
        hccl_ops = load("npu_bridge.hccl.hccl_ops")
        return hccl_ops.allreduce(gradient, "sum", fusion=_BY_ID, fusion_id=fusion_id) / self._size
