"""A generator that a TensorFlow session computes, for `Predictor`."""

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError, RunError
from model_fn import MEASURED, OF_ALL, OF_EACH, STATISTICS


class TensorFlowNetwork:
    """A generator that a session computes, on whichever device.

    Attributes:
        input_shape: List of the input's sides, None for those that are not fixed; [] if nothing is
            known.
        output_shape: Likewise of the output.
        takes_statistics: Whether the graph takes the statistics of its norms as an input.

    Args:
        session: `tf.Session` for the network alone; it is closed with it.
        input_name: Name of its graph's input, float32 [batch, height, width, channels].
        output_name: Name of the output.
        source: Flag and value that named the model, for messages.

    Raises:
        OptionsError: The graph has no such ends.
    """

    def __init__(self, session, input_name, output_name, source):
        self._session = session
        try:
            self._input = session.graph.get_tensor_by_name(input_name)
            self._output = session.graph.get_tensor_by_name(output_name)
        except KeyError:
            raise OptionsError(
                f"{source}: has no node {input_name} or no {output_name}; name a model that "
                "export.py or train.py wrote"
            ) from None
        self.input_shape, self.output_shape = _sides(self._input), _sides(self._output)
        names = {operation.name for operation in session.graph.get_operations()}
        # Of a model in a scope of its own, as a SavedModel has it, they are no ends.
        self.takes_statistics = {STATISTICS, MEASURED} <= names
        self._channels = (
            session.graph.get_tensor_by_name(f"{STATISTICS}:0").shape.as_list()[-1]
            if self.takes_statistics
            else 0
        )

    def run(self, pictures, statistics=None):
        """Translates a batch.

        Args:
            pictures: float32 of `input_shape`.
            statistics: float32 [2, channels of all norms], which all pictures share; None for those
                of each picture. Only where `takes_statistics`.

        Returns:
            float32 of `output_shape`.

        Raises:
            RunError: The memory does not suffice.
        """
        if statistics is None:
            statistics = self._table(OF_EACH)
        return self._run(self._output, pictures, statistics)

    def measure(self, pictures):
        """Finds the statistics that norms have if the pictures of a batch count as one.

        Args:
            pictures: float32 of `input_shape`.

        Returns:
            float32 [2, channels of all norms].

        Raises:
            RunError: The memory does not suffice.
        """
        table = self._table(OF_ALL)
        return self._run(f"{MEASURED}:0", pictures, table, "--tile_sample")[0]

    def _table(self, whose):
        return np.full([2, self._channels], whose, np.float32)

    def _run(self, wanted, pictures, statistics, flag="--batch_size"):
        feeds = {self._input: pictures}
        if self.takes_statistics:
            feeds[f"{STATISTICS}:0"] = np.repeat(statistics[None], len(pictures), axis=0)
        try:
            return self._session.run(wanted, feeds)
        except tf.errors.ResourceExhaustedError:
            raise RunError(f"out of memory; try a smaller {flag}") from None

    def close(self):
        """Ends the session."""
        self._session.close()


def _sides(tensor):
    return [] if tensor.shape.ndims is None else tensor.shape.as_list()
