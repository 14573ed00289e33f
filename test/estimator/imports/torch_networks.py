"""The generators of junyanz's program, written anew in PyTorch, and the files in golden/ of them.

    python test/estimator/imports/torch_networks.py test/estimator/imports/golden

The modules stand where that program has them, so that a state_dict has its names. Each file holds
random weights of a network with hardly any filters; beside it is some of the picture that PyTorch
makes with them of `picture`.
"""

import pathlib
import sys

import numpy as np
import torch
from torch import nn

NORMS = {
    "batch": nn.BatchNorm2d,
    "instance": nn.InstanceNorm2d,
    "none": lambda channels: nn.Identity(),
}


class Level(nn.Module):
    """A layer of the U-Net each way, and what is within."""

    def __init__(self, outer, inner, within, norm, channels=None, is_outermost=False):
        super().__init__()
        self.is_outermost = is_outermost
        bias = norm == "instance"
        down = nn.Conv2d(channels or outer, inner, 4, 2, 1, bias=bias)
        if is_outermost:
            up = nn.ConvTranspose2d(2 * inner, outer, 4, 2, 1)
            modules = [down, within, nn.ReLU(), up, nn.Tanh()]
        elif within is None:
            up = nn.ConvTranspose2d(inner, outer, 4, 2, 1, bias=bias)
            modules = [nn.LeakyReLU(0.2), down, nn.ReLU(), up, NORMS[norm](outer)]
        else:
            up = nn.ConvTranspose2d(2 * inner, outer, 4, 2, 1, bias=bias)
            modules = [nn.LeakyReLU(0.2), down, NORMS[norm](inner), within]
            modules += [nn.ReLU(), up, NORMS[norm](outer)]
        self.model = nn.Sequential(*modules)

    def forward(self, x):
        y = self.model(x)
        return y if self.is_outermost else torch.cat([x, y], 1)


class UNet(nn.Module):
    """unet_256 has depth 8, unet_128 depth 7."""

    def __init__(self, inputs, outputs, depth, ngf, norm):
        super().__init__()
        level = Level(8 * ngf, 8 * ngf, None, norm)
        for _ in range(depth - 5):
            level = Level(8 * ngf, 8 * ngf, level, norm)
        for widening in (4, 2, 1):
            level = Level(widening * ngf, 2 * widening * ngf, level, norm)
        self.model = Level(outputs, ngf, level, norm, inputs, is_outermost=True)

    def forward(self, x):
        return self.model(x)


class Block(nn.Module):
    """A residual block."""

    def __init__(self, filters, norm, has_dropout):
        super().__init__()
        bias = norm == "instance"
        modules = []
        for _ in range(2):
            modules += [nn.ReflectionPad2d(1), nn.Conv2d(filters, filters, 3, bias=bias)]
            modules += [NORMS[norm](filters)]
            if len(modules) == 3:
                modules += [nn.ReLU(), nn.Dropout(0.5)] if has_dropout else [nn.ReLU()]
        self.conv_block = nn.Sequential(*modules)

    def forward(self, x):
        return x + self.conv_block(x)


class ResNet(nn.Module):
    """resnet_6blocks and resnet_9blocks."""

    def __init__(self, inputs, outputs, blocks, ngf, norm, has_dropout):
        super().__init__()
        bias = norm == "instance"
        modules = [nn.ReflectionPad2d(3), nn.Conv2d(inputs, ngf, 7, bias=bias)]
        modules += [NORMS[norm](ngf), nn.ReLU()]
        for filters in (ngf, 2 * ngf):
            modules += [nn.Conv2d(filters, 2 * filters, 3, 2, 1, bias=bias)]
            modules += [NORMS[norm](2 * filters), nn.ReLU()]
        modules += [Block(4 * ngf, norm, has_dropout) for _ in range(blocks)]
        for filters in (4 * ngf, 2 * ngf):
            modules += [nn.ConvTranspose2d(filters, filters // 2, 3, 2, 1, 1, bias=bias)]
            modules += [NORMS[norm](filters // 2), nn.ReLU()]
        modules += [nn.ReflectionPad2d(3), nn.Conv2d(ngf, outputs, 7), nn.Tanh()]
        self.model = nn.Sequential(*modules)

    def forward(self, x):
        return self.model(x)


def randomised(network, seed):
    """Gives a network random weights, with which its pictures are neither flat nor saturated."""
    torch.manual_seed(seed)
    norms = (nn.BatchNorm2d, nn.InstanceNorm2d)
    if not any(isinstance(module, norms) for module in network.modules()):
        deviation = 0.1
    else:
        deviation = 0.25 if isinstance(network, UNet) else 0.06
    for parameter in network.parameters():
        nn.init.normal_(parameter, 0.0 if parameter.dim() > 1 else 0.1, deviation)
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.normal_(module.weight, 1.0, 0.3)
    return network


def translated(network, picture):
    """Runs a network as that program does in testing, with the picture's own statistics.

    Args:
        network: Of these.
        picture: float32 [height, width, channels] in [-1, 1].

    Returns:
        The same; without dropout, whose noise would be another one each time.
    """
    network.train()
    for module in network.modules():
        if isinstance(module, nn.Dropout):
            module.eval()
    with torch.no_grad():
        y = network(torch.tensor(picture).permute(2, 0, 1)[None])
    return np.ascontiguousarray(y[0].permute(1, 2, 0).numpy())


def save(network, path, is_older=False):
    """Writes a state_dict, as PyTorch does today or as it did before 1.6."""
    torch.save(network.state_dict(), str(path), _use_new_zipfile_serialization=not is_older)


def picture(height, width, channels):
    """Makes a smooth picture, uint8; conftest.py has it as well, where PyTorch is missing."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [np.sin((k + 2) * x / 17 + k) + np.cos((k + 3) * y / 23 - k) for k in range(channels)]
    return np.rint(127.5 + 60 * np.stack(waves, axis=-1)).clip(0, 255).astype(np.uint8)


def main():
    """Writes the files in golden/."""
    folder = pathlib.Path(sys.argv[1])
    for name, network, size, channels, is_older in (
        ("unet_256", UNet(3, 3, 8, 1, "batch"), 256, 3, False),
        ("unet_128", UNet(1, 2, 7, 1, "instance"), 128, 1, True),
        ("resnet_6blocks", ResNet(3, 3, 6, 2, "batch", True), 64, 3, True),
        ("resnet_9blocks", ResNet(3, 3, 9, 2, "instance", False), 64, 3, False),
    ):
        randomised(network, seed=len(name))
        x = picture(size, size, channels) / np.float32(127.5) - 1
        save(network, folder / f"{name}.pth", is_older)
        sample = slice(3, None, 7) if size > 64 else slice(1, None, 3)
        np.save(str(folder / f"{name}.npy"), translated(network, x)[sample, sample])


if __name__ == "__main__":
    main()
