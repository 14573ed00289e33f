"""`slices` and `join`: volumes to pictures and back, judged by nibabel and pydicom themselves."""

import os

import nibabel
import numpy as np
import pydicom
import pytest
from pydicom.dataset import FileDataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from input_fn.prepare import main

SHAPE = (5, 7, 4)
# Voxels of 0.5 x 2 x 3 mm, turned about an axis.
AFFINE = np.array([[0.5, 0, 0, -10], [0, 1.6, -1.8, 20], [0, 1.2, 2.4, 30], [0, 0, 0, 1.0]])
ALL_TO_TEST = ["--train=0", "--val=0", "--test=1"]


def values_of(seed):
    return np.random.RandomState(seed).normal(size=SHAPE).astype(np.float32)


def save_nifti(path, values, affine=AFFINE):
    path.parent.mkdir(parents=True, exist_ok=True)
    nibabel.save(nibabel.Nifti1Image(values, affine), str(path))


def save_series(folder, values, order=None):
    """Saves [x, y, z] as a DICOM series of 16 bits with a slope of 2 and an intercept of -100.

    Slices lie across the head's axis from left to right (sagittal), 3 mm apart.
    """
    folder.mkdir(parents=True)
    series = generate_uid()
    for number in order or range(values.shape[2]):
        meta = FileMetaDataset()
        meta.TransferSyntaxUID = ExplicitVRLittleEndian
        meta.MediaStorageSOPClassUID = pydicom.uid.MRImageStorage
        meta.MediaStorageSOPInstanceUID = generate_uid()
        name = str(folder / f"{100 - number}.dcm")
        file = FileDataset(name, {}, file_meta=meta, preamble=b"\0" * 128)
        file.SeriesInstanceUID = series
        file.SOPInstanceUID, file.SOPClassUID = meta[0x20003].value, meta[0x20002].value
        file.ImageOrientationPatient = [0, 1, 0, 0, 0, -1]
        file.ImagePositionPatient = [40 - 3 * number, -50, 60]
        file.PixelSpacing, file.SliceThickness = [2.0, 0.5], 3.0
        file.RescaleSlope, file.RescaleIntercept = 2, -100
        file.Rows, file.Columns = values.shape[1], values.shape[0]
        file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
        file.BitsAllocated = file.BitsStored = 16
        file.HighBit, file.PixelRepresentation = 15, 0
        file.PixelData = values[..., number].T.astype("<u2").tobytes()
        try:
            file.save_as(name, enforce_file_format=True)
        except TypeError:  # pydicom 2.
            file.is_little_endian, file.is_implicit_VR = True, False
            file.save_as(name, write_like_original=False)


def slices(tmp_path, *flags):
    return main(["slices", str(tmp_path / "in"), str(tmp_path / "out"), *flags])


def join(tmp_path, folder):
    volumes = f"--volumes={tmp_path / 'out' / 'volumes'}"
    return main(["join", str(folder), str(tmp_path / "joined"), volumes])


class TestNifti:
    @pytest.mark.parametrize("axis", [0, 1, 2])
    def test_slices_hold_the_values_of_the_file_and_join_to_it_again(self, tmp_path, axis):
        values = values_of(0)
        save_nifti(tmp_path / "in" / "p1.nii.gz", values)
        assert slices(tmp_path, f"--axis={axis}", *ALL_TO_TEST) == 0
        names = sorted(os.listdir(str(tmp_path / "out" / "test")))
        assert names == [f"p1_s{number:04d}.npy" for number in range(SHAPE[axis])]
        last = np.load(str(tmp_path / "out" / "test" / names[-1]))
        np.testing.assert_array_equal(last.T, np.take(values, SHAPE[axis] - 1, axis))

        assert join(tmp_path, tmp_path / "out" / "test") == 0
        joined = nibabel.load(str(tmp_path / "joined" / "p1.nii.gz"))
        np.testing.assert_array_equal(joined.get_fdata(), values)
        np.testing.assert_allclose(joined.affine, AFFINE, atol=1e-6)
        np.testing.assert_allclose(joined.header.get_zooms(), [0.5, 2, 3], atol=1e-6)

    def test_what_is_stored_with_a_slope_is_read_in_its_units(self, tmp_path):
        image = nibabel.Nifti1Image(np.arange(8, dtype=np.int16).reshape(2, 2, 2), AFFINE)
        image.header.set_slope_inter(0.5, 10)
        (tmp_path / "in").mkdir()
        nibabel.save(image, str(tmp_path / "in" / "p1.nii"))
        stored = nibabel.load(str(tmp_path / "in" / "p1.nii")).get_fdata()
        assert slices(tmp_path, *ALL_TO_TEST) == 0
        first = np.load(str(tmp_path / "out" / "test" / "p1_s0000.npy"))
        np.testing.assert_allclose(first.T, stored[..., 0])

    def test_kinds_have_folders_and_patients_stay_together(self, tmp_path):
        for patient in range(10):
            for visit in "ab":
                for kind in ("t1", "t2"):
                    name = f"P{patient}_{visit}.nii.gz"
                    save_nifti(tmp_path / "in" / kind / name, values_of(patient))
        flags = ["--train=0.6", "--val=0.2", "--test=0.2", "--group=^(.*)_"]
        assert slices(tmp_path, *flags) == 0
        patients = {}
        for split, count in (("train", 6), ("val", 2), ("test", 2)):
            found = [
                {
                    name.rsplit("_", 2)[0]
                    for name in os.listdir(str(tmp_path / "out" / split / kind))
                }
                for kind in ("t1", "t2")
            ]
            assert found[0] == found[1]
            assert len(found[0]) == count
            patients[split] = found[0]
        assert len(set().union(*patients.values())) == 10

    def test_what_came_out_in_channels_becomes_a_fourth_axis(self, tmp_path):
        save_nifti(tmp_path / "in" / "p1.nii", values_of(0))
        assert slices(tmp_path, *ALL_TO_TEST) == 0
        for path in (tmp_path / "out" / "test").iterdir():
            picture = np.load(str(path))
            np.save(str(path), np.stack([picture, 2 * picture], axis=-1))
        assert join(tmp_path, tmp_path / "out" / "test") == 0
        joined = nibabel.load(str(tmp_path / "joined" / "p1.nii.gz")).get_fdata()
        np.testing.assert_allclose(joined[..., 0], values_of(0))
        np.testing.assert_allclose(joined[..., 1], 2 * values_of(0))


