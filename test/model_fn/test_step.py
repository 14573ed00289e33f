"""The step against gradients and losses worked out in float64, in graphs of their own."""

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import ObjectiveConfig
from model_fn.step import build_training_step, owned_variables

NETWORKS = ("discriminator", "generator")
LEARNING_RATE = 0.05  # Large, so that a network before its update differs much from after.


def by_network(values, name):
    return {key: value for key, value in values.items() if key.startswith(f"{name}/")}


def softplus(values):
    """ln(1 + e^x): the cross entropy of a logit x whose truth is 0; of -x, whose truth is 1."""
    return np.mean(np.logaddexp(0.0, values))


class Training:
    """Small networks, ready to be trained.

    Attributes:
        x, y: The batch.
        device: The fake device.
        before: Dict of the weights at the start, float64.
        step: What `build_training_step` made.
    """

    def __init__(self, network, objective, device, load_weights, pictures):
        self.x, self.y = pictures(2, 32, 32, 1, seed=1), pictures(2, 32, 32, 3, seed=2)
        self.device = device
        self._load_weights = load_weights
        self.graph = tf.Graph()
        with self.graph.as_default():
            self.step_variable = tf.train.get_or_create_global_step()
            inputs = tf.constant(self.x), tf.constant(self.y)
            self.step = build_training_step(*inputs, network, objective, device, self.step_variable)
            self._initialise = tf.global_variables_initializer()
        self.session = tf.Session(graph=self.graph)

    def start(self):
        with self.graph.as_default():
            self.session.run(self._initialise)
            self.before = self._load_weights(self.session)
        return self

    def run(self, *fetches, still=None):
        """Makes a step, without one network's update if so told; returns the fetches' values."""
        feed = {} if still is None else {self.device.gradient_scales[still]: 0.0}
        return self.session.run([self.step.train_op, *fetches], feed)[1:]

    def values(self, names):
        tensors = {name: f"{name}/Read/ReadVariableOp:0" for name in names}
        return {name: np.float64(value) for name, value in self.session.run(tensors).items()}

    def weights(self):
        return self.values(self.before)

    def moments(self, network, slot="Adam"):
        """Adam's moments of one network's weights: the first, "Adam", or the second, "Adam_1"."""
        names = {
            name: f"{network}_optimizer/{name}/{slot}" for name in by_network(self.before, network)
        }
        values = self.values(names.values())
        return {name: values[slot_name] for name, slot_name in names.items()}


@pytest.fixture(scope="module")
def built_plain(network, make_device, load_weights, pictures):
    objective = ObjectiveConfig(l1_weight=0.0, learning_rate=LEARNING_RATE, seed=40)
    training = Training(network, objective, make_device(), load_weights, pictures)
    yield training
    training.session.close()


@pytest.fixture(scope="module")
def built_noisy(network, make_device, load_weights, pictures):
    def dropout(x, rate, seed, step):
        return tf.nn.dropout(x, rate=rate)

    objective = ObjectiveConfig(
        gan_weight=2.0, l1_weight=10.0, learning_rate=LEARNING_RATE, beta1=0.9
    )
    training = Training(network, objective, make_device(dropout), load_weights, pictures)
    yield training
    training.session.close()


@pytest.fixture
def plain(built_plain):
    """A training of the adversarial loss alone, with beta1 of 0.5 and no dropout, at its start."""
    return built_plain.start()


@pytest.fixture
def noisy(built_noisy):
    """One of both losses, with beta1 of 0.9, whose noise is drawn each time it is computed."""
    return built_noisy.start()


@pytest.fixture
def reference_gradients(evaluate, reference):
    """The gradients of one network's loss by its weights, with a generator that drops nothing."""

    def run(name, weights, x, y):
        def build():
            constants = {key: tf.constant(value) for key, value in weights.items()}
            inputs, targets = np.float64(x), np.float64(y)
            fake = reference.generator(constants, inputs, 5, [0, 1, 2])
            fake_logits = reference.discriminator(constants, inputs, fake)
            if name == "generator":
                loss = tf.reduce_mean(tf.nn.softplus(-fake_logits))
            else:
                real_logits = reference.discriminator(constants, inputs, targets)
                loss = 0.5 * tf.reduce_mean(tf.nn.softplus(-real_logits))
                loss += 0.5 * tf.reduce_mean(tf.nn.softplus(fake_logits))
            own = by_network(constants, name)
            return dict(zip(own, tf.gradients(loss, list(own.values()))))

        return evaluate(build)

    return run


def distance(gradients, others):
    """How far apart two dicts of arrays are, as a share of the length of the first."""
    difference = sum(np.sum((gradients[name] - others[name]) ** 2) for name in gradients)
    return np.sqrt(difference / sum(np.sum(value**2) for value in gradients.values()))


