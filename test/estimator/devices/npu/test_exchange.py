"""Whether what HCCL fuses can be computed: all-reduces of one class become one node.

HCCL labels the all-reduces of a graph by fusion, fusion_id, reduction and type, and joins those of
one label, in one segment or in several, without regard to what they depend on. A graph in which a
joined node depends on itself is not compiled.
"""

import collections
import itertools
import json
import pathlib
import subprocess
import sys

import pytest
import tensorflow.compat.v1 as tf

PROJECT = pathlib.Path(__file__).resolve().parents[4]

# Writes the training graph of one of two ranks as it reaches the device.
BUILD = """
import functools, json, sys
from estimator.runtime import prepare_tensorflow
prepare_tensorflow()
import tensorflow.compat.v1 as tf
from estimator.devices import choose_device
from estimator.devices.npu import device as module
from estimator.options import views
from estimator.options.train_options import parse_options
from input_fn import Presentation
from model_fn import build_model_fn
exchange, piece_bytes, path = sys.argv[1:4]
if exchange == "vendors":
    from npu_bridge.estimator.npu.npu_optimizer import NPUDistributedOptimizer
    module.MeanOverRanks = lambda optimizer, size, fusion_ids: NPUDistributedOptimizer(optimizer)
else:
    module.MeanOverRanks = functools.partial(module.MeanOverRanks, piece_bytes=int(piece_bytes))
options = parse_options(sys.argv[4:])
device = choose_device(options)
device.prepare_process()
model_fn = build_model_fn(
    views.network_config(options), views.objective_config(options), device,
    Presentation(views.pair_format(options)),
)
x, y = (tf.placeholder(tf.float32, [1, *options.fine_size, 3]) for _ in range(2))
model_fn({"input": x}, y, tf.estimator.ModeKeys.TRAIN)
with open(path, "wb") as file:
    file.write(tf.get_default_graph().as_graph_def(add_shapes=True).SerializeToString())
print(json.dumps({
    network: sum(4 * each.shape.num_elements() for each in tf.trainable_variables(network + "/"))
    for network in ("discriminator", "generator")
}))
"""

Graph = collections.namedtuple(
    "Graph", ["sources", "classes", "bytes_exchanged", "bytes_of_network"]
)
Graph.__doc__ = """Node to the set of nodes that it depends on; fusion label to its all-reduces, in
the order in which they can be computed; bytes of each all-reduce; and of each network's weights."""


@pytest.fixture(scope="module")
def build(on_standin, tmp_path_factory):
    """Builds the graph with our exchange, in pieces of so many bytes, or the vendor's."""

    def built(exchange, piece_bytes=2**25, flavour="new"):
        folder = tmp_path_factory.mktemp("graph")
        flags = ["--device=npu", f"--data_path={folder}", f"--checkpoint_dir={folder / 'run'}"]
        flags += ["--fine_size=32", "--ngf=4", "--ndf=4"]
        output = subprocess.run(
            [sys.executable, "-c", BUILD, exchange, str(piece_bytes), folder / "graph.pb", *flags],
            check=True,
            stdout=subprocess.PIPE,
            env=on_standin(flavour, PROJECT, RANK_SIZE="2", RANK_ID="0", JOB_ID="1"),
        ).stdout
        graph_def = tf.GraphDef.FromString((folder / "graph.pb").read_bytes())
        return read_graph(graph_def, json.loads(output))

    return built


def read_graph(graph_def, bytes_of_network):
    label_of = {
        node.name: node.attr["_npu_fusion"].s.decode()
        for node in graph_def.node
        if node.attr["_npu_fusion"].s
    }
    sources = {}
    for node in graph_def.node:
        names = {name.lstrip("^").split(":")[0] for name in node.input}
        if node.name in label_of:
            # The stand-in's queue of all-reduces is none of the device's dependencies.
            names = {name for name in names if name not in label_of}
        sources[node.name] = names
    classes = collections.defaultdict(list)
    for name in computable_order(sources):
        # "0" is what is not to be fused.
        if name in label_of and not label_of[name].startswith("0/"):
            classes[label_of[name]].append(name)
    bytes_exchanged = {
        node.name: 4 * tf.TensorShape(node.attr["_output_shapes"].list.shape[0]).num_elements()
        for node in graph_def.node
        if node.name in label_of
    }
    return Graph(sources, dict(classes), bytes_exchanged, bytes_of_network)


