"""The files of ONNX Runtime Web, which compute the network in the browser: getting them, once.

They are not part of this project, being many times its size: npm fetches them from its registry, or
the user names where they are.
"""

import base64
import contextlib
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile

from estimator.errors import OptionsError
from estimator.options.export_flags import RUNTIME, RUNTIME_VERSION
from input_fn import write_bytes

# SHA-512 of the files that are used, as of the package whose integrity npm states as
# sha512-41dDq7fxtTm0XzGE7N0d6m8FcOY8EWtUA65GkOixJPB/G7DGzBmiDAnVVXHznRw9bgUZpb+4/1lQK/PNxGpbrQ==
FILES = {
    "ort.wasm.min.mjs": (
        "JF4hNZmv2uMcRLKFn5icLc+QGPRXAB0lp2x9hTVilZIGcfBFLStuk3kqXITddmKdSJm7rGxhkVnqr9t4TBHOkQ=="
    ),
    "ort-wasm-simd-threaded.mjs": (
        "N1eanxs0u3NXUuN3ObEJwO9AqP7Yo1pXYxKYyFVGkudROO8SU/OXWM66NzgIrpXqawamxzpS2F6w+Mxo8GIYjg=="
    ),
    "ort-wasm-simd-threaded.wasm": (
        "reogEmLCT+V3d3vNeuAowftBeSfM34aVBzCJIAoDrF2EKJUzvGISutzlq1ygytYivPJrvbblM1SBiOxv2YwaCg=="
    ),
    "ort.webgpu.min.mjs": (
        "48rHABFoj4lTizZaaesWNsrctDA/18zPtIYpAdLMzgGYUWriNN04pCmMsTXmy5rSzAliUbduGIiB5t+W/VEt6A=="
    ),
    "ort-wasm-simd-threaded.asyncify.mjs": (
        "hqCE/MIElu/vyDWcIakWyNTqwNwI3B9jYOUaadq7pGbTk3ONZ+phbemD40OOVcxc3ccPaFXDUPgLdsNLs8Y/nA=="
    ),
    "ort-wasm-simd-threaded.asyncify.wasm": (
        "v5owNkX4JEORoZtTj+nmYzY2lCgZJWDKEL+T14RWJoERa3pzRc+oZU8BWfKaobN82ObMIj+3p93iuTWyfgquDA=="
    ),
}
# For each way to compute: the script, what it loads, and the program that this runs.
WAYS = {
    "wasm": ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm"),
    "webgpu": (
        "ort.webgpu.min.mjs",
        "ort-wasm-simd-threaded.asyncify.mjs",
        "ort-wasm-simd-threaded.asyncify.wasm",
    ),
}
RUNTIME_FOLDER = "runtime"
_PACKAGE = f"{RUNTIME}@{RUNTIME_VERSION}"
_FLAG = "--ort_web"
_LONGEST_FETCH = 600  # Seconds; the package has 31 MB.


def find_runtime(source, memory):
    """Finds the files, or has npm fetch the package.

    Args:
        source: The package as a file, .tgz, or as an unpacked folder; None for what was fetched
            before, or else npm's registry.
        memory: Folder where what was found is kept for the next time.

    Returns:
        Folder that holds the `FILES`.

    Raises:
        OptionsError: They cannot be had, or are not those of this version.
    """
    kept = os.path.join(memory, f"{RUNTIME}-{RUNTIME_VERSION}")
    if source is None and _faulty_file(kept) is None:
        return kept
    with contextlib.ExitStack() as stack:
        where = f"{_FLAG} {source}" if source is not None else "npm"
        if source is None:
            source = _fetched(stack.enter_context(tempfile.TemporaryDirectory()))
        if not os.path.isdir(source):
            unpacked = stack.enter_context(tempfile.TemporaryDirectory())
            _unpack(source, unpacked)
            source = unpacked
        folder = _folder_of_files(source)
        faulty = _faulty_file(folder)
        if faulty is not None:
            raise OptionsError(
                f"{where}: {faulty}; name the npm package {_PACKAGE}, a .tgz file as `npm pack` "
                "makes it, or the folder that it unpacks to"
            )
        for name in FILES:
            with open(os.path.join(folder, name), "rb") as file:
                write_bytes(os.path.join(kept, name), file.read())
    return kept


def copy_runtime(kept, folder):
    """Copies the files to where a page finds them.

    Args:
        kept: From `find_runtime`.
        folder: Of the page.

    Returns:
        Dict for the page: for "wasm" and "webgpu" the paths of `script`, `loader` and `binary`.
    """
    os.makedirs(os.path.join(folder, RUNTIME_FOLDER))
    for name in FILES:
        shutil.copyfile(os.path.join(kept, name), os.path.join(folder, _served(name)))
    return {
        way: dict(zip(("script", "loader", "binary"), map(_served, names)))
        for way, names in WAYS.items()
    }


def _served(name):
    # Many servers do not know that .mjs is JavaScript, and browsers then refuse it.
    return f"{RUNTIME_FOLDER}/{name[:-4] + '.js' if name.endswith('.mjs') else name}"


def _fetched(folder):
    command = [
        "npm",
        "pack",
        f"{RUNTIME}@{RUNTIME_VERSION}",
        "--silent",
        "--pack-destination",
        folder,
    ]
    try:
        # In a folder of its own: npm looks for settings where it is started.
        process = subprocess.run(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_LONGEST_FETCH,
            check=False,
        )
        output = process.stdout.decode("utf-8", "replace").strip()
        files = [name for name in os.listdir(folder) if name.endswith(".tgz")]
        if process.returncode == 0 and files:
            return os.path.join(folder, files[0])
        reason = f"npm ended with {process.returncode}: {(output.splitlines() or [''])[0]}"
    except FileNotFoundError:
        reason = "npm is not installed"
    except subprocess.TimeoutExpired:
        reason = f"npm took more than {_LONGEST_FETCH} seconds"
    raise OptionsError(
        f"--formats web: needs the npm package {_PACKAGE}, which is not here ({reason}); on a "
        f"machine with npm and internet run `npm pack {_PACKAGE}`, and name the file that it makes "
        f"by {_FLAG}=FILE.tgz"
    )


def _unpack(path, folder):
    """Takes the files out of a package, which has them in package/dist/, and nothing else."""
    try:
        with tarfile.open(path, "r:*") as package:
            for member in package:
                name = os.path.basename(member.name)
                if name in FILES and member.isfile():
                    with open(os.path.join(folder, name), "wb") as file:
                        shutil.copyfileobj(package.extractfile(member), file)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise OptionsError(
            f"{_FLAG} {path}: cannot be read as a package ({error}); name a .tgz file or a folder"
        ) from None


def _folder_of_files(source):
    candidates = [os.path.join(source, *parts) for parts in (("package", "dist"), ("dist",), ())]
    return next(filter(os.path.isdir, candidates))


def _faulty_file(folder):
    """Says of the first file that is missing or has other content what is wrong; None if none."""
    for name, expected in FILES.items():
        try:
            with open(os.path.join(folder, name), "rb") as file:
                digest = hashlib.sha512(file.read()).digest()
        except OSError:
            return f"has no {name}"
        if base64.b64encode(digest).decode("ascii") != expected:
            return f"{name} has other content than that of version {RUNTIME_VERSION}"
    return None
