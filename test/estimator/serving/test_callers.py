import pytest

from estimator.serving.callers import callers_of
from estimator.serving.refusals import RefusedError


def is_let_in(callers, host, origin=None):
    try:
        callers.check(host, origin)
    except RefusedError:
        return False
    return True


@pytest.mark.parametrize(
    ("listens_on", "host", "let_in"),
    [
        ("127.0.0.1", "127.0.0.1:8000", True),
        ("127.0.0.1", "192.168.1.2", False),
        ("127.0.0.1", "named.example", True),
        ("0.0.0.0", "192.168.1.2:8000", True),
        ("0.0.0.0", "[2001:db8::1]:8000", True),
        ("0.0.0.0", "named.example.", True),
        ("0.0.0.0", "other.example", False),
        ("192.168.1.2", "192.168.1.2", True),
        ("::1", "[::1]:8000", True),
        ("::1", "[2001:db8::1]", False),
        ("machine.example", "machine.example:8000", True),
        ("machine.example", None, False),
    ],
)
def test_by_which_names_a_server_may_be_called(listens_on, host, let_in):
    assert is_let_in(callers_of(listens_on, ("named.example",)), host) == let_in


@pytest.mark.parametrize(
    ("origin", "let_in"),
    [
        (None, True),
        ("https://named.example", True),  # Behind a proxy that ends TLS.
        ("http://Named.Example", True),
        ("http://named.example:8000", False),
        ("http://named.example.evil.example", False),
        ("null", False),
    ],
)
def test_which_pages_may_call(origin, let_in):
    callers = callers_of("127.0.0.1", ("named.example",))
    assert is_let_in(callers, "named.example", origin) == let_in
