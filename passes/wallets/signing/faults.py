"""What is wrong with an identity somebody wants to take in."""

from passes.errors import ConfigurationError


class ImportFault(ConfigurationError):
    """A sentence for the command line, and a `code` with `values` for pages with words of their own."""

    def __init__(self, code: str, sentence: str, **values: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.values = values
