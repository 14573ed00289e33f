"""A moving average of the generator, which makes smoother pictures than its last weights."""

import tensorflow.compat.v1 as tf

AVERAGE = "average"
# As TensorFlow's ExponentialMovingAverage with `num_updates`, but from 0: the average begins as the
# weights after the first step, and not with those that were drawn.
_WARM_UP = 9.0


def update_averages(variables, decay, steps_before, steps_after):
    """Builds the update of the averages, to be run after the weights'.

    average = d average + (1 - d) weight, d = min(decay, step / (step + 9)); where a step was
    skipped, which leaves the global step as it was, the averages stay as well.

    Args:
        variables: The generator's, read again here.
        decay: Below 1, such as 0.999.
        steps_before: int64 scalar, the global step before the step.
        steps_after: int64 scalar, the global step after it.

    Returns:
        The op. The averages are variables "average/" + a variable's name.
    """
    step = tf.cast(steps_before, tf.float32)
    moved = tf.cast(steps_after - steps_before, tf.float32)
    rate = moved * (1.0 - tf.minimum(decay, step / (step + _WARM_UP)))
    with tf.variable_scope(AVERAGE, reuse=tf.AUTO_REUSE, use_resource=True):
        averages = [
            tf.get_variable(
                variable.op.name,
                variable.shape,
                initializer=tf.zeros_initializer(),
                trainable=False,
                aggregation=tf.VariableAggregation.ONLY_FIRST_REPLICA,
            )
            for variable in variables
        ]
    updates = [
        assign_here(average, average - rate * (average - variable.read_value()))
        for average, variable in zip(averages, variables)
    ]
    return tf.group(*updates)


def assign_here(variable, value):
    """Assigns a value that is the same on all ranks, without asking them for theirs.

    Args:
        variable: `tf.Variable`.
        value: Tensor of its shape.

    Returns:
        The op.
    """

    def on_all(strategy, variable, value):
        return strategy.extended.update(
            variable, lambda own, new: own.assign(new, read_value=False), args=(value,)
        )

    return tf.distribute.get_replica_context().merge_call(on_all, args=(variable, value))
