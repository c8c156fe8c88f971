"""The people of a merchant, signing in by password and by PIN."""

from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from passes.db.engine import Database, UnitOfWork
from passes.errors import FieldError, NotFound
from passes.merchants import staff
from passes.merchants.access import Caller
from passes.merchants.models import Staff
from passes.merchants.queries import LocationView, MerchantView
from passes.merchants.rules import StaffDraft
from tests.factories.merchants import a_location, a_merchant

PASSWORD = "correct horse"


def a_person(uow: UnitOfWork, merchant: MerchantView, **changes: Any) -> staff.StaffView:
    known = {"name": "Ada", "email": "ada@mokka.de", "password": PASSWORD, "scopes": ["till", "manage"]}
    return staff.create_staff(uow, merchant.id, StaffDraft(**known | changes), "cli")


def test_a_person_signs_in_with_address_and_password(database: Database) -> None:
    with database.write() as uow:
        merchant = a_merchant(uow)
        ada = a_person(uow, merchant, email="Ada@Mokka.de")
        assert staff.authenticate_staff(uow, " ADA@mokka.de", PASSWORD) == Caller(
            merchant.id, ada.id, frozenset({"till", "manage"})
        )
        assert staff.get_staff(uow, merchant.id, ada.id) == ada
    assert not ada.has_pin


def test_nobody_signs_in_with_anything_else(database: Database) -> None:
    with database.write() as uow:
        merchant = a_merchant(uow)
        ada = a_person(uow, merchant, pin="135790")
        for email, password in [
            ("ada@mokka.de", "wrong horse!"),
            ("ada@mokka.de", ""),
            ("ada@mokka.de", "135790"),
            ("ada@mokka.de", "\udcff"),
            ("eve@mokka.de", PASSWORD),
            ("", ""),
        ]:
            assert staff.authenticate_staff(uow, email, password) is None
        staff.disable_staff(uow, merchant.id, ada.id, "cli")
        assert staff.authenticate_staff(uow, "ada@mokka.de", PASSWORD) is None


@pytest.mark.parametrize("email", ["ada@mokka.de", "nobody@mokka.de", "disabled@mokka.de"])
def test_every_no_takes_one_password_hash(
    database: Database, monkeypatch: pytest.MonkeyPatch, email: str
) -> None:
    checked: list[str] = []

    class Counting(PasswordHasher):
        def verify(self, hash: str | bytes, password: str | bytes) -> bool:
            checked.append(email)
            return super().verify(hash, password)

    with database.write() as uow:
        merchant = a_merchant(uow)
        a_person(uow, merchant)
        gone = a_person(uow, merchant, email="disabled@mokka.de")
        staff.disable_staff(uow, merchant.id, gone.id, "cli")
        hasher = Counting(time_cost=1, memory_cost=8, parallelism=1)
        monkeypatch.setattr(staff, "PASSWORDS", hasher)
        assert staff.authenticate_staff(uow, email, "wrong horse!") is None
    assert checked == [email]


def test_passwords_and_pins_are_kept_as_argon2id_hashes(database: Database) -> None:
    with database.write() as uow:
        a_person(uow, a_merchant(uow), pin="135790")
        row = uow.conn.execute(select(Staff.__table__)).one()
    assert row.password_hash.startswith("$argon2id$")
    assert row.pin_hash.startswith("$argon2id$")


def test_an_address_is_given_once_in_the_installation(database: Database) -> None:
    with database.write() as uow:
        a_person(uow, a_merchant(uow, "mine"))
        other = a_merchant(uow, "other")
        with pytest.raises(FieldError) as error:
            a_person(uow, other, email="ADA@mokka.de")
        a_person(uow, other, email="bob@mokka.de")
    assert error.value.errors[0]["field"] == "email"


def two_shops(uow: UnitOfWork) -> tuple[MerchantView, LocationView, LocationView]:
    merchant = a_merchant(uow)
    return merchant, a_location(uow, merchant, "Here"), a_location(uow, merchant, "There")


def test_a_pin_lets_a_person_in_at_their_shop_alone(database: Database) -> None:
    with database.write() as uow:
        merchant, here, there = two_shops(uow)
        ada = a_person(uow, merchant, pin="135790", location_id=here.id, scopes=["till"])
        assert staff.authenticate_pin(uow, merchant.id, here.id, "135790") == Caller(
            merchant.id, ada.id, frozenset({"till"}), here.id
        )
        assert staff.authenticate_pin(uow, merchant.id, there.id, "135790") is None
        assert staff.authenticate_pin(uow, merchant.id, here.id, "135791") is None
        assert staff.authenticate_pin(uow, merchant.id, here.id, "") is None


def test_a_person_of_no_shop_signs_in_at_every_shop_and_is_bound_to_it(database: Database) -> None:
    with database.write() as uow:
        merchant, here, there = two_shops(uow)
        a_person(uow, merchant, pin="135790")
        for shop in (here, there):
            caller = staff.authenticate_pin(uow, merchant.id, shop.id, "135790")
            assert caller is not None
            assert caller.location_id == shop.id


def test_a_pin_is_given_once_where_it_would_be_ambiguous(database: Database) -> None:
    with database.write() as uow:
        merchant, here, there = two_shops(uow)
        a_person(uow, merchant, email="ada@mokka.de", pin="135790", location_id=here.id)
        a_person(uow, merchant, email="bob@mokka.de", pin="135790", location_id=there.id)
        for shop in (here.id, None):
            with pytest.raises(FieldError) as error:
                a_person(uow, merchant, email="eve@mokka.de", pin="135790", location_id=shop)
            assert error.value.errors[0]["field"] == "pin"


def test_a_disabled_person_has_no_pin_any_more(database: Database) -> None:
    with database.write() as uow:
        merchant, here, _ = two_shops(uow)
        ada = a_person(uow, merchant, pin="135790")
        disabled = staff.disable_staff(uow, merchant.id, ada.id, "cli")
        assert staff.disable_staff(uow, merchant.id, ada.id, "cli") == disabled
        assert staff.authenticate_pin(uow, merchant.id, here.id, "135790") is None
        a_person(uow, merchant, email="bob@mokka.de", pin="135790")
        assert staff.authenticate_pin(uow, merchant.id, here.id, "135790") is not None


def test_no_merchant_reaches_anothers_people_or_shops(database: Database) -> None:
    with database.write() as uow:
        merchant, here, _ = two_shops(uow)
        ada = a_person(uow, merchant, pin="135790")
        other = a_merchant(uow, "other")
        with pytest.raises(NotFound):
            staff.get_staff(uow, other.id, ada.id)
        with pytest.raises(NotFound):
            staff.disable_staff(uow, other.id, ada.id, "cli")
        with pytest.raises(NotFound):
            staff.authenticate_pin(uow, other.id, here.id, "135790")
        with pytest.raises(NotFound):
            a_person(uow, other, email="bob@mokka.de", location_id=here.id)
        assert staff.authenticate_staff(uow, "ada@mokka.de", PASSWORD) is not None
