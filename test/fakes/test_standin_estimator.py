"""NPUEstimator: its constructor, the hooks it adds, host calls and checkpoints."""

import glob

import pytest
import tensorflow.compat.v1 as tf


def build(network):
    """A line through the origin, and its loss."""
    slope = tf.get_variable("slope", [], initializer=tf.zeros_initializer())
    return tf.reduce_mean(tf.square(slope * network - 1.0))


class UsersHook(tf.train.SessionRunHook):
    pass


def plain_spec(loss, train_op, mode):
    return tf.estimator.EstimatorSpec(
        mode, loss=loss, train_op=train_op, training_hooks=[UsersHook()]
    )


def make_model_fn(make_spec):
    def model_fn(features, mode):
        loss = build(features)
        optimizer = tf.train.GradientDescentOptimizer(0.1)
        return make_spec(loss, optimizer.minimize(loss, tf.train.get_global_step()), mode)

    return model_fn


def input_fn():
    return tf.data.Dataset.from_tensor_slices([[1.0, 2.0]] * 4).repeat()


@pytest.fixture
def estimator(npu, tmp_path):
    def make(make_spec=plain_spec, **arguments):
        config = npu.NPURunConfig(
            model_dir=str(tmp_path), **{"log_step_count_steps": None, **arguments}
        )
        return npu.NPUEstimator(make_model_fn(make_spec), config=config)

    return make


class TestConstructor:
    @pytest.mark.parametrize("config", [None, tf.estimator.RunConfig()])
    def test_needs_an_npu_run_config(self, npu, config):
        with pytest.raises(ValueError, match="NPUConfigs"):
            npu.NPUEstimator(lambda features: None, config=config)

    @pytest.mark.parametrize("job_id", [None, ""])
    def test_needs_a_job_id(self, estimator, monkeypatch, job_id):
        monkeypatch.delenv("JOB_ID")
        if job_id is not None:
            monkeypatch.setenv("JOB_ID", job_id)
        with pytest.raises(ValueError, match="Load job info failed.*JOB_ID"):
            estimator()

    def test_reads_the_environment_once(self, npu, estimator, monkeypatch):
        from npu_standin.job import NPUBasics

        monkeypatch.setenv("RANK_SIZE", "2")
        estimator()
        monkeypatch.setenv("RANK_SIZE", "4")
        assert NPUBasics().size() == 2

    def test_the_new_flavour_refuses_two_answers_to_how_many_ranks_there_are(
        self, npu, estimator, monkeypatch
    ):
        monkeypatch.setenv("RANK_SIZE", "2")
        monkeypatch.setenv("CM_WORKER_SIZE", "2")
        if npu.flavour == "new":
            with pytest.raises(ValueError, match="CM_WORKER_SIZE"):
                estimator()
        else:
            estimator()

    def test_wants_features_of_the_model_fn(self, npu, tmp_path):
        with pytest.raises(ValueError, match="features"):
            npu.NPUEstimator(lambda inputs: None, str(tmp_path), npu.NPURunConfig())

    def test_refuses_two_different_folders(self, npu):
        with pytest.raises(ValueError, match="model_dir are set both"):
            npu.NPUEstimator(lambda features: None, "a", npu.NPURunConfig(model_dir="b"))

    def test_a_stray_variable_makes_it_start_from_a_checkpoint(self, estimator, monkeypatch, fresh):
        monkeypatch.setenv("RESTORE_FROM", "/old/run")
        estimator()
        assert fresh.of("estimator")[0]["warm_start"] == "/old/run"

    def test_is_recorded_with_the_folder(self, estimator, fresh, tmp_path):
        estimator()
        assert fresh.of("estimator")[0]["model_dir"] == str(tmp_path)


def hooks_of(fresh):
    return fresh.of("estimator_spec")[0]["hooks"]


