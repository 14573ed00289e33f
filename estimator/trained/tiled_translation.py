"""A large picture through the network, tile by tile, from its first row to its last."""

import itertools

import numpy as np

from input_fn import blending_weights, mirrored, tile_starts


class TiledTranslation:
    """Translates a picture of any size in memory that grows with its width alone.

    Attributes:
        shape: (height, width, channels) of the result.

    Args:
        files: The picture, as of `input_fn.open_rows`; a list, of the files that are joined.
        predictor: `Predictor`, which leaves tiles as large as they are.
        overlap: Of tiles, in pixels.
        batch_size: Tiles at a time.
    """

    def __init__(self, files, predictor, overlap, batch_size):
        self._files, self._predictor, self._batch_size = files, predictor, batch_size
        self._size = predictor.pair_format.fine_size
        sides = list(zip(files[0].shape, self._size))
        self._tops, self._lefts = (tile_starts(*side, overlap) for side in sides)
        counts = len(self._tops), len(self._lefts)
        weights = [blending_weights(n, side, overlap) for n, side in zip(counts, self._size)]
        self._vertical, self._horizontal = weights
        self.shape = (*files[0].shape[:2], predictor.blended_channels)

    @property
    def tiles(self):
        """Number of tiles."""
        return len(self._tops) * len(self._lefts)

    def measure(self, sample):
        """Finds the statistics that norms have if tiles spread over the picture count as one.

        Args:
            sample: Their number, at most.

        Returns:
            As of `Predictor.measure`.
        """
        lines, columns = _spread(len(self._tops), len(self._lefts), sample)
        prepared = [each for line in lines for each in self._prepared(line, columns)]
        pictures = np.stack([each.x for each in prepared])
        missing = (self._predictor.batch_size or 0) - len(pictures)
        if missing > 0:  # A graph of a fixed batch; the picture has fewer tiles.
            pictures = pictures[np.arange(len(pictures) + missing) % len(pictures)]
        return self._predictor.measure(pictures)

    def finished_rows(self, done, statistics, report):
        """Translates what is not done yet.

        Args:
            done: Rows that are done: 0, or where a run before has stopped.
            statistics: From `measure`, or None.
            report: Function that is told how many tiles are done in addition.

        Yields:
            float32 [any, width, channels] in [-1, 1]: the rows that follow.
        """
        (height, width, channels), size = self.shape, self._size
        strip = np.zeros([size[0], self._lefts[-1] + size[1], channels], np.float32)
        for line, top in enumerate(self._tops):
            if top + size[0] <= done:
                report(len(self._lefts))
                continue
            for column, picture in self._translated(line, statistics):
                left = self._lefts[column]
                weights = self._vertical[line][:, None] * self._horizontal[column]
                strip[:, left : left + size[1]] += weights[..., None] * picture
                report(1)
            # What the tiles below do not reach any more.
            following = self._tops[line + 1] if line + 1 < len(self._tops) else height
            ready = strip[: following - top]
            if following > done:
                yield ready[max(0, done - top) :, :width]
            strip[: size[0] - len(ready)] = strip[len(ready) :]
            strip[size[0] - len(ready) :] = 0.0

    def _translated(self, line, statistics):
        """Yields (column, picture as shown) for each tile of a line."""
        columns = list(range(len(self._lefts)))
        inputs = self._prepared(line, columns)
        for start in range(0, len(columns), self._batch_size):
            part = columns[start : start + self._batch_size]
            prepared = list(itertools.islice(inputs, len(part)))
            pictures = np.stack([each.x for each in prepared])
            outputs = self._predictor.translate(pictures, statistics)
            for column, each, output in zip(part, prepared, outputs):
                yield column, self._predictor.blendable(each, output)

    def _prepared(self, line, columns):
        """Yields the network's input for some tiles of a line."""
        (height, width), size = self.shape[:2], self._size
        places = mirrored(self._tops[line], size[0], height)
        first = places.min()
        bands = [file.rows(first, places.max() - first + 1)[places - first] for file in self._files]
        for column in columns:
            across = mirrored(self._lefts[column], size[1], width)
            tiles = [file.encode(band[:, across]) for file, band in zip(self._files, bands)]
            joins = self._predictor.pair_format.inputs
            prepare = self._predictor.prepare_joined if joins else self._predictor.prepare
            yield prepare(tiles if joins else tiles[0])


def _spread(lines, columns, sample):
    """Chooses some lines and columns, evenly: about as many tiles as asked for, and no more."""
    wanted = max(1, min(lines, round((sample * lines / columns) ** 0.5), sample))
    return _evenly(lines, wanted), _evenly(columns, max(1, min(columns, sample // wanted)))


def _evenly(count, wanted):
    return [int((number + 0.5) * count / wanted) for number in range(wanted)]
