"""What model_fn has to be told: the networks and the objective, as frozen values."""

from dataclasses import dataclass
from typing import Optional

from model_fn.networks.initialisation import INITIALISERS, NORMAL
from model_fn.networks.norms import BATCH_NORM, INSTANCE_NORM, NO_NORM, NORMS
from model_fn.networks.registry import DISCRIMINATORS, GENERATORS
from model_fn.networks.sizes import unet_depth
from model_fn.networks.unet import TRANSPOSED, UPSAMPLINGS
from model_fn.objective.registry import NO_DISCRIMINATOR, OBJECTIVES, WGAN_GP
from model_fn.objective.schedules import CONSTANT, SCHEDULES
from model_fn.objective.terms import CROSS_ENTROPY, DISTANCES, L1

_LAYERED = ("patch", "multi_scale")


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
        discriminator: Name of its family, of `DISCRIMINATORS`; None where there is none.
        unet_depth: Encoder layers of a U-Net; None for what the size allows.
        discriminator_layers: Layers of stride 2 of a PatchGAN whose name does not say it.
        discriminator_scales: Of "multi_scale".
        norm: Of both networks, of `NORMS`.
        bottleneck_norm: Whether a U-Net's bottleneck has a norm, too.
        upsampling: How generators double sides, of `UPSAMPLINGS`.
        separable: Whether a U-Net's convolutions are separable, after a resize where they double.
        spectral_norm: Whether the discriminator's kernels are normalised by their spectra.
        conditional: Whether the discriminator sees the input.
        output_classes: Whether output channels are classes, of which each pixel has shares that
            add up to 1, by softmax; else values in [-1, 1], by tanh.
        initialisation: Of kernels, of `INITIALISERS`.
        initial_gain: Of the initialisation.

    Raises:
        ValueError: There is no such part, parts do not go together, the size does not work, or a
            number is below 1. Fields are in backquotes.
    """

    height: int = 256
    width: int = 256
    input_channels: int = 3
    output_channels: int = 3
    generator_filters: int = 64
    discriminator_filters: int = 64
    generator: str = "unet"
    discriminator: Optional[str] = "patch"
    unet_depth: Optional[int] = None
    discriminator_layers: int = 3
    discriminator_scales: int = 2
    norm: str = BATCH_NORM
    bottleneck_norm: bool = False
    upsampling: str = TRANSPOSED
    separable: bool = False
    spectral_norm: bool = False
    conditional: bool = True
    output_classes: bool = False
    initialisation: str = NORMAL
    initial_gain: float = 0.02

    def __post_init__(self):
        for field in (
            "input_channels",
            "output_channels",
            "generator_filters",
            "discriminator_filters",
        ):
            if getattr(self, field) < 1:
                raise ValueError(f"{field} is {getattr(self, field)}; it must be at least 1")
        if self.output_classes and self.output_channels < 2:
            raise ValueError("`output_classes` needs two `output_channels` or more")
        _require_known("generator", self.generator, GENERATORS)
        _require_known("norm", self.norm, NORMS)
        _require_known("upsampling", self.upsampling, UPSAMPLINGS)
        _require_known("initialisation", self.initialisation, INITIALISERS)
        self._check_generator()
        GENERATORS[self.generator].check_size(self)
        if self.discriminator is not None:
            _require_known("discriminator", self.discriminator, DISCRIMINATORS)
            self._check_discriminator()
            DISCRIMINATORS[self.discriminator].check_size(self)

    def _check_generator(self):
        if not GENERATORS[self.generator].is_unet:
            for field in ("unet_depth", "bottleneck_norm", "separable"):
                if getattr(self, field):
                    raise ValueError(
                        f"`{field}` is for the generators unet and encoder_decoder, `generator` is "
                        f"{self.generator}; leave one of them out"
                    )
        elif self.bottleneck_norm and self.norm == NO_NORM:
            raise ValueError("`bottleneck_norm` needs a `norm`; leave one of them out")
        elif self.bottleneck_norm and self.norm == INSTANCE_NORM and self._ends_in_a_pixel():
            raise ValueError(
                "`bottleneck_norm` with `norm` instance: of the one pixel of the bottleneck "
                f"nothing would be left; leave it out, or use `unet_depth` {self.depth - 1}"
            )

    def _ends_in_a_pixel(self):
        return (self.height, self.width) == (2**self.depth, 2**self.depth)

    def _check_discriminator(self):
        default = type(self)
        if (
            self.discriminator not in _LAYERED
            and self.discriminator_layers != default.discriminator_layers
        ):
            raise ValueError(
                f"`discriminator_layers` {self.discriminator_layers} is for the discriminators "
                f"{' and '.join(_LAYERED)}, `discriminator` is {self.discriminator}; leave one out"
            )
        if (
            self.discriminator != "multi_scale"
            and self.discriminator_scales != default.discriminator_scales
        ):
            raise ValueError(
                f"`discriminator_scales` {self.discriminator_scales} is for the discriminator "
                f"multi_scale, `discriminator` is {self.discriminator}; leave one of them out"
            )

    @property
    def depth(self):
        """Number of encoder layers of a U-Net; None for other generators."""
        return unet_depth(self) if GENERATORS[self.generator].is_unet else None


@dataclass(frozen=True)
class ObjectiveConfig:
    """The objective and its optimisation, with the paper's values (sections 3.1 and 3.3).

    Attributes:
        gan_weight: Weight of the generator's adversarial loss.
        l1_weight: Weight of the distance to the target: of L1 lambda in the paper.
        learning_rate: Of Adam, for both networks.
        beta1: Adam's decay of the first moment; the second's is 0.999.
        seed: Seed of the dropout noise.
        test_dropout: Whether dropout stays on in evaluation, as in the paper (section 3.4).
        name: Of the adversarial part, of `OBJECTIVES`.
        feature_weight: Weight of the distance of the discriminator's features.
        edge_weight: Weight of the L1 distance of edges.
        discriminator_learning_rate: Of the discriminator's Adam; None for `learning_rate`.
        schedule: Of both learning rates, of `SCHEDULES`.
        total_steps: Steps of the training, for the schedule; 0 where nothing is trained.
        decay_steps: Of the schedule; see `learning_rate_at`.
        average_decay: Decay of the generator's moving average; 0 for none.
        predicts_by_average: Whether predictions take the average, if there is one.
        distance: To the target, of `DISTANCES`.
        gan_after: Steps for which the generator learns from distances alone, while the
            discriminator learns already.

    Raises:
        ValueError: There is no such objective or schedule. Fields are in backquotes.
    """

    gan_weight: float = 1.0
    l1_weight: float = 100.0
    learning_rate: float = 2e-4
    beta1: float = 0.5
    seed: int = 0
    test_dropout: bool = True
    name: str = "vanilla"
    feature_weight: float = 0.0
    edge_weight: float = 0.0
    discriminator_learning_rate: Optional[float] = None
    schedule: str = CONSTANT
    total_steps: int = 0
    decay_steps: int = 0
    average_decay: float = 0.0
    predicts_by_average: bool = True
    distance: str = L1
    gan_after: int = 0

    def __post_init__(self):
        _require_known("name", self.name, OBJECTIVES)
        _require_known("schedule", self.schedule, SCHEDULES)
        _require_known("distance", self.distance, DISTANCES)

    @property
    def has_discriminator(self):
        """Whether there is an adversarial part."""
        return self.name != NO_DISCRIMINATOR

    @property
    def has_penalty(self):
        """Whether the discriminator's slope is penalised."""
        return self.name == WGAN_GP

    @property
    def uses_average(self):
        """Whether predictions are those of the generator's average."""
        return self.average_decay > 0 and self.predicts_by_average


