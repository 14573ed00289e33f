"""Where a run computes: one `Device`, chosen by `choose_device`."""

from estimator.devices.device import Device
from estimator.devices.host import HostDevice
from estimator.devices.multi_host import MultiHostDevice, cluster_is_given
from estimator.devices.npu import loading
from estimator.devices.npu.device import NpuDevice

__all__ = ["Device", "choose_device"]


def choose_device(options):
    """Chooses the device that `--device` asks for; with auto, the NPU if its software imports.

    Args:
        options: `Options`.

    Returns:
        The `Device`; its `description` says in one line what was chosen and why. Whoever trains or
        predicts with it calls its `prepare_process` first.

    Raises:
        OptionsError: The device is not there, or an option needs another one.
    """
    if options.device == "npu":
        return NpuDevice(options)
    if options.device != "auto" or not loading.is_installed():
        return MultiHostDevice(options) if cluster_is_given() else HostDevice(options)
    reason = loading.import_problem()
    return NpuDevice(options) if reason is None else HostDevice(options, reason)
