"""All flags of train.py, in the order of the help and of the options; ModelZoo's names are kept."""

from estimator.options.data_flags import DATA_FLAGS
from estimator.options.device_flags import DEVICE_FLAGS, DIAGNOSIS_FLAGS
from estimator.options.flags import (
    DATA,
    NETWORK,
    PREDICTION,
    all_flags,
    make_parser,
    names_of_role,
)
from estimator.options.network_flags import NETWORK_FLAGS, TRAINING_FLAGS
from estimator.options.run_flags import OUTPUT_FLAGS, RUN_FLAGS
from estimator.options.testing_flags import TESTING_FLAGS

TRAIN_GROUPS = (
    RUN_FLAGS,
    DATA_FLAGS,
    NETWORK_FLAGS,
    TRAINING_FLAGS,
    TESTING_FLAGS,
    OUTPUT_FLAGS,
    DEVICE_FLAGS,
    DIAGNOSIS_FLAGS,
)

# What must be the same when a run is resumed.
NETWORK_FIELDS = names_of_role(TRAIN_GROUPS, NETWORK)
# How files become what the network was trained on: the same in testing unless said otherwise.
DATA_FIELDS = names_of_role(TRAIN_GROUPS, DATA)
# What a prediction depends on beside these; flags may change them after training.
PREDICTION_FIELDS = names_of_role(TRAIN_GROUPS, PREDICTION)


def build_parser():
    """Builds the parser of train.py."""
    return make_parser(
        TRAIN_GROUPS,
        "train.py",
        "Trains pix2pix on a folder of paired A|B pictures, and tests it.",
        "--data_path DIR [--FLAG VALUE ...]",
    )


def default_of(name):
    """Gives the value that a field has where neither the command line nor a stored run has one.

    Args:
        name: Name of a field of `Options`.

    Returns:
        The value as `Options` holds it; None for fields that follow from others, or have none.
    """
    (flag,) = [flag for flag in all_flags(TRAIN_GROUPS) if flag.name == name]
    return flag.value
