"""What became of an attempt to call an endpoint, as the sender noted it, in the reader's language.

Notes are written once, in English, for machines and operators too; a page says them in its own words. One
that is not known here is shown as it stands.
"""

import re
from datetime import datetime

from passes.cards import wording
from passes.clock import parse_rfc3339
from passes.web.texts.webhooks import NOTES, NOTES_AROUND

_AROUND = [(re.compile(pattern), text) for pattern, text in NOTES_AROUND.items()]


def in_words(note: str, time_zone: str, language: str) -> str:
    """`note` in `language`, the moments in it as a clock in `time_zone` shows them; "" for none."""
    if note in NOTES:
        return NOTES[note].in_language(language)
    for pattern, text in _AROUND:
        found = pattern.fullmatch(note)
        if found is None:
            continue
        parts = found.groupdict()
        if "rest" in parts:
            parts["rest"] = in_words(parts["rest"], time_zone, language)
        if "since" in parts:
            parts["since"] = _clock(parse_rfc3339(parts["since"]), time_zone, language)
        return text.in_language(language).format(**parts)
    return note


def _clock(at: datetime, time_zone: str, language: str) -> str:
    return wording.second(at, time_zone).in_language(language)
