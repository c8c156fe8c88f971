"""Bad requests for every page and every address a machine calls that is no operation of the API.

`PAGES` has an entry for each endpoint: an address nobody thought about here fails the sweep.
"""

from collections.abc import Callable, Iterator
from urllib.parse import quote

from tests.sweep import console, machines, scanner
from tests.sweep.bad import Bad
from tests.sweep.places import NOWHERE, Places, below, get, no_forms, post


def _enrol(places: Places) -> Iterator[Bad]:
    slug, browser = places.world.mine.slug(), places.customer
    path = f"/e/{slug}"
    yield from no_forms(browser, path)
    for field, value in (("name", "x" * 201), ("name", "a\x07b"), ("email", "ada@"), ("email", "x" * 5000)):
        yield post(browser, f"{field} {value[:8]!r}", path, 422, names=field, **{field: value})
    for born in (
        ("31", "2", ""),
        ("3", "", ""),
        ("", "3", ""),
        ("x", "y", "z"),
        ("1", "1", "2999"),
        ("1", "1", "9" * 300),
    ):
        typed = dict(zip(("day", "month", "year"), born, strict=True))
        yield post(browser, f"born {born!r:.30}", path, 422, names="birthday", **typed)
    yield post(browser, "a NUL", path, 400, name="a\0b")
    yield post(browser, "what only machines fill in", path, 303, website="https://spam.example")
    for name in NOWHERE:
        yield post(browser, name[:12], f"/e/{name}", 400, 404)
    gift = f"/e/{places.world.mine.slug('gift')}"
    yield post(browser, "a gift card for nothing", gift, 200, 409, 422, name="Ada")


def _consent(places: Places) -> Iterator[Bad]:
    path, browser = f"{places.world.mine.page_of_member}/consent", places.customer
    yield from no_forms(browser, path)
    for value in ("", "maybe", "YES", "1", "x" * 5000, "a\0b"):
        yield post(browser, f"{value[:8]!r}", path, 400, granted=value)
        yield post(browser, f"the channel {value[:8]!r}", path, 400, granted="no", channel=value)
    yield post(browser, "a yes to mails", path, 400, granted="yes", channel="email")
    yield post(browser, "nothing", path, 400)
    for name in NOWHERE:
        yield post(browser, name[:12], f"/c/{name}/consent", 400, 404, granted="yes")


def _confirming(places: Places) -> Iterator[Bad]:
    path, browser = f"/e/{places.world.mine.slug()}/confirm/" + "0" * 26, places.customer
    yield from no_forms(browser, path)
    yield post(browser, "a link that was never sent", path, 404)
    for name in NOWHERE:
        yield post(browser, name[:12], f"/e/{places.world.mine.slug()}/confirm/{name}", 400, 404)
        yield post(browser, name[:12], f"/e/{name}/confirm/x", 400, 404)


def _wishes(places: Places) -> Iterator[Bad]:
    page: str = places.world.mine.cards["gift"]["links"]["page"]
    path, browser = "/c/" + page.rpartition("/")[2] + "/voucher.pdf", places.customer
    yield from no_forms(browser, path)
    for paper in ("a0", "A4", "x" * 5000, "😀"):
        yield post(browser, f"the paper {paper[:8]!r}", path, 400, paper=paper)
    for name in NOWHERE:
        yield post(browser, name[:12], f"/c/{name}/voucher.pdf", 400, 404, paper="a4")


def _drawings(places: Places) -> Iterator[Bad]:
    slug = places.world.mine.slug()
    yield from below("/e/", "/x/logo.png")
    yield from below(f"/e/{slug}/x/", ".png")
    for name in (
        "strip-11-0",
        "strip-1-2",
        "strip--1-0",
        "strip-9999999-0",
        "strip-" + "9" * 5000 + "-0",
        "strip-١-0",
    ):
        yield get(name[:16], f"/e/{slug}/x/{quote(name)}.png", 404)


def _heroes(places: Places) -> Iterator[Bad]:
    slug = places.world.mine.slug()
    yield from below("/pictures/", "/x/hero-0-0.png")
    for state in (
        "11-0",
        "0-2",
        "-1-0",
        "x",
        "",
        "1",
        "1-0-0",
        "9" * 5000 + "-0",
        "0-" + "9" * 5000,
        "1.5-0",
        "١-0",
        "%00-0",
    ):
        yield get(
            f"hero {state[:8]}",
            f"/pictures/{slug}/x/hero-{state if '%' in state else quote(state)}.png",
            400,
            404,
        )


