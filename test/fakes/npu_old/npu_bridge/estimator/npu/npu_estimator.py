import tensorflow.compat.v1 as tf
from npu_standin.estimator import BaseEstimator, NPUEstimatorSpec

__all__ = ["NPUEstimator", "NPUEstimatorSpec"]


class NPUEstimator(BaseEstimator):
    def _make_saver(self, config):
        """Takes no notice of keep_checkpoint_max: the five newest are kept, Saver's default."""
        return tf.train.Saver()
