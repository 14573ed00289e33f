"""The argument checks of `util`, with the real one's kinds of error."""


def check_not_none(value, name):
    if value is None:
        raise ValueError(f"{name} must not be None")


def check_positive_integer(value, name):
    if not isinstance(value, int):
        raise TypeError(f"{name} must be int, got {type(value)}")
    if value <= 0:
        raise ValueError(f"{name} must be positive, got {value}")


def check_nonnegative_integer(value, name):
    if not isinstance(value, int):
        raise TypeError(f"{name} must be int, got {type(value)}")
    if value < 0:
        raise ValueError(f"{name} must be nonnegative, got {value}")


def check_bool_type(value, name):
    if not isinstance(value, bool):
        raise TypeError(f"{name} must be True or False, got {value}")
