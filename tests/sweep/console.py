"""Bad requests for the pages of the marketing team."""

from collections.abc import Callable, Iterator

from tests.sweep.bad import Bad
from tests.sweep.places import FORM, NOWHERE, Places, cookies_of, get, no_forms, post


def sign_in(places: Places) -> Iterator[Bad]:
    browser, path = places.marketer, "/console/sign-in"
    yield from no_forms(browser, path)
    for email, password in (
        ("", ""),
        ("x", "y"),
        (places.world.mine.person, "wrong"),
        ("x" * 5000, "y" * 5000),
    ):
        yield post(browser, f"{email[:8]!r}", path, 403, email=email, password=password)
    for field in ("email", "password"):
        yield post(browser, f"a NUL in {field}", path, 400, **{field: "a\0b"})


def campaign_form(path: str) -> Callable[[Places], Iterator[Bad]]:
    message = {"name": "Herbst", "de": "Hallo", "en": "Hello", "key": "console-" + "0" * 36}
    wrong = {
        "name": ("", "x" * 201, "a\x07b"),
        "de": ("", "x" * 501, "{nickname}", "{"),
        "en": ("", "x" * 501, "{nickname}", " "),
        "inactive_days": ("0", "3651", "-1", "x", "1.5", "9" * 5000),
        "birthday_month": ("0", "13", "x"),
        "balance_min": ("0", "-1", "x", "9" * 5000),
    }

    def requests(places: Places) -> Iterator[Bad]:
        browser, theirs = places.marketer, places.world.theirs
        yield from no_forms(browser, path)
        strange = {
            "program_id": ("x", "prog_00000000000000000000000000", theirs.shop.program("stamp"), "x" * 5000),
            "location_id": ("x", "loc_00000000000000000000000000", theirs.location, "x" * 5000),
        }
        for field, values in {**wrong, **strange}.items():
            for value in values:
                yield post(
                    browser, f"{field} {value[:12]!r}", path, 422, names=field, **{**message, field: value}
                )
            yield post(browser, f"a NUL in {field}", path, 400, **{**message, field: "a\0b"})
        if path.endswith("preview"):
            yield post(browser, "nothing wrong", path, 200, **message)
        if path.endswith("launch"):
            for key in ("", "x", "scanner-" + "0" * 36, "console-" + "x" * 5000):
                yield post(browser, f"{key[:12]!r} as its key", path, 422, **{**message, "key": key})
        yield Bad("nobody signed in", "POST", path, frozenset({400, 303}), data=message, content_type=FORM)

    return requests


def certificates(places: Places) -> Iterator[Bad]:
    """Whoever speaks to customers may look at certificates; bringing one takes a manager."""
    browser, path = places.marketer, "/console/signing"
    yield from no_forms(browser, path)
    yield post(places.onlooker, "a login that may not", path, 403, passphrase="x", new_type="1")
    yield post(browser, "no file", path, 422, passphrase="x", new_type="1")
    yield post(browser, "a NUL in passphrase", path, 400, passphrase="a\0b")


def decisions(way: str) -> Callable[[Places], Iterator[Bad]]:
    """Approvals that are not there, that are others', and people who may not decide."""

    def requests(places: Places) -> Iterator[Bad]:
        browser, mine = places.marketer, places.world.mine.approval
        yield from no_forms(browser, f"/console/approvals/{mine}/{way}")
        for name in (*NOWHERE, places.world.theirs.approval):
            yield post(browser, name[:12], f"/console/approvals/{name}/{way}", 400, 404)
        yield post(places.onlooker, "a login that may not", f"/console/approvals/{mine}/{way}", 303)

    return requests


def webhooks(path: str) -> Callable[[Places], Iterator[Bad]]:
    """Choices there are none of narrow nothing, and what is nobody's is not found."""

    def requests(places: Places) -> Iterator[Bad]:
        yield from searches(path)(places)
        cookies = cookies_of(places.marketer)
        strange = {
            "state": ("lost", "x" * 5000, "%"),
            "webhook": ("x", places.world.theirs.webhook),
            "event": ("card.exploded", "😀"),
            "before": ("x", "x" * 5000, "MjAyNi0wMS0wMVQwMDowMDowMFp8eA"),
        }
        for name, values in strange.items():
            for value in values:
                yield get(f"{name} {value[:8]!r}", path, 200, query={name: value}, cookies=cookies)
            yield get(f"a NUL in {name}", path, 400, query={name: "a\0b"}, cookies=cookies)
        yield get("a login that may not", path, 303, cookies=cookies_of(places.onlooker))

    return requests


