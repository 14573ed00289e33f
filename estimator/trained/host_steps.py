"""What comes before a trained network and after it, for one picture each."""

import tensorflow.compat.v1 as tf

from input_fn import (
    DataError,
    blendable,
    input_of_file,
    input_of_files,
    reason_of,
    restored,
    settled,
    stored_values,
    to_levels,
    unpadded,
)


class HostSteps:
    """The steps that are the host's, whatever the network's device, in a session of their own.

    Attributes:
        shown_channels: As of `Predictor`.
        blended_channels: As of `Predictor`.

    Args:
        pair_format: The network's `PairFormat`.
        kinds: As of `Predictor`; this and the next likewise.
        kinds_of_inputs: With several inputs.
        fit: How pictures are brought to the network's size, one of `input_fn.FITS`.
    """

    def __init__(self, pair_format, kinds, kinds_of_inputs, fit):
        self._shown_bands = pair_format.shown_bands
        self._session = tf.Session(graph=tf.Graph(), config=tf.ConfigProto(device_count={"GPU": 0}))
        with self._session.graph.as_default():
            self._build_before(pair_format, kinds, kinds_of_inputs, fit)
            self._build_after(pair_format, fit)

    def _build_before(self, known, kinds, kinds_of_inputs, fit):
        self._contents = tf.placeholder(tf.string, [])
        self._prepared = input_of_file(self._contents, known, kinds, fit)
        self._files = [tf.placeholder(tf.string, []) for _ in kinds_of_inputs]
        if self._files:
            self._joined = input_of_files(self._files, known, set().union(*kinds_of_inputs), fit)

    def _build_after(self, known, fit):
        self._x = tf.placeholder(tf.float32, [*known.fine_size, known.input_channels])
        self._y = tf.placeholder(tf.float32, [*known.fine_size, known.output_channels])
        self._size = tf.placeholder(tf.int32, [2])
        self._before = blendable(self._x, self._y, known)
        self.blended_channels = self._before.shape.as_list()[-1]
        self._blended = tf.placeholder(tf.float32, [None, None, self.blended_channels])
        finished = settled(self._blended, known)
        self.shown_channels = finished.shape.as_list()[-1]
        self._finished = to_levels(finished), finished
        self._presented = {}
        for keep_size, bring in ((False, unpadded), (True, restored)):
            picture = settled(bring(self._before, self._size, fit), known)
            self._presented[keep_size] = to_levels(picture), picture

    def prepared(self, content):
        """Turns a file into the network's input; returns it and int32 [2], its size in the file.

        Raises:
            DataError: It cannot be decoded; the message does not name the file.
        """
        return self._decode(self._prepared, {self._contents: content})

    def joined(self, contents):
        """Likewise of the files that are joined; the sizes are int32 [files, 2]."""
        return self._decode(self._joined, dict(zip(self._files, contents)))

    def _decode(self, wanted, feeds):
        try:
            return self._session.run(wanted, feeds)
        except tf.errors.ResourceExhaustedError:
            raise
        except tf.errors.OpError as error:
            raise DataError(f"cannot be decoded ({reason_of(error)})") from None

    def presented(self, x, output, size, keep_size):
        """Makes what `Predictor.present` returns, of the network's input, its output and a size."""
        feeds = {self._x: x, self._y: output, self._size: size}
        return self._stored(self._presented[keep_size], feeds)

    def blendable(self, x, output):
        """Makes what `Predictor.blendable` returns."""
        return self._session.run(self._before, {self._x: x, self._y: output})

    def finished(self, picture):
        """Makes what `Predictor.finish` returns."""
        return self._stored(self._finished, {self._blended: picture})

    def _stored(self, wanted, feeds):
        levels, picture = self._session.run(wanted, feeds)
        return levels, stored_values(picture, self._shown_bands)

    def close(self):
        """Ends the session."""
        self._session.close()
