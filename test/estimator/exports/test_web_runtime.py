"""Getting the browser's runtime, from a stand-in for the package with digests of its own."""

import base64
import hashlib
import os
import stat
import tarfile

import pytest

from estimator.errors import OptionsError
from estimator.exports import web_runtime
from estimator.exports.web_runtime import copy_runtime, find_runtime


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A folder as the package unpacks to, with small files."""
    dist = tmp_path / "package" / "dist"
    dist.mkdir(parents=True)
    digests = {}
    for name in web_runtime.FILES:
        (dist / name).write_bytes(name.encode())
        digest = hashlib.sha512(name.encode()).digest()
        digests[name] = base64.b64encode(digest).decode("ascii")
    monkeypatch.setattr(web_runtime, "FILES", digests)
    return tmp_path / "package"


@pytest.fixture
def packed(package, tmp_path):
    path = tmp_path / "package.tgz"
    with tarfile.open(str(path), "w:gz") as archive:
        archive.add(str(package), "package")
    return path


@pytest.fixture
def npm(tmp_path, monkeypatch):
    """Makes the only npm on PATH a script of these lines."""

    def install(*lines):
        folder = tmp_path / "bin"
        folder.mkdir()
        script = folder / "npm"
        script.write_text("\n".join(["#!/bin/sh", *lines, ""]))
        script.chmod(script.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", os.pathsep.join([str(folder), "/usr/bin", "/bin"]))

    return install


def names_in(folder):
    return set(os.listdir(str(folder)))


class TestFinding:
    @pytest.mark.parametrize("part", ["", "dist", ".."])
    def test_in_a_folder(self, package, part, tmp_path):
        found = find_runtime(str(package / part), str(tmp_path / "memory"))
        assert names_in(found) == set(web_runtime.FILES)

    def test_in_a_file_and_then_remembered(self, packed, tmp_path):
        found = find_runtime(str(packed), str(tmp_path / "memory"))
        assert names_in(found) == set(web_runtime.FILES)
        packed.unlink()
        assert find_runtime(None, str(tmp_path / "memory")) == found

    def test_fetched_by_npm(self, packed, npm, tmp_path):
        npm('[ "$1 $2" = "pack onnxruntime-web@1.24.3" ] || exit 1', f'cp {packed} "$5"/a.tgz')
        found = find_runtime(None, str(tmp_path / "memory"))
        assert names_in(found) == set(web_runtime.FILES)

    def test_what_was_remembered_and_is_damaged_is_fetched_again(self, packed, npm, tmp_path):
        found = find_runtime(str(packed), str(tmp_path / "memory"))
        name = sorted(web_runtime.FILES)[0]
        with open(os.path.join(found, name), "wb") as file:
            file.write(b"cut off")
        npm(f'cp {packed} "$5"/a.tgz')
        find_runtime(None, str(tmp_path / "memory"))
        with open(os.path.join(found, name), "rb") as file:
            assert file.read() == name.encode()


class TestRefusals:
    def test_without_npm_the_line_says_what_would_work(self, package, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(
            OptionsError, match="npm is not installed.*npm pack.*--ort_web=FILE.tgz"
        ):
            find_runtime(None, str(tmp_path / "memory"))

    def test_without_internet(self, package, npm, tmp_path):
        npm("echo network is unreachable", "exit 1")
        with pytest.raises(OptionsError, match="network is unreachable.*--ort_web"):
            find_runtime(None, str(tmp_path / "memory"))

    def test_other_content(self, package, tmp_path):
        (package / "dist" / "ort.wasm.min.mjs").write_text("alert(1)")
        with pytest.raises(OptionsError, match=r"ort\.wasm\.min\.mjs has other content"):
            find_runtime(str(package), str(tmp_path / "memory"))
        assert not (tmp_path / "memory").exists()

    @pytest.mark.parametrize("content", [b"", b"no archive"])
    def test_no_package(self, package, content, tmp_path):
        (tmp_path / "other.tgz").write_bytes(content)
        with pytest.raises(OptionsError, match=r"--ort_web .*other\.tgz"):
            find_runtime(str(tmp_path / "other.tgz"), str(tmp_path / "memory"))

    def test_no_such_file(self, package, tmp_path):
        with pytest.raises(OptionsError, match="--ort_web .*missing"):
            find_runtime(str(tmp_path / "missing"), str(tmp_path / "memory"))


def test_servers_need_not_know_mjs(package, tmp_path):
    ways = copy_runtime(
        find_runtime(str(package), str(tmp_path / "memory")), str(tmp_path / "page")
    )
    assert set(ways) == {"wasm", "webgpu"}
    for files in ways.values():
        assert all((tmp_path / "page" / file).exists() for file in files.values())
        assert not any(file.endswith(".mjs") for file in files.values())
