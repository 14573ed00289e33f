"""The objectives by their names; a new one is a file of its own and a line here."""

from collections import namedtuple

from model_fn.objective import vanilla

Objective = namedtuple("Objective", ["discriminator_parts", "generator_parts"])
Objective.__doc__ = """Two functions of (`Judged`, `ObjectiveConfig`) that return a network's list
of `Part`s; `real_logits` is None for the generator's."""

OBJECTIVES = {"vanilla": Objective(vanilla.discriminator_parts, vanilla.generator_parts)}
