"""Where a run computes: one object per device, chosen by `choose_device`."""

from estimator.devices.host import HostDevice
from estimator.devices.multi_host import MultiHostDevice, cluster_is_given
from estimator.devices.npu import npu


def choose_device(options):
    """Chooses the device that `--device` asks for; with auto, the NPU if its software imports.

    Args:
        options: `Options`.

    Returns:
        The device; its `description` says in one line what was chosen and why.

    Raises:
        OptionsError: The device is not there, or an option needs another one.
    """
    if options.device == "npu":
        return npu.NpuDevice(options)
    if options.device != "auto" or not npu.is_installed():
        return MultiHostDevice(options) if cluster_is_given() else HostDevice(options)
    reason = npu.import_problem()
    return npu.NpuDevice(options) if reason is None else HostDevice(options, reason)