def check_together(network, objective):
    """Holds the rules that concern both.

    Args:
        network: `NetworkConfig`.
        objective: `ObjectiveConfig`.

    Raises:
        ValueError: They do not go together; says what would. Fields are in backquotes.
    """
    if network.output_classes != (objective.distance == CROSS_ENTROPY):
        raise ValueError(
            f"`output_classes` and `distance` {CROSS_ENTROPY} go together, shares of classes and "
            "their distance"
        )
    if objective.has_discriminator and network.discriminator is None:
        raise ValueError(f"`name` {objective.name} needs a `discriminator`")
    if objective.has_penalty:
        if network.norm == BATCH_NORM:
            raise ValueError(
                "`name` wgangp judges each picture by itself, which batch norm does not (Gulrajani "
                "et al. 2017, section 4); use `norm` instance or none"
            )
        if network.spectral_norm:
            raise ValueError(
                "`name` wgangp and `spectral_norm` both bound the discriminator's slope; leave one "
                "of them out"
            )
    if not objective.has_discriminator:
        if objective.feature_weight:
            raise ValueError(
                "`feature_weight` compares features of a discriminator, and `name` none has none; "
                "leave one of them out"
            )
        if not (objective.l1_weight or objective.edge_weight):
            raise ValueError(
                "`name` none with `l1_weight` and `edge_weight` 0 has nothing to learn from; give "
                "one of them"
            )


def _require_known(field, name, registry):
    if name not in registry:
        raise ValueError(f"{field} is {name!r}; it must be one of {', '.join(registry)}")
