"""What somebody may write when taking a card: all of it optional, nothing lost when something is wrong."""

from collections.abc import Mapping
from dataclasses import dataclass

from passes.errors import FieldError
from passes.fields import checked
from passes.members.rules import ConsentDraft, MemberDraft
from passes.merchants.rules import normalise_email

_LONGEST = 400
"""Characters of a field that are looked at and shown again; a name has at most half as many."""


@dataclass(frozen=True, slots=True)
class EnrolForm:
    """The fields as written, trimmed."""

    name: str = ""
    email: str = ""
    day: str = ""
    month: str = ""
    year: str = ""
    consent: bool = False
    by_email: bool = False

    @classmethod
    def read(cls, sent: Mapping[str, str]) -> "EnrolForm":
        """The form as a browser sent it."""
        written = {
            name: sent.get(name, "").strip()[:_LONGEST] for name in ("name", "email", "day", "month", "year")
        }
        return cls(**written, consent=sent.get("consent") == "yes", by_email=sent.get("by_email") == "yes")

    @property
    def has_details(self) -> bool:
        """Whether anything is written of the person that a member is made of at once."""
        return any((self.name, self.day, self.month, self.year))

    @property
    def address(self) -> str | None:
        """The address in the form the books use; None where none is given. For a form without errors."""
        return normalise_email(self.email) if self.email else None

    @property
    def birthday(self) -> str | None:
        """The birthday in the form the books use; None where nothing of it is given."""
        if not (self.day or self.month or self.year):
            return None
        return f"{self.year or '-'}-{self.month.zfill(2)}-{self.day.zfill(2)}"

    def errors(self) -> dict[str, str]:
        """The key of a text for every field that is wrong in itself."""
        found = {}
        for field, value in (("name", self.name), ("email", self.email)):
            if value and not _is_accepted(field, value):
                found[field] = f"wrong_{field}"
        if self.birthday is not None and not _is_accepted("birthday", self.birthday):
            without_year = f"--{self.month.zfill(2)}-{self.day.zfill(2)}"
            found["birthday"] = "wrong_year" if _is_accepted("birthday", without_year) else "wrong_birthday"
        return found

    def draft(self, language: str, wording: str, source: str) -> MemberDraft | None:
        """The member to be, None where nothing is known; `wording` is what a given consent agreed to.

        The address is not of it: anybody can write anybody's.
        """
        if not (self.has_details or self.consent):
            return None
        consent = ConsentDraft(
            purpose="marketing", channel="wallet", granted=True, wording=wording, source=source
        )
        return MemberDraft(
            name=self.name or None,
            birthday=self.birthday,
            locale=language,
            consents=(consent,) if self.consent else (),
        )


def _is_accepted(field: str, value: str) -> bool:
    try:
        checked(MemberDraft, {field: value})
    except FieldError:
        return False
    return True


def text_about(field: str) -> str:
    """The key of the text for a field whose form is fine and that is refused all the same."""
    return "wrong_year" if field == "birthday" else f"wrong_{field}"
