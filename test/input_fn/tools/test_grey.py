"""`grey`: what stands in which half."""

import numpy as np
from PIL import Image

from input_fn.prepare import main


def test_grey_goes_before_the_photo(photo, halves):
    grey, colour = halves("grey")
    np.testing.assert_array_equal(colour, photo)
    # 0.299 20 + 0.587 40 + 0.114 60 = 36.3.
    assert grey[10, 15].tolist() == [36, 36, 36]


def test_sixteen_bits_are_not_cut_down_in_silence(tmp_path, capsys):
    deep = Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30) * 100)
    (tmp_path / "in").mkdir()
    deep.save(str(tmp_path / "in" / "1.png"))
    assert main(["grey", str(tmp_path / "in"), str(tmp_path / "out")]) == 1
    assert "has 16 bits" in capsys.readouterr().err
