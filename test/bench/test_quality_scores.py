"""What quality.py judges by, against pictures made by hand and against other code."""

import io
import itertools
import pathlib
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from PIL import Image
from quality import comparison, grid, kernel_distance, lite_network, paper_tables, scores, sheets
from quality.pictures import Triple
from skimage import data, transform

from estimator.palettes.palette import load_palette
from estimator.scores.label_maps import LabelScores
from estimator.trained.output_files import write_picture
from model_fn.metrics import picture_scores


def texture(seed, size=128, scale=0.05):
    """A grey picture whose energy falls with the frequency, as that of photos does."""
    noise = np.random.RandomState(seed).randn(size, size)
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size))
    smooth = np.fft.ifft2(np.fft.fft2(noise) / np.maximum(frequency, 1 / size) / size).real
    picture = np.clip(0.5 + scale * smooth / smooth.std(), 0, 1)
    return np.repeat(picture[..., None], 3, axis=2)


def with_grid(picture, period, amplitude):
    rows, columns = np.indices(picture.shape[:2])
    phase = 2 * np.pi / period
    pattern = np.cos(phase * rows) * np.cos(phase * columns)
    return picture + amplitude * pattern[..., None]


class TestGrid:
    @pytest.fixture(scope="class")
    def targets(self):
        return [texture(seed) for seed in range(6)]

    def scores(self, outputs, targets):
        return grid.grid_scores(*([grid.spectrum(each) for each in s] for s in (outputs, targets)))

    def test_other_pictures_of_the_kind_have_none(self, targets):
        found = self.scores([texture(seed) for seed in range(6, 12)], targets)
        assert all(0.7 < value < 1.4 for value in found.values()), found

    @pytest.mark.parametrize("period", grid.PERIODS)
    def test_a_pattern_is_found_at_its_own_period_alone(self, targets, period):
        amplitude = {2: 0.01, 4: 0.02, 8: 0.03}[period]
        found = self.scores([with_grid(each, period, amplitude) for each in targets], targets)
        for name in ("grid", "energy"):
            assert found[f"{name}_{period}"] > 2
            others = [found[f"{name}_{each}"] for each in grid.PERIODS if each != period]
            assert others == pytest.approx([1, 1], abs=0.15)

    def test_the_energy_is_the_square_of_the_amplitude(self, targets):
        once, twice = (
            self.scores([with_grid(each, 4, size) for each in targets], targets)["energy_4"] - 1
            for size in (0.02, 0.04)
        )
        assert twice == pytest.approx(4 * once, rel=0.1)

    def test_a_weak_pattern_on_a_flat_picture_stands_out_without_much_energy(self, targets):
        flat = [with_grid(texture(seed, scale=0.002), 4, 0.005) for seed in range(6)]
        found = self.scores(flat, targets)
        assert found["grid_4"] > 10
        assert found["energy_4"] < 0.5

    def test_stripes_of_one_direction_count_as_well(self, targets):
        columns = np.indices((128, 128))[1][..., None]
        stripes = 0.05 * np.cos(np.pi * columns)
        assert self.scores([each + stripes for each in targets], targets)["grid_2"] > 2


class TestKernelDistance:
    def test_it_is_the_mean_over_all_pairs_of_different_pictures(self):
        random = np.random.RandomState(0)
        x, y = random.randn(5, 4), random.randn(7, 4)

        def kernel(a, b):
            return (sum(p * q for p, q in zip(a, b)) / 4 + 1) ** 3

        expected = sum(kernel(*pair) for pair in itertools.permutations(x, 2)) / (5 * 4)
        expected += sum(kernel(*pair) for pair in itertools.permutations(y, 2)) / (7 * 6)
        expected -= 2 * sum(kernel(a, b) for a in x for b in y) / (5 * 7)
        assert kernel_distance.squared_discrepancy(x, y) == pytest.approx(expected)

    def test_its_error_is_how_much_it_varies_from_set_to_set(self):
        random = np.random.RandomState(0)
        drawn = [
            kernel_distance.discrepancy_with_error(
                random.randn(60, 3), random.randn(60, 3) * 1.5 + 0.5
            )
            for _ in range(60)
        ]
        values, errors = zip(*drawn)
        assert np.mean(errors) == pytest.approx(np.std(values), rel=0.3)

    @pytest.mark.parametrize(("pictures", "known"), [(1, 0), (3, 1), (4, 2)])
    def test_few_pictures_have_no_error_or_no_distance(self, pictures, known):
        features = np.random.RandomState(0).randn(pictures, 3)
        found = kernel_distance.discrepancy_with_error(features, features[::-1] + 1)
        assert [each is not None for each in found] == [known > 0, known > 1]


