"""What values the bands of pairs have, and where none counts: one pass on all cores, remembered."""

import contextlib
import hashlib
import json
import os
import threading
from dataclasses import astuple, replace
from typing import List, NamedTuple, Optional, Tuple

import numpy as np
import tensorflow.compat.v1 as tf
from tqdm import tqdm

from input_fn.assembling import stored_pair, weighted_pair
from input_fn.decoding import is_eight_bits
from input_fn.errors import DataError
from input_fn.files import write_json
from input_fn.reading import PairReader
from input_fn.units import INPUT, TARGET, UNSCALED

_VERSION = 1
_PARALLEL_CALLS = max(2, os.cpu_count() or 2)
_MINIMUM, _MAXIMUM = 0.0, 100.0
# What an 8-bit picture may have, whatever it has.
_LEVELS = np.array([0.0, 255.0], np.float32)
# For percentiles values are rounded to 12 binary digits, a relative error of at most 2**-12. Whole
# numbers up to 4096 stay as they are.
_DROPPED_BITS = 12
# As many different values of a band are kept apart before they are counted together.
_UNSORTED = 1 << 20


class Survey(NamedTuple):
    """What `survey_pairs` found.

    Attributes:
        ranges: (black, white) of each band, first of the input, then of the target; None if that
            was not asked for.
        masked: Positions of the pairs of which no pixel counts.
    """

    ranges: Optional[List[Tuple[float, float]]]
    masked: List[int]


def survey_pairs(pairs, pair_format, percentiles=None, memory=None):
    """Looks at all pixels of pairs.

    Args:
        pairs: `Pairs`, which have been checked.
        pair_format: The `PairFormat`; its `value_range` and sizes are not used.
        percentiles: (low, high), 0 to 100, of a band's values that are to be black and white; 0 and
            100 are the least and the greatest value. Of 8-bit pictures these are 0 and 255. What
            has no weight does not count, nor what has no logarithm in bands that are learnt by it.
        memory: Folder where to remember what was found while the files stay as they are; None:
            nowhere.

    Returns:
        `Survey`.

    Raises:
        DataError: A band has one value throughout, or none.
    """
    place = None if memory is None else _place(pairs, pair_format, percentiles, memory)
    known = None if place is None else _read(place)
    if known is None:
        known = _survey(pairs, pair_format, percentiles)
        if place is not None:
            # A memory is a convenience; where it cannot be written, there is none.
            with contextlib.suppress(OSError):
                write_json(place, {"version": _VERSION, "found": known})
    ranges, masked = known
    ranges = None if percentiles is None else _checked_ranges(ranges, pairs, pair_format)
    return Survey(ranges, masked)


def _survey(pairs, pair_format, percentiles):
    """Returns (low, high) of each band, None where there are no values, and what is masked."""
    unscaled = replace(pair_format, value_range=UNSCALED)
    known, bands = {}, []
    for source, band in zip(_sources(pair_format), unscaled.input_bands + unscaled.target_bands):
        known.setdefault(source, _BandValues(band.logarithmic, percentiles))
        bands.append(known[source])
    files = _files_of_bands(pair_format)
    with tf.Graph().as_default(), tf.device("/cpu:0"):
        decoding, read = PairReader(pairs.kinds, unscaled), pairs.reader(range(len(pairs.kinds)))

        def measure(contents, x, y, of_input, weights):
            eight_bits = [is_eight_bits(content) for content in contents]
            count = x.shape[-1]
            for number, (band, file) in enumerate(zip(bands, files)):
                values = x[..., number] if number < count else y[..., number - count]
                counts = (of_input if number < count else weights)[..., 0] > 0
                band.add(_LEVELS if eight_bits[file] else values[counts])
            return np.bool_(not (weights > 0).any())

        def look(element):
            contents = read(element)
            stacks = decoding.stacks(contents)
            if pair_format.has_weights:
                x, y, of_input, weights = weighted_pair(stacks, unscaled)
            else:
                x, y = stored_pair(stacks, unscaled)
                of_input = weights = tf.ones_like(y[..., :1], tf.float32)
            pair = [tf.cast(each, tf.float32) for each in (x, y)]
            return tf.numpy_function(
                measure, [tf.stack(contents), *pair, of_input, weights], tf.bool
            )

        dataset = pairs.in_order().map(
            tf.autograph.experimental.do_not_convert(look), num_parallel_calls=_PARALLEL_CALLS
        )
        following = tf.data.make_one_shot_iterator(dataset).get_next()
        with tf.Session(config=tf.ConfigProto(device_count={"GPU": 0})) as session:
            masked = [
                number
                for number in tqdm(range(len(pairs)), "measuring", unit=" pairs", disable=None)
                if session.run(following)
            ]
    return [band.ends() for band in bands], masked


