"""What `pip install .` installs: the commands, their programs, and the files beside the code."""

import os
import pathlib
import shutil
import subprocess
import sys
import zipfile

import pytest
import setuptools

PROJECT = pathlib.Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def installed():
    """The arguments that setup.py hands to setuptools."""
    arguments = {}
    original, folder = setuptools.setup, os.getcwd()
    setuptools.setup = lambda **given: arguments.update(given)
    try:
        # Packages are searched for in the working folder.
        os.chdir(str(PROJECT))
        script = compile((PROJECT / "setup.py").read_text(encoding="utf-8"), "setup.py", "exec")
        exec(script, {"__name__": "__main__"})
    finally:
        setuptools.setup = original
        os.chdir(folder)
    return arguments


@pytest.mark.parametrize(
    ("command", "mentioned"),
    [
        ("pix2pix-train", "--data_path"),
        ("pix2pix-launch", "--rank_table"),
        ("pix2pix-predict", "--keep_size"),
        ("pix2pix-export", "--formats"),
        ("pix2pix-serve", "--max_waiting"),
        ("pix2pix-prepare", "synth"),
        ("pix2pix-import", "--from"),
    ],
)
def test_a_command_is_its_program(installed, command, mentioned, tmp_path):
    lines = installed["entry_points"]["console_scripts"]
    (target,) = [line.split(" = ")[1] for line in lines if line.split(" = ")[0] == command]
    module, function = target.split(":")
    # What the wrapper that pip writes does, under the command's name.
    script = tmp_path / command
    script.write_text(
        f"import sys\nsys.path.append({str(PROJECT)!r})\n"
        f"from {module} import {function}\nsys.exit({function}())\n"
    )
    process = subprocess.run(
        [sys.executable, str(script), "--help"],
        capture_output=True,
        text=True,
        check=False,
        cwd=str(tmp_path),
    )
    assert process.returncode == 0, process.stderr
    assert process.stderr == ""
    assert mentioned in process.stdout


def test_no_other_command_is_installed(installed):
    assert len(installed["entry_points"]["console_scripts"]) == 7


def test_every_folder_of_code_is_a_package_that_is_installed(installed):
    folders = {
        ".".join(path.parent.relative_to(PROJECT).parts)
        for room in ("estimator", "input_fn", "model_fn", "hooks")
        for path in (PROJECT / room).rglob("*.py")
    }
    assert set(installed["packages"]) == folders


def test_every_other_file_beside_the_code_is_installed(installed):
    listed = {
        path
        for package, patterns in installed["package_data"].items()
        for pattern in patterns
        for path in PROJECT.joinpath(*package.split(".")).glob(pattern)
    }
    found = {
        path
        for room in ("estimator", "input_fn", "model_fn", "hooks")
        for path in (PROJECT / room).rglob("*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    assert found == listed


def test_a_package_holds_all_that_a_clone_has_of_the_packages(tmp_path):
    """Code, and what lies beside it: pages, lists of operators."""
    source = tmp_path / "source"
    names = ("estimator", "input_fn", "model_fn", "hooks", "setup.py", "pyproject.toml")
    source.mkdir()
    for name in names:
        copy = shutil.copytree if (PROJECT / name).is_dir() else shutil.copy
        copy(str(PROJECT / name), str(source / name))
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation"]
    subprocess.run(
        [*command, "-w", str(tmp_path), str(source)], check=True, stdout=subprocess.DEVNULL
    )
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(str(wheel)) as archive:
        packed = {name for name in archive.namelist() if ".dist-info/" not in name}
    cloned = {
        str(path.relative_to(PROJECT))
        for package in names[:4]
        for path in (PROJECT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed == cloned
    assert "estimator/devices/npu/mixlist.json" in packed
