from npu_standin.estimator import BaseEstimator, NPUEstimatorSpec

from npu_bridge.estimator.npu.npu_saver import NPUSaver

__all__ = ["NPUEstimator", "NPUEstimatorSpec"]


class NPUEstimator(BaseEstimator):
    def _make_saver(self, config):
        return NPUSaver(max_to_keep=config.keep_checkpoint_max)
