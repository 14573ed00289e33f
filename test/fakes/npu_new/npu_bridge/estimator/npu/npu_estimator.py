import tensorflow.compat.v1 as tf
from npu_standin.estimator import BaseEstimator, NPUEstimatorSpec

__all__ = ["NPUEstimator", "NPUEstimatorSpec"]


class NPUEstimator(BaseEstimator):
    def _make_saver(self, config):
        return tf.train.Saver(max_to_keep=config.keep_checkpoint_max)
