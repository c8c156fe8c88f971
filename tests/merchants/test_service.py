"""Merchants and their shops, on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from passes.clock import FixedClock
from passes.db.engine import Database
from passes.errors import FieldError, NotFound
from passes.merchants import queries
from tests.factories.merchants import a_location, a_merchant


def test_a_merchant_is_found_by_id_and_by_slug(database: Database) -> None:
    with database.write() as uow:
        made = a_merchant(uow, "mokka", name="Café Mokka", time_zone="Europe/Vienna", locale="de-AT")
    with database.read() as uow:
        assert queries.merchant(uow, made.id) == made
        assert queries.merchant_by_slug(uow, "mokka") == made
    assert (made.name, made.time_zone, made.locale) == ("Café Mokka", "Europe/Vienna", "de-AT")


def test_a_slug_is_given_once_and_the_unit_of_work_goes_on(database: Database) -> None:
    with database.write() as uow:
        a_merchant(uow, "mokka")
        with pytest.raises(FieldError) as error:
            a_merchant(uow, "mokka", name="Another")
        a_merchant(uow, "bohne")
    assert error.value.errors[0]["field"] == "slug"
    with database.read() as uow:
        assert [m.slug for m in queries.merchants(uow)] == ["bohne", "mokka"]


def test_an_unknown_merchant_is_not_found(database: Database) -> None:
    with database.read() as uow:
        with pytest.raises(NotFound):
            queries.merchant(uow, "mer_nobody")
        with pytest.raises(NotFound):
            queries.merchant_by_slug(uow, "nobody")


def test_locations_are_listed_newest_first_page_by_page(database: Database, clock: FixedClock) -> None:
    with database.write() as uow:
        merchant = a_merchant(uow)
    made = []
    for number in range(5):
        clock.at += timedelta(minutes=1)
        with database.write() as uow:
            made.append(a_location(uow, merchant, f"Shop {number}", address="Hauptstraße 1"))
    with database.read() as uow:
        first = queries.locations(uow, merchant.id, limit=3)
        second = queries.locations(uow, merchant.id, limit=3, cursor=first.next_cursor)
    assert [*first.items, *second.items] == made[::-1]
    assert second.next_cursor is None


def test_no_location_of_one_merchant_is_visible_to_another(database: Database) -> None:
    with database.write() as uow:
        mine, other = a_merchant(uow, "mine"), a_merchant(uow, "other")
        shop = a_location(uow, mine)
        assert queries.location(uow, mine.id, shop.id) == shop
        assert queries.locations(uow, other.id).items == []
        with pytest.raises(NotFound):
            queries.location(uow, other.id, shop.id)


def test_a_location_needs_a_merchant(database: Database) -> None:
    with database.write() as uow:
        merchant = a_merchant(uow)
        with pytest.raises(NotFound):
            a_location(uow, replace(merchant, id="mer_nobody"))


def test_today_is_asked_of_the_shop_first_and_then_of_the_merchant(database: Database) -> None:
    with database.write() as uow:
        merchant = a_merchant(uow, time_zone="Europe/Berlin")
        here = a_location(uow, merchant, "Here")
        there = a_location(uow, merchant, "There", time_zone="Atlantic/Azores")
        assert queries.calendar_zone(uow, merchant.id, None) == "Europe/Berlin"
        assert queries.calendar_zone(uow, merchant.id, here.id) == "Europe/Berlin"
        assert queries.calendar_zone(uow, merchant.id, there.id) == "Atlantic/Azores"
