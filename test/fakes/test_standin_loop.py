"""K steps in one run of a session: what they compute, what is fetched, what is refused."""

import glob

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

# The loop is the same code in both flavours; other files run it in either.
pytestmark = pytest.mark.parametrize("npu", ["new"], indirect=True, scope="module")


class Fetcher(tf.train.SessionRunHook):
    """Keeps what each run fetched."""

    def __init__(self, fetches):
        self.fetches = fetches
        self.seen = []

    def before_run(self, run_context):
        return tf.train.SessionRunArgs(self.fetches)

    def after_run(self, run_context, run_values):
        self.seen.append(run_values.results)


def numbers():
    """0, 1, 2, ... with a function of Python's in the pipeline, where it may be."""

    def from_python(number):
        (result,) = tf.py_func(lambda value: value.astype(np.float32), [number], [tf.float32])
        result.set_shape([])
        return result

    return tf.data.Dataset.range(10**6).map(from_python)


class Program:
    """An estimator that moves a variable towards the numbers, and what its hook fetched."""

    def __init__(self, npu, folder):
        self._npu = npu
        self._folder = str(folder)
        self.extra = lambda x: x
        self.hook = None

    def _model_fn(self, features, mode):
        step = tf.train.get_global_step()
        x = self.extra(features)
        with tf.variable_scope("net"):
            w = tf.get_variable("w", [], initializer=tf.zeros_initializer())
        loss = tf.square(w - tf.cos(x))
        train_op = tf.train.AdamOptimizer(0.1).minimize(loss, step)
        with tf.control_dependencies([train_op]):
            after = tf.identity(step.read_value())
        self.hook = Fetcher({"step": after, "x": features, "plain_step": step})
        return tf.estimator.EstimatorSpec(
            mode, loss=loss, train_op=train_op, training_hooks=[self.hook]
        )

    def train(self, iterations, max_steps, input_fn=numbers, **arguments):
        config = self._npu.NPURunConfig(
            model_dir=self._folder,
            iterations_per_loop=iterations,
            log_step_count_steps=None,
            **{"save_checkpoints_steps": 1000, **arguments},
        )
        estimator = self._npu.NPUEstimator(self._model_fn, config=config)
        estimator.train(input_fn, max_steps=max_steps)
        return estimator


@pytest.fixture
def program(npu, tmp_path):
    return Program(npu, tmp_path)


class TestOneRun:
    def test_makes_k_steps_and_fetches_the_values_of_the_last(self, program, fresh):
        program.train(iterations=5, max_steps=15)
        assert [int(seen["step"]) for seen in program.hook.seen] == [5, 10, 15]
        assert [float(seen["x"]) for seen in program.hook.seen] == [4.0, 9.0, 14.0]
        assert fresh.counts["sunk_runs"] == 3

    def test_computes_what_k_runs_of_one_step_compute(self, npu, tmp_path):
        weights = []
        for iterations in (1, 10):
            folder = tmp_path / str(iterations)
            estimator = Program(npu, folder).train(iterations, max_steps=20)
            names = ("net/w", "net/w/Adam", "net/w/Adam_1", "beta1_power", "global_step")
            weights.append([estimator.get_variable_value(name) for name in names])
        np.testing.assert_allclose(weights[1], weights[0], rtol=1e-6)
        assert weights[0][0] != 0

    def test_reads_a_plain_step_in_its_last_iteration(self, program):
        program.train(iterations=5, max_steps=15)
        plain = [int(seen["plain_step"]) for seen in program.hook.seen]
        # Before or after the update, as without a loop.
        assert all(step in (k - 1, k) for step, k in zip(plain, (5, 10, 15)))

    def test_is_checkpointed_at_multiples_of_k(self, program, tmp_path):
        program.train(iterations=5, max_steps=20, save_checkpoints_steps=10)
        found = {int(path.split("-")[-1][:-6]) for path in glob.glob(str(tmp_path / "*.index"))}
        assert found == {0, 10, 20}

    def test_goes_past_a_last_step_that_is_no_multiple_of_k(self, program):
        program.train(iterations=5, max_steps=12)
        assert int(program.hook.seen[-1]["step"]) == 15

    def test_resumes_where_it_stopped(self, program):
        program.train(iterations=5, max_steps=10)
        program.train(iterations=5, max_steps=20)
        assert [int(seen["step"]) for seen in program.hook.seen] == [15, 20]

    def test_makes_summaries_of_its_last_iteration(self, program, tmp_path):
        def summarized(x):
            tf.summary.scalar("x", x)
            return x

        program.extra = summarized
        program.train(iterations=5, max_steps=15, save_summary_steps=5)
        tf.summary.FileWriterCache.clear()
        values = {
            event.step: value.simple_value
            for path in glob.glob(str(tmp_path / "events.*"))
            for event in tf.train.summary_iterator(path)
            for value in event.summary.value
            if value.tag == "x"
        }
        # TensorFlow looks a single step ahead for when the next is due, and so leaves one out.
        assert values == {5: 4.0, 15: 14.0}


