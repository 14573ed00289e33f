"""What model_fn has to be told: the networks and the objective, as frozen values."""

from dataclasses import dataclass

from model_fn.networks.registry import DISCRIMINATORS, GENERATORS
from model_fn.objective.registry import OBJECTIVES


@dataclass(frozen=True)
class NetworkConfig:
    """The shape of both networks.

    Attributes:
        height: Of the pictures, in pixels; see `generator_depth` for the sizes that work.
        width: Of the pictures, in pixels.
        input_channels: Channels of the input picture x.
        output_channels: Channels of the target y and of the generator's output.
        generator_filters: Filters of the generator's first layer (`--ngf`; the paper has 64).
        discriminator_filters: Filters of the discriminator's first layer (`--ndf`; 64).
        generator: Name of its family, of `GENERATORS`.
        discriminator: Name of its family, of `DISCRIMINATORS`.

    Raises:
        ValueError: There is no such family, the size does not work, or a number is below 1.
    """

    height: int = 256
    width: int = 256
    input_channels: int = 3
    output_channels: int = 3
    generator_filters: int = 64
    discriminator_filters: int = 64
    generator: str = "unet"
    discriminator: str = "patch"

    def __post_init__(self):
        for field in (
            "input_channels",
            "output_channels",
            "generator_filters",
            "discriminator_filters",
        ):
            if getattr(self, field) < 1:
                raise ValueError(f"{field} is {getattr(self, field)}; it must be at least 1")
        _require_known("generator", self.generator, GENERATORS)
        _require_known("discriminator", self.discriminator, DISCRIMINATORS)
        self.depth  # noqa: B018 - raises if the size does not work

    @property
    def depth(self):
        """Number of encoder layers of the generator."""
        return GENERATORS[self.generator].depth(self.height, self.width)


@dataclass(frozen=True)
class ObjectiveConfig:
    """The objective and its optimisation, with the paper's values (sections 3.1 and 3.3).

    Attributes:
        gan_weight: Weight of the generator's adversarial loss.
        l1_weight: Weight of the L1 distance, lambda in the paper.
        learning_rate: Of Adam, for both networks.
        beta1: Adam's decay of the first moment; the second's is 0.999.
        seed: Seed of the dropout noise.
        test_dropout: Whether dropout stays on in evaluation, as in the paper (section 3.4).
        name: Of the adversarial part, of `OBJECTIVES`.

    Raises:
        ValueError: There is no such objective.
    """

    gan_weight: float = 1.0
    l1_weight: float = 100.0
    learning_rate: float = 2e-4
    beta1: float = 0.5
    seed: int = 0
    test_dropout: bool = True
    name: str = "vanilla"

    def __post_init__(self):
        _require_known("name", self.name, OBJECTIVES)


def _require_known(field, name, registry):
    if name not in registry:
        raise ValueError(f"{field} is {name!r}; it must be one of {', '.join(registry)}")
