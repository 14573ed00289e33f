"""Whom each loss moves: for every objective, every generator and every discriminator."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import DISCRIMINATORS, GENERATORS, OBJECTIVES, NetworkConfig, ObjectiveConfig
from model_fn.step import build_training_step

NETWORKS = ("discriminator", "generator")
# What makes each small; norm instance goes with all objectives.
SMALLEST = {
    "norm": "instance",
    "input_channels": 1,
    "output_channels": 2,
    "generator_filters": 2,
    "discriminator_filters": 2,
}
SMALL_UNET = {**SMALLEST, "height": 16, "width": 16, "unet_depth": 2}
SMALL_PATCH = {"discriminator": "patch", "discriminator_layers": 1}
SIDES = {"resnet_6": 16, "global": 32, "local": 64}
# With the objectives; resnet_9 is resnet_6 with more of the same.
BUILT_ABOVE = ("unet", "patch", "resnet_9")
CASES = {
    **{
        f"objective {name}": ({**SMALL_UNET, **SMALL_PATCH}, {"name": name})
        for name in OBJECTIVES
        if name != "none"
    },
    **{
        f"generator {name}": (
            {**SMALL_UNET, **SMALL_PATCH, "generator": name}
            if GENERATORS[name].is_unet
            else {
                **SMALLEST,
                **SMALL_PATCH,
                "generator": name,
                "height": SIDES[name],
                "width": SIDES[name],
            },
            {"name": "hinge"},
        )
        for name in GENERATORS
        if name not in BUILT_ABOVE
    },
    **{
        f"discriminator {name}": (
            {**SMALL_UNET, "height": 96, "width": 96, "discriminator": name},
            {"name": "lsgan"},
        )
        for name in DISCRIMINATORS
        if name not in BUILT_ABOVE
    },
    "spectral norm": ({**SMALL_UNET, **SMALL_PATCH, "spectral_norm": True}, {"name": "hinge"}),
    "features": ({**SMALL_UNET, **SMALL_PATCH}, {"feature_weight": 10.0, "edge_weight": 10.0}),
    "separable": ({**SMALL_UNET, **SMALL_PATCH, "separable": True}, {}),
    "average": ({**SMALL_UNET, **SMALL_PATCH}, {"average_decay": 0.999}),
}


class Flow:
    """A step of small networks, which can begin anew.

    Attributes:
        step: What `build_training_step` made.
    """

    def __init__(self, session, device, load_weights, pictures, network, objective):
        network = NetworkConfig(**network)
        self._session, self._device, self._load = session, device, load_weights
        sides = network.height, network.width
        x, y = (tf.constant(pictures(2, *sides, n, seed=n)) for n in (1, 2))
        self.step = build_training_step(
            x,
            y,
            network,
            ObjectiveConfig(learning_rate=0.01, **objective),
            device,
            tf.train.get_or_create_global_step(),
        )
        self._initialise = tf.global_variables_initializer()
        self._reads = {one.op.name: one.read_value() for one in tf.global_variables()}

    def run(self, still=None):
        """Makes a step, without one network's update if so told; returns values before, after."""
        self._session.run(self._initialise)
        self._load(self._session)
        feed = {} if still is None else {self._device.gradient_scales[still]: 0.0}
        before = self._session.run(self._reads)
        self._session.run(self.step.train_op, feed)
        return before, self._session.run(self._reads)


@pytest.fixture
def flow(make_device, load_weights, pictures):
    # Each run is the first of its kind: to make the graph better takes longer than to run it.
    options = tf.ConfigProto()
    options.graph_options.rewrite_options.disable_meta_optimizer = True
    with tf.Graph().as_default(), tf.Session(config=options) as session:
        yield lambda network, objective: Flow(
            session, make_device(), load_weights, pictures, network, objective
        )


def trainable(network):
    return {one.op.name for one in tf.trainable_variables(f"{network}/")}


def differing(before, after):
    return {name for name, value in before.items() if (after[name] != value).any()}


@pytest.mark.parametrize("case", list(CASES))
def test_each_loss_moves_its_own_network_and_no_other(flow, case):
    built = flow(*CASES[case])
    totals = built.step.totals
    assert list(totals) == list(NETWORKS)
    assert not any(tf.gradients(totals["discriminator"], tf.trainable_variables("generator/")))
    for still, moving in [NETWORKS, NETWORKS[::-1]]:
        before, after = built.run(still)
        moved = differing(before, after)
        assert not moved & trainable(still)
        # A bias before instance norm has no gradient but for rounding.
        kernels = {name for name in trainable(moving) if not name.endswith("bias")}
        assert kernels
        assert kernels <= moved


class TestWithoutDiscriminator:
    # Whether or not the network has one that could be built.
    @pytest.mark.parametrize("network", [{}, {"discriminator": None}])
    def test_there_is_nothing_of_one(self, flow, network):
        built = flow(
            {**SMALL_UNET, **network, "height": 32, "width": 32}, {"name": "none", "edge_weight": 1}
        )
        names = [one.name for one in tf.get_default_graph().get_operations()]
        assert not [name for name in names if "discriminator" in name]
        assert list(built.step.totals) == list(built.step.learning_rates) == ["generator"]
        assert [term.name for term in built.step.losses] == ["g_loss", "g_l1", "g_edge"]
        before, after = built.run()
        kernels = {name for name in trainable("generator") if name.endswith("kernel")}
        assert kernels <= differing(before, after)
        assert after["global_step"] == 1


class TestSpectralNorm:
    def test_a_step_makes_one_iteration_from_the_kernels_before_it(self, flow):
        """Though real pictures, fake ones and the generator's pass all use them."""
        built = flow({**SMALL_UNET, **SMALL_PATCH, "spectral_norm": True}, {"name": "hinge"})
        before, after = built.run()
        vectors = [name for name in before if name.endswith("singular_vector")]
        assert len(vectors) == 3
        for name in vectors:
            kernel = np.float64(before[name.replace("singular_vector", "kernel")])
            matrix = kernel.reshape(-1, kernel.shape[-1])
            left = matrix @ np.float64(before[name]).ravel()
            right = matrix.T @ (left / np.linalg.norm(left))
            right /= np.linalg.norm(right)
            np.testing.assert_allclose(after[name].ravel(), right, rtol=1e-4, atol=1e-5)
