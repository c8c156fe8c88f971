"""What a browser says it is, as far as it matters: which wallet it can fill, and whether it lets us."""

import re
from dataclasses import dataclass
from typing import Literal

Phone = Literal["apple", "android", "none"]

# Browsers inside apps, by how they name themselves. They can neither open a pass nor sign in to Google.
_APPS = (
    ("Instagram", re.compile(r"\bInstagram\b")),
    ("Facebook", re.compile(r"\bFB(AN|AV|_IAB|IOS)\b|\[FB")),
    ("TikTok", re.compile(r"musical_ly|TikTok|BytedanceWebview|trill_")),
    ("LINE", re.compile(r"\bLine/")),
    ("Snapchat", re.compile(r"\bSnapchat\b")),
    ("Pinterest", re.compile(r"\bPinterest/")),
    ("LinkedIn", re.compile(r"\bLinkedInApp\b")),
)
_APPLE = re.compile(r"\b(iPhone|iPod|iPad)\b")
_ANDROID_WEBVIEW = re.compile(r"; wv\)")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A phone's make; `app` names the app whose built-in browser this is ("" for one we do not know)."""

    phone: Phone
    app: str | None = None

    @property
    def wallets(self) -> tuple[str, str]:
        """Both wallets, the one this phone has by itself first."""
        return ("google", "apple") if self.phone == "android" else ("apple", "google")


def visitor_of(user_agent: str) -> Visitor:
    """Who comes with this `User-Agent` header."""
    phone: Phone = "none"
    if _APPLE.search(user_agent):
        phone = "apple"
    elif "Android" in user_agent:
        phone = "android"
    app = next((name for name, pattern in _APPS if pattern.search(user_agent)), None)
    if app is None and _is_unknown_web_view(phone, user_agent):
        app = ""
    return Visitor(phone, app)


def _is_unknown_web_view(phone: Phone, user_agent: str) -> bool:
    # A browser proper on iOS says "Safari/", a web view does not; Android's web view says so itself.
    if phone == "apple":
        return "AppleWebKit" in user_agent and "Safari/" not in user_agent
    return phone == "android" and _ANDROID_WEBVIEW.search(user_agent) is not None
