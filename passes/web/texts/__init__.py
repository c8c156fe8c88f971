"""What pages say, German and English side by side, in one place per audience.

German avoids both "du" and "Sie": a shop may be on first-name terms with its customers or not, and the page
does not know.
"""

from passes.cards.face import Text
from passes.web.texts.approvals import APPROVALS
from passes.web.texts.audit import AUDIT
from passes.web.texts.common import COMMON
from passes.web.texts.console import CONSOLE
from passes.web.texts.customer import CUSTOMER
from passes.web.texts.design import DESIGN
from passes.web.texts.docs import DOCS
from passes.web.texts.google import GOOGLE
from passes.web.texts.scanner import SCANNER
from passes.web.texts.signing import SIGNING
from passes.web.texts.webhooks import WEBHOOKS

TEXTS: dict[str, Text] = {
    **COMMON,
    **CUSTOMER,
    **SCANNER,
    **APPROVALS,
    **AUDIT,
    **CONSOLE,
    **DESIGN,
    **SIGNING,
    **GOOGLE,
    **WEBHOOKS,
    **DOCS,
}


def say(key: str, language: str, **values: object) -> str:
    """The text called `key` in `language`, with `values` put in; `KeyError` for a text nobody wrote."""
    return TEXTS[key].in_language(language).format(**values)
