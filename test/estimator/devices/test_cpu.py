import os
import pathlib
import re
import subprocess
import sys

import numpy as np
import pytest
import tensorflow.compat.v1 as tf

from estimator.devices import cpu
from estimator.devices.host import HostDevice
from estimator.options.train_options import parse_options
from estimator.options.views import network_config, objective_config
from model_fn.step import build_training_step

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


@pytest.mark.skipif(cpu.bfloat16_obstacle() is not None, reason="no bfloat16 here")
class TestRewrittenGraph:
    """What TensorFlow makes of a training step, as it is run."""

    @pytest.fixture(scope="class")
    def nodes(self, tmp_path_factory):
        flags = ["--fine_size=64", "--ngf=16", "--ndf=16", "--device=cpu"]
        flags += ["--precision_mode=allow_mix_precision", "--data_path=none"]
        flags += [f"--checkpoint_dir={tmp_path_factory.mktemp('run')}"]
        options = parse_options(flags)
        device = HostDevice(options)
        config = device.make_estimator(lambda features: None).config.session_config
        with tf.Graph().as_default(), tf.Session(config=config) as session:
            x, y = (tf.placeholder(tf.float32, [1, 64, 64, 3]) for _ in range(2))
            step = build_training_step(
                x,
                y,
                network_config(options),
                objective_config(options),
                device,
                tf.train.get_or_create_global_step(),
            )
            session.run(tf.global_variables_initializer())
            metadata = tf.RunMetadata()
            session.run(
                [step.train_op, [term.value for term in step.losses]],
                {x: np.zeros(x.shape), y: np.ones(y.shape)},
                options=tf.RunOptions(output_partition_graphs=True),
                run_metadata=metadata,
            )
        return [node for graph in metadata.partition_graphs for node in graph.node]

    def types(self, nodes, pattern, attribute="T"):
        return {node.attr[attribute].type for node in nodes if re.search(pattern, node.op)}

    def test_convolutions_and_products_are_bfloat16(self, nodes):
        bfloat16 = tf.bfloat16.as_datatype_enum
        assert self.types(nodes, r"Conv2D(WithBias)?$|Conv2DBackprop(Input|Filter)$") == {bfloat16}
        assert bfloat16 in self.types(nodes, "MatMul$")

    def test_weights_updates_statistics_and_losses_are_float32(self, nodes):
        float32 = tf.float32.as_datatype_enum
        assert self.types(nodes, "^ResourceApplyAdam$") == {float32}
        assert self.types(nodes, "FusedBatchNorm", attribute="U") == {float32}
        assert self.types(nodes, "^(Log1p|Exp|Mean)$") == {float32}


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
