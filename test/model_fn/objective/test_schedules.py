"""Learning rates by hand, and that Adam moves by them."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import NetworkConfig, ObjectiveConfig
from model_fn.objective.schedules import learning_rate_at
from model_fn.step import build_training_step
from model_fn.summaries import training_scalars

# The smallest that there is.
NETWORK = NetworkConfig(8, 8, 1, 1, 2, 2, unet_depth=2, discriminator_layers=1, norm="none")


@pytest.fixture
def rate(evaluate):
    """The learning rate at a step, from 0.4 at the start, of 100 steps and 40 to decay."""

    def at(schedule, step, total_steps=100, decay_steps=40):
        objective = ObjectiveConfig(
            schedule=schedule, total_steps=total_steps, decay_steps=decay_steps
        )
        return evaluate(
            lambda: tf.convert_to_tensor(
                learning_rate_at(tf.constant(step, tf.int64), 0.4, objective)
            )
        )

    return at


@pytest.mark.parametrize(
    ("schedule", "step", "wanted"),
    [
        ("constant", 0, 0.4),
        ("constant", 1000, 0.4),
        # 1, and over the last 40 steps down to 0.
        ("linear", 0, 0.4),
        ("linear", 59, 0.4),
        ("linear", 60, 0.4),
        ("linear", 61, 0.39),  # 39/40
        ("linear", 80, 0.2),
        ("linear", 99, 0.01),
        ("linear", 100, 0.0),
        ("linear", 101, 0.0),
        ("linear", 10_000, 0.0),
        # A tenth after each 40 steps.
        ("step", 0, 0.4),
        ("step", 39, 0.4),
        ("step", 40, 0.04),
        ("step", 79, 0.04),
        ("step", 80, 0.004),
        ("step", 120, 0.0004),
        # (1 + cos(pi step / 100)) / 2.
        ("cosine", 0, 0.4),
        ("cosine", 25, 0.341421356),  # (1 + sqrt(1/2)) / 2
        ("cosine", 50, 0.2),
        ("cosine", 75, 0.058578644),
        ("cosine", 100, 0.0),
        ("cosine", 101, 0.0),
        ("cosine", 150, 0.0),
        ("cosine", 200, 0.0),
    ],
)
def test_values(rate, schedule, step, wanted):
    assert rate(schedule, step) == pytest.approx(wanted, rel=1e-4, abs=1e-8)


@pytest.mark.parametrize(("step", "wanted"), [(0, 0.4), (1, 0.36), (5, 0.2), (10, 0.0)])
def test_a_training_that_is_shorter_than_the_decay_begins_with_the_whole_rate(rate, step, wanted):
    assert rate("linear", step, total_steps=10) == pytest.approx(wanted, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("schedule", ["linear", "step", "cosine"])
def test_is_never_below_zero_and_never_rises(evaluate, schedule):
    objective = ObjectiveConfig(schedule=schedule, total_steps=7, decay_steps=3)
    steps = tf.constant
    rates = evaluate(
        lambda: [learning_rate_at(steps(n, tf.int64), 1.0, objective) for n in range(20)]
    )
    assert rates[0] == 1.0
    assert min(rates) >= 0.0
    assert (np.diff(rates) <= 0.0).all()


class Trained:
    """A step of the smallest networks; each call begins with new optimizers."""

    def __init__(self, session, device, pictures, **fields):
        self.session = session
        self.global_step = tf.train.get_or_create_global_step()
        x, y = (tf.constant(pictures(2, 8, 8, 1, seed=seed)) for seed in (1, 2))
        self.step = build_training_step(
            x, y, NETWORK, ObjectiveConfig(**fields), device, self.global_step
        )
        self._initialise = tf.global_variables_initializer()

    def largest_moves(self, steps_before):
        """How far each network's weights go at most: Adam's first step is the learning rate."""
        self.session.run(self._initialise)
        self.global_step.load(steps_before, self.session)
        before = self._weights()
        self.session.run(self.step.train_op)
        after = self._weights()
        return {
            network: max(
                np.abs(after[name] - before[name]).max() for name in before if network in name
            )
            for network in ("discriminator", "generator")
        }

    def _weights(self):
        return self.session.run({one.op.name: one.read_value() for one in tf.trainable_variables()})

    def scalars(self):
        tensors = training_scalars(self.step.losses, self.step.learning_rates, {})
        names = [name for name in tensors if "rate" in name]
        return self.session.run({name: tensors[name] for name in names})


@pytest.fixture
def train(make_device, pictures):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(1)
        yield lambda **fields: Trained(session, make_device(), pictures, **fields)


class TestAdam:
    def test_moves_both_networks_by_the_rate_of_the_step(self, train):
        trained = train(
            learning_rate=0.01, schedule="linear", total_steps=10, decay_steps=4, l1_weight=1.0
        )
        for step, wanted in [(0, 0.01), (7, 0.0075), (9, 0.0025), (10, 0.0), (11, 0.0)]:
            moves = trained.largest_moves(step)
            for network in ("discriminator", "generator"):
                assert moves[network] == pytest.approx(wanted, rel=1e-2, abs=1e-9)

    def test_moves_each_network_by_its_own_rate(self, train):
        trained = train(
            learning_rate=0.01,
            discriminator_learning_rate=0.04,
            schedule="cosine",
            total_steps=10,
        )
        for step, factor in [(0, 1.0), (5, 0.5)]:
            moves = trained.largest_moves(step)
            assert moves["generator"] == pytest.approx(0.01 * factor, rel=1e-2)
            assert moves["discriminator"] == pytest.approx(0.04 * factor, rel=1e-2)


class TestScalars:
    def test_one_rate_for_both_is_shown_once(self, train):
        trained = train(learning_rate=0.25, schedule="linear", total_steps=10, decay_steps=4)
        trained.largest_moves(6)
        # After the step: of the 4 last steps 3 are left.
        assert trained.scalars() == {"learning_rate": pytest.approx(0.25 * 3 / 4)}

    def test_constant_rates_of_their_own_are_shown_by_network(self, train):
        trained = train(learning_rate=0.25, discriminator_learning_rate=0.5)
        assert trained.scalars() == {
            "discriminator/learning_rate": 0.5,
            "generator/learning_rate": 0.25,
        }

    def test_so_are_others(self, train):
        trained = train(
            learning_rate=0.25,
            discriminator_learning_rate=0.5,
            schedule="step",
            total_steps=9,
            decay_steps=1,
        )
        trained.largest_moves(0)
        assert trained.scalars() == {
            "discriminator/learning_rate": pytest.approx(0.05),
            "generator/learning_rate": pytest.approx(0.025),
        }

    def test_the_same_rate_said_twice_is_shown_once(self, train):
        trained = train(learning_rate=0.25, discriminator_learning_rate=0.25)
        assert trained.scalars() == {"learning_rate": 0.25}

    def test_without_a_discriminator_there_is_one(self, train):
        trained = train(name="none", learning_rate=0.25, discriminator_learning_rate=0.5)
        assert trained.scalars() == {"learning_rate": 0.25}