class TestDicom:
    @pytest.fixture
    def stored(self):
        return np.random.RandomState(0).randint(0, 4096, SHAPE)

    def test_a_series_is_put_in_order_and_read_in_its_units(self, tmp_path, stored):
        save_series(tmp_path / "in" / "p1", stored, order=[2, 0, 3, 1])
        assert slices(tmp_path, *ALL_TO_TEST) == 0
        # The normal of the files' axes, (0, 1, 0) x (0, 0, -1), points to (-1, 0, 0): as x falls.
        for number in range(4):
            picture = np.load(str(tmp_path / "out" / "test" / f"p1_s{number:04d}.npy"))
            np.testing.assert_array_equal(picture, stored[..., number].T * 2.0 - 100)

    def test_its_place_is_kept(self, tmp_path, stored):
        save_series(tmp_path / "in" / "p1", stored)
        assert slices(tmp_path, *ALL_TO_TEST) == 0
        assert join(tmp_path, tmp_path / "out" / "test") == 0
        joined = nibabel.load(str(tmp_path / "joined" / "p1.nii.gz"))
        np.testing.assert_allclose(joined.header.get_zooms(), [0.5, 2, 3])
        # By hand: DICOM's formula (PS3.3, C.7.6.2.1.1) gives the place in the patient's axes, of
        # which NIfTI turns the first two round.
        for x, y, z in [(0, 0, 0), (4, 0, 0), (0, 6, 0), (0, 0, 3), (1, 2, 3)]:
            place = [40 - 3 * z, -50 + 0.5 * x, 60 - 2 * y]
            expected = [-place[0], -place[1], place[2]]
            np.testing.assert_allclose((joined.affine @ [x, y, z, 1])[:3], expected, atol=1e-5)

    def test_a_slice_that_is_missing_is_noticed(self, tmp_path, stored, capsys):
        save_series(tmp_path / "in" / "p1", stored, order=[0, 1, 3])
        assert slices(tmp_path, *ALL_TO_TEST) == 1
        assert "p1: has slices at uneven distances" in capsys.readouterr().err


class TestBadInput:
    def test_what_is_no_volume_of_three_axes_is_named(self, tmp_path, capsys):
        save_nifti(tmp_path / "in" / "p1.nii", np.zeros([3, 4, 5, 2], np.float32))
        (tmp_path / "in" / "p2.nii").write_bytes(b"no volume")
        assert slices(tmp_path) == 1
        said = capsys.readouterr()
        assert "p1: has the axes 3x4x5x2" in said.err
        assert "p2: cannot be read" in said.err
        assert "0 volumes written, 2 skipped" in said.out

    def test_kinds_that_do_not_fit_are_named(self, tmp_path, capsys):
        save_nifti(tmp_path / "in" / "t1" / "p1.nii", values_of(0))
        save_nifti(tmp_path / "in" / "t2" / "p1.nii", values_of(0), np.eye(4))
        save_nifti(tmp_path / "in" / "t1" / "p2.nii", values_of(0))
        assert slices(tmp_path) == 1
        error = capsys.readouterr().err
        assert "p1.nii: has other voxels than" in error
        assert f"p2: there is none in {tmp_path / 'in' / 't2'}" in error

    def test_slices_that_are_missing_or_of_another_size_are_named(self, tmp_path, capsys):
        save_nifti(tmp_path / "in" / "p1.nii", values_of(0))
        save_nifti(tmp_path / "in" / "p2.nii", values_of(0))
        assert slices(tmp_path, *ALL_TO_TEST) == 0
        test = tmp_path / "out" / "test"
        (test / "p1_s0002.npy").unlink()
        np.save(str(test / "p2_s0001.npy"), np.zeros([64, 64]))
        assert join(tmp_path, test) == 1
        error = capsys.readouterr().err
        assert "p1: slice 0002 of 4 is missing" in error
        assert "p2_s0001.npy: is 64x64 (height x width), its slice was 7x5" in error
        assert "--keep_size" in error

    def test_folders_without_any_are_named(self, tmp_path, capsys):
        (tmp_path / "in").mkdir()
        assert slices(tmp_path) == 2
        assert join(tmp_path, tmp_path / "in") == 2
        error = capsys.readouterr().err
        assert "holds no volume" in error
        assert "holds no file such as" in error

    def test_a_package_that_is_missing_is_named(self, tmp_path, capsys, monkeypatch):
        save_nifti(tmp_path / "in" / "p1.nii", values_of(0))
        monkeypatch.setitem(__import__("sys").modules, "nibabel", None)
        assert slices(tmp_path) == 1
        assert "pip install '.[volumes]'" in capsys.readouterr().err
