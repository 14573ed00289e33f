import contextlib

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from model_fn import ObjectiveConfig, TrainingTensors, build_model_fn

MODES = tf.estimator.ModeKeys
OBJECTIVE = ObjectiveConfig(test_dropout=False)


@pytest.fixture(scope="module")
def batch(pictures):
    return pictures(2, 32, 32, 1, seed=1), pictures(2, 32, 32, 3, seed=2)


@pytest.fixture(scope="module")
def build(network, make_device, presentation, batch):
    """Builds the spec of a mode in the default graph; its features and labels can be fed."""

    def run(mode, **hooks):
        x, y = map(tf.constant, batch)
        labels = None if mode == MODES.PREDICT else tf.identity(y, name="labels")
        features = {"input": tf.identity(x, name="features")}
        model_fn = build_model_fn(network, OBJECTIVE, make_device(), presentation, **hooks)
        return model_fn(features, labels, mode)

    return run


@pytest.fixture(scope="module")
def opened_with_hook(build, known_network):
    """Opens a session on the spec of a mode with a hook; yields both and what the hook is given."""

    @contextlib.contextmanager
    def open_session(mode, kind):
        given, hook = [], tf.train.SessionRunHook()

        def make_hooks(value):
            given.append(value)
            return [hook]

        with known_network(lambda: build(mode, **{kind: make_hooks})) as (session, spec, weights):
            assert list(getattr(spec, kind)) == [hook]
            assert len(given) == 1
            yield session, spec, given[0], weights

    return open_session


def by_name(tensors):
    return {term.name: term.value for term in tensors.losses}


class TestTraining:
    def test_a_function_may_set_what_the_variables_of_both_networks_begin_with(self, build):
        given = []

        def zero(variables):
            given.extend(variables)
            for each in variables:
                each._initializer_op = each.assign(tf.zeros_like(each)).op

        with tf.Graph().as_default(), tf.Session() as session:
            build(MODES.TRAIN, initialise=zero)
            assert given == tf.trainable_variables()
            session.run(tf.global_variables_initializer())
            assert not any(value.any() for value in session.run(given))

    @pytest.fixture(scope="class")
    def built(self, opened_with_hook):
        with opened_with_hook(MODES.TRAIN, "training_hooks") as opened:
            yield (*opened[:3], tf.global_variables_initializer())

    @pytest.fixture
    def opened(self, built):
        """A session at step 0, the spec and what the hooks were given."""
        session, spec, tensors, initialise = built
        with session.graph.as_default():
            session.run(initialise)
            yield session, spec, tensors

    def test_hooks_get_the_step_the_losses_in_order_and_the_generators_variables(self, opened):
        _, spec, tensors = opened
        assert isinstance(tensors, TrainingTensors)
        assert (tensors.global_step.dtype, tensors.global_step.shape.as_list()) == (tf.int64, [])
        names = [term.name for term in tensors.losses]
        assert names == ["d_loss", "g_loss", "d_real", "d_fake", "g_gan", "g_l1"]
        shown = [term.name for term in tensors.losses if term.on_console]
        assert shown == ["d_loss", "g_loss", "g_gan", "g_l1"]
        for loss in by_name(tensors).values():
            assert (loss.dtype, loss.shape.as_list()) == (tf.float32, [])
        assert tensors.totals == {
            "discriminator": by_name(tensors)["d_loss"],
            "generator": by_name(tensors)["g_loss"],
        }
        names = [variable.op.name for variable in tensors.generator_variables]
        trainable = [variable.op.name for variable in tf.trainable_variables()]
        assert names == [name for name in trainable if name.startswith("generator/")]
        assert len(names) == 34
        assert spec.mode == MODES.TRAIN

    def test_step_given_to_hooks_is_that_after_the_update(self, opened):
        session, spec, tensors = opened
        for wanted in range(1, 6):
            _, step = session.run([spec.train_op, tensors.global_step])
            assert step == wanted
            assert session.run(tf.train.get_global_step()) == wanted

    def test_losses_are_of_the_step_and_the_specs_loss_is_their_sum(self, opened, batch):
        session, spec, tensors = opened
        (fake,) = [one for one in tf.get_default_graph().get_operations() if one.type == "Tanh"]
        _, losses, loss, fake = session.run(
            [spec.train_op, by_name(tensors), spec.loss, fake.outputs[0]]
        )
        assert losses["g_l1"] == pytest.approx(np.mean(np.abs(batch[1] - fake)), rel=1e-4)
        wanted = losses["g_gan"] + 100.0 * losses["g_l1"]
        assert losses["g_loss"] == pytest.approx(wanted, rel=1e-5)
        assert loss == pytest.approx(losses["d_loss"] + losses["g_loss"], rel=1e-5)
        assert len({float(value) for value in losses.values()}) == 6

    @pytest.mark.parametrize("broken", ["features", "labels"])
    def test_loss_that_is_not_a_number_is_infinite_for_the_estimator_alone(
        self, opened, batch, broken
    ):
        session, spec, tensors = opened
        value = batch[0] if broken == "features" else batch[1]
        feed = {f"{broken}:0": np.full_like(value, np.nan)}
        loss, losses = session.run([spec.loss, by_name(tensors)], feed)
        assert loss == float("inf")
        assert np.isnan(losses["d_loss"])
        assert np.isnan(losses["g_loss"])

    def test_summaries_show_the_steps_losses_and_its_pictures(self, opened, batch):
        session, spec, tensors = opened
        _, losses, scalars, images = session.run(
            [
                spec.train_op,
                by_name(tensors),
                tf.summary.merge_all(),
                tf.summary.merge_all("image_summaries"),
            ]
        )
        values = {one.tag: one.simple_value for one in tf.Summary.FromString(scalars).value}
        assert values["discriminator/loss"] == losses["d_loss"]
        assert values["generator/loss"] == losses["g_loss"]
        assert values["discriminator/real"] == losses["d_real"]
        assert values["discriminator/fake"] == losses["d_fake"]
        assert values["generator/gan"] == losses["g_gan"]
        assert values["generator/l1"] == losses["g_l1"]
        assert values["learning_rate"] == pytest.approx(0.0002)
        rows = tf.Summary.FromString(images).value
        assert [(one.image.height, one.image.width) for one in rows] == [(32, 96), (32, 96)]


