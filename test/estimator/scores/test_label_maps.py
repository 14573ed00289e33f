import numpy as np
import pytest

from estimator.errors import OptionsError
from estimator.palettes.palette import Palette, load_palette, nearest_classes
from estimator.scores.label_maps import LabelScores

PALETTE = Palette(("black", "red", "white"), np.array([[0, 0, 0], [255, 0, 0], [255, 255, 255]]))


def picture(classes, palette=PALETTE):
    return palette.colours[np.array(classes)] / 127.5 - 1.0


class TestScores:
    def test_worked_by_hand(self):
        scores = LabelScores(PALETTE)
        # Targets: four black, two red. Two black are taken for red, one red for white.
        accuracy = scores.add(
            picture([[0, 0, 1], [1, 1, 2]]), target=picture([[0, 0, 0], [0, 1, 1]])
        )
        assert accuracy == pytest.approx(3 / 6)
        summary = scores.summary()
        assert summary["pixel_accuracy"] == pytest.approx(3 / 6)
        assert summary["class_accuracy"] == pytest.approx((2 / 4 + 1 / 2) / 2)
        # Black: 2 right of 4 real or found; red: 1 right of 2 real and 2 more found.
        assert summary["class_iou"] == pytest.approx((2 / 4 + 1 / 4) / 2)
        # No target has white.
        assert summary["classes"] == {
            "black": {"accuracy": 0.5, "iou": 0.5},
            "red": {"accuracy": 0.5, "iou": 0.25},
        }

    def test_pixels_of_all_pictures_count_together(self):
        scores = LabelScores(PALETTE)
        scores.add(picture([[0] * 9]), picture([[0] * 9]))
        scores.add(picture([[0]]), picture([[1]]))
        assert scores.summary()["pixel_accuracy"] == pytest.approx(9 / 10)

    def test_a_copy_of_the_target_is_perfect(self):
        palette = load_palette("facades")
        target = picture(np.random.RandomState(0).randint(0, 12, (20, 20)), palette)
        scores = LabelScores(palette)
        scores.add(target, target)
        summary = scores.summary()
        assert [summary[n] for n in ("pixel_accuracy", "class_accuracy", "class_iou")] == [1] * 3

    def test_noise_is_poor(self):
        random = np.random.RandomState(0)
        palette = load_palette("facades")
        scores = LabelScores(palette)
        target = picture(random.randint(0, 12, (50, 50)), palette)
        scores.add(random.uniform(-1, 1, target.shape), target)
        assert scores.summary()["class_iou"] < 0.1

    def test_colours_beside_the_palettes_count_as_the_nearest(self):
        noisy = np.array([[[30, 10, 20], [200, 60, 60], [200, 190, 180]]]) / 127.5 - 1
        assert nearest_classes(noisy, PALETTE).tolist() == [[0, 1, 2]]


class TestPalette:
    def test_a_file_has_a_colour_and_perhaps_a_name_to_a_line(self, tmp_path):
        (tmp_path / "colours.txt").write_text("0,0,255 sea\n\n#FF8000 dry land\n1 2 3\n")
        palette = load_palette(str(tmp_path / "colours.txt"))
        assert palette.colours.tolist() == [[0, 0, 255], [255, 128, 0], [1, 2, 3]]
        assert palette.names == ("sea", "dry land", "#010203")

    @pytest.mark.parametrize("line", ["0,0", "0,0,256", "#12345", "blue"])
    def test_a_line_that_is_no_colour_is_named(self, tmp_path, line):
        (tmp_path / "colours.txt").write_text(f"0,0,0\n{line}\n")
        with pytest.raises(OptionsError, match=r"colours\.txt, line 2"):
            load_palette(str(tmp_path / "colours.txt"))

    @pytest.mark.parametrize("content", ["", "0,0,0\n", "1,1,1\n2,2,2\n1,1,1\n"])
    def test_two_different_colours_at_least_and_none_twice(self, tmp_path, content):
        (tmp_path / "colours.txt").write_text(content)
        with pytest.raises(OptionsError, match="different colours"):
            load_palette(str(tmp_path / "colours.txt"))

    def test_a_missing_file_is_named(self):
        with pytest.raises(OptionsError, match="--label_palette /nowhere"):
            load_palette("/nowhere")
