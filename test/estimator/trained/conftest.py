"""A large picture, and what translates one tile by tile."""

import pytest
from PIL import Image

from estimator.predict import main


@pytest.fixture(scope="module")
def large(data, tmp_path_factory):
    """A picture of 150x200 pixels: other labels to the left than to the right."""
    folder = tmp_path_factory.mktemp("large")
    with Image.open(str(data / "train" / "1.jpg")) as pair:
        picture = pair.crop((300, 40, 500, 190))
    picture.paste((0, 0, 170), (0, 0, 80, 150))
    picture.save(str(folder / "large.png"))
    return folder / "large.png"


@pytest.fixture(scope="module")
def tiled(finished):
    """Translates a picture tile by tile into a folder; returns the exit code."""

    def run(source, target, *flags, model=None):
        model = f"--checkpoint_dir={finished[0]}" if model is None else f"--graph={model}"
        return main([f"--input={source}", f"--output={target}", model, "--tile", *flags])

    return run
