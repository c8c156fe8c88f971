"""The list of what is wrong, which stays readable and small however wrong it is."""

MAX_FAULTS = 1_000


class Faults:
    """Sentences; beyond the first thousand they are only counted."""

    def __init__(self) -> None:
        self._kept: list[str] = []
        self._more = 0

    def add(self, sentence: str) -> None:
        """One more thing that is wrong."""
        if len(self._kept) < MAX_FAULTS:
            self._kept.append(sentence)
        else:
            self._more += 1

    def sentences(self) -> list[str]:
        """All of them, the last one saying how many are left out."""
        return [*self._kept, f"There are {self._more} more faults."] if self._more else list(self._kept)
