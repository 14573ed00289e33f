"""Pickles that would run something, or are none: refused, and nothing of them is run."""

import os
import pickle
import struct
import zipfile

import pytest


class Evil:
    def __init__(self, command):
        self._command = command

    def __reduce__(self):
        return os.system, (self._command,)


def _attacks(command):
    """Bodies of pickles that would run a command, or make something of no use."""
    argument = b"X" + struct.pack("<I", len(command)) + command.encode()
    code = f"__import__('os').system({command!r})".encode()
    text = b"X" + struct.pack("<I", len(code)) + code
    return {
        "global_reduce": b"cos\nsystem\n" + argument + b"\x85R",
        "posix": b"cposix\nsystem\n" + argument + b"\x85R",
        "stack_global": b"\x8c\x08builtins\x8c\x04eval\x93" + text + b"\x85R",
        "inst": b"(" + argument + b"ios\nsystem\n",
        "obj": b"(cos\nsystem\n" + argument + b"o",
        "newobj": b"csubprocess\nPopen\n" + argument + b"\x85\x81",
        "newobj_ex": b"csubprocess\nPopen\n" + argument + b"\x85}\x92",
        "build": b"ccollections\nOrderedDict\n)R}" + argument + b"cos\nsystem\n" + b"sb",
        "within_notes": b"ccollections\nOrderedDict\n)Rcos\nsystem\n" + argument + b"\x85Rb",
        "extension": b"\x82\x01",
        "attribute": b"\x8c\x0ctorch._utils\x8c\x20_rebuild_tensor_v2.__globals__.os\x93",
        "getattr": b"cbuiltins\ngetattr\nccollections\nOrderedDict\nX\x05\x00\x00\x00clear\x86R",
        "persistent": b"(X\x07\x00\x00\x00storagecos\nsystem\n" + argument + b"tQ",
        "persistent_line": b"Pos.system\n",
        "numpy": b"cnumpy.core.multiarray\n_reconstruct\n)R",
        "codecs": b"c_codecs\nencode\n" + argument + b"\x85R",
        "load": b"ctorch.storage\n_load_from_bytes\n" + argument + b"\x85R",
        "lines": b"cos\nsys\rtem\x1b[2J\n)R",
    }


NONSENSE = [
    # Cut off.
    *(b"", b"N", b"K\x01", b"X\xff\xff\xff\xff", b"T\xff\xff\xff\xff", b"\x8a\xff", b"c", b"cos\n"),
    *(b"\x8d" + b"\xff" * 8, b"ccollections\nOrderedDict\n"),
    # Without what they work on.
    *(b"R", b"t", b"h\x07", b"q\x00", b"s", b"b", b"\x93", b"}u", b"(u", b"NN", b"(N", b"]"),
    # On other things than they work on.
    *(b"NNs", b"}(NNu", b"}(K\x01u", b"Na", b"N(e", b")Q", b"NQ", b"NN\x93", b"N)R"),
    b"X\x01\x00\x00\x00\xff",
    b"ctorch\nFloatStorage\n)R",
    b"ctorch._utils\n_rebuild_parameter\n)R",
    b"ctorch._utils\n_rebuild_tensor_v2\n)R",
    b"ctorch._utils\n_rebuild_tensor_v2\n(NNNNNNtR",
    b"ccollections\nOrderedDict\nK\x05\x85R",
]


class TestAttacks:
    @pytest.mark.parametrize("attack", _attacks(""))
    def test_nothing_is_run(self, write_pth, pickled, tmp_path, refused, attack):
        body = _attacks(f"touch {tmp_path / 'done'}")[attack]
        for state in (body, pickled.ordered(("w", body)), b"0" + body):
            write_pth(tmp_path / "a.pth", state, {})
            said = refused(tmp_path / "a.pth")
            assert said.isprintable() or said[:-1].isprintable()
        assert not (tmp_path / "done").exists()

    @pytest.mark.parametrize("protocol", range(5))
    def test_pickles_of_python_are_not_run(self, tmp_path, refused, protocol):
        content = pickle.dumps(Evil(f"touch {tmp_path / 'done'}"), protocol)
        (tmp_path / "a.pth").write_bytes(content)
        refused(tmp_path / "a.pth")
        with zipfile.ZipFile(str(tmp_path / "b.pth"), "w") as archive:
            archive.writestr("net/data.pkl", content)
        refused(tmp_path / "b.pth")
        assert not (tmp_path / "done").exists()

    def test_the_class_is_named(self, write_pth, pickled, tmp_path, refused):
        body = _attacks("true")["global_reduce"]
        write_pth(tmp_path / "a.pth", pickled.ordered(("w", body)), {})
        assert "os.system" in refused(tmp_path / "a.pth")

    @pytest.mark.parametrize(
        "body",
        [
            b"}" + b")" + b"\x85" * 300000 + b"Ns",
            b"}" + b")" + b"\x85" * 300000 + b"Q",
            b"]" + b"](" * 100000,
            b"}K\x00" + b")" + b"\x85" * 300000 + b"s",
            b"ccollections\nOrderedDict\n](" + b")" + b"\x85" * 300000 + b"N\x86e\x85R",
        ],
        ids=["key", "persistent", "lists", "value", "pairs"],
    )
    def test_depth_breaks_nothing(self, write_pth, tmp_path, refused, body):
        write_pth(tmp_path / "a.pth", body, {})
        refused(tmp_path / "a.pth")

    @pytest.mark.parametrize("body", NONSENSE)
    def test_nonsense_is_refused(self, write_pth, tmp_path, refused, body):
        write_pth(tmp_path / "a.pth", body, {})
        refused(tmp_path / "a.pth")