class TestOrder:
    @pytest.fixture
    def gradients(self, plain):
        """Adam's first moment is at first (1 - beta1) times the gradient, half of it."""
        plain.run()
        return {
            name: {key: moment / 0.5 for key, moment in plain.moments(name).items()}
            for name in NETWORKS
        }

    def test_gradient_of_the_generator_is_that_against_the_updated_discriminator(
        self, plain, gradients, reference_gradients
    ):
        updated = {**plain.before, **by_network(plain.weights(), "discriminator")}
        after = reference_gradients("generator", updated, plain.x, plain.y)
        before = reference_gradients("generator", plain.before, plain.x, plain.y)
        assert distance(after, gradients["generator"]) < 1e-3
        assert distance(before, gradients["generator"]) > 0.5

    def test_gradient_of_the_discriminator_is_that_before_both_updates(
        self, plain, gradients, reference_gradients
    ):
        before = reference_gradients("discriminator", plain.before, plain.x, plain.y)
        after = reference_gradients("discriminator", plain.weights(), plain.x, plain.y)
        assert distance(before, gradients["discriminator"]) < 1e-3
        assert distance(after, gradients["discriminator"]) > 0.5

    def test_both_networks_judge_the_same_fake_pictures(self, noisy, evaluate, reference):
        fake, losses = noisy.run(
            noisy.step.fake, {term.name: term.value for term in noisy.step.losses}
        )
        x, y, fake = map(np.float64, (noisy.x, noisy.y, fake))
        after = noisy.weights()
        real_logits, fake_logits, fake_logits_after = evaluate(
            lambda: [
                reference.discriminator(noisy.before, x, y),
                reference.discriminator(noisy.before, x, fake),
                reference.discriminator(after, x, fake),
            ]
        )
        real_loss, fake_loss = softplus(-real_logits), softplus(fake_logits)
        gan, l1 = softplus(-fake_logits_after), np.mean(np.abs(y - fake))
        wanted = {
            "d_loss": (real_loss + fake_loss) / 2,
            "g_loss": 2.0 * gan + 10.0 * l1,
            "d_real": real_loss,
            "d_fake": fake_loss,
            "g_gan": gan,
            "g_l1": l1,
        }
        assert list(losses) == list(wanted)
        for name, value in wanted.items():
            np.testing.assert_allclose(losses[name], value, rtol=1e-3)

    def test_noise_is_drawn_anew_for_the_test_above(self, noisy):
        with_noise, with_other = (noisy.start().run(noisy.step.fake)[0] for _ in range(2))
        assert np.mean(np.abs(with_noise - with_other)) > 0.05


class TestUpdates:
    @pytest.mark.parametrize(("still", "moved"), [NETWORKS, NETWORKS[::-1]])
    def test_of_a_network_change_all_its_weights_and_no_others(self, plain, still, moved):
        plain.run(still=still)
        after = plain.weights()
        changed = {name for name, value in plain.before.items() if (after[name] != value).any()}
        assert changed == set(by_network(plain.before, moved))

    def test_are_of_the_trainable_variables_in_the_networks_scope(self, plain):
        with plain.graph.as_default():
            for name, count in [("discriminator", 16), ("generator", 34)]:
                names = [variable.op.name for variable in owned_variables(name)]
                assert names == list(by_network(plain.before, name))
                assert len(names) == count

    def test_advance_the_step_by_one_each_run(self, plain):
        for wanted in (1.0, 2.0, 3.0):
            plain.run()
            assert plain.values(["global_step"]) == {"global_step": wanted}

    def test_come_from_an_optimizer_for_each_network(self, plain):
        assert plain.device.wrapped == ["discriminator", "generator"]
        with plain.graph.as_default():
            trained = {variable.op.name for variable in tf.trainable_variables()}
            names = {variable.op.name for variable in tf.global_variables()}
        owners = {name.split("/")[0] for name in names - trained}
        assert owners == {"discriminator_optimizer", "generator_optimizer", "global_step"}

    @pytest.mark.parametrize("name", NETWORKS)
    def test_are_at_first_the_learning_rate_against_the_sign_of_the_gradient(self, plain, name):
        plain.run()
        after, compared = plain.weights(), 0
        for key, moment in plain.moments(name).items():
            clear = np.abs(moment) > 1e-3  # Adam's epsilon shows in smaller ones.
            moved = np.where(clear, after[key] - plain.before[key], 0.0)
            wanted = np.where(clear, -LEARNING_RATE * np.sign(moment), 0.0)
            np.testing.assert_allclose(moved, wanted, rtol=1e-3)
            compared += np.sum(clear)
        assert compared > 500

    @pytest.mark.parametrize("name", NETWORKS)
    @pytest.mark.parametrize(("training", "beta1"), [("plain", 0.5), ("noisy", 0.9)])
    def test_are_adams_with_beta2_of_0_999(self, request, name, training, beta1):
        run = request.getfixturevalue(training)
        run.run()
        squares = run.moments(name, "Adam_1")
        for key, moment in run.moments(name).items():
            # The second moment is at first (1 - 0.999) times the gradient's square.
            wanted = 0.001 * (moment / (1.0 - beta1)) ** 2
            np.testing.assert_allclose(squares[key], wanted, rtol=1e-3, atol=1e-30)


def test_device_is_asked_for_three_dropouts_with_seeds_of_their_own(plain):
    rates, seeds, steps = zip(*plain.device.dropouts)
    assert rates == (0.5, 0.5, 0.5)
    assert seeds == (40, 41, 42)
    assert all(one is plain.step_variable for one in steps)
