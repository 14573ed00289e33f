import json

import numpy as np
import pytest

from estimator.scores.scoreboard import Scoreboard, table
from estimator.scores.unit_scores import UnitScores
from input_fn import Band

# 0 to 200 from -1 to 1: a unit of the network is 100. And 1 to 10000 by the logarithm.
BANDS = (Band(0.0, 200.0), Band(1.0, 1e4, True))


def pictures(*first_band, second=0.0):
    """A picture of one row, of the values of its first band."""
    return np.array([[(value, second) for value in first_band]], np.float32)


class TestByHand:
    def test_errors_are_in_units(self):
        scores = UnitScores(BANDS)
        scores.add(pictures(0.0, 0.0), pictures(0.03, -0.04))
        linear = scores.summary()[0]
        assert (linear["band"], linear["black"], linear["white"]) == (1, 0.0, 200.0)
        assert linear["l1"] == pytest.approx(3.5)
        assert linear["rmse"] == pytest.approx((9 / 2 + 16 / 2) ** 0.5)
        # 20 log10(200 / 3.5355)
        assert linear["psnr"] == pytest.approx(35.0515, abs=1e-4)

    def test_those_of_a_logarithm_too(self):
        scores = UnitScores(BANDS)
        # Half of the way is 100, a quarter is 10.
        scores.add(pictures(0.0, second=0.0), pictures(0.0, second=-0.5))
        assert scores.summary()[1]["l1"] == pytest.approx(90.0, rel=1e-6)

    def test_all_pixels_of_all_pictures_count_the_same(self):
        scores = UnitScores(BANDS)
        first = scores.add(pictures(0.1), pictures(0.0))
        second = scores.add(pictures(0.0, 0.0, 0.0), pictures(0.0, 0.0, 0.0))
        assert first[0]["rmse"] == pytest.approx(10.0, rel=1e-6)
        assert second[0] == {"l1": 0.0, "rmse": 0.0, "psnr": float("inf")}
        assert scores.summary()[0]["l1"] == pytest.approx(2.5, rel=1e-6)
        assert scores.summary()[0]["rmse"] == pytest.approx(5.0, rel=1e-6)

    def test_a_pixel_counts_by_its_weight(self):
        scores = UnitScores(BANDS)
        weights = np.array([[[1.0], [0.5], [0.0]]])
        scores.add(pictures(0.1, 0.4, 0.9), pictures(0.0, 0.0, 0.0), weights)
        assert scores.summary()[0]["l1"] == pytest.approx((10 + 0.5 * 40) / 1.5, rel=1e-6)


class TestReport:
    @pytest.fixture
    def board(self):
        board = Scoreboard(unit_scores=UnitScores(BANDS))
        output, target = pictures(0.5, 0.0), pictures(0.5, 0.0, second=0.5)
        scores = {"l1": 0.1, "psnr": 20.0, "ssim": 0.5}
        board.add("1.npy", {**scores, "output": output, "target": target})
        return board

    def test_it_has_those_of_all_pictures_and_of_each(self, board):
        report = json.loads(json.dumps(board.report(), allow_nan=False))
        assert report["units"][0]["psnr"] == "inf"
        assert report["units"][1]["l1"] == pytest.approx(900.0, rel=1e-6)
        assert report["per_image"][0]["units"][1]["rmse"] == pytest.approx(900.0, rel=1e-6)

    def test_the_table_has_a_line_for_each_band(self, board):
        assert table(board.report())[-3:] == [
            "in units                        L1        RMSE   PSNR (dB)",
            "target:1                         0           0         inf",
            "target:2                       900         900      20.914",
        ]
