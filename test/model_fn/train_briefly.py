"""Prints a digest of all variables after three steps as on a CPU, for each seed given."""

import hashlib
import sys

import numpy as np
import tensorflow.compat.v1 as tf

from model_fn import BY_PRODUCTS, NetworkConfig, ObjectiveConfig
from model_fn.step import build_training_step

tf.disable_eager_execution()
tf.enable_resource_variables()


class Device:
    operations = BY_PRODUCTS

    def wrap_optimizer(self, optimizer, name):
        return optimizer

    def dropout(self, x, rate, seed, step):
        seeds = tf.stack([tf.constant(seed, tf.int64), tf.cast(step, tf.int64)])
        return x * tf.cast(tf.random.stateless_uniform(x.shape, seeds) >= rate, tf.float32)


def digest(seed):
    with tf.Graph().as_default(), tf.Session() as session:
        tf.set_random_seed(seed)
        random = np.random.RandomState(0)
        x, y = (tf.constant(random.uniform(-1, 1, [2, 32, 32, 3]), tf.float32) for _ in range(2))
        step = build_training_step(
            x,
            y,
            NetworkConfig(32, 32, generator_filters=16, discriminator_filters=16),
            ObjectiveConfig(seed=seed),
            Device(),
            tf.train.get_or_create_global_step(),
        )
        session.run(tf.global_variables_initializer())
        for _ in range(3):
            session.run(step.train_op)
        variables = {variable.name: variable.read_value() for variable in tf.global_variables()}
        result = hashlib.sha256()
        for name, value in sorted(session.run(variables).items()):
            result.update(name.encode() + value.tobytes())
    return result.hexdigest()


if __name__ == "__main__":
    print(*(digest(int(seed)) for seed in sys.argv[1:]))
