"""How right a map of flat colours is: accuracy and class IoU, as in the paper's table 5."""

import numpy as np

from estimator.palettes.palette import nearest_classes


class LabelScores:
    """Counts which class was taken for which, over a set of pictures.

    Args:
        palette: `Palette`.
    """

    def __init__(self, palette):
        self._palette = palette
        count = len(palette.names)
        self._confusion = np.zeros([count, count], np.int64)  # [target, output]

    def add(self, output, target, weights=None):
        """Counts a picture's pixels.

        Args:
            output: float [height, width, 3] in [-1, 1].
            target: Likewise.
            weights: float [height, width, 1]; pixels whose weight is 0 are left out. None for all.

        Returns:
            The share of pixels of the right class.
        """
        found, real = (nearest_classes(each, self._palette) for each in (output, target))
        if weights is not None:
            counts = weights[..., 0] > 0
            found, real = found[counts], real[counts]
        count = len(self._palette.names)
        pairs = np.bincount((real * count + found).ravel(), minlength=count * count)
        self._confusion += pairs.reshape(count, count)
        return float(np.mean(found == real))

    def summary(self):
        """Sums up, with the definitions of Long et al. (2015) that the paper uses.

        Returns:
            Dict of `pixel_accuracy`, the share of all pixels; `class_accuracy` and `class_iou`,
            means over the classes that the targets have; and `classes`, both for each of these.
        """
        right = np.diag(self._confusion)
        real, found = self._confusion.sum(axis=1), self._confusion.sum(axis=0)
        present = np.flatnonzero(real)
        accuracy = right[present] / real[present]
        iou = right[present] / (real + found - right)[present]
        return {
            "pixel_accuracy": float(right.sum() / real.sum()),
            "class_accuracy": float(accuracy.mean()),
            "class_iou": float(iou.mean()),
            "classes": {
                self._palette.names[number]: {"accuracy": float(a), "iou": float(i)}
                for number, a, i in zip(present, accuracy, iou)
            },
        }
