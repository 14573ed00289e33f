"""The very stream of a seed, file by file and packed: runs of before must go on as they began."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from input_fn import PairFormat, list_pairs, training_dataset
from input_fn.prepare import main

FILES, SEED = 12, 7
LOAD, FINE = (60, 250), (4, 6)
FORMAT = PairFormat("AtoB", 3, 3, LOAD, FINE)

# Options of the stream, a limit, and as the version before `Pairs` made them: which files the first
# elements are, which they are of packed pairs, and how both are jittered: top, left, whether
# mirrored.
WHOLE = (
    {},
    None,
    [0, 10, 11, 5, 2, 6, 4, 3],
    [0, 6, 7, 9, 2, 10, 8, 3],
    [42, 2, 12, 55, 22, 54, 46, 40],
    [164, 132, 22, 96, 127, 239, 9, 112],
    [1, 1, 0, 0, 1, 1, 0, 0],
)
RESUMED = (
    {"rank": 1, "size": 2, "start_batch": 2},
    None,
    [7, 9, 3, 5, 7, 11, 9, 1],
    [11, 5, 3, 9, 11, 7, 5, 1],
    [38, 41, 8, 42, 33, 52, 56, 30],
    [163, 18, 144, 146, 107, 17, 86, 182],
    [0, 0, 1, 1, 0, 0, 1, 0],
)
LIMITED = (
    {"rank": 2, "size": 3, "flip": False},
    7,
    [2, 5, 5, 2, 2, 5, 5, 2],
    [2, 5, 5, 2, 2, 5, 5, 2],
    [12, 54, 2, 41, 12, 33, 42, 30],
    [22, 239, 69, 18, 61, 107, 80, 182],
    [0, 0, 0, 0, 0, 0, 0, 0],
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Pairs whose pixels tell their file (red), row (green) and column (blue); and packed."""
    folder = tmp_path_factory.mktemp("pairs")
    (folder / "data" / "train").mkdir(parents=True)
    row, column = np.mgrid[: LOAD[0], : LOAD[1]]
    for number in range(FILES):
        a = np.stack([np.full(LOAD, number), row, column], axis=-1).astype(np.uint8)
        pair = Image.fromarray(np.concatenate([a, 255 - a], axis=1))
        pair.save(str(folder / "data" / "train" / f"{number}.png"))
    assert main(["pack", str(folder / "data"), str(folder / "packed"), "--shards=3"]) == 0
    return folder


def elements(pairs, count, **options):
    with tf.Graph().as_default(), tf.Session() as session:
        dataset = training_dataset(pairs, FORMAT, 2, SEED, **options)
        following = tf.data.make_one_shot_iterator(dataset).get_next()
        inputs = [x for _ in range(count // 2) for x in session.run(following)[0]["input"]]
    found = []
    for x in np.rint((np.array(inputs) + 1) * 127.5).astype(int):
        number, top, first = x[0, 0].tolist()
        last = int(x[0, -1, 2])
        found.append((number, top, min(first, last), int(first > last)))
    return found


@pytest.mark.parametrize("case", [WHOLE, RESUMED, LIMITED], ids=["whole", "resumed", "limited"])
@pytest.mark.parametrize("kind", ["data", "packed"])
def test_order_and_jitter_are_those_of_the_version_before(folder, kind, case):
    options, limit, of_files, of_packed, *jitter = case
    pairs = list_pairs(str(folder / kind / "train"), limit)
    numbers, *drawn = zip(*elements(pairs, len(of_files), **options))
    assert list(numbers) == (of_files if kind == "data" else of_packed)
    assert list(map(list, drawn)) == jitter


@pytest.mark.parametrize("kind", ["data", "packed"])
def test_a_cache_is_of_no_matter_to_it_or_is_refused(folder, kind):
    pairs = list_pairs(str(folder / kind / "train"))
    if kind == "packed":
        with pytest.raises(ValueError, match=r"packed/train: holds packed pairs.* not cached"):
            elements(pairs, 8, cache="memory")
    else:
        assert elements(pairs, 8, cache="memory") == elements(pairs, 8)
