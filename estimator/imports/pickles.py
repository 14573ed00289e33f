"""A reader of pickles that knows numbers, texts, lists, dicts and a given table of names.

Python's own reader imports and calls whatever a pickle names. This one has no way to import
anything: it knows the few operations of which a file of tensors is made, a name stands for what the
caller's table has under it, and everything else is refused.
"""

import struct

from input_fn import DataError

_NUMBERS = {b"J": "<i", b"K": "<B", b"M": "<H", b"G": ">d"}
# Lengths of texts; those of Python 2 are the last two.
_TEXTS = {b"X": "<I", b"\x8c": "<B", b"\x8d": "<Q", b"U": "<B", b"T": "<i"}
_CONSTANTS = {b"N": None, b"\x88": True, b"\x89": False, b")": ()}
_TUPLES = {b"\x85": 1, b"\x86": 2, b"\x87": 3}
_PUTS = {b"q": "<B", b"r": "<I"}
_GETS = {b"h": "<B", b"j": "<I"}
_IGNORED = {b"\x80": "<B", b"\x95": "<Q"}  # The protocol's number, and lengths of frames.
_LONGEST_NAME = 1000
_SHOWN = 100


def read_pickle(data, start, names, persistent):
    """Reads one pickle.

    Args:
        data: bytes or the like, in which the pickle begins at `start`.
        start: Position.
        names: Dict of "module.name" to what stands for it. Functions may be called by the pickle,
            with any of the values that it can make; they raise `DataError` on wrong ones.
        persistent: Function of a value that the pickle says is stored elsewhere.

    Returns:
        `(value, end)`: what it holds, and the position after it.

    Raises:
        DataError: It is cut off, damaged, or has anything else in it.
    """
    reader = _Reader(data, start, names, persistent)
    try:
        return reader.read(), reader.position
    except (struct.error, IndexError):
        raise DataError("is cut off or damaged; download or save it again") from None


class _Reader:
    def __init__(self, data, start, names, persistent):
        self.position = start
        self._data = data
        self._names = names
        self._persistent = persistent
        self._stack = []
        self._marks = []
        self._memory = {}
        self._operations = {
            b"(": lambda: self._marks.append(len(self._stack)),
            b"]": lambda: self._push([]),
            b"}": lambda: self._push({}),
            b"\x8a": lambda: self._push(
                int.from_bytes(self._bytes(self._number("<B")), "little", signed=True)
            ),
            b"c": lambda: self._push(self._named(f"{self._line()}.{self._line()}")),
            b"i": lambda: self._named(f"{self._line()}.{self._line()}", is_known=False),
            b"\x93": self._name_of_stack,
            b"\x94": lambda: self._put(len(self._memory)),
            b"t": lambda: self._push(tuple(self._since_mark())),
            b"Q": lambda: self._push(self._persistent(self._pop())),
            b"R": self._call,
            b"b": self._set_state,
            b"s": lambda: self._set_items([self._pop(), self._pop()][::-1]),
            b"u": lambda: self._set_items(self._since_mark()),
            b"a": lambda: self._append([self._pop()]),
            b"e": lambda: self._append(self._since_mark()),
        }

    def read(self):
        while True:
            code = self._bytes(1)
            if code == b".":
                value = self._pop()
                if self._stack or self._marks:
                    raise _damaged()
                return value
            self._perform(code)

    def _perform(self, code):
        if code in _IGNORED:
            self._number(_IGNORED[code])
        elif code in _CONSTANTS:
            self._push(_CONSTANTS[code])
        elif code in _NUMBERS:
            self._push(self._number(_NUMBERS[code]))
        elif code in _TEXTS:
            self._push(self._text(self._number(_TEXTS[code])))
        elif code in _TUPLES:
            self._push(tuple([self._pop() for _ in range(_TUPLES[code])][::-1]))
        elif code in _PUTS:
            self._put(self._number(_PUTS[code]))
        elif code in _GETS:
            self._push(self._recall(self._number(_GETS[code])))
        elif code in self._operations:
            self._operations[code]()
        else:
            raise DataError(
                f"has the operation 0x{code.hex()} in its pickle, which tensors do not need, and "
                "nothing was run; save net.state_dict() alone"
            )

    def _bytes(self, number):
        end = self.position + number
        if number < 0 or end > len(self._data):
            raise IndexError
        found = bytes(self._data[self.position : end])
        self.position = end
        return found

    def _number(self, kind):
        return struct.unpack(kind, self._bytes(struct.calcsize(kind)))[0]

    def _text(self, length):
        try:
            return self._bytes(length).decode("utf-8")
        except UnicodeDecodeError:
            raise _damaged() from None

    def _line(self):
        ahead = bytes(self._data[self.position : self.position + _LONGEST_NAME])
        return self._text(ahead.index(b"\n") + 1)[:-1] if b"\n" in ahead else self._bytes(-1)

    def _push(self, value):
        self._stack.append(value)

    def _pop(self):
        if self._marks and self._marks[-1] >= len(self._stack):
            raise _damaged()
        return self._stack.pop()

    def _since_mark(self):
        start = self._marks.pop()
        found = self._stack[start:]
        del self._stack[start:]
        return found

    def _put(self, number):
        self._memory[number] = self._stack[-1]

    def _recall(self, number):
        if number not in self._memory:
            raise _damaged()
        return self._memory[number]

    def _named(self, name, is_known=True):
        if not is_known or name not in self._names:
            shown = name.encode("unicode_escape").decode("ascii")[:_SHOWN]
            raise DataError(
                f"holds {shown}, which is no tensor; nothing of it was run; save "
                "net.state_dict() alone"
            )
        return self._names[name]

    def _name_of_stack(self):
        name, module = self._pop(), self._pop()
        if not isinstance(name, str) or not isinstance(module, str):
            raise _damaged()
        self._push(self._named(f"{module}.{name}"))

    def _call(self):
        arguments, function = self._pop(), self._pop()
        # Only what the caller's table holds can be called: no other operation makes functions.
        if not isinstance(arguments, tuple) or not callable(function):
            raise _damaged()
        try:
            self._push(function(*arguments))
        except TypeError:
            raise _damaged() from None

    def _set_state(self):
        """Passes over the notes that a state_dict has about its modules' versions."""
        self._pop()
        if not self._stack or not isinstance(self._stack[-1], dict):
            raise _damaged()

    def _set_items(self, items):
        target = self._stack[-1]
        keys = items[::2]
        # A key of tuples in tuples would have Python descend into them until it breaks down.
        if (
            not isinstance(target, dict)
            or len(items) % 2
            or not all(isinstance(key, (str, int)) for key in keys)
        ):
            raise _damaged()
        target.update(zip(keys, items[1::2]))

    def _append(self, items):
        if not isinstance(self._stack[-1], list):
            raise _damaged()
        self._stack[-1].extend(items)


def _damaged():
    return DataError("has a damaged pickle; download or save it again")