class TestTheGraph:
    def test_has_one_iteration_op_which_is_the_train_op(self, program, fresh):
        program.train(iterations=5, max_steps=5)
        assert fresh.of("training_graph")[0]["iteration_ops"] == ["IterationOp"]
        assert fresh.of("estimator_spec")[0]["train_op"] == "IterationOp"

    def test_has_none_without_a_loop(self, program, fresh):
        program.train(iterations=1, max_steps=1)
        assert fresh.of("training_graph")[0]["iteration_ops"] == []

    def test_keeps_the_loops_variables_out_of_checkpoints(self, program, fresh, tmp_path):
        program.train(iterations=5, max_steps=5)
        names = [f"npu_runconfig/{name}" for name in ("iterations_per_loop", "loop_cond")]
        names += [f"npu_runconfig/{name}" for name in ("zero", "one")]
        saved = [name for name, _ in tf.train.list_variables(str(tmp_path))]
        assert not [name for name in saved if "npu" in name]
        graph = fresh.of("estimator_spec")[0]["live"].train_op.graph
        local = {variable.op.name for variable in graph.get_collection("local_variables")}
        assert set(names) <= local

    def test_saves_the_same_variables_with_and_without_a_loop(self, npu, tmp_path):
        saved = []
        for iterations in (1, 5):
            Program(npu, tmp_path / str(iterations)).train(iterations, max_steps=5)
            saved.append(tf.train.list_variables(str(tmp_path / str(iterations))))
        assert saved[0] == saved[1]

    def test_is_not_looped_if_the_name_of_the_iteration_op_is_taken(self, program, fresh):
        def take_the_name(x):
            tf.no_op(name="IterationOp")
            return x

        program.extra = take_the_name
        program.train(iterations=5, max_steps=2)
        assert [int(seen["step"]) for seen in program.hook.seen] == [1, 2]
        assert fresh.of("training_graph")[0]["iteration_ops"] == ["IterationOp", "IterationOp_1"]

    def test_is_searched_for_shapes_and_types_that_the_device_cannot_have(self, program, fresh):
        def ragged_and_double(x):
            some = tf.reshape(tf.boolean_mask([x], [x > 0]), [-1], name="ragged")
            return tf.cast(tf.reduce_sum(tf.cast(some, tf.float64, name="double")), tf.float32)

        program.extra = ragged_and_double
        program.train(iterations=1, max_steps=1)
        found = fresh.of("training_graph")[0]
        assert "ragged" in found["dynamic_shapes"]
        assert "double" in found["dtypes"]


class TestRefusals:
    def test_operations_of_the_host_within_the_step(self, program):
        from npu_standin import DeviceFatalError

        def through_python(x):
            (result,) = tf.py_func(lambda value: value, [x], [tf.float32], name="python")
            result.set_shape([])
            return result

        program.extra = through_python
        with pytest.raises(DeviceFatalError, match="python"):
            program.train(iterations=5, max_steps=5)

    def test_a_one_shot_iterator(self, program):
        from npu_standin import DeviceFatalError

        def one_shot():
            return tf.data.make_one_shot_iterator(
                tf.data.Dataset.range(100).map(lambda number: tf.cast(number, tf.float32))
            ).get_next()

        program.train(iterations=1, max_steps=1, input_fn=one_shot)
        with pytest.raises(DeviceFatalError, match="OneShotIterator"):
            program.train(iterations=5, max_steps=5, input_fn=one_shot)
