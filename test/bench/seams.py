"""What is seen of the borders of tiles, by whose statistics the norms take; prints a table.

python test/bench/seams.py --checkpoint_dir=DIR: a run on the built-in facades, labels to photo. Two
large label maps are made of facades that no run has seen: one of facades alone, and one that is of
one colour in its left half, where a tile's own statistics say least. Each is translated in one go,
and tile by tile in several ways. Levels are of 255.
"""

import argparse
import pathlib
import sys
from collections import namedtuple

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2]))

import numpy as np
from PIL import Image

from estimator.options.predict_flags import parse_predict_options
from estimator.runtime import prepare_tensorflow
from estimator.trained.opening import open_predictor
from input_fn import blending_weights, make_pair, tile_starts

_SEED = 77
_LEVELS = 127.5  # Of 255, to one of [-1, 1].
_SHIFT = 100, 70  # So that facades do not end where tiles do.

Scene = namedtuple("Scene", ["name", "picture", "whole", "overlap"])
Scene.__doc__ = """`picture`, float32 [height, width, 3] in [-1, 1]; `whole`, the picture that the
network makes of it in one go; and by how many pixels tiles overlap."""


def main():
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint_dir", required=True, metavar="DIR", help="a run's folder")
    parser.add_argument("--facades", type=int, default=6, metavar="N", help="N x N of them")
    parser.add_argument("--overlaps", default="0,64", metavar="N,N", help="of tiles, in pixels")
    options = parser.parse_args()
    prepare_tensorflow()
    print("| picture | overlap | statistics | step | elsewhere | ratio | in one go | L1 to it |")
    print("|---|--:|---|--:|--:|--:|--:|--:|")
    for name, picture in _pictures(options.facades):
        with _predictor(options.checkpoint_dir, picture.shape[0]) as predictor:
            whole = predictor.translate(picture[None])[0]
        with _predictor(options.checkpoint_dir) as predictor:
            for overlap in map(int, options.overlaps.split(",")):
                _report(Scene(name, picture, whole, overlap), predictor)


def _predictor(run, size=None):
    flags = ["--input=x", "--output=x", f"--checkpoint_dir={run}", "--test_dropout=false"]
    flags += [] if size is None else [f"--image_size={size}"]
    return open_predictor(parse_predict_options(flags), 1, "stretch", given_statistics=True)


def _pictures(count):
    rows = [
        np.concatenate([make_pair([_SEED, row, column])[1] for column in range(count)], axis=1)
        for row in range(count)
    ]
    facades = np.roll(np.concatenate(rows), _SHIFT, axis=(0, 1)).astype(np.float32) / _LEVELS - 1
    half_plain = facades.copy()
    half_plain[:, : facades.shape[1] // 2] = facades[0, 0]
    return [("facades", facades), ("half of one colour", half_plain)]


def _report(scene, predictor):
    size = predictor.pair_format.fine_size[0]
    starts = tile_starts(len(scene.picture), size, scene.overlap)
    tiles = {
        (row, column): _cut(scene.picture, top, left, size)
        for row, top in enumerate(starts)
        for column, left in enumerate(starts)
    }
    for way, table_of in _ways(scene, predictor, tiles, size):
        made = _blended(scene, predictor, tiles, starts, table_of)
        at, elsewhere = _steps(made, starts, size, scene.overlap)
        expected = np.divide(*_steps(scene.whole, starts, size, scene.overlap))
        distance = np.abs(made - scene.whole).mean() * _LEVELS
        print(
            f"| {scene.name} | {scene.overlap} | {way} | {at:.1f} | {elsewhere:.1f} "
            f"| {at / elsewhere:.2f} | {expected:.2f} | {distance:.1f} |",
            flush=True,
        )


def _cut(picture, top, left, size):
    missing = [max(0, start + size - len(picture)) for start in (top, left)]
    padded = np.pad(picture, [(0, missing[0]), (0, missing[1]), (0, 0)], mode="symmetric")
    return padded[top : top + size, left : left + size]


def _ways(scene, predictor, tiles, size):
    """Lists ways to choose the statistics of a tile: a name, and a function of its place."""
    measured = {place: predictor.measure(tile[None]) for place, tile in tiles.items()}
    mean = _mean(measured.values())
    reduced = np.asarray(
        [
            Image.fromarray(scene.picture[..., channel]).resize((size, size), Image.BILINEAR)
            for channel in range(3)
        ]
    )
    of_reduced = predictor.measure(np.moveaxis(reduced, 0, -1)[None])
    yield "of each tile", lambda place: None
    yield "of the reduced picture", lambda place: of_reduced
    yield "mean of all tiles'", lambda place: mean
    yield (
        "mean of 3x3 tiles'",
        lambda place: _mean(
            table
            for other, table in measured.items()
            if np.abs(np.subtract(place, other)).max() <= 1
        ),
    )
    for sample in (4, 9, 16, 36):
        lines = sorted({int((each + 0.5) * len(tiles) ** 0.5 / sample**0.5) for each in range(6)})
        lines = [each for each in lines if each < len(tiles) ** 0.5]
        chosen = np.stack([tiles[row, column] for row in lines for column in lines])
        common = predictor.measure(chosen)
        yield f"of {len(chosen)} tiles as one", lambda place, common=common: common


def _mean(tables):
    """Averages statistics as if each were of as many pixels: float32 [2, channels]."""
    means, variances = np.moveaxis(np.stack(list(tables)), 1, 0)
    mean = means.mean(axis=0)
    return np.stack([mean, (variances + (means - mean) ** 2).mean(axis=0)])


def _blended(scene, predictor, tiles, starts, table_of):
    size = predictor.pair_format.fine_size[0]
    weights = blending_weights(len(starts), size, scene.overlap)
    length = starts[-1] + size
    made = np.zeros([length, length, scene.whole.shape[2]], np.float32)
    for (row, column), tile in tiles.items():
        output = predictor.translate(tile[None], table_of((row, column)))[0]
        part = slice(starts[row], starts[row] + size), slice(starts[column], starts[column] + size)
        made[part] += (weights[row][:, None] * weights[column])[..., None] * output
    return made[: len(scene.whole), : len(scene.whole)]


def _steps(picture, starts, size, overlap):
    """Mean absolute step from one side of an overlap to the other, and as far elsewhere."""
    reach = overlap + 2
    middles = [start + size - overlap // 2 for start in starts[:-1]]
    found = [[], []]
    for turned in (picture, np.swapaxes(picture, 0, 1)):
        steps = np.abs(turned[reach:] - turned[:-reach]).mean(axis=(1, 2)) * _LEVELS
        places = np.arange(len(steps)) + reach // 2
        is_at = np.isin(places, middles)
        is_near = np.any([np.abs(places - middle) < reach for middle in middles], axis=0)
        found[0].append(steps[is_at].mean())
        found[1].append(steps[~is_near].mean())
    return [float(np.mean(each)) for each in found]


if __name__ == "__main__":
    main()
