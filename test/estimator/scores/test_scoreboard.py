import json

import numpy as np
import pytest

from estimator.palettes.palette import load_palette
from estimator.scores.label_maps import LabelScores
from estimator.scores.scoreboard import Scoreboard, mean_and_error, table


def prediction(l1, psnr=20.0, output=None, target=None):
    blank = np.zeros((4, 4, 3), np.float32)
    return {
        "l1": np.float32(l1),
        "psnr": np.float32(psnr),
        "ssim": np.float32(0.5),
        "output": blank if output is None else output,
        "target": blank if target is None else target,
    }


class TestMean:
    def test_the_standard_error_worked_by_hand(self):
        # Deviations -1, 0, 1: variance 1 with two degrees of freedom, over 3 pictures.
        assert mean_and_error([1.0, 2.0, 3.0]) == (2.0, pytest.approx(1 / 3**0.5))

    def test_one_picture_has_no_standard_error(self):
        assert mean_and_error([0.25]) == (0.25, None)

    def test_nor_have_infinite_scores(self):
        assert mean_and_error([20.0, float("inf")]) == (float("inf"), None)


class TestReport:
    def test_it_says_the_number_of_images_and_the_data_range(self):
        board = Scoreboard()
        board.add("1.jpg", prediction(0.25))
        board.add("2.jpg", prediction(0.75))
        report = board.report()
        assert (report["images"], report["data_range"]) == (2, "0..1")
        assert report["l1"] == 0.5
        assert report["standard_error"]["l1"] == pytest.approx(0.25)
        assert [each["name"] for each in report["per_image"]] == ["1.jpg", "2.jpg"]
        assert report["per_image"][1]["l1"] == 0.75

    def test_scores_that_do_not_apply_are_left_out(self):
        board = Scoreboard()
        board.add("1.jpg", prediction(0.25))
        assert {"ms_ssim", "labels", "kid", "fid"}.isdisjoint(board.report())

    def test_the_infinite_psnr_of_a_copy_is_still_json(self):
        board = Scoreboard()
        board.add("1.jpg", prediction(0.0, psnr=np.inf))
        text = json.dumps(board.report(), allow_nan=False)
        assert json.loads(text)["psnr"] == "inf"
        assert "inf" in "\n".join(table(board.report()))

    def test_label_maps_have_scores_of_their_own(self):
        palette = load_palette("facades")
        colours = (palette.colours[np.arange(12).reshape(3, 4)] / 127.5 - 1).astype(np.float32)
        board = Scoreboard(LabelScores(palette))
        board.add("1.jpg", prediction(0.0, output=colours, target=colours))
        report = board.report()
        assert report["labels"]["class_iou"] == 1
        assert report["per_image"][0]["pixel_accuracy"] == 1
        assert any(line.split() == ["class", "IoU", "1.0000"] for line in table(report))

    def test_sets_of_equal_pictures_have_no_distance_in_features(self):
        random = np.random.RandomState(0)
        board = Scoreboard(extractor=lambda picture: picture.mean(axis=(0, 1)).astype(np.float64))
        for number in range(5):
            picture = random.uniform(-1, 1, (4, 4, 3))
            board.add(str(number), prediction(0.0, output=picture, target=picture))
        report = board.report()
        assert report["fid"] == pytest.approx(0, abs=1e-8)
        assert report["kid"] <= 0  # Unbiased, so a copy comes out below zero.
        assert report["features"] == 3

    def test_a_fid_of_few_pictures_comes_with_a_warning(self):
        board = Scoreboard(extractor=lambda picture: picture.ravel().astype(np.float64))
        for number in range(3):
            board.add(str(number), prediction(0.1))
        assert "fewer images than features (48)" in table(board.report())[-1]
