"""Volumes of NIfTI files and DICOM series, and where their voxels lie, by nibabel and pydicom."""

import gzip
import importlib
import os
import warnings
from typing import NamedTuple

import numpy as np

from input_fn.errors import DataError, outage_of, reason_of

NIFTI = (".nii", ".nii.gz")
# A DICOM file has these four letters after a preamble of 128 bytes (PS3.10, section 7.1).
_DICOM, _DICOM_AT = b"DICM", 128
# DICOM's patient axes point left and to the back, NIfTI's right and to the front.
_TO_NIFTI = np.diag([-1.0, -1.0, 1.0, 1.0])
_TOLERANCE = 0.01  # Of a step between slices, in which steps may differ.


class Volume(NamedTuple):
    """A volume.

    Attributes:
        values: float32 [x, y, z], in the units of the file: its slope and intercept are applied.
        affine: float64 [4, 4], from indices to millimetres as NIfTI has them (RAS+).
    """

    values: np.ndarray
    affine: np.ndarray


def volume_name(path):
    """Names a volume: its file or folder, less the extension."""
    name = os.path.basename(path)
    for ending in sorted(NIFTI, key=len, reverse=True):
        if name.lower().endswith(ending):
            return name[: -len(ending)]
    return name


def is_volume(path):
    """Says whether a path is a NIfTI file, or a folder with a DICOM file in it."""
    if not os.path.isdir(path):
        return path.lower().endswith(NIFTI)
    return any(_is_dicom(os.path.join(path, name)) for name in os.listdir(path))


def read_volume(path):
    """Reads a NIfTI file, or the DICOM series in a folder.

    Returns:
        `Volume`.

    Raises:
        DataError: A package is missing, it is damaged, or it is no volume of three axes; the
            message does not name the file.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return _read_series(path) if os.path.isdir(path) else _read_nifti(path)
    except DataError:
        raise
    except Exception as error:  # The packages raise all kinds on bytes they do not expect.
        if outage_of(error):
            raise
        raise DataError(f"cannot be read ({reason_of(error)})") from None


def encode_nifti(values, affine):
    """Encodes a volume as a NIfTI file, compressed, .nii.gz.

    Args:
        values: Array [x, y, z] or [x, y, z, channels].
        affine: As of `Volume`.

    Returns:
        Bytes.

    Raises:
        DataError: nibabel is missing.
    """
    nibabel = _require("nibabel", "volumes")
    image = nibabel.Nifti1Image(values, affine)
    image.header.set_xyzt_units("mm")
    return gzip.compress(image.to_bytes())


def _read_nifti(path):
    nibabel = _require("nibabel", "NIfTI files")
    image = nibabel.load(path)
    shape = image.shape
    while len(shape) > 3 and shape[-1] == 1:
        shape = shape[:-1]
    if len(shape) != 3 or 0 in shape:
        raise DataError(f"has the axes {'x'.join(map(str, image.shape))}, not three; split it")
    values = image.get_fdata(dtype=np.float32, caching="unchanged").reshape(shape)
    return Volume(values, np.asarray(image.affine, np.float64))


def _read_series(folder):
    pydicom = _require("pydicom", "DICOM files")
    paths = [os.path.join(folder, name) for name in sorted(os.listdir(folder))]
    files = [pydicom.dcmread(path) for path in paths if _is_dicom(path)]
    series = sorted({str(file.SeriesInstanceUID) for file in files})
    if len(series) > 1:
        raise DataError(f"has {len(series)} series; give each a folder of its own")
    across, down = np.reshape([float(each) for each in files[0].ImageOrientationPatient], [2, 3])
    normal = np.cross(across, down)
    files.sort(key=lambda file: float(np.dot(normal, _position(file))))
    places = np.array([_position(file) for file in files])
    rows_apart, columns_apart = (float(each) for each in files[0].PixelSpacing)
    step = normal * float(getattr(files[0], "SliceThickness", None) or 1.0)
    if len(files) > 1:
        step = (places[-1] - places[0]) / (len(files) - 1)
        expected = places[0] + np.arange(len(files))[:, None] * step
        if np.abs(places - expected).max() > _TOLERANCE * np.linalg.norm(step):
            raise DataError("has slices at uneven distances; is one missing, or there twice?")
    affine = np.eye(4)
    affine[:3] = np.stack([across * columns_apart, down * rows_apart, step, places[0]], axis=1)
    values = np.stack([_values(file).T for file in files], axis=-1)
    return Volume(values, _TO_NIFTI @ affine)


def _position(file):
    return [float(each) for each in file.ImagePositionPatient]


def _values(file):
    slope = float(getattr(file, "RescaleSlope", 1))
    intercept = float(getattr(file, "RescaleIntercept", 0))
    return (file.pixel_array * slope + intercept).astype(np.float32)


def _is_dicom(path):
    try:
        with open(path, "rb") as file:
            return file.read(_DICOM_AT + len(_DICOM))[_DICOM_AT:] == _DICOM
    except OSError:
        return False


def _require(name, what):
    try:
        return importlib.import_module(name)
    except Exception as error:  # Of versions that do not go together, any kind.
        raise DataError(
            f"{what} need the package {name}, which cannot be imported ({reason_of(error)}); "
            "install it by pip install '.[volumes]' in the folder of setup.py"
        ) from None
