"""The head of a mail, line by line (RFC 5322, RFC 2047).

Written here because the standard library, when it folds a long name that is not ASCII, loses or adds spaces
within it and makes words longer than the standard allows.
"""

from base64 import b64encode

_PLAIN = 60
"""Characters of ASCII that are written as they are; longer or other text is encoded and folded."""
_OCTETS = 39
"""Of one encoded word: with its frame and the name of its header they fit into a line of 78."""


def header(name: str, value: str) -> bytes:
    """One header; `value` is printable and, but for an address in other letters, ASCII."""
    return f"{name}: {value}\r\n".encode()


def text(value: str) -> str:
    """Unstructured text, such as a subject."""
    value = one_line(value)
    return value if _is_plain(value) else _encoded(value)


def mailbox(name: str, address: str) -> str:
    """An address with the name of whose it is, where there is one."""
    name = one_line(name)
    if not name:
        return address
    if not _is_plain(name):
        return f"{_encoded(name)}\r\n <{address}>"
    quoted = name.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{quoted}"\r\n <{address}>'


def one_line(value: str) -> str:
    """Text for a header: a line break in it would begin a header of somebody else's choice."""
    return " ".join("".join(c if c.isprintable() else " " for c in value).split())


def _is_plain(value: str) -> bool:
    return value.isascii() and len(value) <= _PLAIN and "=?" not in value


def _encoded(value: str) -> str:
    """Encoded words, none of which ends within a character."""
    words, word = [], b""
    for character in value:
        octets = character.encode()
        if len(word) + len(octets) > _OCTETS:
            words.append(word)
            word = b""
        word += octets
    return "\r\n ".join(f"=?utf-8?b?{b64encode(word).decode()}?=" for word in [*words, word])
