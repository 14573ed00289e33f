"""Parts that do not go together, through the command line: one line that says what would work."""

import io

import pytest

from estimator import train


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (
            "--gan_mode=wgangp",
            "--gan_mode wgangp judges each picture by itself, which batch norm does not (Gulrajani "
            "et al. 2017, section 4); use --norm instance or none",
        ),
        (
            "--gan_mode=wgangp --norm=none --spectral_norm_D",
            "--gan_mode wgangp and --spectral_norm_D both bound the discriminator's slope; leave "
            "one of them out",
        ),
        (
            "--gan_mode=none --lambda_feat=10",
            "--lambda_feat compares features of a discriminator, and --gan_mode none has none; "
            "leave one of them out",
        ),
        (
            "--gan_mode=none --L1_lambda=0",
            "--gan_mode none with --L1_lambda and --lambda_edge 0 has nothing to learn from; give "
            "one of them",
        ),
        (
            "--fine_size=64 --n_layers_D=5",
            "--fine_size: --netD patch with 5 layers of stride 2 does not take 64x64 (height x "
            "width); both sides must be multiples of 32, at least 96, or --n_layers_D 4",
        ),
        (
            "--fine_size=64 --netD=patch_286",
            "--fine_size: --netD patch_286 with 5 layers of stride 2 does not take 64x64 (height x "
            "width); both sides must be multiples of 32, at least 96",
        ),
        (
            "--fine_size=64 --netD=multi_scale --num_D=4",
            "--fine_size: --netD multi_scale with 3 layers of stride 2 at 4 scales does not take "
            "64x64 (height x width); both sides must be multiples of 64, at least 192, or "
            "--n_layers_D 1",
        ),
        (
            "--netD=pixel --n_layers_D=4",
            "--n_layers_D 4 is for the discriminators patch and multi_scale, --netD is pixel; "
            "leave one out",
        ),
        (
            "--num_D=3",
            "--num_D 3 is for the discriminator multi_scale, --netD is patch; leave one of them "
            "out",
        ),
        (
            "--netG=resnet_9 --unet_depth=4",
            "--unet_depth is for the generators unet and encoder_decoder, --netG is resnet_9; "
            "leave one of them out",
        ),
        (
            "--netG=global --fine_size=100",
            "--fine_size: --netG global does not take 100x100 (height x width): both sides must be "
            "multiples of 16; 96x96 works",
        ),
        (
            "--unet_depth=7 --fine_size=64",
            "--fine_size: a U-Net of --unet_depth 7 does not take 64x64 (height x width): both "
            "sides must be multiples of 128; 128x128 works",
        ),
        ("--unet_depth=1", "--unet_depth is 1; it must be at least 2"),
        (
            "--bottleneck_norm --norm=instance",
            "--bottleneck_norm with --norm instance: of the one pixel of the bottleneck nothing "
            "would be left; leave it out, or use --unet_depth 7",
        ),
        (
            "--bottleneck_norm --norm=none",
            "--bottleneck_norm needs a --norm; leave one of them out",
        ),
        (
            "--n_epochs_decay=10",
            "--n_epochs_decay 10: is of --lr_policy linear and step, --lr_policy is constant; "
            "leave one of them out",
        ),
    ],
)
def test_is_refused_before_anything_is_written(tmp_path, monkeypatch, flags, message):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    folder = tmp_path / "run"
    places = [f"--data_path={tmp_path}", f"--checkpoint_dir={folder}"]
    assert train.main([*places, *flags.split()]) == 2
    assert written.getvalue() == f"error: {message}\n"
    assert not folder.exists()


@pytest.mark.parametrize(
    "flags", ["--netG=vnet", "--netD=patches", "--gan_mode=gan", "--norm=layer", "--ema=1"]
)
def test_what_there_is_not_is_refused_with_what_there_is(tmp_path, monkeypatch, flags):
    written = io.StringIO()
    monkeypatch.setattr("sys.stderr", written)
    assert train.main([f"--data_path={tmp_path}", flags]) == 2
    (line,) = written.getvalue().splitlines()
    assert line.startswith(f"error: argument {flags.split('=')[0]}: ")
    assert "choose from" in line or "it must be at least 0 and below 1" in line
