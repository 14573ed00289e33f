"""Parts that do not go together, or do not take a size, are refused with what would work."""

import dataclasses
import re

import pytest

from model_fn import NetworkConfig, ObjectiveConfig, SizeError, check_together

RESNET = {"generator": "resnet_9"}


def sized(height, width, **fields):
    return {"height": height, "width": width, **fields}


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("generator", "unet, encoder_decoder, resnet_6, resnet_9, global, local"),
        ("discriminator", "patch, pixel, patch_16, patch_286, multi_scale"),
        ("norm", "batch, instance, none"),
        ("upsampling", "transposed, resize"),
        ("initialisation", "normal, xavier, kaiming, orthogonal"),
    ],
)
def test_a_part_that_there_is_not_is_refused_with_those_there_are(field, named):
    with pytest.raises(ValueError, match=f"^{field} is 'other'; it must be one of {named}$"):
        NetworkConfig(**{field: "other"})


@pytest.mark.parametrize(
    ("field", "named"),
    [
        ("name", "vanilla, lsgan, hinge, wgangp, none"),
        ("schedule", "constant, linear, step, cosine"),
    ],
)
def test_so_is_an_objective(field, named):
    with pytest.raises(ValueError, match=f"^{field} is 'other'; it must be one of {named}$"):
        ObjectiveConfig(**{field: "other"})


# (what is refused, part of the message, the remedy that the message names).
TOGETHER = [
    (
        {**RESNET, "unet_depth": 5},
        "`unet_depth` is for the generators unet and encoder_decoder, `generator` is resnet_9; "
        "leave one of them out",
        {"unet_depth": None},
    ),
    ({**RESNET, "bottleneck_norm": True}, "`bottleneck_norm` is for", {"bottleneck_norm": False}),
    ({**RESNET, "separable": True}, "`separable` is for", {"generator": "encoder_decoder"}),
    (
        {"bottleneck_norm": True, "norm": "none"},
        "`bottleneck_norm` needs a `norm`",
        {"norm": "batch"},
    ),
    (
        {"bottleneck_norm": True, "norm": "instance"},
        "nothing would be left; leave it out, or use `unet_depth` 7",
        {"unet_depth": 7},
    ),
    (
        {"discriminator": "pixel", "discriminator_layers": 2},
        "`discriminator_layers` 2 is for the discriminators patch and multi_scale, "
        "`discriminator` is pixel",
        {"discriminator": "patch"},
    ),
    (
        {"discriminator": "patch", "discriminator_scales": 3},
        "`discriminator_scales` 3 is for the discriminator multi_scale, `discriminator` is patch",
        {"discriminator": "multi_scale"},
    ),
]
SIZES = [
    ({"unet_depth": 1}, "`unet_depth` is 1; it must be at least 2", {"unet_depth": 2}),
    (
        sized(96, 64, unet_depth=7),
        "a U-Net of `unet_depth` 7 does not take 96x64 (height x width): both sides must be "
        "multiples of 128; 128x128 works",
        sized(128, 128),
    ),
    (
        sized(30, 64, **RESNET, discriminator="pixel"),
        "`generator` resnet_9 does not take 30x64 (height x width): both sides must be multiples "
        "of 4; 32x64 works",
        sized(32, 64),
    ),
    (
        sized(4, 64, generator="resnet_6", discriminator="pixel"),
        "`generator` resnet_6 does not take 4x64 (height x width): 8x8 is the least",
        sized(8, 8),
    ),
    (sized(64, 72, generator="global"), "multiples of 16; 64x80 works", sized(64, 80)),
    (
        sized(16, 16, generator="global", discriminator="pixel"),
        "32x32 is the least",
        sized(32, 32),
    ),
    (sized(64, 80, generator="local"), "multiples of 32; 64x96 works", sized(64, 96)),
    (sized(32, 32, generator="local"), "64x64 is the least", sized(64, 64)),
    ({"discriminator_layers": 0}, "is 0; it must be at least 1", {"discriminator_layers": 1}),
    ({"discriminator_layers": -1}, "is -1; it must be at least 1", {"discriminator_layers": 1}),
    (
        sized(64, 64, discriminator_layers=5),
        "`discriminator` patch with 5 layers of stride 2 does not take 64x64 (height x width); "
        "both sides must be multiples of 32, at least 96, or `discriminator_layers` 4",
        {"discriminator_layers": 4},
    ),
    (
        sized(64, 64, discriminator="patch_286"),
        "`discriminator` patch_286 with 5 layers of stride 2 does not take 64x64 (height x width); "
        "both sides must be multiples of 32, at least 96",
        sized(96, 96),
    ),
    (
        sized(32, 32, discriminator="multi_scale"),
        "with 3 layers of stride 2 at 2 scales does not take 32x32 (height x width); both sides "
        "must be multiples of 16, at least 48, or `discriminator_layers` 2",
        {"discriminator_layers": 2},
    ),
    (
        {"discriminator": "multi_scale", "discriminator_scales": 0},
        "`discriminator_scales` is 0; it must be at least 1",
        {"discriminator_scales": 1},
    ),
]


