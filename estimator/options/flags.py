"""What a flag is: the one declaration that parser, options, gate and tables follow from."""

import argparse
import keyword
from dataclasses import dataclass, make_dataclass
from typing import Any, Callable, Optional, Tuple

from estimator.errors import OptionsError
from input_fn import is_utf8, printable

# Roles: what of a run depends on a flag.
NETWORK = "network"  # The weights fit no other value: a resumed run must have the same one.
DATA = "data"  # How files become the network's input: testing and prediction take the run's.
PREDICTION = "prediction"  # What the trained network gives; may be another one after training.
RUN = "run"  # Nothing that a later start would need.


@dataclass(frozen=True)
class Flag:
    """One flag.

    Attributes:
        name: Its name, without dashes; also that of the options' field, but for `from_`.
        help: What it means, as the help and the tables of docs/ have it; names all `choices`.
        default: The value where it is not given. A string is read as if it had been typed.
        computed: How the default reads where it is no constant; `default` is None then.
        role: NETWORK, DATA, PREDICTION or RUN.
        aliases: Other names, without dashes.
        choices: The only values; None for any.
        required: Whether it has to be given.
        type: Function of text; raises `argparse.ArgumentTypeError`.
        metavar: What stands for the value in the help.
        nargs: "?" if the value may be left out.
        const: The value if it is left out.
        repeated: Whether it may be given several times; the value is a list then.
    """

    name: str
    help: str
    default: Any = None
    computed: str = ""
    role: str = RUN
    aliases: Tuple[str, ...] = ()
    choices: Optional[Tuple[str, ...]] = None
    required: bool = False
    type: Callable = str
    metavar: Optional[str] = None
    nargs: Optional[str] = None
    const: Any = None
    repeated: bool = False

    @property
    def field(self):
        """The name of the options' field: Python has some words for itself."""
        return f"{self.name}_" if keyword.iskeyword(self.name) else self.name

    @property
    def spellings(self):
        """The names as they are typed, the own one first."""
        return tuple(f"--{name}" for name in (self.name, *self.aliases))

    @property
    def value(self):
        """The default as the options hold it."""
        return self.type(self.default) if isinstance(self.default, str) else self.default

    @property
    def default_text(self):
        """The default as a user would type it; "" where there is none, or where it is computed."""
        if self.default is None:
            return ""
        if isinstance(self.default, bool):
            return str(self.default).lower()
        return self.default if isinstance(self.default, str) else f"{self.default:g}"

    def add_to(self, parser):
        """Adds the flag to a parser or a group of it."""
        arguments = {"help": self._help_with_default(), "default": self.default}
        for name in ("choices", "metavar", "nargs", "const"):
            value = getattr(self, name)
            if value is not None:
                arguments[name] = value
        if self.repeated:
            arguments["action"] = "append"
        # Groups of which one is required know no required flags.
        if self.required:
            arguments["required"] = True
        parser.add_argument(*self.spellings, dest=self.field, type=self.type, **arguments)

    def _help_with_default(self):
        default = self.computed or self.default_text
        hint = "required" if self.required else default and f"default: {default}"
        text = f"{self.help} ({hint})" if hint else self.help
        return text.replace("%", "%%")


@dataclass(frozen=True)
class FlagGroup:
    """Flags that stand together in the help.

    Attributes:
        title: Heading.
        flags: Tuple of `Flag`.
        exclusive: Whether exactly one of them has to be given.
    """

    title: str
    flags: Tuple[Flag, ...]
    exclusive: bool = False


def all_flags(groups):
    """Lists the flags of all groups, in the order of their declaration."""
    return tuple(flag for group in groups for flag in group.flags)


def names_of_role(groups, role):
    """Lists the names of the flags that have a role."""
    return tuple(flag.name for flag in all_flags(groups) if flag.role == role)


class OneLineParser(argparse.ArgumentParser):
    """Raises `OptionsError` where argparse would print the usage and exit."""

    def parse_args(self, args=None, namespace=None):
        """Parses arguments, which are to be UTF-8: paths go to TensorFlow, which takes no other."""
        for argument in args or ():
            if not is_utf8(argument):
                raise OptionsError(f"{printable(argument)}: is no UTF-8; rename the file or folder")
        return super().parse_args(args, namespace)

    def error(self, message):
        """Raises what argparse found, with a hint at the help."""
        raise OptionsError(f"{message} (--help lists the flags)")


def make_parser(groups, description, usage):
    """Builds a program's parser.

    Args:
        groups: Tuple of `FlagGroup`.
        description: What the program does.
        usage: What follows the program's name in the first line of the help.

    Returns:
        `OneLineParser`.
    """
    parser = OneLineParser(
        description=description,
        usage=f"%(prog)s {usage}",
        formatter_class=argparse.HelpFormatter,
        allow_abbrev=False,
    )
    for group in groups:
        section = parser.add_argument_group(group.title)
        if group.exclusive:
            section = section.add_mutually_exclusive_group(required=True)
        for flag in group.flags:
            flag.add_to(section)
    return parser


def make_fields(name, groups):
    """Makes a frozen dataclass with a field for each flag, in the order of their declaration."""
    fields = [(flag.field, Any) for flag in all_flags(groups)]
    return make_dataclass(name, fields, frozen=True)