def replaying(places: Places) -> Iterator[Bad]:
    """Deliveries there are none of, at endpoints there are none of, or that are others'."""
    browser, mine = places.marketer, places.world.mine.webhook
    start, event = "/console/webhooks", "evt_" + "0" * 26
    yield from no_forms(browser, f"{start}/{mine}/deliveries/{event}/replay")
    for name in (*NOWHERE, event):
        yield post(browser, name[:12], f"{start}/{mine}/deliveries/{name}/replay", 400, 404)
    for name in (*NOWHERE, places.world.theirs.webhook):
        yield post(browser, name[:12], f"{start}/{name}/deliveries/{event}/replay", 400, 404)
    yield post(places.onlooker, "a login that may not", f"{start}/{mine}/deliveries/{event}/replay", 303)


def at_webhook(act: str) -> Callable[[Places], Iterator[Bad]]:
    """Endpoints there are none of, or that are others', and people who may not."""

    def requests(places: Places) -> Iterator[Bad]:
        browser, start, mine = places.marketer, "/console/webhooks", places.world.mine.webhook
        yield from no_forms(browser, f"{start}/{mine}/{act}")
        for name in (*NOWHERE, places.world.theirs.webhook):
            yield post(browser, name[:12], f"{start}/{name}/{act}", 400, 404)
        yield post(places.onlooker, "a login that may not", f"{start}/{mine}/{act}", 303)

    return requests


def comparing(places: Places) -> Iterator[Bad]:
    """A comparison with Google is wanted by nobody who may not."""
    browser, path = places.marketer, "/console/google"
    yield from no_forms(browser, path)
    for value in ("", "yes", "x" * 5000):
        yield post(places.onlooker, f"a login that may not, {value[:8]!r}", path, 403, repair=value)
    yield post(browser, "a NUL in repair", path, 400, repair="a\0b")
    yield Bad("nobody signed in", "POST", path, frozenset({400, 303}), data={}, content_type=FORM)


def searches(path: str) -> Callable[[Places], Iterator[Bad]]:
    def requests(places: Places) -> Iterator[Bad]:
        cookies = cookies_of(places.marketer)
        yield get("a NUL to search for", path, 400, query={"q": "a\0b"}, cookies=cookies)
        for text in ("x" * 5000, "😀", "%", "'", "\\"):
            yield get(f"{text[:8]!r} to search for", path, 200, query={"q": text}, cookies=cookies)
        yield get("nobody signed in", path, 303)
        yield get("a cookie somebody made up", path, 303, cookies={"stempel": "eyJjb25zb2xlIjp7fX0.x.y"})

    return requests


def nowhere(start: str, end: str = "") -> Callable[[Places], Iterator[Bad]]:
    """Addresses of things that are not there, by somebody signed in."""

    def requests(places: Places) -> Iterator[Bad]:
        cookies = cookies_of(places.marketer)
        for name in (*NOWHERE, places.world.theirs.shop.program("stamp")):
            yield get(f"{name[:12]} in the address", f"{start}{name}{end}", 400, 404, cookies=cookies)
        yield get("nobody signed in", f"{start}x{end}", 303)

    return requests


def pictures(places: Places) -> Iterator[Bad]:
    """Pictures of other cards, of other sides, in other languages."""
    yield from nowhere("/console/cards/", "/apple-front-de.png")(places)
    cookies, mine = cookies_of(places.marketer), places.world.mine.shop.program("stamp")
    for name in (
        "apple-front-fr",
        "apple-front-",
        "-de",
        "apple-side-de",
        "x" * 5000 + "-de",
        "apple-front-DE",
    ):
        path = f"/console/cards/{mine}/{name}.png"
        yield get(f"the picture {name[:16]}", path, 400, 404, cookies=cookies)


def uploads(places: Places) -> Iterator[Bad]:
    """What is no design, sent as one."""
    browser, mine = places.marketer, places.world.mine.shop.program("stamp")
    path = f"/console/cards/{mine}/design"
    yield from (bad for bad in no_forms(browser, path) if "huge" not in bad.what)
    for seen in ("", "draft_unknown", "x" * 5000):
        yield post(browser, f"no file, {seen[:9]!r} seen", path, 422, seen=seen)
    yield post(browser, "a NUL in a field", path, 400, seen="a\0b")
    theirs = places.world.theirs.shop.program("stamp")
    yield post(browser, "no file for another's card", f"/console/cards/{theirs}/design", 404, seen="")
    yield Bad("nobody signed in", "POST", path, frozenset({400, 303}), data={}, content_type=FORM)


