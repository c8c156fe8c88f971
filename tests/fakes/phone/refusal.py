"""How the phone says that it got something a real phone would not have taken."""


class PhoneRefuses(AssertionError):
    """A pass or an answer that a real phone chokes on; the sentence says what was wrong."""


def insist(condition: bool, sentence: str) -> None:
    """Raise `PhoneRefuses` with `sentence` unless `condition` holds."""
    if not condition:
        raise PhoneRefuses(sentence)