class TestHooksOfTraining:
    def test_one_rank_has_the_saver_before_the_users(self, estimator, fresh):
        estimator().train(input_fn, steps=1)
        assert hooks_of(fresh) == ["NPUCheckpointSaverHook", "UsersHook"]

    def test_several_ranks_broadcast_first(self, estimator, fresh, monkeypatch):
        monkeypatch.setenv("RANK_SIZE", "8")
        estimator().train(input_fn, steps=1)
        assert hooks_of(fresh)[0] == "NPUBroadcastGlobalVariablesHook"
        assert fresh.of("broadcast")[0]["variables"] == ["slope"]
        assert len(fresh.of("broadcast_run")) == 1

    def test_an_interval_of_zero_turns_saving_off(self, estimator, fresh, tmp_path):
        estimator(save_checkpoints_steps=0).train(input_fn, steps=1)
        assert hooks_of(fresh) == ["UsersHook"]
        assert not glob.glob(str(tmp_path / "*.index"))

    def test_all_of_them_are_in_the_order_of_the_real_one(self, npu, estimator, fresh, monkeypatch):
        monkeypatch.setenv("RANK_SIZE", "8")

        def make_spec(loss, train_op, mode):
            call = (lambda value: tf.no_op(), [tf.reshape(loss, [1])])
            return npu.NPUEstimatorSpec(
                mode, loss=loss, train_op=train_op, host_call=call, training_hooks=[UsersHook()]
            )

        estimator(make_spec, iterations_per_loop=2).train(input_fn, steps=2)
        assert hooks_of(fresh) == [
            "NPUBroadcastGlobalVariablesHook",
            "NPUCheckpointSaverHook",
            "NPUInfeedOutfeedSessionHook",
            "NPULogOutfeedSessionHook",
            "SetIterationsVarHook",
            "UsersHook",
        ]

    def test_a_spec_of_another_type_is_an_error(self, estimator):
        with pytest.raises(RuntimeError, match="NPUEstimatorSpec"):
            estimator(lambda loss, train_op, mode: (loss, train_op)).train(input_fn, steps=1)

    def test_the_model_fn_gets_the_config_with_the_session_config(self, npu, tmp_path):
        configs = []

        def model_fn(features, labels, mode, params, config):
            configs.append((labels, params, config.session_config))
            return make_model_fn(plain_spec)(features, mode)

        config = npu.NPURunConfig(model_dir=str(tmp_path))
        npu.NPUEstimator(model_fn, config=config, params={"a": 1}).train(input_fn, steps=1)
        ((labels, params, session_config),) = configs
        (optimizer,) = session_config.graph_options.rewrite_options.custom_optimizers
        assert (labels, params["a"], optimizer.name) == (None, 1, "NpuOptimizer")


class TestOutsideTraining:
    def test_a_value_that_the_device_refuses_passes_the_constructor_and_stops_the_session(
        self, estimator
    ):
        from npu_standin import DeviceFatalError

        made = estimator(precision_mode="float16")
        with pytest.raises(DeviceFatalError):
            made.train(input_fn, steps=1)

    def test_evaluation_adds_nothing_to_a_plain_spec(self, estimator, fresh):
        trained = estimator()
        trained.train(input_fn, steps=1)
        trained.evaluate(input_fn, steps=1)
        assert fresh.of("estimator_spec")[1]["hooks"] == []


class TestHostCall:
    @pytest.mark.parametrize(
        ("call", "error"),
        [
            ("text", ValueError),
            ((len,), ValueError),
            (("len", []), TypeError),
            ((len, "text"), ValueError),
            ((lambda a, b: None, [1]), RuntimeError),
        ],
    )
    def test_bad_ones_raise_what_the_real_one_raises(self, npu, graph, call, error):
        with pytest.raises(error, match="host_call"):
            npu.NPUEstimatorSpec("train", loss=tf.zeros([]), train_op=tf.no_op(), host_call=call)

    def test_a_function_of_any_number_of_tensors_takes_any(self, npu, graph):
        npu.NPUEstimatorSpec(
            "train", loss=tf.zeros([]), train_op=tf.no_op(), host_call=(lambda *t: None, [1, 2])
        )

    def test_replace_loses_it(self, npu, graph):
        spec = npu.NPUEstimatorSpec(
            "train", loss=tf.zeros([]), train_op=tf.no_op(), host_call=(lambda: None, [])
        )
        replaced = spec._replace(loss=tf.ones([]))
        assert not hasattr(replaced, "_host_call")
        assert type(replaced) is not npu.NPUEstimatorSpec

    @pytest.mark.parametrize("iterations", [1, 5])
    def test_it_is_made_once_for_every_step_and_ends_with_the_run(self, npu, estimator, iterations):
        seen = []

        def make_spec(loss, train_op, mode):
            with tf.control_dependencies([train_op]):
                step = tf.reshape(tf.train.get_global_step().read_value(), [1])
            function = lambda step: tf.py_func(seen.append, [step], [])  # noqa: E731
            return npu.NPUEstimatorSpec(
                mode, loss=loss, train_op=train_op, host_call=(function, {"step": step})
            )

        estimator(make_spec, iterations_per_loop=iterations).train(input_fn, steps=10)
        assert [int(step) for step in seen] == [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]

    def test_an_error_in_the_function_reaches_the_training(self, npu, estimator):
        def make_spec(loss, train_op, mode):
            call = (lambda value: tf.debugging.assert_positive(-value), [tf.reshape(loss, [1])])
            return npu.NPUEstimatorSpec(mode, loss=loss, train_op=train_op, host_call=call)

        with pytest.raises(tf.errors.InvalidArgumentError):
            estimator(make_spec).train(input_fn, steps=1)


class TestCheckpoints:
    def test_are_saved_at_the_start_at_each_interval_and_at_the_end(self, estimator, tmp_path):
        estimator(save_checkpoints_steps=2).train(input_fn, steps=5)
        steps = {int(path.split("-")[-1][:-6]) for path in glob.glob(str(tmp_path / "*.index"))}
        assert steps == {0, 2, 4, 5}

    def test_only_the_new_flavour_listens_to_how_many_to_keep(self, npu, estimator, tmp_path):
        estimator(save_checkpoints_steps=1, keep_checkpoint_max=2).train(input_fn, steps=9)
        kept = len(glob.glob(str(tmp_path / "*.index")))
        assert kept == {"old": 5, "new": 2}[npu.flavour]
