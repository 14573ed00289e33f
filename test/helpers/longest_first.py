"""Which files of tests are begun first, so that all workers end at about the same time."""

from xdist.scheduler.loadfile import LoadFileScheduling

# Those that take a core more than half a minute, the longest first. By numbers of tests, as they
# are ordered otherwise, programs of several ranks come last, and the last of them runs alone.
LONGEST = []


class LongestFirst(LoadFileScheduling):
    """A file to a worker, as `--dist loadfile`, in the order of `LONGEST`."""

    def _assign_work_unit(self, node):
        first = next((name for name in LONGEST if name in self.workqueue), None)
        if first is not None:
            self.workqueue.move_to_end(first, last=False)
        super()._assign_work_unit(node)
