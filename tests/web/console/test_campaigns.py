"""The one page of the marketing team: whom, what, how many, how it reads, and off it goes."""

import csv
import io

import pytest
from flask import Flask
from sqlalchemy import select

from passes.campaigns import run
from passes.campaigns import service as campaigns
from passes.campaigns.models import Campaign
from passes.clock import FixedClock
from passes.merchants.models import Staff
from passes.programs import queries as programs
from tests.campaigns.shop import at
from tests.factories.cafe import Cafe
from tests.factories.visitor import BASE_URL, visit
from tests.web.console.conftest import MESSAGE, Office, sign_in

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_team_counts_reads_both_texts_and_sends(office: Office) -> None:
    reached = [office.member(), office.member(name="Bo")]
    silent = office.member(consent=False)
    assert "Noch keine Kampagne." in office.look()
    assert office.preview().status_code == 200
    text = office.visitor.text
    assert "Passt auf: 3" in text
    assert "Davon mit Zustimmung: 2" in text
    assert "Hallo Ada, noch 7 Stempel." in text
    assert "Hello Ada, 7 stamps." in text
    assert "Senden (2)" in text
    assert office.campaigns() == []

    answer = office.launch()
    assert [(r.status_code, r.location) for r in answer.history] == [(303, "/console?launched=1")]
    assert "Unterwegs." in office.visitor.text
    assert office.campaigns() == [("Herbst", office.cafe.merchant.id, "finished")]
    assert office.planned() == sorted([*reached, silent])


def test_what_was_sent_shows_in_the_list(office: Office, clock: FixedClock) -> None:
    office.member()
    office.member(consent=False)
    clock.at = at("2026-03-02 23:30")
    office.look()
    office.preview()
    office.launch()
    clock.at = at("2026-03-03 09:00")
    run.run_due(office.services.database, clock.at, base_url=BASE_URL)
    cells = office.look().partition("<tbody>")[2]
    assert cells.index("Herbst") < cells.index("Fertig") < cells.index("3. März 2026")
    assert cells.count("<td>1</td>") == 2
    assert "3 March 2026" in office.look("/console?lang=en")


@ON_SQLITE
@pytest.mark.parametrize(
    "typed, expected",
    [
        ({}, 4),
        ({"program_id": "stamp"}, 4),
        ({"program_id": "points"}, 0),
        ({"location_id": "here"}, 1),
        ({"inactive_days": "30"}, 1),
        ({"inactive_days": "31"}, 0),
        ({"birthday_month": "2"}, 1),
        ({"balance_min": "1"}, 1),
        ({"balance_min": "4"}, 0),
        ({"birthday_month": "2", "inactive_days": "30"}, 0),
    ],
    ids=str,
)
def test_every_field_of_the_audience_counts(
    office: Office, clock: FixedClock, typed: dict[str, str], expected: int
) -> None:
    start, chosen = clock.at, {"points": office.cafe.program("points").id, "here": office.cafe.shop.id}
    with office.services.database.read() as uow:
        chosen["stamp"] = programs.by_slug(uow, "stamp").id
    office.member(birthday="--02-29")
    regular = office.member(name="Bo")
    office.member(birthday="--03-01")
    office.member(consent=False)
    clock.at = start.replace(month=1, day=31)
    office.buy(regular, 3)
    clock.at = start
    office.look()
    office.preview(**{name: chosen.get(value, value) for name, value in typed.items()})
    assert f"Passt auf: {expected}" in office.visitor.text


@ON_SQLITE
def test_nobody_in_an_audience_is_said_and_cannot_be_sent_to(office: Office) -> None:
    office.look()
    office.preview()
    assert "Passt auf: 0" in office.visitor.text
    assert "Niemand passt auf diese Auswahl." in office.visitor.text
    assert 'formaction="/console/launch"' not in office.visitor.text


