"""The terms of each network's loss, with their weights."""

import tensorflow.compat.v1 as tf

from model_fn.objective.adversarial import PENALTY_WEIGHT, gradient_penalty
from model_fn.objective.losses import Part
from model_fn.objective.terms import DISTANCES, edge_distance, feature_distance, logits_of


def discriminator_parts(judged, objective, game, has_penalty=False):
    """Telling real from fake; for WGAN-GP also how steep the judgement is.

    Args:
        judged: `Judged`.
        objective: `ObjectiveConfig`.
        game: `Adversarial`.
        has_penalty: Whether slopes other than 1 are penalised.

    Returns:
        List of `Part`s.
    """
    del objective
    parts = [
        Part("real", game.weight, game.real(logits_of(judged.real_verdicts)), on_console=False),
        Part("fake", game.weight, game.fake(logits_of(judged.fake_verdicts)), on_console=False),
    ]
    if has_penalty:
        penalty = gradient_penalty(judged.judge, judged.y, judged.fake, judged.mixing)
        parts.append(Part("penalty", PENALTY_WEIGHT, penalty, on_console=False))
    return parts


def generator_parts(judged, objective, game):
    """Passing for real, and what distances to the target were asked for.

    Args:
        judged: `Judged`.
        objective: `ObjectiveConfig`.
        game: `Adversarial`, or None without a discriminator. The paper's is the form that does not
            saturate, -log D(x, G(x)) (section 3.3).

    Returns:
        List of `Part`s.
    """
    parts = []
    if game is not None:
        weight = objective.gan_weight
        if objective.gan_after:
            weight *= tf.cast(judged.steps_before >= objective.gan_after, tf.float32)
        parts.append(Part("gan", weight, game.fool(logits_of(judged.fake_verdicts))))
    distance = DISTANCES[objective.distance](judged)
    parts.append(Part(objective.distance, objective.l1_weight, distance))
    if objective.feature_weight:
        features = feature_distance(judged)
        parts.append(Part("feat", objective.feature_weight, features, on_console=False))
    if objective.edge_weight:
        edges = edge_distance(judged)
        parts.append(Part("edge", objective.edge_weight, edges, on_console=False))
    return parts
