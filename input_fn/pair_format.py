"""How the files of a pair become two tensors: one frozen value that all of this room reads."""

from dataclasses import dataclass
from typing import Optional, Tuple

DIRECTIONS = ("AtoB", "BtoA")
RESIZES = ("stretch", "crop", "pad")
ALPHAS = ("drop", "white", "keep")

SIDE_BY_SIDE = "side_by_side"
FOLDERS = "folders"
SINGLE = "single"
LAYOUTS = (SIDE_BY_SIDE, FOLDERS, SINGLE)

Palette = Tuple[Tuple[int, int, int], ...]
_COLOUR_CHANNELS = 3


@dataclass(frozen=True)
class PairFormat:
    """How files become a pair of tensors.

    Attributes:
        direction: "AtoB": A is the input and B the target; "BtoA": the reverse.
        input_channels: Channels of the input: 1 (grey), 3 (RGB), 4 (RGBA, with `alpha` "keep"), or
            any number that .npy files have.
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
            "keep": the fourth channel.
        value_range: (black, white) of 16-bit PNG and of .npy files; None for the range of the
            file's type (0 and 65535 of 16 bits; 0 and 1 of floats).
        lab: Whether pairs are made of single photos: lightness L in, a and b out.
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
    value_range: Optional[Tuple[float, float]] = None
    lab: bool = False
    input_palette: Optional[Palette] = None
    output_palette: Optional[Palette] = None

    def __post_init__(self):
        for field, values in (
            ("direction", DIRECTIONS),
            ("layout", LAYOUTS),
            ("resize", RESIZES),
            ("alpha", ALPHAS),
        ):
            if getattr(self, field) not in values:
                allowed = " or ".join(map(repr, values))
                raise ValueError(f"{field} is {getattr(self, field)!r}; it must be {allowed}")
        for field in ("input_channels", "output_channels"):
            if getattr(self, field) < 1:
                raise ValueError(f"{field} is {getattr(self, field)!r}; it must be at least 1")
        for field in ("load_size", "fine_size"):
            size = getattr(self, field)
            if not isinstance(size, (tuple, list)) or len(size) != 2:
                raise ValueError(f"{field} is {size!r}; it must be a pair (height, width)")
            if not all(isinstance(side, int) and side > 0 for side in size):
                raise ValueError(f"{field} is {size!r}; both must be positive whole numbers")
        if any(load < fine for load, fine in zip(self.load_size, self.fine_size)):
            raise ValueError(
                f"load_size {self.load_size!r} is smaller than fine_size {self.fine_size!r}; "
                "crops of fine_size must fit in pictures of load_size"
            )
        if self.value_range is not None and not self.value_range[0] < self.value_range[1]:
            raise ValueError(f"value_range is {self.value_range!r}; black must be below white")
        if self.lab != (self.layout == SINGLE):
            raise ValueError("lab and layout 'single' go together")
        if self.lab and (self.input_channels, self.output_channels) != (1, 2):
            raise ValueError("lab has 1 input channel, L, and 2 output channels, a and b")
        for field, channels in (
            ("input_palette", self.input_channels),
            ("output_palette", self.output_channels),
        ):
            self._check_palette(field, getattr(self, field), channels)

    def _check_palette(self, field, palette, channels):
        if palette is None:
            return
        if self.lab or self.alpha == "keep":
            raise ValueError(f"{field} is of RGB pictures; lab and alpha 'keep' do not go with it")
        if len(set(palette)) != len(palette) or len(palette) < 2:
            raise ValueError(f"{field} has to have two colours or more, each once")
        if len(palette) != channels:
            raise ValueError(f"{field} has {len(palette)} colours for {channels} channels")

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
    def channels(self):
        """Channels of (A, B) in their files: those of input and target in their order."""
        pair = (
            _COLOUR_CHANNELS if palette is not None else channels
            for palette, channels in (
                (self.input_palette, self.input_channels),
                (self.output_palette, self.output_channels),
            )
        )
        first, second = pair
        return (first, second) if self.direction == "AtoB" else (second, first)

    @property
    def channels_of_files(self):
        """For each file of a pair, the channels of each of the pictures side by side in it."""
        if self.layout == SINGLE:
            return ((3,),)
        return (
            tuple((count,) for count in self.channels)
            if self.layout == FOLDERS
            else (self.channels,)
        )
