import os
import pathlib
import subprocess
import sys

import pytest
import tensorflow.compat.v1 as tf

from estimator.devices import cpu

PROJECT = pathlib.Path(__file__).resolve().parents[3]
CAN_REWRITE = hasattr(
    tf.ConfigProto().graph_options.rewrite_options, "auto_mixed_precision_onednn_bfloat16"
)
needs_rewrite = pytest.mark.skipif(not CAN_REWRITE, reason="this TensorFlow has no such rewrite")

# Of an EPYC of the fourth generation and of one of the third, shortened.
WITH_BFLOAT16 = "processor\t: 0\nflags\t\t: fpu avx2 avx512f avx512_bf16 fsrm\n"
WITHOUT = "processor\t: 0\nflags\t\t: fpu avx2 avx512f fsrm\nbugs\t\t: avx512_bf16\n"


class TestBfloat16:
    @pytest.fixture
    def obstacle(self, tmp_path, monkeypatch):
        monkeypatch.delenv("TF_ENABLE_ONEDNN_OPTS", raising=False)

        def of_cpu(info):
            (tmp_path / "cpuinfo").write_text(info)
            return cpu.bfloat16_obstacle(str(tmp_path / "cpuinfo"))

        return of_cpu

    @pytest.mark.skipif(CAN_REWRITE, reason="this TensorFlow has the rewrite")
    def test_a_tensorflow_without_the_rewrite_is_the_obstacle(self, obstacle):
        assert obstacle(WITH_BFLOAT16) == "this TensorFlow has no bfloat16 for CPUs"

    @needs_rewrite
    def test_the_instructions_are_looked_up(self, obstacle, tmp_path):
        assert obstacle(WITH_BFLOAT16) is None
        assert obstacle(WITHOUT) == "this CPU has no bfloat16 instructions"
        nowhere = cpu.bfloat16_obstacle(str(tmp_path / "nowhere"))
        assert nowhere == "this CPU has no bfloat16 instructions"

    @needs_rewrite
    def test_without_onednn_there_is_none(self, obstacle, monkeypatch):
        monkeypatch.setenv("TF_ENABLE_ONEDNN_OPTS", "0")
        assert obstacle(WITH_BFLOAT16) == "TF_ENABLE_ONEDNN_OPTS=0 turns it off"


# Frees and takes 40 MB, which glibc would map anew each time, and counts the page faults.
REPEATED_BLOCKS = """
import ctypes, resource, sys
sys.path.insert(0, sys.argv[1])
from estimator.devices.cpu import keep_freed_memory
if sys.argv[2] == "kept":
    keep_freed_memory()
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
def take_and_free():
    block = ctypes.c_void_p(library.malloc(ctypes.c_size_t(40 * 2**20)))
    ctypes.memset(block, 1, 40 * 2**20)
    library.free(block)
take_and_free()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    take_and_free()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def test_kept_memory_costs_no_page_faults():
    def faults(how):
        output = subprocess.run(
            [sys.executable, "-c", REPEATED_BLOCKS, str(PROJECT), how],
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        return int(output.stdout)

    if os.confstr("CS_GNU_LIBC_VERSION") is None:
        pytest.skip("the C library is not glibc")
    pages_of_a_block = 40 * 2**20 // os.sysconf("SC_PAGESIZE")
    assert faults("left") > 5 * pages_of_a_block
    assert faults("kept") < pages_of_a_block / 10
