"""A running server, and pictures for it."""

import pytest
from PIL import Image


@pytest.fixture(scope="session")
def server(serving, finished):
    """A server of a run, with its defaults."""
    with serving(f"--checkpoint_dir={finished[0]}") as running:
        yield running


@pytest.fixture(scope="session")
def photos(data, tmp_path_factory):
    """Five pictures of different sizes and kinds, paths by what they are."""
    folder = tmp_path_factory.mktemp("photos")
    with Image.open(str(data / "train" / "1.jpg")) as pair:
        labels = pair.crop((256, 0, 512, 256))
    labels.resize((64, 64)).save(str(folder / "same.png"))
    labels.resize((100, 50)).save(str(folder / "wide.jpg"))
    labels.resize((33, 70)).convert("P").save(str(folder / "tall.gif"))
    labels.convert("L").save(str(folder / "grey.png"))
    exif = Image.Exif()
    exif[0x0112] = 6
    labels.resize((80, 40)).save(str(folder / "turned.jpg"), exif=exif)
    return {path.name: path for path in folder.iterdir()}