WRONG: list[tuple[dict[str, str], str, str, str]] = [
    ({"name": ""}, "name", "Namen mit höchstens 200 Zeichen", "a name of up to 200"),
    ({"name": "x" * 201}, "name", "Namen mit höchstens 200 Zeichen", "a name of up to 200"),
    ({"de": ""}, "de", "1 bis 500 Zeichen", "1 to 500 characters"),
    ({"en": "x" * 501}, "en", "1 bis 500 Zeichen", "1 to 500 characters"),
    ({"en": "{nickname}"}, "en", "first_name, balance und merchant", "Braces may only hold"),
    ({"de": "a\x07b"}, "de", "1 bis 500 Zeichen", "1 to 500 characters"),
    ({"inactive_days": "bald"}, "inactive_days", "von 1 bis 3650", "from 1 to 3650"),
    ({"inactive_days": "0"}, "inactive_days", "von 1 bis 3650", "from 1 to 3650"),
    ({"inactive_days": "9" * 400}, "inactive_days", "von 1 bis 3650", "from 1 to 3650"),
    ({"birthday_month": "13"}, "birthday_month", "einen Monat wählen", "choose a month"),
    ({"balance_min": "-1"}, "balance_min", "ganze Zahl ab 1", "from 1, or leave"),
    ({"balance_min": "1.5"}, "balance_min", "ganze Zahl ab 1", "from 1, or leave"),
    ({"program_id": "prog_unknown"}, "program_id", "Karte gibt es nicht mehr", "This card is gone"),
    ({"program_id": "../../etc"}, "program_id", "Karte gibt es nicht mehr", "This card is gone"),
    ({"location_id": "loc_unknown"}, "location_id", "Laden gibt es nicht mehr", "This shop is gone"),
]


@pytest.mark.parametrize("action", ["/console/preview", "/console/launch"])
def test_a_wrong_field_is_said_beside_it_in_both_languages_and_nothing_is_lost(
    office: Office, action: str
) -> None:
    office.member()
    office.look()
    form = next(f for f in office.visitor.forms() if f.action == "/console/preview")
    for typed, field, *sentences in WRONG:
        for language, words in zip(("de", "en"), sentences, strict=True):
            sent, headers = {**form.values, **MESSAGE, **typed}, {"Accept-Language": language}
            answer = office.visitor.client.post(action, data=sent, base_url=BASE_URL, headers=headers)
            text = answer.get_data(as_text=True)
            assert answer.status_code == 422, typed
            assert words in text.partition(f'id="{field}-error">')[2].partition("</p>")[0], typed
            assert text.count('class="error"') == 1, typed
            assert f'aria-invalid="true" aria-describedby="{field}-error"' in text, typed
            assert all(MESSAGE[name] in text for name in set(MESSAGE) - {field}), typed
    assert office.campaigns() == []


def test_several_wrong_fields_are_named_at_once(office: Office) -> None:
    office.look()
    office.preview(name="", en="", inactive_days="x")
    assert office.visitor.text.count('class="error"') == 3


def test_pressing_twice_sends_once(office: Office) -> None:
    office.member()
    office.look()
    office.preview()
    twice = next(f for f in office.visitor.forms() if f.action == "/console/preview")
    for _ in range(2):
        answer = office.visitor.client.post(
            "/console/launch", data={**twice.values, **MESSAGE}, base_url=BASE_URL
        )
        assert (answer.status_code, answer.location) == (303, "/console?launched=1")
    assert len(office.campaigns()) == 1
    assert len(office.planned()) == 1


def test_another_text_under_a_used_button_is_shown_again_and_not_sent(office: Office) -> None:
    """Back in the browser after sending, changed, sent again: that is a second message, to be looked at."""
    office.member()
    office.look()
    office.preview()
    used = next(f for f in office.visitor.forms() if f.action == "/console/preview")
    office.launch()
    used.action = "/console/launch"
    answer = office.visitor.send(used, **{**MESSAGE, "name": "Winter"})
    assert answer.status_code == 422
    assert "Noch nicht gesendet." in office.visitor.text
    assert [name for name, _, _ in office.campaigns()] == ["Herbst"]
    office.launch(name="Winter")
    assert [name for name, _, _ in office.campaigns()] == ["Herbst", "Winter"]


@ON_SQLITE
@pytest.mark.parametrize("key", ["", "x", "console-", "scanner-" + "0" * 36, "console-" + "x" * 400])
def test_without_a_button_of_ours_nothing_is_sent(office: Office, key: str) -> None:
    office.member()
    office.look()
    office.preview()
    assert office.launch(key=key).status_code == 422
    assert "Senden (1)" in office.visitor.text
    assert office.campaigns() == []


@ON_SQLITE
def test_a_message_is_text_and_never_markup(office: Office) -> None:
    office.member()
    office.look()
    office.preview(name="<b>x</b>", de="<script>alert(1)</script> {first_name}", en='"><img src=x>')
    assert "<script" not in office.visitor.text
    assert "<img" not in office.visitor.text
    assert "<b>" not in office.visitor.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; Ada" in office.visitor.text


