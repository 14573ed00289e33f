"""Where a run computes: one `Device`, chosen by `choose_device`."""

from estimator.devices.device import Device
from estimator.devices.host import HostDevice
from estimator.devices.multi_host import MultiHostDevice, cluster_is_given
from estimator.devices.npu import loading
from estimator.devices.npu.device import NpuDevice

__all__ = ["Device", "choose_device", "host_device"]


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


def host_device(**settings):
    """Makes the GPU, if there is one, or the CPU a device, for programs without a command line.

    Args:
        **settings: Flags of train.py by their names, such as `device="cpu"`,
            `precision_mode="allow_mix_precision"`, `loss_scale="dynamic"` or `checkpoint_dir`.

    Returns:
        The `Device`, its process prepared.

    Raises:
        OptionsError: There is no such flag, its value is out of range, or the device is not there.
    """
    # Here, since the flags name the devices' modes of precision.
    from estimator.options.train_options import parse_options

    flags = {"data_path": ".", **settings}
    device = HostDevice(parse_options([f"--{name}={value}" for name, value in flags.items()]))
    device.prepare_process()
    return device