@pytest.mark.parametrize(("fields", "message", "remedy"), TOGETHER + SIZES)
def test_a_network_is_refused_in_one_line_and_its_remedy_works(fields, message, remedy):
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        NetworkConfig(**fields)
    assert "\n" not in str(error.value)
    NetworkConfig(**{**fields, **remedy})


@pytest.mark.parametrize(
    "fields", [fields for fields, message, _ in SIZES if "x" in message.split("must be at")[0]]
)
def test_what_concerns_the_size_is_an_error_of_its_own(fields):
    """The options tell which flags it is about."""
    with pytest.raises(SizeError):
        NetworkConfig(**fields)


@pytest.mark.parametrize(
    ("network", "objective", "message", "remedy"),
    [
        ({"discriminator": None}, {"name": "hinge"}, "`name` hinge needs a `discriminator`", {}),
        ({}, {"name": "wgangp"}, "use `norm` instance or none", {"norm": "instance"}),
        ({}, {"name": "wgangp"}, "use `norm` instance or none", {"norm": "none"}),
        (
            {"norm": "none", "spectral_norm": True},
            {"name": "wgangp"},
            "`name` wgangp and `spectral_norm` both bound the discriminator's slope; leave one",
            {"spectral_norm": False},
        ),
        (
            {},
            {"name": "none", "feature_weight": 1.0},
            "`feature_weight` compares features of a discriminator, and `name` none has none",
            {"feature_weight": 0.0},
        ),
        (
            {},
            {"name": "none", "l1_weight": 0.0},
            "`name` none with `l1_weight` and `edge_weight` 0 has nothing to learn from",
            {"edge_weight": 1.0},
        ),
    ],
)
def test_what_concerns_both_is_refused_and_its_remedy_works(network, objective, message, remedy):
    network, objective = NetworkConfig(**network), ObjectiveConfig(**objective)
    with pytest.raises(ValueError, match=re.escape(message)) as error:
        check_together(network, objective)
    assert "\n" not in str(error.value)
    remedy = remedy or {"discriminator": "patch"}
    changed = [
        dataclasses.replace(
            one, **{field: value for field, value in remedy.items() if hasattr(one, field)}
        )
        for one in (network, objective)
    ]
    check_together(*changed)


@pytest.mark.parametrize("name", ["vanilla", "lsgan", "hinge"])
def test_other_objectives_go_with_every_norm_and_with_spectral_norm(name):
    for norm in ("batch", "instance", "none"):
        for spectral_norm in (True, False):
            network = NetworkConfig(norm=norm, spectral_norm=spectral_norm)
            check_together(network, ObjectiveConfig(name=name, feature_weight=10.0))


def test_a_u_net_has_a_depth_and_others_have_none():
    assert NetworkConfig(generator="encoder_decoder").depth == 8
    assert NetworkConfig(unet_depth=3).depth == 3
    assert NetworkConfig(**RESNET).depth is None


def test_there_is_an_average_to_predict_by_only_where_one_is_kept():
    assert not ObjectiveConfig().uses_average
    assert ObjectiveConfig(average_decay=0.9).uses_average
    assert not ObjectiveConfig(average_decay=0.9, predicts_by_average=False).uses_average
