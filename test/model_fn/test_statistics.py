"""Norms that take statistics from outside."""

import dataclasses

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import OF_ALL, OF_EACH, ObjectiveConfig, build_inference_graph, statistics_channels
from model_fn.inference import predict
from model_fn.networks.norms import BATCH, batch_norm, instance_norm
from model_fn.networks.statistics import GivenStatistics

PLAIN = ObjectiveConfig(test_dropout=False)
# A picture of 2x2 pixels and two channels: means 2.5 and 0, variances 1.25 and 4.
PIXELS = np.float32([[[1, 2], [2, -2]], [[3, 2], [4, -2]]])
# Another one: means 4.5 and 1, variances 1.25 and 0. Of both together: 3.5 and 0.5, 2.25 and 2.25.
OTHERS = np.float32([[[3, 1], [4, 1]], [[5, 1], [6, 1]]])


@pytest.fixture(scope="module")
def normalised(evaluate):
    """Normalises both pictures with a table of their own each; also returns what was measured."""

    def run(norm, *tables):
        def build():
            statistics = GivenStatistics(tf.constant(np.float32(tables)))
            return norm(tf.constant(np.stack([PIXELS, OTHERS])), statistics), statistics.measured

        return evaluate(build)

    return run


def moments(*pairs):
    """Writes (mean, variance) of each channel as a part of a table."""
    return np.float32(pairs).T


class TestTable:
    def test_given_moments_are_taken(self, normalised):
        given = moments((1, 4), (2, 16))
        output, measured = normalised(instance_norm, given, given)
        np.testing.assert_allclose(output[0], (PIXELS - [1, 2]) / [2, 4], atol=1e-5)
        np.testing.assert_allclose(output[1], (OTHERS - [1, 2]) / [2, 4], atol=1e-5)
        np.testing.assert_allclose(measured[0], moments((2.5, 1.25), (0, 4)), atol=1e-6)
        np.testing.assert_allclose(measured[1], moments((4.5, 1.25), (1, 0)), atol=1e-6)

    def test_each_picture_may_take_its_own(self, normalised):
        own = moments((9, OF_EACH), (9, OF_EACH))
        output, _ = normalised(instance_norm, own, own)
        np.testing.assert_allclose(
            output[0], (PIXELS - [2.5, 0]) / np.sqrt([1.25 + 1e-5, 4]), atol=1e-5
        )

    def test_all_pictures_may_count_as_one(self, normalised):
        common = moments((9, OF_ALL), (9, OF_ALL))
        output, measured = normalised(instance_norm, common, common)
        np.testing.assert_allclose(output[0], (PIXELS - [3.5, 0.5]) / 1.5, atol=1e-5)
        np.testing.assert_allclose(output[1], (OTHERS - [3.5, 0.5]) / 1.5, atol=1e-5)
        for each in measured:
            np.testing.assert_allclose(each, moments((3.5, 2.25), (0.5, 2.25)), atol=1e-6)

    def test_channels_may_differ(self, normalised):
        mixed = moments((9, OF_EACH), (2, 16))
        output, _ = normalised(instance_norm, mixed, mixed)
        np.testing.assert_allclose(output[0, ..., 0], (PIXELS[..., 0] - 2.5) / 1.25**0.5, atol=1e-5)
        np.testing.assert_allclose(output[0, ..., 1], (PIXELS[..., 1] - 2) / 4, atol=1e-5)

    def test_batch_norm_has_its_scale_and_shift_as_well(self, evaluate):
        def build():
            statistics = GivenStatistics(tf.constant(moments((1, 4), (2, 16))[None]))
            with tf.variable_scope("layer", custom_getter=_gamma_2_beta_3):
                return batch_norm(tf.constant(PIXELS[None]), statistics)

        np.testing.assert_allclose(
            evaluate(build)[0], (PIXELS - [1, 2]) / [2, 4] * 2 + 3, atol=1e-5
        )

    def test_a_norm_over_one_pixel_takes_no_part(self, evaluate):
        def build():
            statistics = GivenStatistics(tf.zeros([1, 2, 5]))
            output = instance_norm(tf.constant([[[[3.0, 4.0]]]]), statistics)
            assert statistics.channels == 0
            return output

        np.testing.assert_array_equal(evaluate(build), np.zeros([1, 1, 1, 2]))


def _gamma_2_beta_3(getter, name, shape, *unused_args, **unused_kwargs):
    return tf.constant({"gamma": 2.0, "beta": 3.0}[name.split("/")[-1]], tf.float32, shape)


class TestGenerator:
    # Of 4 filters at 32x32: encoders 2 to 4 have norms of 8, 16 and 32 channels, decoders 5 to 2
    # of 32, 16, 8 and 4. The residual one: stem 4, down 8 and 16, 12 norms of 16, up 8 and 4.
    @pytest.mark.parametrize(
        ("changes", "channels"),
        [
            ({}, 116),
            ({"bottleneck_norm": True}, 116),
            ({"norm": "instance"}, 116),
            ({"norm": "none"}, 0),
            ({"generator": "resnet_6"}, 4 + 8 + 16 + 12 * 16 + 8 + 4),
        ],
    )
    def test_the_channels_of_its_norms_are_counted(self, network, changes, channels):
        assert statistics_channels(dataclasses.replace(network, **changes)) == channels

    @pytest.fixture(scope="class", params=["unet", "encoder_decoder", "resnet_6"])
    def whole(self, request, network, known_network):
        """Runs the graph that is given statistics, and the two ways of training and testing."""
        config = dataclasses.replace(network, generator=request.param)

        def build():
            build_inference_graph(config, PLAIN, batch_size=None, given_statistics=True)
            x = tf.get_default_graph().get_tensor_by_name("input:0")
            return {
                "given": tf.get_default_graph().get_tensor_by_name("output:0"),
                "measured": tf.get_default_graph().get_tensor_by_name("measured:0"),
                "each": predict(x, config, PLAIN),
                "all": predict(x, config, PLAIN, BATCH),
            }

        with known_network(build) as (session, tensors, _):
            channels = statistics_channels(config)

            def run(name, pictures, table):
                if np.ndim(table) == 0:
                    whose, table = table, np.zeros([len(pictures), 2, channels])
                    table[:, 1] = whose
                feeds = {"input:0": pictures, "statistics:0": table}
                return session.run(tensors[name], feeds)

            yield run

    def test_own_statistics_are_those_of_testing(self, whole, pictures):
        x = pictures(3, 32, 32, 1)
        np.testing.assert_allclose(whole("given", x, OF_EACH), whole("each", x, OF_EACH), atol=1e-5)

    def test_common_statistics_are_those_of_training(self, whole, pictures):
        x = pictures(3, 32, 32, 1) * np.float32([1, 0.3, 0.1]).reshape(3, 1, 1, 1)
        np.testing.assert_allclose(whole("given", x, OF_ALL), whole("all", x, OF_ALL), atol=1e-4)

    def test_measured_and_given_back_they_make_the_same_of_each_picture_alone(
        self, whole, pictures
    ):
        x = pictures(3, 32, 32, 1) * np.float32([1, 0.3, 0.1]).reshape(3, 1, 1, 1)
        together = whole("given", x, OF_ALL)
        table = whole("measured", x, OF_ALL)
        for number in range(3):
            alone = whole("given", x[number : number + 1], table[:1])[0]
            np.testing.assert_allclose(alone, together[number], atol=1e-4)
