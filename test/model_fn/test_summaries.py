import io

import numpy as np
import pytest
import tensorflow.compat.v1 as tf
from PIL import Image

from model_fn import IMAGES
from model_fn.objective.losses import Term
from model_fn.summaries import TrainingSummaries, add_to_graph, training_scalars

ROWS = np.random.RandomState(0).randint(0, 256, [6, 4, 9, 3]).astype(np.uint8)
SCALARS = {
    "discriminator/loss": 0.75,
    "discriminator/real": 1.0,
    "discriminator/fake": 0.5,
    "generator/loss": 27.0,
    "generator/gan": 2.0,
    "generator/l1": 0.25,
    "learning_rate": 0.125,
}


@pytest.fixture
def summaries(evaluate):
    """Returns the default collection's summaries and those of the images, by tag."""

    def run(rows=ROWS, scope=None):
        def build():
            losses = [
                Term(tag.replace("/", "_"), tag, tf.constant(value), True)
                for tag, value in SCALARS.items()
                if "/" in tag
            ]
            with tf.name_scope(scope):
                rates = dict.fromkeys(["discriminator", "generator"], 0.125)
                scalars = training_scalars(losses, rates, scaling={})
                add_to_graph(TrainingSummaries(tf.constant(7), scalars, tf.constant(rows)))
            return tf.summary.merge_all(), tf.summary.merge_all(IMAGES)

        return [
            {value.tag: value for value in tf.Summary.FromString(serialised).value}
            for serialised in evaluate(build)
        ]

    return run


def test_losses_and_the_learning_rate_are_scalars_of_the_default_collection(summaries):
    scalars, _ = summaries()
    assert {tag: value.simple_value for tag, value in scalars.items()} == SCALARS


def test_the_first_four_rows_are_pictures_of_a_collection_of_their_own(summaries):
    _, images = summaries()
    assert list(images) == [f"train/input_output_target/image/{number}" for number in range(4)]
    for value, row in zip(images.values(), ROWS):
        decoded = Image.open(io.BytesIO(value.image.encoded_image_string))
        np.testing.assert_array_equal(np.asarray(decoded), row)


def test_one_row_is_a_picture_without_a_number(summaries):
    _, images = summaries(ROWS[:1])
    assert len(images) == 1
    assert all(tag.startswith("train/input_output_target/image") for tag in images)


def test_tags_do_not_carry_the_name_scope_that_they_are_made_in(summaries):
    scalars, images = summaries(scope="replica_1")
    assert list(scalars) == list(SCALARS)
    assert all(tag.startswith("train/") for tag in images)


def test_the_state_of_loss_scaling_is_shown_by_network():
    with tf.Graph().as_default():
        scale = tf.constant(8.0)
        scalars = training_scalars([], {"generator": 0.1}, {"generator": {"loss_scale": scale}})
    assert scalars["generator/loss_scale"] is scale
