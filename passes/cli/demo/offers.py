"""What the demo merchant is and offers. Plain data, so that it reads like the shop it describes."""

from typing import Any

from passes.members.rules import ConsentDraft, MemberDraft
from passes.merchants.rules import LocationDraft, MerchantDraft
from passes.programs.service import ProgramDraft

MERCHANT = MerchantDraft(slug="demo", name="Café Morgenrot", time_zone="Europe/Berlin", locale="de")

LOCATIONS = (
    LocationDraft(
        name="Café Morgenrot am Kanal",
        address="Beispielufer 12, 10999 Berlin",
        latitude=52.4966,
        longitude=13.4282,
    ),
    LocationDraft(
        name="Café Morgenrot am Markt",
        address="Musterplatz 3, 10405 Berlin",
        latitude=52.5362,
        longitude=13.4177,
    ),
)


def _texts(title_de: str, title_en: str, terms_de: str, terms_en: str) -> dict[str, dict[str, str]]:
    return {"de": {"title": title_de, "terms": terms_de}, "en": {"title": title_en, "terms": terms_en}}


def _eur(amount_minor: int) -> dict[str, Any]:
    return {"amount": amount_minor, "asset": "EUR"}


PROGRAMS = (
    ProgramDraft(
        kind="stamp",
        name="Kaffeekarte",
        slug="demo-stamp",
        rules={"stamps_required": 10, "reward": "Cappuccino"},
        colors={"background": "#3a2418", "foreground": "#fff6ea", "label": "#f0b98b"},
        texts=_texts(
            "Kaffeekarte",
            "Coffee card",
            "Ein Stempel je Heißgetränk. Nicht gegen Bargeld einlösbar.",
            "One stamp for each hot drink. Cannot be exchanged for cash.",
        ),
    ),
    ProgramDraft(
        kind="coupon",
        name="Frühstück zu zweit",
        slug="demo-coupon",
        rules={"offer": {"type": "percent", "percent": 20}, "minimum_order": _eur(1500)},
        colors={"background": "#b3402e", "foreground": "#fffaf3", "label": "#ffd9c2"},
        texts=_texts(
            "Frühstück zu zweit",
            "Breakfast for two",
            "Einmal je Gast, nicht mit anderen Angeboten kombinierbar.",
            "Once per guest, not to be combined with other offers.",
        ),
    ),
    ProgramDraft(
        kind="gift",
        name="Geschenkkarte",
        slug="demo-gift",
        currency="EUR",
        rules={"maximum_balance": _eur(25_000)},
        colors={"background": "#174a43", "foreground": "#f7fffb", "label": "#bfe5d2"},
        texts=_texts(
            "Geschenkkarte",
            "Gift card",
            "Gültig in beiden Cafés, drei Jahre bis zum Jahresende. Keine Auszahlung.",
            "Valid in both cafés for three years, to the end of the year. No cash back.",
        ),
    ),
    ProgramDraft(
        kind="points",
        name="Stammgast",
        slug="demo-points",
        rules={
            "point_per": _eur(100),
            "rewards": [
                {"id": "croissant", "name": "Croissant", "points": 40},
                {"id": "cake", "name": "Stück Kuchen", "points": 80},
                {"id": "breakfast", "name": "Frühstück", "points": 200},
            ],
            "tiers": [
                {"name": "Gast", "from_points": 0, "factor_percent": 100},
                {"name": "Stammgast", "from_points": 250, "factor_percent": 150},
            ],
        },
        colors={"background": "#26345c", "foreground": "#ffffff", "label": "#c7d4f5"},
        texts=_texts(
            "Stammgast",
            "Regulars",
            "Punkte gelten in beiden Cafés. Prämien solange der Vorrat reicht.",
            "Points count in both cafés. Rewards while stocks last.",
        ),
    ),
)

MEMBER = MemberDraft(
    external_id="demo-anna",
    name="Anna Beispiel",
    email="anna@morgenrot.example",
    birthday="1992-02-29",
    locale="de",
    tags=("demo",),
    consents=(
        ConsentDraft(
            purpose="marketing",
            channel="wallet",
            granted=True,
            wording="Ja, Café Morgenrot darf mir Neuigkeiten auf meine Karte schreiben.",
            source="demo",
        ),
    ),
)

FIRST_STAMPS = 4
FIRST_LOAD_MINOR = 2500
FIRST_PURCHASE_MINOR = 3650
"""What lies on the member's cards to begin with, so that they look as cards look."""
