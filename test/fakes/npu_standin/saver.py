"""NPUSaver: TensorFlow's Saver, which the real one makes broadcast sharded weights first."""

import tensorflow.compat.v1 as tf


class NPUSaver(tf.train.Saver):
    """Saves the variables that are there when it is made."""
