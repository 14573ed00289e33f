"""Volumes through the whole way: cut into slices, learnt, predicted and joined again."""

import nibabel
import numpy as np
import pytest

from estimator import predict, train
from input_fn import prepare

SHAPE = (24, 40, 3)
AFFINE = np.array([[0, -2.0, 0, 10], [1.5, 0, 0, -20], [0, 0, 4.0, 5], [0, 0, 0, 1]])
FLAGS = [
    "--data_layout=folders",
    "--inputs=t1:1",
    "--target=t2",
    "--neighbours=1",
    "--group=^(.*)_s",
    "--output_nc=1",
    "--value_range=0,1000/-5,5",
    "--fine_size=32",
    "--ngf=4",
    "--ndf=4",
    "--device=cpu",
    "--max_steps=3",
]


@pytest.fixture(scope="module")
def predicted(call, tmp_path_factory):
    """Volumes of two patients, one to train with and one to test, as predicted."""
    folder = tmp_path_factory.mktemp("volumes")
    for number, patient in enumerate(("P1", "P2")):
        values = np.random.RandomState(number).uniform(0, 1000, SHAPE).astype(np.float32)
        for kind, volume in (("t1", values), ("t2", values / 100 - 5)):
            (folder / "in" / kind).mkdir(parents=True, exist_ok=True)
            image = nibabel.Nifti1Image(volume, AFFINE)
            nibabel.save(image, str(folder / "in" / kind / f"{patient}.nii.gz"))
    shares = ["--train=0.5", "--val=0", "--test=0.5"]
    call(prepare, "slices", folder / "in", folder / "data", *shares)
    run = f"--checkpoint_dir={folder / 'run'}"
    call(train, f"--data_path={folder / 'data'}", run, *FLAGS)
    places = [f"--input={folder / 'data' / 'test' / 't1'}", f"--output={folder / 'predicted'}"]
    call(predict, *places, run, "--keep_size")
    volumes = f"--volumes={folder / 'data' / 'volumes'}"
    said = call(prepare, "join", folder / "predicted", folder / "joined", volumes)
    assert said == "1 volumes written, 0 skipped\n"
    (path,) = (folder / "joined").iterdir()
    return nibabel.load(str(path)), folder


def test_the_prediction_is_a_volume_where_the_patient_lay(predicted):
    volume, _ = predicted
    assert volume.shape == SHAPE
    np.testing.assert_allclose(volume.affine, AFFINE)
    np.testing.assert_allclose(volume.header.get_zooms(), [1.5, 2, 4])


def test_its_values_are_those_of_the_slices_in_units(predicted):
    volume, folder = predicted
    (name,) = {path.name[:2] for path in (folder / "predicted").iterdir()}
    for number in range(SHAPE[2]):
        slice_ = np.load(str(folder / "predicted" / f"{name}_s{number:04d}.npy"))
        np.testing.assert_allclose(volume.get_fdata()[..., number], slice_[..., 0].T, atol=1e-6)
    assert -5 <= volume.get_fdata().min() < volume.get_fdata().max() <= 5
