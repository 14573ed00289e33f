"""Pictures to prepare, and what has become of them."""

import numpy as np
import pytest
from PIL import Image

from input_fn.prepare import main


@pytest.fixture(scope="session")
def save():
    """Saves pixels, or a picture of one colour, and returns its path."""

    def save(path, pixels=None, size=(8, 6), colour=(200, 100, 50)):
        path.parent.mkdir(parents=True, exist_ok=True)
        picture = Image.new("RGB", size, colour) if pixels is None else Image.fromarray(pixels)
        picture.save(str(path))
        return path

    return save


@pytest.fixture(scope="session")
def pixels_of():
    """Returns the pixels of a picture file."""

    def pixels_of(path):
        with Image.open(str(path)) as picture:
            return np.asarray(picture)

    return pixels_of


@pytest.fixture(scope="session")
def files_below():
    """Lists the files below a folder."""

    def files_below(folder):
        return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())

    return files_below


@pytest.fixture
def photo(tmp_path, save):
    """A dark square on grey, which is the one picture of the folder `in`."""
    pixels = np.full((20, 30, 3), 200, np.uint8)
    pixels[5:15, 10:20] = (20, 40, 60)
    save(tmp_path / "in" / "1.png", pixels)
    return pixels


@pytest.fixture
def halves(tmp_path, photo, pixels_of):
    """Has a command make a pair of the photo and returns its halves."""

    def halves(command, *flags):
        assert main([command, str(tmp_path / "in"), str(tmp_path / "out"), *flags]) == 0
        pair = pixels_of(tmp_path / "out" / "1.png")
        return pair[:, : photo.shape[1]], pair[:, photo.shape[1] :]

    return halves
