"""The campaign form: what was typed, turned into the campaign it means."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from passes.campaigns.audience import require_known
from passes.campaigns.rules import Audience, CampaignDraft, parse
from passes.db.engine import UnitOfWork
from passes.errors import FieldError, NotFound


@dataclass(frozen=True, slots=True)
class CampaignForm:
    """What stands in the fields, as typed."""

    name: str = ""
    program_id: str = ""
    location_id: str = ""
    inactive_days: str = ""
    birthday_month: str = ""
    balance_min: str = ""
    de: str = ""
    en: str = ""

    @classmethod
    def of(cls, typed: Mapping[str, str]) -> "CampaignForm":
        """The form as it was sent."""
        return cls(**{field.name: typed.get(field.name, "").strip() for field in fields(cls)})

    def raw(self) -> dict[str, Any]:
        """The campaign by hand that this form means, unchecked."""
        audience: dict[str, Any] = {k: v for k in ("program_id", "location_id") if (v := getattr(self, k))}
        for name in ("inactive_days", "birthday_month", "balance_min"):
            if typed := getattr(self, name):
                audience[name] = int(typed) if typed.isdecimal() and len(typed) < 16 else typed
        return {
            "name": self.name,
            "trigger": {"type": "manual"},
            "audience": audience,
            "message": {"de": self.de, "en": self.en},
        }


def check(uow: UnitOfWork, merchant_id: str, form: CampaignForm) -> tuple[CampaignDraft | None, set[str]]:
    """The campaign, or the names of the fields that are wrong."""
    try:
        draft = parse(form.raw())
    except FieldError as error:
        return None, {e["field"].rsplit(".", 1)[-1] for e in error.errors}
    unknown = _unknown(uow, merchant_id, draft.audience)
    return (None if unknown else draft), unknown


def _unknown(uow: UnitOfWork, merchant_id: str, wanted: Audience) -> set[str]:
    """What was chosen and is not the merchant's, or not any more."""
    found = set()
    for name in ("program_id", "location_id"):
        try:
            require_known(uow, merchant_id, Audience(**{name: getattr(wanted, name)}))
        except NotFound:
            found.add(name)
    return found
