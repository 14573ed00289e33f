"""A generator that a TensorFlow session computes, for `Predictor`."""

import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError, RunError


class TensorFlowNetwork:
    """A generator that a session computes, on whichever device.

    Attributes:
        input_shape: List of the input's sides, None for those that are not fixed; [] if nothing is
            known.
        output_shape: Likewise of the output.

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

    def run(self, pictures):
        """Translates a batch.

        Args:
            pictures: float32 of `input_shape`.

        Returns:
            float32 of `output_shape`.

        Raises:
            RunError: The memory does not suffice.
        """
        try:
            return self._session.run(self._output, {self._input: pictures})
        except tf.errors.ResourceExhaustedError:
            raise RunError("out of memory; try a smaller --batch_size") from None

    def close(self):
        """Ends the session."""
        self._session.close()


def _sides(tensor):
    return [] if tensor.shape.ndims is None else tensor.shape.as_list()
