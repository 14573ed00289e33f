import pytest
import tensorflow.compat.v1 as tf

from estimator.options import parse_options

tf.disable_eager_execution()
tf.enable_resource_variables()


@pytest.fixture
def parse(tmp_path):
    def parsed(*flags):
        places = [f"--data_path={tmp_path}", f"--checkpoint_dir={tmp_path / 'run'}"]
        return parse_options([*places, *flags])

    return parsed
