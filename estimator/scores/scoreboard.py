"""Scores of many pictures to one report: means, standard errors, label maps, KID and FID."""

import math

import numpy as np

from estimator.scores.inception import frechet_distance, kernel_distance
from estimator.scores.unit_scores import unit_lines

# Names of scores as tables show them, in their order.
UNITS = {
    "l1": "L1 (0..1)",
    "psnr": "PSNR (dB)",
    "ssim": "SSIM",
    "ms_ssim": "MS-SSIM",
    "pixel_accuracy": "pixel accuracy",
}
DATA_RANGE = "0..1"


def mean_and_error(values):
    """Computes the mean and its standard error, deviation / sqrt(n) with n - 1 degrees of freedom.

    Args:
        values: Sequence of numbers, one to each picture.

    Returns:
        (mean, standard error); the error is None for a single value, or if a value is infinite.
    """
    mean = float(np.mean(values))
    if len(values) < 2 or math.isinf(mean):
        return mean, None
    return mean, float(np.std(values, ddof=1) / math.sqrt(len(values)))


class Scoreboard:
    """Collects each picture's scores.

    Args:
        label_scores: `LabelScores` if the targets are label maps, or None.
        extractor: `FeatureExtractor` if KID and FID are wanted, or None.
        unit_scores: `UnitScores` if the targets have units, or None.
    """

    def __init__(self, label_scores=None, extractor=None, unit_scores=None):
        self._label_scores = label_scores
        self._unit_scores = unit_scores
        self._extractor = extractor
        self._features = {"output": [], "target": []}
        self.pictures = []

    def add(self, name, prediction):
        """Adds a picture.

        Args:
            name: Of the picture.
            prediction: From the Estimator: dict of `output` and `target`, float [height, width,
                channels] in [-1, 1], scores by the names of `UNITS`, and perhaps `weights`,
                [height, width, 1], how much each pixel counts.
        """
        scores = {each: float(prediction[each]) for each in UNITS if each in prediction}
        if self._label_scores is not None:
            scores["pixel_accuracy"] = self._label_scores.add(
                prediction["output"], prediction["target"], prediction.get("weights")
            )
        if self._extractor is not None:
            for which, features in self._features.items():
                features.append(self._extractor(prediction[which]))
        picture = {"name": name, "scores": scores}
        if self._unit_scores is not None:
            picture["units"] = self._unit_scores.add(
                prediction["output"], prediction["target"], prediction.get("weights")
            )
        self.pictures.append(picture)

    def report(self):
        """Sums up.

        Returns:
            Dict that JSON can hold: `images`, `data_range`, the mean of each score by its name,
            `standard_error` by name, perhaps `units`, a list of the scores of each band, `labels`,
            `kid` and `fid`, and `per_image`, a list of dicts. Infinite numbers are the text "inf".
        """
        columns = {
            name: mean_and_error([picture["scores"][name] for picture in self.pictures])
            for name in UNITS
            if name in self.pictures[0]["scores"]
        }
        report = {"images": len(self.pictures), "data_range": DATA_RANGE}
        # The accuracy over all pixels stands with the other scores of label maps.
        report.update(
            {name: _finite(mean) for name, (mean, _) in columns.items() if name != "pixel_accuracy"}
        )
        report["standard_error"] = {name: error for name, (_, error) in columns.items()}
        if self._unit_scores is not None:
            report["units"] = list(map(_all_finite, self._unit_scores.summary()))
        if self._label_scores is not None:
            report["labels"] = self._label_scores.summary()
        if self._extractor is not None and len(self.pictures) > 1:
            sets = [np.array(self._features[which]) for which in ("target", "output")]
            report["kid"] = kernel_distance(*sets)
            report["fid"] = frechet_distance(*sets)
            report["features"] = sets[0].shape[1]
        report["per_image"] = [_of_picture(picture) for picture in self.pictures]
        return report


def _of_picture(picture):
    report = {"name": picture["name"], **_all_finite(picture["scores"])}
    if "units" in picture:
        report["units"] = list(map(_all_finite, picture["units"]))
    return report


def _all_finite(scores):
    return {name: _finite(value) for name, value in scores.items()}


def _finite(value):
    """JSON has no infinity, which is the PSNR of equal pictures."""
    return "inf" if math.isinf(value) else value


def table(report):
    """Writes a report as lines for the console.

    Args:
        report: From `Scoreboard.report`.

    Returns:
        List of lines.
    """
    lines = [f"{'score':<22} {'mean':>10} {'std. error':>11}"]
    for name, error in report["standard_error"].items():
        value = report["labels"][name] if name == "pixel_accuracy" else report[name]
        lines.append(_line(UNITS[name], value, error))
    if "labels" in report:
        lines.append(_line("class accuracy", report["labels"]["class_accuracy"]))
        lines.append(_line("class IoU", report["labels"]["class_iou"]))
    if "fid" in report:
        lines.append(_line("KID", report["kid"]))
        lines.append(_line("FID", report["fid"]))
        if report["images"] < report["features"]:
            lines.append(
                f"FID is too large with fewer images than features ({report['features']}); KID "
                "is not"
            )
    if "units" in report:
        lines += unit_lines(report["units"])
    return lines


def _line(name, value, error=None):
    shown = "" if error is None else f"{error:11.4f}"
    return f"{name:<22} {float(value):10.4f} {shown}".rstrip()
