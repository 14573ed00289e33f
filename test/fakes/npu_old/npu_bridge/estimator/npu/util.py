from npu_standin.checks import (
    check_bool_type,
    check_nonnegative_integer,
    check_not_none,
    check_positive_integer,
)
from npu_standin.util import (
    IterationPerLoop,
    check_path,
    create_or_get_var,
    set_iteration_per_loop,
)

__all__ = [
    "IterationPerLoop",
    "check_bool_type",
    "check_nonnegative_integer",
    "check_not_none",
    "check_path",
    "check_positive_integer",
    "create_or_get_var",
    "set_iteration_per_loop",
]