class TestEvaluation:
    @pytest.fixture(scope="class")
    def opened(self, opened_with_hook):
        with opened_with_hook(MODES.EVAL, "evaluation_hooks") as opened:
            yield opened

    @pytest.fixture(scope="class")
    def fake(self, opened, batch, evaluate, reference):
        """The generator's pictures in float64, each by itself."""
        x, weights = np.float64(batch[0]), opened[3]
        return np.concatenate(
            evaluate(
                lambda: [
                    reference.generator(weights, x[n : n + 1], 5, [0, 1, 2]) for n in range(len(x))
                ]
            )
        )

    def test_loss_is_the_distance_on_the_scale_of_minus_one_to_one(self, opened, batch, fake):
        session, spec, _, _ = opened
        assert spec.mode == MODES.EVAL
        wanted = np.mean(np.abs(batch[1] - fake))
        assert session.run(spec.loss) == pytest.approx(wanted, rel=1e-4)

    def test_metrics_are_l1_psnr_and_ssim_of_the_batch(self, opened, batch, fake):
        session, spec, _, _ = opened
        session.run(tf.local_variables_initializer())
        session.run([update for _, update in spec.eval_metric_ops.values()])
        values = session.run({name: value for name, (value, _) in spec.eval_metric_ops.items()})
        assert list(values) == ["l1", "psnr", "ssim"]
        # On the scale of 0..1 the distance is half as large.
        difference = (batch[1] - fake) / 2
        assert values["l1"] == pytest.approx(np.mean(np.abs(difference)), rel=1e-4)
        psnr = -10 * np.log10(np.mean(difference**2, axis=(1, 2, 3)))
        assert values["psnr"] == pytest.approx(np.mean(psnr), rel=1e-4)
        assert values["ssim"] < 0.2

    def test_hooks_get_input_output_and_target_as_rows(self, opened, batch, fake):
        session, _, rows, _ = opened
        assert rows.dtype == tf.uint8
        x, y = batch
        pictures = [np.repeat(x, 3, axis=-1), fake, y]
        wanted = np.rint((np.concatenate(pictures, axis=2) + 1.0) * 127.5)
        rows = session.run(rows)
        assert rows.shape == (2, 32, 96, 3)
        # Rounding may fall to either side.
        assert np.max(np.abs(rows - wanted)) <= 1
        assert np.mean(rows == wanted) > 0.99

    def test_only_the_generator_is_built(self, opened):
        names = [variable.op.name for variable in tf.global_variables()]
        assert len(names) == 34
        assert all(name.startswith("generator/") for name in names)

    def test_hooks_may_be_left_out(self, build):
        with tf.Graph().as_default():
            assert not build(MODES.EVAL).evaluation_hooks


class TestPrediction:
    def test_output_is_the_generators_picture(
        self, build, known_network, batch, evaluate, reference
    ):
        with known_network(lambda: build(MODES.PREDICT)) as (session, spec, weights):
            assert spec.mode == MODES.PREDICT
            assert sorted(spec.predictions) == ["output", "picture", "picture_levels"]
            output = session.run(spec.predictions["output"])
        assert (output.shape, output.dtype) == ((2, 32, 32, 3), np.float32)
        wanted = evaluate(
            lambda: reference.generator(weights, np.float64(batch[0][:1]), 5, [0, 1, 2])
        )
        np.testing.assert_allclose(output[:1], wanted, atol=1e-4)

    def test_needs_no_labels_and_only_the_generator(self, build):
        with tf.Graph().as_default():
            assert build(MODES.PREDICT).loss is None
            assert all(one.op.name.startswith("generator/") for one in tf.global_variables())
