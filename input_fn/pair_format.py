"""How the files of a pair become two tensors: one frozen value that all of this room reads."""

from dataclasses import dataclass
from typing import Optional, Tuple

from input_fn.decoding import can_be_picture
from input_fn.folders import Folders
from input_fn.pair_checks import check_format
from input_fn.pair_choices import FOLDERS, MASK, SIDE_BY_SIDE, SINGLE
from input_fn.units import bands_of
from input_fn.weights import CHANNEL, PICTURES, Counting

Palette = Tuple[Tuple[int, int, int], ...]
_COLOUR_CHANNELS = 3


@dataclass(frozen=True)
class PairFormat:
    """How files become a pair of tensors.

    Attributes:
        direction: "AtoB": A is the input and B the target; "BtoA": the reverse.
        input_channels: Channels of the input: 1 (grey), 3 (RGB), 4 (RGBA, with `alpha` "keep"), or
            any number that .npy and TIFF files have; of several inputs, of all together.
        output_channels: Channels of the target, likewise.
        load_size: (height, width) in pixels to which each picture is resized in training, before
            the random crop. The paper's jitter is 286x286 for crops of 256x256.
        fine_size: (height, width) in pixels of the tensors.
        layout: "side_by_side": A is the left half of a file and B the right half; "folders": A and
            B are files of the same name in the subfolders A and B; "single": files are single
            photos, of which `lab` makes a pair.
        resize: "stretch": to the very size; "crop": as a whole until both sides reach the size,
            what protrudes is cut off; "pad": as a whole until it fits in, the rest is black.
        alpha: What becomes of transparency: "drop": the colours as stored; "white": laid on white;
            "keep": the fourth channel; "mask": how much each pixel counts.
        value_range: (black, white) of 16-bit PNG and of .npy files, in their units; or several of
            them: that of the input and that of the target, or those of each band, first of the
            input, then of the target. None for the range of the file's type (0 and 65535 of 16
            bits; 0 and 1 of floats).
        lab: Whether pairs are made of single photos: lightness L in, a and b out.
        inputs: With layout "folders": names of the subfolders whose pictures are joined to the
            input; none: A is the one and B the other side of the pair, as `direction` says.
        channels_of_inputs: Channels of a picture of each of `inputs`.
        target: With `inputs`: name of the subfolder of the targets.
        neighbours: As of `Folders`.
        group: As of `Folders`.
        log_bands: Which bands are scaled by the logarithm of their values: "input" or "target" for
            all bands of either, "input:1" and so on for one. Their ranges begin above 0.

        nodata: Values of the files, but for JPEG, that stand for no data: a pixel that has one in
            any band does not count. NaN may be among them.
        weights: Where each pair says how much its pixels count: "pictures": in a file of the same
            name in the subfolder `weights`; "channel": in the last channel of the target's file,
            which is none of `output_channels`, with layout "folders"; None: nowhere.
        input_palette: Colours, (red, green, blue) in 0..255, of the classes that the input is a map
            of; its channels then are planes, one to a class. None for pictures.
        output_palette: The same of the target.

    Raises:
        ValueError: A field has a value that cannot work; the message names the field.
    """

    direction: str
    input_channels: int
    output_channels: int
    load_size: Tuple[int, int]
    fine_size: Tuple[int, int]
    layout: str = SIDE_BY_SIDE
    resize: str = "stretch"
    alpha: str = "drop"
    value_range: Optional[tuple] = None
    lab: bool = False
    inputs: Tuple[str, ...] = ()
    channels_of_inputs: Tuple[int, ...] = ()
    target: Optional[str] = None
    neighbours: int = 0
    group: Optional[str] = None
    log_bands: Tuple[str, ...] = ()
    nodata: Tuple[float, ...] = ()
    weights: Optional[str] = None
    input_palette: Optional[Palette] = None
    output_palette: Optional[Palette] = None

    def __post_init__(self):
        check_format(self)

    @property
    def palettes(self):
        """Palettes of (A, B), None for pictures: those of input and target in the same order."""
        pair = self.input_palette, self.output_palette
        return pair if self.direction == "AtoB" else pair[::-1]

    @property
    def stored_input_channels(self):
        """Channels of the input's pictures in their files: of photos for Lab and of maps 3."""
        is_colour = self.lab or self.input_palette is not None
        return _COLOUR_CHANNELS if is_colour else self.input_channels

    @property
    def has_weights(self):
        """Whether some pixels may count less than others."""
        return bool(self.nodata or self.weights or self.alpha == MASK)

    @property
    def counting_of_input(self):
        """`Counting` of the input's files; None if all pixels of all pairs count."""
        return Counting(self.nodata, self.alpha == MASK) if self.has_weights else None

    @property
    def counting_of_files(self):
        """For each file of a pair its `Counting`, or None."""
        counting = [self.counting_of_input] * len(self.channels_of_files)
        if self.weights == CHANNEL:
            counting[self.target_file] = counting[0]._replace(drops_last=True)
        return tuple(counting)

    @property
    def target_file(self):
        """The number of the file of a pair that holds the target."""
        is_first = self.direction == "BtoA" and not self.inputs
        return 0 if is_first else len(self.channels_of_files) - 1

    @property
    def input_file(self):
        """The number of the file of a pair that holds the input, or the first of its pictures."""
        is_last = self.direction == "BtoA" and not self.inputs
        return len(self.channels_of_files) - 1 if is_last else 0

    @property
    def has_weight_files(self):
        """Whether the last file of a pair, beyond those of `channels_of_files`, has weights."""
        return self.weights == PICTURES

    @property
    def folders(self):
        """Which subfolders make a pair, `Folders`; with layout "folders"."""
        if not self.inputs:
            return Folders()
        return Folders(self.inputs, self.target, self.neighbours, self.group)

    @property
    def channels_of_input_files(self):
        """With `inputs`: the channels of each file that is joined to the input, in their order."""
        copies = self.folders.files_of_input
        return tuple(count for count in self.channels_of_inputs for _ in range(copies))

    @property
    def takes_picture(self):
        """Whether one JPEG or PNG file can hold the input."""
        if self.inputs:
            return False
        return can_be_picture(self.stored_input_channels, self.alpha)

    @property
    def channels(self):
        """Channels of (A, B) in their files: those of input and target in their order."""
        target = self.output_channels if self.output_palette is None else _COLOUR_CHANNELS
        source = self.input_channels if self.input_palette is None else _COLOUR_CHANNELS
        return (source, target) if self.direction == "AtoB" else (target, source)

    @property
    def channels_of_files(self):
        """For each file of a pair, the channels of each of the pictures side by side in it."""
        if self.layout == SINGLE:
            return ((3,),)
        if self.inputs:
            return tuple(
                (count,) for count in (*self.channels_of_input_files, self.output_channels)
            )
        return (
            tuple((count,) for count in self.channels)
            if self.layout == FOLDERS
            else (self.channels,)
        )

    @property
    def input_bands(self):
        """Tuple of `Band`, one to each channel of the input's files; None without `value_range`."""
        return self._bands[0]

    @property
    def target_bands(self):
        """The same for the target."""
        return self._bands[1]

    @property
    def bands_of_input_files(self):
        """The tuple of `Band` of each file of the input, or None for each."""
        counts = self.channels_of_input_files or (self.input_channels,)
        if self.value_range is None:
            return (None,) * len(counts)
        ends = [sum(counts[:number]) for number in range(len(counts) + 1)]
        return tuple(self.input_bands[start:end] for start, end in zip(ends, ends[1:]))

    @property
    def shown_bands(self):
        """`target_bands` of pictures as they are shown; None with `lab`, which shows colours."""
        return None if self.lab else self.target_bands

    @property
    def bands_of_files(self):
        """As `channels_of_files`, with a tuple of `Band` for each picture; None for a file."""
        if self.value_range is None:
            return (None,) * len(self.channels_of_files)
        if self.layout == SINGLE:
            return ((self.input_bands,),)
        if self.inputs:
            return tuple((bands,) for bands in (*self.bands_of_input_files, self.target_bands))
        pair = self._bands if self.direction == "AtoB" else self._bands[::-1]
        return tuple((bands,) for bands in pair) if self.layout == FOLDERS else (pair,)

    @property
    def _bands(self):
        counts = self.input_channels, self.output_channels
        return bands_of(self.value_range, self.log_bands, *counts)
