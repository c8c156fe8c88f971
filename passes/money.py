"""Amounts: an integer and what it counts, never a float.

An asset is an ISO 4217 currency (the integer is in its minor unit) or one of the four things a card
can hold besides money. The number of decimals of a currency matters only where a person or a wallet
reads it, so it is looked up here and nowhere else.
"""

from dataclasses import dataclass
from decimal import Decimal

STAMP = "STAMP"
POINT = "POINT"
USE = "USE"
REWARD = "REWARD"
COUNTED_ASSETS = frozenset({STAMP, POINT, USE, REWARD})

MAX_AMOUNT = 2**53 - 1
"""The largest amount: every JSON reader on earth keeps integers up to here."""

# ISO 4217 active currencies by number of decimals; everything not listed in the small sets has two.
_NO_DECIMALS = frozenset("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split())
_THREE_DECIMALS = frozenset("BHD IQD JOD KWD LYD OMR TND".split())
_FOUR_DECIMALS = frozenset("CLF UYW".split())
_TWO_DECIMALS = frozenset(
    """AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BOV BRL BSD BTN BWP BYN BZD
    CAD CDF CHE CHF CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS
    GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL
    MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK
    PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS
    TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG""".split()
)
CURRENCIES = _NO_DECIMALS | _TWO_DECIMALS | _THREE_DECIMALS | _FOUR_DECIMALS


def is_currency(asset: str) -> bool:
    """Whether `asset` is money (ISO 4217) rather than stamps, points, uses or rewards."""
    return asset in CURRENCIES


def is_asset(asset: str) -> bool:
    """Whether `asset` is something Stempel can count."""
    return asset in COUNTED_ASSETS or asset in CURRENCIES


def decimals(asset: str) -> int:
    """How many decimals a person writes for `asset`: 2 for EUR, 0 for JPY and for counted things."""
    if asset in _NO_DECIMALS or asset in COUNTED_ASSETS:
        return 0
    if asset in _THREE_DECIMALS:
        return 3
    return 4 if asset in _FOUR_DECIMALS else 2


@dataclass(frozen=True, slots=True)
class Money:
    """`amount` of `asset`, in minor units for a currency."""

    amount: int
    asset: str

    def as_dict(self) -> dict[str, int | str]:
        """The form the API speaks: `{"amount": 1250, "asset": "EUR"}`."""
        return {"amount": self.amount, "asset": self.asset}

    def as_decimal(self) -> Decimal:
        """The value in major units, exact: 1250 EUR cents are `Decimal("12.50")`."""
        return Decimal(self.amount).scaleb(-decimals(self.asset))
