"""How fast this machine does the two large parts of a training step: products, and Adam's pass."""

import statistics
import time

import tensorflow.compat.v1 as tf

_WARM_UP, _TIMED = 4, 9


def product_gflops(size, dtype, config):
    """Measures the rate of matrix products, in 10^9 operations per second."""
    with tf.Graph().as_default(), tf.Session(config=config) as session:
        a, b = (_ones(name, [size, size], dtype) for name in "ab")
        seconds = _seconds(session, tf.matmul(a, b).op)
    return 2 * size**3 / seconds / 1e9


def passes_over_weights(shapes, dtype, config):
    """Measures what a step does to every weight, without the networks.

    Adam goes over weights, two moments and gradients; in another type than float32 each weight is
    cast before, and each gradient after.

    Returns:
        Seconds.
    """
    with tf.Graph().as_default(), tf.Session(config=config) as session:
        casts, pairs = [], []
        for number, shape in enumerate(shapes):
            weight = _ones(f"weight_{number}", shape, tf.float32)
            gradient = _ones(f"gradient_{number}", shape, dtype)
            pairs.append((tf.cast(gradient.read_value(), tf.float32), weight))
            if dtype != tf.float32:
                copy = _ones(f"copy_{number}", shape, dtype)
                casts.append(copy.assign(tf.cast(weight.read_value(), dtype), read_value=False))
        with tf.control_dependencies(casts):
            update = tf.train.AdamOptimizer().apply_gradients(pairs)
        return _seconds(session, update)


def _ones(name, shape, dtype):
    ones = tf.ones_initializer()
    return tf.get_variable(name, shape, dtype, initializer=ones, use_resource=True)


def _seconds(session, operation):
    """Runs an operation again and again; returns the median of its seconds."""
    run = session.make_callable(operation)
    session.run(tf.global_variables_initializer())
    seconds = []
    for _ in range(_WARM_UP + _TIMED):
        start = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - start)
    return statistics.median(seconds[_WARM_UP:])