@ON_SQLITE
def test_the_example_balance_is_one_the_chosen_card_could_have(office: Office) -> None:
    gift = office.cafe.program("gift")
    office.look()
    office.preview(program_id=gift.id)
    assert "Hallo Ada, noch 12,50\xa0€." in office.visitor.text


@ON_SQLITE
def test_the_other_language_is_one_link_away_also_after_a_form(office: Office) -> None:
    office.member()
    office.look()
    office.preview()
    assert 'href="/console?lang=en"' in office.visitor.text
    assert "New message" in office.look("/console?lang=en")
    assert "New message" in office.look("/console")


def campaign(office: Office, merchant_id: str, name: str) -> None:
    raw = {"name": name, "trigger": {"type": "manual"}, "message": {"de": "x", "en": "x"}}
    with office.services.database.write() as uow:
        campaigns.create(uow, merchant_id, raw, "test")


def test_another_merchants_campaigns_programs_and_shops_are_not_to_be_seen(
    office: Office, app: Flask
) -> None:
    stranger = Cafe(office.services, slug="fremd", name="Fremd")
    theirs = stranger.program("points", slug="fremde-karte")
    campaign(office, stranger.merchant.id, "Geheim")
    campaign(office, office.cafe.merchant.id, "Eigenes")
    text = office.look()
    assert "Eigenes" in text
    for secret in ("Geheim", theirs.id, stranger.shop.id):
        assert secret not in text
    assert "Geheim" not in office.look("/console/campaigns.csv")
    for typed in ({"program_id": theirs.id}, {"location_id": stranger.shop.id}):
        office.look()
        assert office.preview(**typed).status_code == 422
        assert 'class="error"' in office.visitor.text


@ON_SQLITE
def test_searching_finds_by_a_part_of_the_name(office: Office) -> None:
    for name in ("Herbst 2026", "Ostern", "100% Rabatt"):
        campaign(office, office.cafe.merchant.id, name)
    assert "Ostern" not in office.look("/console?q=herbst")
    assert "Herbst 2026" in office.visitor.text
    assert "100% Rabatt" in office.look("/console?q=%25")
    assert "Herbst" not in office.visitor.text.partition("<tbody>")[2]
    assert "Keine Kampagne heißt so." in office.look("/console?q=Weihnachten")
    assert "Noch keine Kampagne" not in office.visitor.text


FORMULAS = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\n=1"]


def test_the_file_has_every_campaign_and_runs_nothing(office: Office) -> None:
    for name in (*FORMULAS, 'Komma, "Gänsefüßchen"'):
        campaign(office, office.cafe.merchant.id, name)
    office.look("/console/campaigns.csv")
    page = office.visitor.page
    assert page.content_type == "text/csv; charset=utf-8"
    assert "attachment" in page.headers["Content-Disposition"]
    assert page.headers["Cache-Control"] == "no-store"
    heading, *rows = csv.reader(io.StringIO(office.visitor.text, newline=""))
    assert heading[:3] == ["id", "name", "state"]
    assert [row[1] for row in rows] == ['Komma, "Gänsefüßchen"', *(f"'{name}" for name in reversed(FORMULAS))]


@ON_SQLITE
def test_the_file_keeps_to_the_search(office: Office) -> None:
    for name in ("Herbst", "Ostern"):
        campaign(office, office.cafe.merchant.id, name)
    rows = list(csv.reader(io.StringIO(office.look("/console/campaigns.csv?q=oster"))))
    assert [row[1] for row in rows[1:]] == ["Ostern"]


@ON_SQLITE
def test_the_books_say_who_sent_it(office: Office) -> None:
    office.member()
    office.look()
    office.preview()
    office.launch()
    with office.services.database.read() as uow:
        ada = uow.conn.execute(select(Staff.id)).scalar_one()
        actors = uow.conn.exec_driver_sql(
            "SELECT DISTINCT actor FROM audit_log WHERE action LIKE 'campaigns%'"
        )
        assert [row[0] for row in actors] == [ada]
        assert uow.conn.execute(select(Campaign.state)).scalar_one() == "finished"


@ON_SQLITE
def test_two_teams_in_one_browser_do_not_mix(office: Office, app: Flask) -> None:
    stranger = Cafe(office.services, slug="fremd", name="Fremd")
    stranger.person("111111", "marketing")
    other = visit(app)
    sign_in(other, "111111@example.com")
    assert "Fremd" in other.text
    assert "Café Größenwahn" not in other.text