def _languages(path: str) -> Callable[[Places], Iterator[Bad]]:
    def requests(places: Places) -> Iterator[Bad]:
        for value in ("xx", "", "de-DE", "a\0b", "x" * 5000, "😀"):
            yield get(f"lang {value[:8]!r}", path, 200, 400, query={"lang": value})
        for header in ("x" * 5000, "de;q=x", ";;;,,,", "\xff", "*;q=9"):
            yield get(f"language {header[:8]!r}", path, 200, headers={"Accept-Language": header})

    return requests


def _nothing(_places: Places) -> Iterator[Bad]:
    """Takes nothing, so only the method can be wrong."""
    return iter(())


PAGES: dict[str, Callable[[Places], Iterator[Bad]]] = {
    "pages.start": _languages("/"),
    "pages.robots": _nothing,
    "pages.asset": lambda p: below("/assets/x/"),
    "pages.artwork": lambda p: below("/artwork/"),
    "api_docs.docs": _languages("/api/docs"),
    "api_v1.openapi_document": _nothing,
    "enrol.offer": lambda p: below("/e/"),
    "enrol.get_card": _enrol,
    "enrol.confirm_page": lambda p: below(f"/e/{p.world.mine.slug()}/confirm/"),
    "enrol.confirm": _confirming,
    "enrol.drawing": _drawings,
    "enrol.poster": lambda p: below("/e/", "/poster.pdf"),
    "enrol.card": lambda p: below("/c/"),
    "enrol.apple_pass": lambda p: below("/c/", "/card.pkpass"),
    "enrol.google_pass": lambda p: below("/c/", "/google"),
    "enrol.consent": _consent,
    "enrol.voucher": lambda p: below("/c/", "/voucher.pdf"),
    "enrol.voucher_with_wish": _wishes,
    "console.sign_in_page": _languages("/console/sign-in"),
    "console.sign_in": console.sign_in,
    "console.sign_out": lambda p: no_forms(p.marketer, "/console/sign-out"),
    "console.campaigns": console.searches("/console"),
    "console.export": console.searches("/console/campaigns.csv"),
    "console.cards": console.searches("/console/cards"),
    "console.cards_export": console.searches("/console/cards.csv"),
    "console.card": console.nowhere("/console/cards/"),
    "console.card_picture": console.pictures,
    "console.approvals_page": console.searches("/console/approvals"),
    "console.audit_page": console.searches("/console/audit"),
    "console.audit_export": console.searches("/console/audit.csv"),
    "console.webhooks_page": console.webhooks("/console/webhooks"),
    "console.webhooks_export": console.webhooks("/console/webhooks.csv"),
    "console.webhook_replay": console.replaying,
    "console.webhook_replay_all": console.at_webhook("replay"),
    "console.webhook_enable": console.at_webhook("enable"),
    "console.approve": console.decisions("approve"),
    "console.reject": console.decisions("reject"),
    "console.signing": console.searches("/console/signing"),
    "console.signing_import": console.certificates,
    "console.google": console.searches("/console/google"),
    "console.google_compare": console.comparing,
    "console.design": console.nowhere("/console/cards/", "/design"),
    "console.design_file": console.nowhere("/console/cards/", "/design.zip"),
    "console.design_upload": console.uploads,
    "console.design_edit": console.nowhere("/console/cards/", "/design/edit"),
    "console.design_save": console.design_form,
    "console.design_draft": console.nowhere("/console/cards/", "/design/draft"),
    "console.design_decide": console.deciding,
    "console.design_drawing": console.looks("logo.png"),
    "console.design_paper": console.looks("paper-de.pdf"),
    "console.design_restore": console.restoring,
    "console.preview": console.campaign_form("/console/preview"),
    "console.launch": console.campaign_form("/console/launch"),
    "scanner.start": scanner.start,
    "scanner.by_key": scanner.by_key,
    "scanner.by_pin": scanner.by_pin,
    "scanner.sign_out": lambda p: no_forms(p.till, "/scanner/sign-out"),
    "scanner.look_up": scanner.look_up,
    "scanner.card": scanner.desk,
    "scanner.act": scanner.act,
    "scanner.approval": scanner.approval,
    "scanner.approve_here": scanner.approve_here,
    "apple.register": machines.apple("POST"),
    "apple.unregister": machines.apple("DELETE"),
    "apple.fetch": machines.apple("GET"),
    "apple.updated": machines.apple_updated,
    "apple.log": machines.apple_log,
    "google.callback": machines.google,
    "pictures.upload": lambda p: below("/images/", ".png"),
    "pictures.logo": lambda p: below("/pictures/", "/x/logo.png"),
    "pictures.wide_logo": lambda p: below("/pictures/", "/x/wide-logo.png"),
    "pictures.hero": _heroes,
    "ops.healthz": _nothing,
    "ops.readyz": _nothing,
    "ops.metrics": _nothing,
}
