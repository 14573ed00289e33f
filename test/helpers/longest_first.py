"""Which files of tests are begun first, so that all workers end at about the same time."""

from xdist.scheduler.loadfile import LoadFileScheduling

# Those that take a core more than half a minute, the longest first. By numbers of tests, as they
# are ordered otherwise, programs of several ranks come last, and the last of them runs alone.
LONGEST = [
    "test/matrix/test_matrix.py",
    "test/matrix/test_parts.py",
    "test/ranks/test_two_hosts.py",
    "test/campaign/test_campaign.py",
    "test/ranks/test_two_npus.py",
    "test/estimator/devices/npu/test_parts.py",
    "test/bench/test_scaling.py",
    "test/estimator/run/test_kills.py",
    "test/ranks/test_gradients.py",
    "test/estimator/run/test_interrupts.py",
    "test/ranks/test_exchange.py",
    "test/estimator/palettes/test_palettes.py",
    "test/bench/test_quality.py",
    "test/test_scripts.py",
    "test/estimator/devices/npu/test_device.py",
    "test/estimator/page/test_in_a_browser.py",
    "test/ranks/test_two_launchers.py",
    "test/test_library.py",
    "test/bench/test_performance.py",
    "test/estimator/devices/npu/test_training.py",
    "test/estimator/run/test_best.py",
    "test/estimator/trained/test_chosen_checkpoint.py",
    "test/estimator/ranks/test_processes.py",
    "test/estimator/run/test_failures.py",
    "test/ranks/test_two_workers.py",
    "test/model_fn/test_repeatability.py",
]


class LongestFirst(LoadFileScheduling):
    """A file to a worker, as `--dist loadfile`, in the order of `LONGEST`."""

    def _assign_work_unit(self, node):
        first = next((name for name in LONGEST if name in self.workqueue), None)
        if first is not None:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)
