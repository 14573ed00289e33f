"""The socket that a server listens on."""

import errno
import socket

from estimator.errors import OptionsError

_BACKLOG = 128


def bind(host, port):
    """Takes an address, before a model is loaded for nothing.

    Args:
        host: Name or address.
        port: Number; 0 for one that is free.

    Returns:
        A socket; it does not listen yet.

    Raises:
        OptionsError: There is no such address here, or it is in use.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError) as error:
        raise OptionsError(
            f"--host {host}: is no address of this machine ({error}); 127.0.0.1 is always one"
        ) from None
    family, kind, protocol, _, address = found[0]
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError as error:
        bound.close()
        raise _unusable(host, port, error) from None
    return bound


def listen(bound, host, port):
    """Begins to take connections.

    Raises:
        OptionsError: The port has come into use since.
    """
    try:
        bound.listen(_BACKLOG)
    except OSError as error:
        raise _unusable(host, port, error) from None


def address_of(bound):
    """Writes a socket's address as a browser takes it."""
    host, port = bound.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _unusable(host, port, error):
    if error.errno == errno.EADDRINUSE:
        return OptionsError(
            f"--port {port}: is in use on {host}; choose another, or 0 for a free one"
        )
    return OptionsError(
        f"--host {host} --port {port}: cannot be listened on ({error.strerror}); 127.0.0.1 and "
        "ports from 1024 on can"
    )
