"""A trained generator as a function from pictures' files to pictures, as the test phase has it."""

import contextlib
from collections import namedtuple

import numpy as np

from estimator.errors import OptionsError
from estimator.trained.host_steps import HostSteps
from estimator.trained.output_files import result_tags
from input_fn import (
    JPEG,
    NPY,
    PNG,
    TIFF,
    DataError,
    can_be_picture,
    has_reader,
    is_tiff,
    read_georeference,
)

Prepared = namedtuple("Prepared", ["x", "size", "georeference"])
Prepared.__new__.__defaults__ = (None,)
Prepared.__doc__ = """A picture as the network takes it: `x`, float32 [height, width, channels] in
[-1, 1]; `size`, the (height, width) of the picture in its file; and, of a TIFF file, the
`Georeference` that it has, or else None."""


class Predictor(contextlib.AbstractContextManager):
    """Translates pictures; a context manager that ends with its sessions.

    Attributes:
        note: The model's `Note`.
        pair_format: The run's `PairFormat`, which is in the note.
        kinds: Set of the kinds of files that can hold the network's input: JPEG, PNG, NPY; and
            TIFF, if its reader is installed.
        kinds_of_inputs: With several inputs: list of such sets for each file that is joined.
        shown_channels: Channels of the pictures that come out.
        blended_channels: Channels of what `blendable` gives.
        batch_size: Pictures that the graph takes at a time; None for any number.

    Args:
        network: The network alone: `input_shape` and `output_shape`, lists of sides, None for one
            that is not fixed; `run`, a function of float32 of the one shape to the other; and
            `close`. See `TensorFlowNetwork` and `OnnxNetwork`.
        note: `Note`, or a function from both shapes to one where there is none.
        source: Flag and value that named the model, for messages.
        fit: How pictures are brought to the network's size, one of `input_fn.FITS`; None for the
            run's way.

    Raises:
        OptionsError: The network has other ends than a generator, or than its note says.
    """

    def __init__(self, network, note, source, fit=None):
        self._network = network
        shapes = [network.input_shape, network.output_shape]
        for shape in shapes:
            if len(shape) != 4 or None in shape[1:]:
                raise OptionsError(
                    f"{source}: an end is of shape {shape}; pictures of a fixed size and number of "
                    "channels are needed"
                )
        self.note = note(*shapes) if callable(note) else note
        self.pair_format = self.note.pair_format
        self.batch_size = shapes[0][0]
        self._check_shapes(shapes, source)
        arrays = {NPY, TIFF} if has_reader() else {NPY}
        self.kinds = arrays | ({JPEG, PNG} if self.pair_format.takes_picture else set())
        if self.pair_format.lab:
            self.kinds.discard(NPY)
        self.kinds_of_inputs = [
            arrays | ({JPEG, PNG} if can_be_picture(count, self.pair_format.alpha) else set())
            for count in self.pair_format.channels_of_input_files
        ]
        self._fit = fit or self.pair_format.resize
        self._host = HostSteps(self.pair_format, self.kinds, self.kinds_of_inputs, self._fit)
        self.blended_channels = self._host.blended_channels
        self.shown_channels = self._host.shown_channels

    def __exit__(self, *exception):
        self._host.close()
        self._network.close()

    def _check_shapes(self, shapes, source):
        known = self.pair_format
        wanted = [
            [*known.fine_size, known.input_channels],
            [*known.fine_size, known.output_channels],
        ]
        found = [shape[1:] for shape in shapes]
        if found != wanted:
            raise OptionsError(
                f"{source}: maps {found[0]} to {found[1]} (height, width, channels), its note "
                f"says {wanted[0]} to {wanted[1]}; export it again"
            )

    def prepare(self, content):
        """Turns a file into the network's input.

        Args:
            content: Bytes of a file of one of `kinds`.

        Returns:
            `Prepared`.

        Raises:
            DataError: It cannot be decoded; the message does not name the file.
        """
        x, size = self._host.prepared(content)
        return Prepared(x, size, read_georeference(content) if is_tiff(content) else None)

    def prepare_joined(self, contents):
        """Turns the files that are joined into the network's input.

        Args:
            contents: Bytes of each file, of one of its `kinds_of_inputs`.

        Returns:
            `Prepared`; what is of one file is of the first.

        Raises:
            DataError: One cannot be decoded, or they differ in size; the message does not name it.
        """
        x, sizes = self._host.joined(contents)
        for size in sizes:
            if (size != sizes[0]).any():
                (height, width), (first_height, first_width) = size, sizes[0]
                raise DataError(
                    f"is joined with a file of {width}x{height} pixels (width x height), and has "
                    f"{first_width}x{first_height}; all that are joined must have the same size"
                )
        first = contents[0]
        return Prepared(x, sizes[0], read_georeference(first) if is_tiff(first) else None)

    @property
    def takes_statistics(self):
        """Whether the statistics of the network's norms can be given to it."""
        return self._network.takes_statistics

    def measure(self, pictures):
        """Finds the statistics that norms have if some pictures count as one.

        Args:
            pictures: float32 [number, height, width, channels] in [-1, 1]; the number is
                `batch_size`, if that is fixed.

        Returns:
            float32 [2, channels of all norms], for `translate`.
        """
        return self._network.measure(pictures)

    def translate(self, pictures, statistics=None):
        """Translates any number of pictures, those of a fixed batch in turns.

        Args:
            pictures: float32 [any, height, width, channels] in [-1, 1].
            statistics: From `measure`; None for the statistics of each picture.

        Returns:
            float32 [any, height, width, output channels] in [-1, 1].

        Raises:
            RunError: The memory does not suffice.
        """
        more = () if statistics is None else (statistics,)
        if self.batch_size is None:
            return self._network.run(pictures, *more)
        outputs = []
        for start in range(0, len(pictures), self.batch_size):
            part = pictures[start : start + self.batch_size]
            missing = self.batch_size - len(part)
            filled = np.concatenate([part, np.repeat(part[-1:], missing, axis=0)])
            outputs.append(self._network.run(filled, *more)[: len(part)])
        return np.concatenate(outputs)

    def present(self, prepared, output, keep_size=False):
        """Turns the network's output into a picture to be stored.

        Args:
            prepared: What the network was given, `Prepared`.
            output: float32 [height, width, output channels] in [-1, 1], what it made of it.
            keep_size: Whether the picture gets the size that its input has in its file.

        Returns:
            uint8 [height, width, channels], and the same as float32: in the units of the run's
            targets, as `value_range` has them, or in [0, 1].
        """
        return self._host.presented(prepared.x, output, prepared.size, keep_size)

    def blendable(self, prepared, output):
        """Turns the network's output into what can be blended with that of neighbouring tiles.

        Args:
            prepared: As of `present`.
            output: As of `present`.

        Returns:
            float32 [height, width, blended_channels] in [-1, 1], for `finish`.
        """
        return self._host.blendable(prepared.x, output)

    def finish(self, picture):
        """Turns what `blendable` gave, float32 [any height, any width, any], as `present` does."""
        return self._host.finished(picture)

    def tiff_tags(self, prepared, keep_size=False):
        """Says which tags `present`'s picture gets as a TIFF file.

        Args:
            prepared: What the network was given, `Prepared`.
            keep_size: As of `present`.

        Returns:
            List of tags as `encode_tiff` takes them; None if the input was no TIFF file, and so
            the picture is to be none.
        """
        place = prepared.georeference, prepared.size
        return result_tags(*place, self.pair_format, self._fit, keep_size)
