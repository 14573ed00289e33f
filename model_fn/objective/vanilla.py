"""The paper's objective: cross entropy of real and fake, and the L1 distance to the target."""

from model_fn.objective.losses import Part
from model_fn.objective.terms import l1_distance, taken_for_fake, taken_for_real


def discriminator_parts(judged, objective):
    """Half the cross entropy of telling real from fake.

    Halved to slow the discriminator relative to the generator (paper, section 3.3).

    Args:
        judged: `Judged`.
        objective: `ObjectiveConfig`.

    Returns:
        List of `Part`s.
    """
    del objective
    return [
        Part("real", 0.5, taken_for_real(judged.real_logits), on_console=False),
        Part("fake", 0.5, taken_for_fake(judged.fake_logits), on_console=False),
    ]


def generator_parts(judged, objective):
    """Cross entropy of passing for real, and the L1 distance; arguments as above.

    The first is the form that does not saturate, -log D(x, G(x)) (paper, section 3.3).
    """
    return [
        Part("gan", objective.gan_weight, taken_for_real(judged.fake_logits)),
        Part("l1", objective.l1_weight, l1_distance(judged)),
    ]