def _files_of_bands(pair_format):
    """Lists the number of the file that each band is from, first those of the input."""
    counts = pair_format.channels_of_input_files or (pair_format.input_channels,)
    files = [number for number, count in enumerate(counts) for _ in range(count)]
    last = len(pair_format.channels_of_files) - 1
    if not pair_format.inputs and pair_format.direction == "BtoA":
        return [last] * len(files) + [0] * pair_format.output_channels
    return files + [last] * pair_format.output_channels


def _sources(pair_format):
    """Lists for each band what it is of: those that are of one thing have one range.

    A slice and its neighbours are pictures of one kind.
    """
    copies = pair_format.folders.files_of_input
    counts = pair_format.channels_of_input_files or (pair_format.input_channels,)
    sources = [
        (INPUT, number // copies, channel)
        for number, count in enumerate(counts)
        for channel in range(count)
    ]
    return sources + [(TARGET, 0, channel) for channel in range(pair_format.output_channels)]


class _BandValues:
    """The values of a band, as far as its range depends on them; threads may add at a time."""

    def __init__(self, logarithmic, percentiles):
        self._logarithmic = logarithmic
        self._percentiles = percentiles
        self._lock = threading.Lock()
        self._low, self._high = np.inf, -np.inf
        self._counted, self._waiting = [], 0

    def add(self, values):
        """Adds float32 values, an array of any shape."""
        values = values[values > 0] if self._logarithmic else values.ravel()
        if not values.size:
            return
        low, high = float(values.min()), float(values.max())
        counted = None if self._is_exact else np.unique(_rounded(values), return_counts=True)
        with self._lock:
            self._low, self._high = min(self._low, low), max(self._high, high)
            if counted is not None:
                self._counted.append(counted)
                self._waiting += len(counted[0])
                if self._waiting > _UNSORTED:
                    self._count_together()

    @property
    def _is_exact(self):
        return self._percentiles in (None, (_MINIMUM, _MAXIMUM))

    def _count_together(self):
        values, places = np.unique(
            np.concatenate([values for values, _ in self._counted]), return_inverse=True
        )
        counts = np.concatenate([counts for _, counts in self._counted])
        together = np.zeros(len(values), np.int64)
        np.add.at(together, places.reshape(-1), counts)
        self._counted, self._waiting = [(values, together)], 0

    def ends(self):
        """Gives the values of both percentiles; None if there was no value."""
        if self._low > self._high:
            return None
        if self._is_exact:
            return self._low, self._high
        self._count_together()
        ((values, counts),) = self._counted
        up_to = np.cumsum(counts)
        # The least value that so many percent of all do not exceed.
        low, high = (
            float(values[np.searchsorted(up_to, percent / 100.0 * up_to[-1])])
            for percent in self._percentiles
        )
        # The ends themselves are known exactly.
        low = self._low if self._percentiles[0] == _MINIMUM else low
        return low, (self._high if self._percentiles[1] == _MAXIMUM else high)


def _rounded(values):
    """Rounds float32 values to fewer binary digits."""
    half = np.uint32(1 << (_DROPPED_BITS - 1))
    kept = np.uint32(0xFFFFFFFF << _DROPPED_BITS & 0xFFFFFFFF)
    bits = np.ascontiguousarray(values, np.float32).view(np.uint32)
    return ((bits + half) & kept).view(np.float32)


def _checked_ranges(ranges, pairs, pair_format):
    names = [f"{INPUT}:{number + 1}" for number in range(pair_format.input_channels)]
    names += [f"{TARGET}:{number + 1}" for number in range(pair_format.output_channels)]
    for name, ends in zip(names, ranges):
        if ends is None or not ends[0] < ends[1]:
            found = "no value that counts" if ends is None else f"the value {ends[0]:g} throughout"
            raise DataError(
                f"{pairs.folder}: band {name} has {found}, of which `value_range` auto makes no "
                "range; give the ranges, two numbers for each band"
            )
    return [tuple(ends) for ends in ranges]


def _place(pairs, pair_format, percentiles, memory):
    form = astuple(replace(pair_format, value_range=UNSCALED, load_size=(1, 1), fine_size=(1, 1)))
    content = repr([_VERSION, pairs.content_stamps(), form, percentiles])
    name = hashlib.blake2b(content.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()
    return os.path.join(memory, f"survey-{name}.json")


def _read(place):
    try:
        with open(place, encoding="utf-8") as file:
            content = json.load(file)
        return content["found"] if content["version"] == _VERSION else None
    except (OSError, ValueError, KeyError, TypeError):
        # What cannot be read is found out anew.
        return None
