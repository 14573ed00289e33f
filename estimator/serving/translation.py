"""From a picture's bytes to its translation's, as predict.py does it; threads beside the loop."""

import asyncio
import io
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import tensorflow.compat.v1 as tf

from estimator.errors import RunError
from estimator.serving.pictures import check_picture
from estimator.serving.refusals import RefusedError, busy
from estimator.trained.input_pictures import prepare_bytes
from estimator.trained.output_files import encode_png
from estimator.trained.predictor import Prepared
from input_fn import PNG_CHANNELS, DataError

PNG_TYPE = "image/png"
NPY_TYPE = "application/x-npy"
_MOST_THREADS = 4


class Translation:
    """The steps of a translation, each off the event loop's thread.

    Attributes:
        pair_format: The model's `PairFormat`.

    Args:
        predictor: `Predictor`.
        batcher: `Batcher` of its network.
        max_megapixels: The most pixels of a picture, in millions.
    """

    def __init__(self, predictor, batcher, max_megapixels):
        self.pair_format = predictor.pair_format
        self._predictor = predictor
        self._batcher = batcher
        self._max_megapixels = max_megapixels
        threads = min(os.cpu_count() or 1, _MOST_THREADS)
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="pictures")

    async def close(self):
        """Ends the threads."""
        await self._batcher.close()
        self._threads.shutdown()

    async def apart(self, function, *arguments):
        """Runs a function in a thread beside the event loop's."""
        return await asyncio.get_event_loop().run_in_executor(self._threads, function, *arguments)

    async def prepare(self, content):
        """Turns a file of any kind that predict.py takes into the network's input, `Prepared`.

        Raises:
            RefusedError: 400 or 413.
        """
        return await self.apart(self._prepare, content, True)

    async def prepare_stored(self, content):
        """Turns a JPEG or PNG file into the network's input, as the signature `encoded` does.

        That is part of a graph, which does not turn pictures as EXIF says, nor cuts margins off.

        Raises:
            RefusedError: 400 or 413.
        """
        prepared = await self.apart(self._prepare, content, False)
        return Prepared(prepared.x, np.array(self.pair_format.fine_size, np.int32))

    async def translate(self, picture):
        """Has the network translate a picture, float32 [height, width, channels] in [-1, 1].

        Raises:
            RefusedError: 503 if the memory does not suffice.
        """
        try:
            return await self._batcher.translate(picture)
        except RunError:
            raise busy("the model has run out of memory; try again later") from None

    async def present(self, prepared, output, keep_size=False):
        """Turns the network's output into a file.

        Returns:
            Bytes and their type: PNG, or .npy of float32 in [0, 1] where no PNG file holds it.
        """
        return await self.apart(self._present, prepared, output, keep_size)

    def _prepare(self, content, any_kind):
        is_stored = check_picture(content, self._max_megapixels)
        if not (any_kind or is_stored):
            raise RefusedError(
                400, "this signature takes JPEG and PNG files; /v1/translate takes others"
            )
        predictor = self._predictor
        try:
            if any_kind:
                content = prepare_bytes(content, predictor.pair_format, predictor.kinds)
            return predictor.prepare(content)
        except DataError as error:
            raise RefusedError(400, f"the picture {error}") from None
        except (tf.errors.ResourceExhaustedError, MemoryError):
            raise busy("there is no memory for a picture of this size; try again later") from None

    def _present(self, prepared, output, keep_size):
        levels, values = self._predictor.present(prepared, output, keep_size)
        if levels.shape[-1] in PNG_CHANNELS:
            return encode_png(levels), PNG_TYPE
        buffer = io.BytesIO()
        np.save(buffer, values)
        return buffer.getvalue(), NPY_TYPE