def design_form(places: Places) -> Iterator[Bad]:
    """What no design says, typed into its form."""
    browser, mine = places.marketer, places.world.mine.shop.program("stamp")
    path = f"/console/cards/{mine}/design/edit"
    colors = {f"colors.{name}": "#123456" for name in ("background", "foreground", "label")}
    yield from (bad for bad in no_forms(browser, path) if "huge" not in bad.what)
    wrong = {
        "colors.label": ("", "red", "#12345", "#gggggg", "x" * 5000),
        "stamp_shape": ("blob", "x" * 5000),
        "texts.de.title": ("{nickname}", "x" * 2001, "a\x07b"),
        "texts.en.terms": ("{first_name}", "x" * 2001),
        "links.9.url": ("x", "ftp://x.example", "javascript:alert(1)", "https://a b.example", "x" * 501),
        "links.0.key": ("A-B", "x" * 31),
    }
    link = {"links.0.url": "https://x.example", "links.0.label.de": "x", "links.9.label.de": "y"}
    for name, values in wrong.items():
        for value in values:
            typed = {**colors, **(link if name.startswith("links") else {}), name: value}
            yield post(browser, f"{name} {value[:12]!r}", path, 422, **typed)
        yield post(browser, f"a NUL in {name}", path, 400, **{**colors, name: "a\0b"})
    for seen in ("draft_unknown", "x" * 5000):
        yield post(browser, f"{seen[:9]!r} seen", path, 409, **colors, seen=seen)
    theirs = places.world.theirs.shop.program("stamp")
    for name in ("unknown", theirs):
        yield post(browser, f"{name[:9]}", f"/console/cards/{name}/design/edit", 404, **colors)
    yield post(places.onlooker, "a login that may not", path, 403, **colors)
    yield Bad("nobody signed in", "POST", path, frozenset({400, 303}), data={}, content_type=FORM)


def deciding(places: Places) -> Iterator[Bad]:
    """The end of drafts that are not there."""
    browser, mine = places.marketer, places.world.mine.shop.program("stamp")
    path = f"/console/cards/{mine}/design/draft"
    yield from no_forms(browser, path)
    for do in ("publish", "discard", "x", ""):
        for seen in ("", "draft_unknown", "x" * 5000):
            yield post(browser, f"{do} {seen[:9]!r}", path, 303, do=do, seen=seen)
    yield post(browser, "a NUL in seen", path, 400, do="publish", seen="a\0b")
    for name in ("unknown", places.world.theirs.shop.program("stamp")):
        yield post(browser, f"{name[:9]}", f"/console/cards/{name}/design/draft", 404, do="publish")
    yield post(places.onlooker, "a login that may not", path, 403, do="publish")


def looks(end: str) -> Callable[[Places], Iterator[Bad]]:
    """Pictures and papers of looks there are not, of cards that are not ours."""

    def requests(places: Places) -> Iterator[Bad]:
        yield from nowhere("/console/cards/", f"/design/today/{end}")(places)
        cookies, mine = cookies_of(places.marketer), places.world.mine.shop.program("stamp")
        start = f"/console/cards/{mine}/design"
        for look in ("draft", "tomorrow", "x" * 5000, "%00"):
            yield get(f"the look {look[:9]}", f"{start}/{look}/{end}", 400, 404, cookies=cookies)
        for name in ("x.png", "strip-99-0.png", "strip-1-2.png", "paper-fr.pdf", "paper-.pdf"):
            yield get(f"{name} of today", f"{start}/today/{name}", 404, cookies=cookies)

    return requests


def restoring(places: Places) -> Iterator[Bad]:
    """Versions there never were, of cards that are not ours."""
    browser, mine = places.marketer, places.world.mine.shop.program("stamp")
    yield from no_forms(browser, f"/console/cards/{mine}/versions/1/restore")
    for version in ("0", "99", "x", "-1", "9" * 40):
        yield post(
            browser, f"version {version[:9]}", f"/console/cards/{mine}/versions/{version}/restore", 404
        )
    for name in ("unknown", places.world.theirs.shop.program("stamp")):
        yield post(browser, f"{name[:9]}", f"/console/cards/{name}/versions/1/restore", 404)
