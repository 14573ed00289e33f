"""`slices`: volumes of NIfTI files or DICOM series to pictures, whole patients to each split."""

import io
import os
import re

import numpy as np

from input_fn.errors import DataError
from input_fn.files import write_bytes, write_json
from input_fn.tools.arguments import number_between
from input_fn.tools.each_picture import add_folder_command
from input_fn.tools.jobs import SkippedError, run_jobs
from input_fn.tools.split import add_share_flags, share_out, shares_of
from input_fn.volumes import is_volume, read_volume, volume_name

VOLUMES = "volumes"


def add_command(commands):
    """Adds `slices`."""
    parser = add_folder_command(
        commands, "slices", _slices, "volumes, .nii or folders of DICOM files, to pictures"
    )
    parser.add_argument(
        "--axis",
        type=number_between(int, 0, 2),
        default=2,
        metavar="N",
        help="of the volume, 0 to 2, which slices lie across (default: 2)",
    )
    add_share_flags(
        parser,
        "volumes whose names agree in what this finds (or in its first group) are of one "
        "patient and stay together: '^([^_]*)_' for P7_2019 and P7_2021",
    )


def _slices(options):
    shares = shares_of(options)
    if os.path.realpath(options.out).startswith(os.path.realpath(options.folder) + os.sep):
        raise DataError(f"{options.out}: lies within {options.folder}; name another folder")
    kinds = _kinds(options.folder)
    names = sorted(set.union(*(set(volumes) for volumes in kinds.values())))
    whole = [name for name in names if all(name in volumes for volumes in kinds.values())]
    skipped = [
        f"{name}: there is none in {os.path.join(options.folder, kind)}"
        for name in names
        for kind, volumes in kinds.items()
        if name not in volumes
    ]
    group = None if options.group is None else re.compile(options.group)
    shared_out = share_out(whole, shares, options.seed, group)
    for split, chosen in shared_out.items():
        print(f"{split}: {len(chosen)}")
    jobs = [
        ({kind: volumes[name] for kind, volumes in kinds.items()}, name, split, options)
        for split, chosen in shared_out.items()
        for name in chosen
    ]
    return run_jobs(_slice, jobs, "volumes", skipped)


def _kinds(folder):
    """Finds the volumes: a dict of subfolder ("" for none) to a dict of name to path."""
    if not os.path.isdir(folder):
        raise DataError(f"{folder}: is no folder; name the one that the volumes are in")
    own = _volumes(folder)
    if own:
        return {"": own}
    subfolders = sorted(name for name in os.listdir(folder) if not name.startswith("."))
    found = {
        name: _volumes(os.path.join(folder, name))
        for name in subfolders
        if os.path.isdir(os.path.join(folder, name))
    }
    found = {name: volumes for name, volumes in found.items() if volumes}
    if not found:
        raise DataError(
            f"{folder}: holds no volume; put .nii or .nii.gz files, or folders of DICOM files, in "
            "it, or in a subfolder for each kind"
        )
    return found


def _volumes(folder):
    volumes = {}
    for entry in sorted(os.listdir(folder)):
        path = os.path.join(folder, entry)
        if not entry.startswith(".") and is_volume(path):
            other = volumes.setdefault(volume_name(path), path)
            if other != path:
                raise DataError(f"{other} and {path}: have the same name; rename one of them")
    return volumes


def _slice(job):
    paths, name, split, options = job
    try:
        read = {kind: read_volume(path) for kind, path in paths.items()}
    except DataError as error:
        raise SkippedError(f"{name}: {error}") from None
    first = next(iter(read.values()))
    for kind, volume in read.items():
        if volume.values.shape != first.values.shape or not np.allclose(
            volume.affine, first.affine, atol=1e-3
        ):
            raise SkippedError(
                f"{paths[kind]}: has other voxels than {next(iter(paths.values()))}, in number or "
                "in place; resample one of them first"
            )
    # For `join`; written first: whoever finds slices finds their place.
    write_json(
        os.path.join(options.out, VOLUMES, f"{name}.json"),
        {"shape": first.values.shape, "axis": options.axis, "affine": first.affine.tolist()},
    )
    for kind, volume in read.items():
        for number, picture in enumerate(np.moveaxis(volume.values, options.axis, 0)):
            buffer = io.BytesIO()
            # As a picture has them, rows first: of a DICOM series, along axis 2, as in its files.
            np.save(buffer, np.ascontiguousarray(picture.T))
            target = os.path.join(options.out, split, kind, f"{name}_s{number:04d}.npy")
            write_bytes(target, buffer.getvalue())
