"""Where a run computes: one object per device, chosen by `choose_device`."""

from estimator.devices.host import HostDevice
from estimator.errors import OptionsError


def choose_device(options):
    """Chooses the device that `--device` asks for.

    Args:
        options: `Options`.

    Returns:
        The device; its `description` says in one line what was chosen and why.

    Raises:
        OptionsError: The device is not there, or an option needs another one.
    """
    if options.device == "npu":
        raise OptionsError("--device npu: this version runs on gpu and cpu; use --device auto")
    return HostDevice(options)
