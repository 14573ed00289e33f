import os

import pytest
import tensorflow.compat.v1 as tf

from estimator.devices import Device
from estimator.devices.host import HostDevice
from estimator.devices.multi_host import MultiHostDevice
from model_fn import BY_PRODUCTS

KINDS = ["host", "multi_host"]  # npu/test_device.py has the third.


@pytest.fixture
def strategies(monkeypatch):
    """What stands in for strategies over several workers, as they are made."""
    made = []

    def make():
        made.append(object())
        return made[-1]

    monkeypatch.setattr(tf.distribute.experimental, "MultiWorkerMirroredStrategy", make)
    return made


@pytest.fixture(params=KINDS)
def make_device(request, parse, monkeypatch, two_workers):
    """Makes a device on the CPU."""
    if request.param == "host":
        monkeypatch.delenv("TF_CONFIG")
        return lambda: HostDevice(parse("--device=cpu"))
    # By factors its operations would be those that tell of their gradients.
    return lambda: MultiHostDevice(parse("--device=cpu", "--exchange=gradients"))


class TestInterface:
    def test_nothing_that_lacks_a_part_can_be_made(self):
        class Partial(Device):
            pass

        with pytest.raises(TypeError, match="abstract"):
            Partial()

    def test_every_device_has_all_attributes(self, make_device):
        device = make_device()
        assert isinstance(device, Device)
        assert device.size in (1, 2)
        assert device.rank == device.size - 1  # The second of two, or the one.
        assert device.is_chief is device.owns_folder is (device.rank == 0)
        assert device.steps_per_run == 1
        assert device.session_writes_summaries is True
        assert device.operations is BY_PRODUCTS
        assert device.optimizer_state == "no loss scale"
        assert device.description.startswith("device: cpu (as asked)")
        assert device.training_hooks() == []


class TestProcess:
    def test_a_constructor_changes_nothing(self, make_device, malloc_options, strategies):
        before = dict(os.environ)
        make_device()
        assert dict(os.environ) == before
        assert malloc_options == []
        assert strategies == []

    def test_preparation_has_memory_kept(self, make_device, malloc_options, strategies):
        before = dict(os.environ)
        make_device().prepare_process()
        assert dict(os.environ) == before
        assert len(malloc_options) == 3

    def test_preparation_sets_up_what_several_workers_exchange(
        self, parse, two_workers, malloc_options, strategies
    ):
        HostDevice(parse("--device=cpu")).prepare_process()
        assert strategies == []
        MultiHostDevice(parse("--device=cpu")).prepare_process()
        assert len(strategies) == 1

    def test_a_gpus_process_keeps_what_the_c_library_does(self, parse, monkeypatch, malloc_options):
        monkeypatch.setattr("estimator.devices.host.gpu_names", lambda: ["/device:GPU:0"])
        HostDevice(parse("--device=gpu")).prepare_process()
        assert malloc_options == []
