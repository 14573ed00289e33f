"""The loop's variables, and what session-mode scripts use to get a loop."""

import os

import tensorflow.compat.v1 as tf

from npu_standin import checks, loop

SCOPE = "npu_runconfig"
ITERATIONS_PER_LOOP = "iterations_per_loop"
LOOP_COND = "loop_cond"
ZERO = "zero"
ONE = "one"


def create_or_get_var(var_name):
    """Makes one of the loop's variables: local, so that no checkpoint holds it."""
    collection = f"{SCOPE}_{var_name}"
    existing = tf.get_collection(collection)
    if len(existing) > 1:
        raise RuntimeError("Multiple var in collection.")
    if existing:
        return existing[0]
    with tf.variable_scope(SCOPE, reuse=tf.AUTO_REUSE):
        return tf.get_variable(
            var_name,
            shape=[],
            dtype=tf.int64,
            initializer=tf.zeros_initializer(),
            trainable=False,
            collections=[collection, tf.GraphKeys.LOCAL_VARIABLES],
            use_resource=True,
        )


def loop_variables():
    """All four, in the order in which `load_loop_variables` fills them."""
    return [create_or_get_var(name) for name in (ITERATIONS_PER_LOOP, LOOP_COND, ZERO, ONE)]


def load_loop_variables(variables, iterations_per_loop, session):
    for variable, value in zip(variables, (iterations_per_loop - 1, 0, 0, 1)):
        variable.load(value, session=session)


def set_iteration_per_loop(sess, train_op, iterations_per_loop=1):
    """Gives a session its loop.

    Returns:
        The operation to run in place of train_op.
    """
    _check_operation(train_op)
    checks.check_positive_integer(iterations_per_loop, "iterations_per_loop")
    if iterations_per_loop == 1:
        return train_op
    maker = IterationPerLoop()
    iteration_op = maker.create_iteration_per_loop_var(train_op)
    maker.load_iteration_per_loop_var(sess, iterations_per_loop)
    return iteration_op


class IterationPerLoop:
    """The same in two parts, for graphs that are finalized between them."""

    def __init__(self):
        self._variables = None

    def create_iteration_per_loop_var(self, train_op):
        _check_operation(train_op)
        self._variables = loop_variables()
        iteration_op = tf.group(train_op, name="IterationOp")
        loop.sink(iteration_op, None, self._variables[0])
        return iteration_op

    def load_iteration_per_loop_var(self, sess, iterations_per_loop=1):
        checks.check_positive_integer(iterations_per_loop, "iterations_per_loop")
        load_loop_variables(self._variables, iterations_per_loop, sess)
        loop.install(sess)


def check_path(path):
    """Returns the real path of a folder that can be read and written."""
    if not os.path.exists(path):
        raise ValueError(f"path:{path} is not exists.")
    if not os.path.isdir(path):
        raise ValueError(f"path:{path} is not directory.")
    if not os.access(path, os.R_OK | os.W_OK):
        raise ValueError(f"path:{path} is not read and write permissions.")
    return os.path.realpath(path)


def _check_operation(train_op):
    if not isinstance(train_op, tf.Operation):
        # Something that is no tensor either has no dtype: an AttributeError, as in the real one.
        raise ValueError(
            f"The incoming 'train_op' type is '{train_op.dtype.name}', "
            "and the need type is 'Operation'"
        )
