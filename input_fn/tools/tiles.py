"""`tiles`: large pictures, or large pairs, to tiles of one size."""

import os

import numpy as np
from PIL import Image

from input_fn.checks.facts import is_special
from input_fn.errors import DataError, outage_of, reason_of
from input_fn.files import write_bytes
from input_fn.memory_needed import lacking
from input_fn.pair_choices import FOLDERS, LAYOUTS, SIDE_BY_SIDE
from input_fn.picture_names import EXTENSIONS
from input_fn.row_readers import WholePicture, open_rows
from input_fn.tiling import tile_starts
from input_fn.tools.arguments import count_from, parse_size
from input_fn.tools.each_picture import add_folder_command
from input_fn.tools.jobs import SkippedError, map_jobs, summarize
from input_fn.tools.pictures import OTHERS, find_pictures, open_picture
from input_fn.tools.targets import check_targets

_DEEP_GREY = ("I;16", "I;16B", "I")  # Pillow's modes of PNG files of 16 bits.


def add_command(commands):
    """Adds `tiles`."""
    parser = add_folder_command(commands, "tiles", _tiles, "cut large pictures, or pairs, up")
    parser.add_argument(
        "--size",
        type=parse_size,
        default=(256, 256),
        metavar="HxW",
        help="of a tile (default: 256)",
    )
    parser.add_argument(
        "--overlap",
        type=count_from(0),
        default=32,
        metavar="N",
        help="pixels that neighbours share, at most half a tile (default: 32)",
    )
    parser.add_argument(
        "--data_layout",
        choices=LAYOUTS,
        default=SIDE_BY_SIDE,
        help="of train.py; of folders, the files of one name are cut up alike",
    )
    parser.add_argument(
        "--drop_empty",
        action="store_true",
        help="leave out the tiles in which a picture has one value throughout",
    )


def _tiles(options):
    if options.overlap > min(options.size) // 2:
        raise DataError(
            f"--overlap {options.overlap}: tiles of {options.size[0]}x{options.size[1]} pixels "
            f"overlap by {min(options.size) // 2} at most"
        )
    names = find_pictures(options.folder, tuple({*EXTENSIONS, *OTHERS}))
    stems = [os.path.join(options.out, os.path.splitext(name)[0]) for name in names]
    sources = [os.path.join(options.folder, name) for name in names]
    check_targets(sources, stems, [options.folder])
    groups = {}
    for source, stem in zip(sources, stems):
        folder, name = os.path.split(stem)
        key = os.path.join(os.path.dirname(folder), name) if _of_folders(options) else stem
        groups.setdefault(key, []).append((source, stem))
    jobs = [(files, options) for files in groups.values()]
    for files, _ in jobs:
        lack = lacking([source for source, _ in files], options.size[0])
        if lack is not None:
            raise DataError(
                f"{files[0][0]}: {lack}; save it as .npy, or as TIFF of small tiles or strips"
            )
    results = map_jobs(_cut_up, jobs, "pictures")
    written, dropped = (sum(result[number] for result in results) for number in (0, 1))
    if options.drop_empty:
        print(f"{dropped} empty tiles left out")
    return summarize(written, "tiles", [fault for _, _, fault in results if fault])


def _of_folders(options):
    return options.data_layout == FOLDERS


def _cut_up(job):
    """Cuts up the files that belong together.

    Returns:
        Numbers of tiles that were written and left out, and why the files were skipped, or None.
    """
    files, options = job
    written = dropped = 0
    readers = []
    try:
        readers = [_open(source) for source, _ in files]
        parts = 2 if options.data_layout == SIDE_BY_SIDE else 1
        height, width = _common_size(files, readers, parts)
        if height < options.size[0] or width < options.size[1]:
            raise SkippedError(
                f"{files[0][0]}: is {height}x{width} (height x width), smaller than a tile"
            )
        for top in _starts(height, options.size[0], options.overlap):
            bands = [reader.rows(top, options.size[0]) for reader in readers]
            for left in _starts(width, options.size[1], options.overlap):
                tiles = [
                    [band[:, part * width + left :][:, : options.size[1]] for part in range(parts)]
                    for band in bands
                ]
                if options.drop_empty and any(_is_empty(part) for tile in tiles for part in tile):
                    dropped += len(files)
                    continue
                for reader, (_, stem), tile in zip(readers, files, tiles):
                    path = f"{stem}_y{top:05d}_x{left:05d}{reader.extension}"
                    # Of A and B in one file, the place is that of A.
                    write_bytes(path, reader.encode(np.concatenate(tile, axis=1), (top, left)))
                    written += 1
    except SkippedError as reason:
        return written, dropped, str(reason)
    finally:
        for reader in readers:
            reader.close()
    return written, dropped, None


def _open(path):
    """Opens a picture by rows; of what has to be decoded as a whole, the rows of it."""
    try:
        if is_special(path):
            raise SkippedError(f"{path}: is a pipe or a device, not a file")
        reader = open_rows(path)
        if reader is None and path.lower().endswith(".png"):
            with Image.open(path) as stored:
                if stored.mode in _DEEP_GREY:
                    reader = WholePicture(np.asarray(stored).astype(np.uint16)[..., None])
    except SkippedError:
        raise
    except Exception as error:  # The readers raise all kinds on bytes they do not expect.
        if outage_of(error):
            raise
        raise SkippedError(f"{path}: {reason_of(error)}") from None
    if reader is None:
        picture = np.asarray(open_picture(path))
        reader = WholePicture(picture.reshape([*picture.shape[:2], -1]))
    return reader


def _common_size(files, readers, parts):
    """Finds the (height, width) of the pictures: those side by side have half a file each."""
    sizes = [reader.shape[:2] for reader in readers]
    for (source, _), size in zip(files, sizes):
        if size != sizes[0]:
            raise SkippedError(
                f"{source}: is {size[0]}x{size[1]} (height x width), but {files[0][0]} is "
                f"{sizes[0][0]}x{sizes[0][1]}"
            )
    return sizes[0][0], sizes[0][1] // parts


def _starts(length, size, overlap):
    """Finds where tiles begin; the last one is moved inwards, so that it has no pixel made up."""
    return [min(start, length - size) for start in tile_starts(length, size, overlap)]


def _is_empty(part):
    return bool((part == part[:1, :1]).all())