def computable_order(sources):
    """Lists the nodes, each after what it depends on; those of a cycle and after it are missing."""
    targets = collections.defaultdict(list)
    for name, needed in sources.items():
        for source in needed:
            targets[source].append(name)
    missing = {name: len(needed) for name, needed in sources.items()}
    ready = collections.deque(name for name, count in missing.items() if count == 0)
    order = []
    while ready:
        order.append(ready.popleft())
        for target in targets[order[-1]]:
            missing[target] -= 1
            if missing[target] == 0:
                ready.append(target)
    return order


def is_cyclic_when_fused(graph, segments):
    """Joins each list of all-reduces into one node and looks for a cycle."""
    joined = {name: f"joined {number}" for number, part in enumerate(segments) for name in part}
    sources = collections.defaultdict(set)
    for name, needed in graph.sources.items():
        own = joined.get(name, name)
        sources[own] |= {joined.get(source, source) for source in needed}
    return len(computable_order(sources)) < len(sources)


def in_two(names):
    """All ways to cut a list in two."""
    return [[names[:cut], names[cut:]] for cut in range(1, len(names))]


def test_a_graph_without_a_cycle_and_one_with_one_are_told_apart():
    """What joins a and c, of a -> b -> c, waits for itself; what joins b and its like does not."""
    chain = Graph({"a": set(), "b": {"a"}, "c": {"b"}, "d": {"a"}}, {}, {}, {})
    assert is_cyclic_when_fused(chain, [["a", "c"]])
    assert not is_cyclic_when_fused(chain, [["b", "d"]])


class TestFusion:
    @pytest.mark.parametrize("flavour", ["old", "new"])
    def test_no_class_depends_on_itself_in_one_segment_or_in_any_two(self, build, flavour):
        graph = build("ours", piece_bytes=40000, flavour=flavour)
        assert len(graph.classes) > 3
        whole = list(graph.classes.values())
        assert not is_cyclic_when_fused(graph, whole)
        for names in whole:
            others = [each for each in whole if each is not names]
            for segments in in_two(names):
                assert not is_cyclic_when_fused(graph, others + segments)

    def test_the_vendors_one_class_does(self, build):
        """The same search finds the fault that our exchange is there to mend."""
        graph = build("vendors")
        (names,) = graph.classes.values()
        assert is_cyclic_when_fused(graph, [names])
        cyclic = [is_cyclic_when_fused(graph, segments) for segments in in_two(names)]
        assert sum(cyclic) > len(cyclic) / 2

    def test_every_gradient_is_exchanged_once_in_pieces_of_one_network(self, build):
        limit = 40000
        graph = build("ours", piece_bytes=limit)
        pieces = {}
        for label, names in graph.classes.items():
            fusion, fusion_id, reduction, dtype = label.split("/")
            assert (fusion, reduction, dtype) == ("2", "sum", "float32")
            pieces[int(fusion_id)] = [graph.bytes_exchanged[name] for name in names]
        assert all(len(piece) == 1 or sum(piece) <= limit for piece in pieces.values())
        assert any(len(piece) > 1 for piece in pieces.values())
        assert sorted(pieces) == list(range(1, len(pieces) + 1))
        # The first pieces are the discriminator, all of it and nothing else; the rest the other.
        sums = list(itertools.accumulate(sum(pieces[number]) for number in sorted(pieces)))
        of_discriminator = graph.bytes_of_network["discriminator"]
        assert of_discriminator in sums
        assert sums[-1] == of_discriminator + graph.bytes_of_network["generator"]
