"""All flags of train.py, in the order of the help and of the options; ModelZoo's names are kept."""

from estimator.options.data_flags import DATA_FLAGS
from estimator.options.device_flags import DEVICE_FLAGS, DIAGNOSIS_FLAGS, EXCHANGE_FLAGS
from estimator.options.flags import make_parser
from estimator.options.network_flags import NETWORK_FLAGS
from estimator.options.objective_flags import OBJECTIVE_FLAGS, TRAINING_FLAGS
from estimator.options.run_flags import OUTPUT_FLAGS, RUN_FLAGS
from estimator.options.testing_flags import TESTING_FLAGS

TRAIN_GROUPS = (
    RUN_FLAGS,
    DATA_FLAGS,
    NETWORK_FLAGS,
    OBJECTIVE_FLAGS,
    TRAINING_FLAGS,
    TESTING_FLAGS,
    OUTPUT_FLAGS,
    DEVICE_FLAGS,
    EXCHANGE_FLAGS,
    DIAGNOSIS_FLAGS,
)


def build_parser():
    """Builds the parser of train.py."""
    return make_parser(
        TRAIN_GROUPS,
        "Trains pix2pix on a folder of paired A|B pictures, and tests it.",
        "--data_path DIR [--FLAG VALUE ...]",
    )
