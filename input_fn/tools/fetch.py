"""`fetch`: downloads the paper's data sets."""

import argparse
import errno
import hashlib
import http.client
import os
import shutil
import tarfile
import urllib.error
import urllib.request
from typing import NamedTuple, Optional

from tqdm import tqdm

from input_fn.errors import DataError, outage_of
from input_fn.files import partial_path

MIRRORS = (
    "https://efrosgans.eecs.berkeley.edu/pix2pix/datasets",
    "http://efrosgans.eecs.berkeley.edu/pix2pix/datasets",
    "https://people.eecs.berkeley.edu/~tinghuiz/projects/pix2pix/datasets",
)


class Archive(NamedTuple):
    """One data set's archive.

    Attributes:
        direction: The paper's `--which_direction`.
        size: Bytes, as published download logs have it; None where not known.
    """

    direction: str
    size: Optional[int] = None


ARCHIVES = {
    "facades": Archive("BtoA", 30168306),
    "maps": Archive("AtoB", 250242400),
    "cityscapes": Archive("BtoA", 103441232),
    "edges2shoes": Archive("AtoB"),
    "edges2handbags": Archive("AtoB"),
    "night2day": Archive("BtoA"),
}

# What no other mirror can help.
_OF_THE_DISK = (errno.ENOSPC, errno.EDQUOT, errno.EIO)
_CHUNK = 1 << 20
_SECONDS = 30
_REQUESTED_RANGE_IS_EMPTY = 416


def add_command(commands):
    """Adds `fetch`."""
    parser = commands.add_parser("fetch", help="download one of the paper's data sets")
    parser.add_argument("name", choices=tuple(ARCHIVES), metavar="NAME", help=", ".join(ARCHIVES))
    parser.add_argument("out", metavar="OUT", help="folder to write OUT/NAME to")
    parser.add_argument(
        "--mirror",
        action="append",
        metavar="URL",
        help="address of a folder with NAME.tar.gz, instead of the known ones; may be repeated",
    )
    parser.add_argument(
        "--sha256", type=_checksum, metavar="HEX", help="checksum that the archive must have"
    )
    parser.set_defaults(run=_fetch)


def _fetch(options):
    folder = os.path.join(options.out, options.name)
    if os.path.exists(folder):
        print(f"{folder} exists; nothing to do")
        return 0
    os.makedirs(options.out, exist_ok=True)
    mirrors = options.mirror or MIRRORS
    # Of other mirrors' archives the size is not known.
    size = None if options.mirror else ARCHIVES[options.name].size
    archive = os.path.join(options.out, f"{options.name}.tar.gz")
    _download_from_any(mirrors, options.name, archive, size)
    _verify(archive, size, options.sha256)
    count = _unpack(archive, folder)
    os.remove(archive)
    direction = ARCHIVES[options.name].direction
    print(f"{folder}: {count} files; the paper trains it with --which_direction={direction}")
    return 0


def _download_from_any(mirrors, name, archive, size):
    if os.path.exists(archive):
        return
    failures, is_outage = [], False
    for mirror in mirrors:
        url = f"{mirror.rstrip('/')}/{name}.tar.gz"
        try:
            download(url, archive, size)
            return
        except (OSError, http.client.HTTPException) as error:
            if getattr(error, "errno", None) in _OF_THE_DISK:
                raise
            # An error of the network comes within one of urllib's.
            reason = getattr(error, "reason", error)
            is_outage = is_outage or outage_of(reason) is not None
            failures.append(f"{url} ({reason})")
    found = f"{name}: no mirror has answered: {'; '.join(failures)}"
    if is_outage:
        raise ConnectionAbortedError(errno.ECONNABORTED, found)
    raise DataError(
        f"{found}. Run this again to go on where it stopped, give another place by --mirror, or "
        "make pairs up by `prepare.py synth`"
    )


def download(url, path, size=None):
    """Downloads a file; what an earlier attempt left in PATH.partial is completed.

    Args:
        url: Address.
        path: Where to write; appears when complete.
        size: Bytes that are expected, or None.

    Raises:
        OSError: The server does not answer, breaks off or has no such file.
    """
    partial = f"{path}.partial"
    present = os.path.getsize(partial) if os.path.exists(partial) else 0
    request = urllib.request.Request(url)
    if present:
        request.add_header("Range", f"bytes={present}-")
    try:
        answer = urllib.request.urlopen(request, timeout=_SECONDS)
    except urllib.error.HTTPError as error:
        if error.code == _REQUESTED_RANGE_IS_EMPTY:
            # All of it is here already.
            os.replace(partial, path)
            return
        raise
    with answer:
        # A server that cannot resume begins at the beginning, as do files, which have no status.
        present = present if getattr(answer, "status", None) == 206 else 0
        length = answer.headers.get("Content-Length")
        total = present + int(length) if length else size
        bar = tqdm(initial=present, total=total, unit="B", unit_scale=True, disable=None)
        with bar, open(partial, "ab" if present else "wb") as file:
            for chunk in iter(lambda: answer.read(_CHUNK), b""):
                file.write(chunk)
                bar.update(len(chunk))
    received = os.path.getsize(partial)
    if total is not None and received < total:
        raise ConnectionAbortedError(
            errno.ECONNABORTED, f"broke off after {received} of {total} bytes"
        )
    os.replace(partial, path)


def _verify(archive, size, checksum):
    found = os.path.getsize(archive)
    if size is not None and found != size:
        raise _unusable(archive, f"has {found} bytes instead of {size}")
    if checksum is None:
        return
    digest = hashlib.sha256()
    with open(archive, "rb") as file:
        for chunk in iter(lambda: file.read(_CHUNK), b""):
            digest.update(chunk)
    if digest.hexdigest() != checksum:
        raise _unusable(archive, f"has the SHA-256 {digest.hexdigest()} instead of {checksum}")


def _unpack(archive, folder):
    """Unpacks the one folder of an archive; returns the number of files."""
    temporary = partial_path(folder)
    os.makedirs(temporary)
    try:
        members = _extract(archive, temporary)
        names = [name for name in os.listdir(temporary) if not name.startswith(".")]
        inner = os.path.join(temporary, names[0]) if len(names) == 1 else temporary
        os.replace(inner if os.path.isdir(inner) else temporary, folder)
    except (tarfile.TarError, EOFError, OSError) as error:
        if outage_of(error):
            raise
        # Newer versions of Python add a line for each format that was tried.
        reason = str(error).splitlines()[0].rstrip(":")
        raise _unusable(archive, f"cannot be unpacked ({reason})") from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return sum(each.isfile() for each in members)


def _extract(archive, folder):
    root = os.path.realpath(folder)
    with tarfile.open(archive) as tar:
        members = [each for each in tar.getmembers() if each.isfile() or each.isdir()]
        for member in members:
            target = os.path.realpath(os.path.join(root, member.name))
            if target != root and not target.startswith(root + os.sep):
                raise _unusable(archive, f"would write to {member.name}, outside of it")
        tar.extractall(folder, members)
    return members


def _unusable(archive, reason):
    return DataError(f"{archive}: {reason}; remove it and fetch it again, or try another --mirror")


def _checksum(text):
    if len(text) != 64 or set(text.lower()) - set("0123456789abcdef"):
        raise argparse.ArgumentTypeError(f"{text!r} is no SHA-256; it has 64 hexadecimal digits")
    return text.lower()
