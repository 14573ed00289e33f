"""What model_fn has to be told: the networks and the objective, as frozen values."""

from dataclasses import dataclass

from model_fn.networks.sizes import generator_depth


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
        lab: Whether the input is the lightness and the output the colour of Lab, to be shown and
            scored as RGB.

    Raises:
        ValueError: The size does not work, or a number is below 1.
    """

    height: int = 256
    width: int = 256
    input_channels: int = 3
    output_channels: int = 3
    generator_filters: int = 64
    discriminator_filters: int = 64
    lab: bool = False

    def __post_init__(self):
        for field in (
            "input_channels",
            "output_channels",
            "generator_filters",
            "discriminator_filters",
        ):
            if getattr(self, field) < 1:
                raise ValueError(f"{field} is {getattr(self, field)}; it must be at least 1")
        generator_depth(self.height, self.width)
        if self.lab and (self.input_channels, self.output_channels) != (1, 2):
            raise ValueError("lab has 1 input channel, L, and 2 output channels, a and b")

    @property
    def depth(self):
        """Number of encoder layers of the generator."""
        return generator_depth(self.height, self.width)


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
    """

    gan_weight: float = 1.0
    l1_weight: float = 100.0
    learning_rate: float = 2e-4
    beta1: float = 0.5
    seed: int = 0
    test_dropout: bool = True
