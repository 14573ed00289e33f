"""The objectives by their names; a new one is a line here."""

import functools
from collections import namedtuple

from model_fn.objective.adversarial import HINGE, LEAST_SQUARES, VANILLA, WASSERSTEIN
from model_fn.objective.parts import discriminator_parts, generator_parts

Objective = namedtuple("Objective", ["discriminator_parts", "generator_parts"])
Objective.__doc__ = """Two functions of (`Judged`, `ObjectiveConfig`) that return a network's list
of `Part`s; the first is None where there is no discriminator."""

NO_DISCRIMINATOR, WGAN_GP = "none", "wgangp"


def _objective(game, **how):
    return Objective(
        functools.partial(discriminator_parts, game=game, **how),
        functools.partial(generator_parts, game=game),
    )


OBJECTIVES = {
    "vanilla": _objective(VANILLA),
    "lsgan": _objective(LEAST_SQUARES),
    "hinge": _objective(HINGE),
    WGAN_GP: _objective(WASSERSTEIN, has_penalty=True),
    NO_DISCRIMINATOR: Objective(None, functools.partial(generator_parts, game=None)),
}
