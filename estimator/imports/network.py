"""What an import makes: a generator's variables, by their names here, and the flags for them."""

from dataclasses import dataclass
from typing import Any, Dict


@dataclass(frozen=True)
class ImportedNetwork:
    """A trained generator.

    Attributes:
        origin: What it is, in words.
        flags: Dict of field of `Options` to the value that the network needs.
        variables: Dict of variable name to float32 array.
        depth: Encoder layers, of a U-Net; else None.
        step: Of the training that made it; 0 where that is not known.
    """

    origin: str
    flags: Dict[str, Any]
    variables: Dict[str, Any]
    depth: Any = None
    step: int = 0