class TestFeatureNetwork:
    @pytest.fixture(scope="class")
    def network(self):
        with lite_network.FeatureNetwork() as network:
            yield network

    # Of scikit-image's pictures. ImageNet's classes: 967 is espresso; 281, 282 and 285 are cats
    # (tabby, tiger, Egyptian).
    @pytest.mark.parametrize(("name", "classes"), [("coffee", [967]), ("cat", [281, 282, 285])])
    def test_it_knows_what_it_has_learnt(self, network, name, classes):
        picture = getattr(data, name)()
        side = min(picture.shape[:2])
        top, left = ((length - side) // 2 for length in picture.shape[:2])
        square = picture[top : top + side, left : left + side] / 255.0
        logits = network.logits(transform.resize(square, (224, 224), anti_aliasing=True))
        shares = np.exp(logits - logits.max())
        assert shares[classes].sum() > 0.8 * shares.sum()

    def test_small_and_grey_pictures_have_features_too(self, network):
        grey = np.random.RandomState(0).uniform(size=(64, 64, 1))
        features = network.features(grey)
        assert features.shape == (lite_network.FEATURES,)
        assert np.all((features >= 0) & (features <= 6))
        colours = np.repeat(grey, 3, axis=2)
        np.testing.assert_allclose(features, network.features(colours), rtol=1e-5)


def test_scores_of_pictures_are_those_of_tensorflow():
    random = np.random.RandomState(0)
    target = np.stack([texture(seed, 192, 0.15) for seed in range(2)])
    output = np.clip(target + 0.05 * random.randn(*target.shape), 0, 1)
    with tf.Graph().as_default(), tf.Session() as session:
        pair = (tf.constant(each * 2 - 1, tf.float32) for each in (output, target))
        expected = session.run(picture_scores(*pair))
    for number in range(2):
        found = scores.picture_scores(output[number], target[number])
        assert sorted(found) == sorted(expected)
        for name, value in found.items():
            assert value == pytest.approx(expected[name][number], rel=1e-3), name


def test_labels_are_scored_as_by_the_test_phase():
    palette = load_palette("facades")
    random = np.random.RandomState(0)
    program, triples = LabelScores(palette), []
    for _ in range(3):
        classes = random.randint(12, size=(2, 32, 32))
        wrong = random.uniform(size=(32, 32)) < 0.3
        output, target = np.where(wrong, classes[0], classes[1]), classes[1]
        noise = random.randint(-6, 7, size=(2, 32, 32, 3))
        output, target = np.clip(palette.colours[np.array([output, target])] + noise, 0, 255)
        program.add(output / 127.5 - 1, target / 127.5 - 1)
        pair = (each.astype(np.uint8) for each in (output, output, target))
        triples.append(Triple("a", *pair))
    found = scores.score_pictures(triples, palette.colours)
    expected = program.summary()
    for name in ("pixel_accuracy", "class_accuracy", "class_iou"):
        assert found[name] == pytest.approx(expected[name])
    assert 0.6 < found["pixel_accuracy"] < 0.8
    assert "kid" not in found


class TestComparison:
    def test_errors_of_differences_leave_out_what_a_seed_does_to_both(self):
        # The seeds differ by 10 and more, the recipes by 1, 2 and 3.
        first, other = {0: 10.0, 1: 20.0, 2: 40.0}, {0: 11.0, 1: 22.0, 2: 43.0}
        difference = comparison.paired_difference(first, other)
        assert difference.mean == pytest.approx(2)
        assert difference.error == pytest.approx(1 / np.sqrt(3))
        assert comparison.is_larger_than_error(difference)
        means = [comparison.estimate(list(each.values())) for each in (first, other)]
        assert means[0].error > 8

    def test_seeds_that_only_one_has_are_left_out(self):
        difference = comparison.paired_difference({0: 1.0, 1: 2.0}, {1: 5.0, 2: 9.0})
        assert (difference.mean, difference.error, difference.count) == (3.0, None, 1)
        assert not comparison.is_larger_than_error(difference)
        assert comparison.paired_difference({0: 1.0}, {1: 1.0}) is None

    @pytest.mark.parametrize(
        ("mean", "larger_is_better", "word"),
        [
            (2.1, True, "better"),
            (2.1, False, "worse"),
            (-2.1, False, "better"),
            (1.9, True, ""),
            (2.1, None, "more"),
            (-2.1, None, "less"),
        ],
    )
    def test_twice_the_error_makes_the_verdict(self, mean, larger_is_better, word):
        difference = comparison.Estimate(mean, 1.0, 3)
        assert comparison.verdict(difference, larger_is_better) == word


class TestPaperTables:
    def test_their_orders_are_counted_by_each_score(self):
        table = paper_tables.TABLES["labels"]
        # By L1, where less is better, all as in the paper; by SSIM the first two the other way, and
        # the last two one way with one seed and the other way with the other.
        values = {
            "l1": {
                "paper_l1": {0: 0.1, 1: 0.2},
                "paper": {0: 0.3, 1: 0.41},
                "paper_cgan": {0: 0.5, 1: 0.62},
            },
            "ssim": {
                "paper_l1": {0: 0.1, 1: 0.2},
                "paper": {0: 0.3, 1: 0.41},
                "paper_cgan": {0: 0.35, 1: 0.36},
            },
        }
        found = paper_tables.agreement(table, values)
        assert sorted(found) == ["l1", "ssim"]
        assert found["l1"]["agree"] == [
            ("paper_l1", "paper"),
            ("paper_l1", "paper_cgan"),
            ("paper", "paper_cgan"),
        ]
        assert found["ssim"]["agree"] == []
        assert ("paper_l1", "paper") in found["ssim"]["disagree"]
        assert ("paper", "paper_cgan") in found["ssim"]["open"]

    @pytest.mark.parametrize("name", paper_tables.TABLES)
    def test_the_paper_orders_every_pair_of_recipes(self, name):
        table = paper_tables.TABLES[name]
        count = len(table.results)
        assert len(paper_tables.ordered_pairs(table)) == count * (count - 1) / 2


def test_rows_have_a_column_for_each_recipe(tmp_path):
    for number, level in ((1, 50), (2, 200)):
        for folder in ("outputs", "outputs/inputs", "outputs/targets"):
            path = tmp_path / str(number) / folder / "a.png"
            write_picture(str(path), np.full([32, 32, 3], level, np.uint8), None)
    content = sheets.draw_rows({"one": str(tmp_path / "1"), "two": str(tmp_path / "2")}, 5)
    sheet = np.asarray(Image.open(io.BytesIO(content)))
    assert sheet.shape[1] == 4 * 32 + 3 * 4
    # Input, target and output of the first, output of the second.
    assert [sheet[-1, column, 0] for column in (0, 36, 72, 108)] == [50, 50, 50, 200]
