"""The weights that a new run starts from, if they are another run's."""

import os
from dataclasses import dataclass
from typing import Tuple

import tensorflow.compat.v1 as tf

from estimator.errors import OptionsError
from estimator.options import views
from estimator.run.checkpoints import UNREADABLE, kept_checkpoints, latest_checkpoint, step_of
from estimator.run.folder import is_to_make_way
from estimator.run.stored_run import stored_options
from input_fn import reason_of
from model_fn import trainable_shapes

_SHOWN = 5


@dataclass(frozen=True)
class InitialWeights:
    """Variables of a checkpoint that variables of this run start with.

    Attributes:
        path: Of the checkpoint, less extension.
        names: Of the variables, here as there.
        left_out: The layers of this run that start anew, since none there fits.
    """

    path: str
    names: Tuple[str, ...]
    left_out: Tuple[str, ...]

    @property
    def line(self):
        """A line for the user."""
        taken = len({_layer_of(name) for name in self.names})
        text = f"starting from the weights of {self.path}: "
        if not self.left_out:
            return f"{text}all {taken} layers"
        more = len(self.left_out) - _SHOWN
        others = ", ".join(self.left_out[:_SHOWN]) + (f" and {more} more" if more > 0 else "")
        return f"{text}{taken} of {taken + len(self.left_out)} layers; anew: {others}"

    def initialise(self, variables):
        """Has variables initialised with those of the checkpoint, when the session is.

        Args:
            variables: The trainable variables of the run, with all optimizers built.
        """
        chosen = {each.op.name: each for each in variables}
        tf.train.init_from_checkpoint(self.path, {name: chosen[name] for name in self.names})


def find_initial_weights(plan):
    """Finds what `--init_from` names, and whether it can be used; to be called first of all.

    Args:
        plan: `RunPlan`.

    Returns:
        `InitialWeights`; None if there is no such flag, or the run goes on from its own checkpoint.

    Raises:
        OptionsError: The folder holds no trained run, or none of its layers fits; nothing was
            written.
    """
    options = plan.options
    if options.init_from is None:
        return None
    folder = options.checkpoint_dir
    if latest_checkpoint(folder) is not None or kept_checkpoints(folder):
        if not is_to_make_way(
            options, plan.target_step, plan.device.optimizer_state, plan.train_pairs.names
        ):
            return None
        _refuse_what_moves(options)
    path = None
    if stored_options(options.init_from):
        path = latest_checkpoint(options.init_from)
    if path is None:
        raise OptionsError(
            f"--init_from {options.init_from}: holds no trained run; name the folder that training "
            "wrote its checkpoints to, or its subfolder best"
        )
    return _fitting(path, options, plan.objective)


def _refuse_what_moves(options):
    moves = os.path.realpath(options.checkpoint_dir)
    if os.path.commonpath([moves, os.path.realpath(options.init_from)]) == moves:
        raise OptionsError(
            f"--init_from {options.init_from}: --existing archive is about to rename that folder; "
            "use another --checkpoint_dir"
        )


def _fitting(path, options, objective):
    """Picks the layers that the checkpoint has with the same names and shapes."""
    wanted = trainable_shapes(views.network_config(options), objective)
    try:
        reader = tf.train.load_checkpoint(path)
        held = reader.get_variable_to_shape_map()
        layers = dict.fromkeys(map(_layer_of, wanted))
        misfits = {_layer_of(name) for name, shape in wanted.items() if held.get(name) != shape}
        names = tuple(name for name in wanted if _layer_of(name) not in misfits)
        for name in names:
            reader.get_tensor(name)  # Which has a checksum.
    except UNREADABLE as error:
        raise OptionsError(
            f"--init_from {options.init_from}: {path} cannot be read ({reason_of(error)}); use "
            "another run"
        ) from None
    if not names:
        first = next(iter(wanted))
        raise OptionsError(
            f"--init_from {options.init_from}: no layer of step {step_of(path)} fits this network "
            f"({first} is {_shown(wanted[first])} here, {_shown(held.get(first))} there); use the "
            "flags of that run's network"
        )
    return InitialWeights(path, names, tuple(each for each in layers if each in misfits))


def _layer_of(name):
    return name.rsplit("/", 1)[0]


def _shown(shape):
    return "missing" if shape is None else "x".join(map(str, shape))
