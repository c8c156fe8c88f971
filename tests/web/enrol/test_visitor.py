"""Which phone asks, and whether a browser inside an app does."""

import pytest

from passes.web.enrol.visitor import Visitor, visitor_of
from tests.factories.visitor import ANDROID, DESKTOP, IPHONE

IOS_APP = IPHONE.replace("Version/19.1 ", "").replace(" Safari/604.1", "")
ANDROID_APP = ANDROID.replace("Pixel 10)", "Pixel 10; wv)").replace("Chrome", "Version/4.0 Chrome")


@pytest.mark.parametrize(
    "agent, expected",
    [
        (IPHONE, Visitor("apple")),
        (IPHONE.replace("Version/19.1", "CriOS/150.0"), Visitor("apple")),
        (IPHONE.replace("Version/19.1", "FxiOS/150.0"), Visitor("apple")),
        (ANDROID, Visitor("android")),
        (ANDROID.replace("Chrome/150", "SamsungBrowser/30 Chrome/150"), Visitor("android")),
        (DESKTOP, Visitor("none")),
        ("", Visitor("none")),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Safari/605.1.15",
            Visitor("none"),
        ),
        (IOS_APP, Visitor("apple", "")),
        (IOS_APP + " Instagram 400.0.0.20 (iPhone18,1; iOS 19_1)", Visitor("apple", "Instagram")),
        (IOS_APP + " [FBAN/FBIOS;FBAV/500.0;FBBV/1;FBDV/iPhone18,1]", Visitor("apple", "Facebook")),
        (IOS_APP + " musical_ly_40.0 BytedanceWebview/d8a21c6", Visitor("apple", "TikTok")),
        (IOS_APP + " Safari Line/15.1.0", Visitor("apple", "LINE")),
        (ANDROID_APP, Visitor("android", "")),
        (ANDROID_APP + " Instagram 400.0 Android", Visitor("android", "Instagram")),
        (ANDROID_APP + " [FB_IAB/FB4A;FBAV/500.0;]", Visitor("android", "Facebook")),
    ],
)
def test_a_browser_is_taken_for_what_it_is(agent: str, expected: Visitor) -> None:
    assert visitor_of(agent) == expected


def test_the_wallet_a_phone_has_by_itself_comes_first() -> None:
    assert Visitor("apple").wallets == ("apple", "google")
    assert Visitor("android").wallets == ("google", "apple")
    assert Visitor("none").wallets == ("apple", "google")
