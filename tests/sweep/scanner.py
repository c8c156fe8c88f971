"""Bad requests for the pages of a shop without a till."""

from collections.abc import Iterator

from tests.sweep.bad import Bad
from tests.sweep.places import NOWHERE, Places, cookies_of, get, no_forms, post
from tests.sweep.world import PIN

NO_COUNTS = ("", "0", "101", "-1", "1.5", "x", "9" * 5000, "１")
NO_AMOUNTS = ("", "0", "-5", "x", "1.250", "1,2,3", "9" * 5000, "1e3", "€")


def start(places: Places) -> Iterator[Bad]:
    for slug in ("unknown", "x" * 5000, "😀", "' OR 1=1"):
        yield get(f"merchant {slug[:8]!r}", "/scanner", 200, query={"merchant": slug})
    yield get("a NUL as merchant", "/scanner", 400, query={"merchant": "a\0b"})
    for cookie in ("x", "eyJrZXkiOiJhIn0.x.y", "\xff" * 10, "x" * 3000):
        yield get(f"cookie {cookie[:8]!r}", "/scanner", 200, cookies={"scanner": cookie})


def by_key(places: Places) -> Iterator[Bad]:
    yield from no_forms(places.till, "/scanner/key")
    for key in ("", "x", "sk_stempel_" + "0" * 49, "x" * 5000, "😀", places.world.mine.shop.reader.key or ""):
        yield post(places.till, f"{key[:12]!r}", "/scanner/key", 403, key=key)
    yield post(places.till, "a NUL", "/scanner/key", 400, key="a\0b")


def by_pin(places: Places) -> Iterator[Bad]:
    browser, path = places.till, "/scanner/pin"
    slug, location = places.world.mine.shop.slug, places.world.mine.location
    yield from no_forms(browser, path)
    for pin in ("", "1", "9" * 5000, "😀"):
        yield post(browser, f"PIN {pin[:8]!r}", path, 403, merchant=slug, location=location, pin=pin)
    for shop in ("", "unknown", places.world.theirs.location, "x" * 5000):
        yield post(browser, f"shop {shop[:8]!r}", path, 403, merchant=slug, location=shop, pin=PIN)
    for merchant in ("", "unknown", "x" * 5000):
        yield post(
            browser, f"merchant {merchant[:8]!r}", path, 403, merchant=merchant, location=location, pin=PIN
        )
    for field in ("merchant", "location", "pin"):
        yield post(browser, f"a NUL in {field}", path, 400, **{field: "a\0b"})


def look_up(places: Places) -> Iterator[Bad]:
    browser, path = places.till, "/scanner/card"
    yield from no_forms(browser, path)
    theirs = places.world.theirs.cards["stamp"]["code"]
    yield post(browser, "no code", path, 422, names="code", code="")
    for code in ("x", "2222-2222-2222-2222", theirs, "x" * 5000, "😀", "' OR 1=1"):
        yield post(browser, f"{code[:8]!r}", path, 404, names="code", code=code)
    yield post(browser, "a NUL", path, 400, code="a\0b")


def desk(places: Places) -> Iterator[Bad]:
    cookies, theirs = cookies_of(places.till), places.world.theirs.cards["stamp"]["id"]
    for name in (*NOWHERE, theirs, "card_00000000000000000000000000"):
        yield get(f"{name[:12]} in the address", f"/scanner/card/{name}", 400, 404, cookies=cookies)
    for did in ("x", "scanner-x", "a" * 5000, "😀"):
        yield get(f"did {did[:8]!r}", places.desk("stamp"), 200, query={"did": did}, cookies=cookies)
    yield get("nobody signed in", places.desk("stamp"), 303)


def act(places: Places) -> Iterator[Bad]:
    browser, stamp, gift, coupon, points = (
        places.till,
        *(places.desk(k) for k in ("stamp", "gift", "coupon", "points")),
    )
    key = f"scanner-{'0' * 36}"
    yield from no_forms(browser, f"{stamp}/collect")
    fields = {
        f"{stamp}/collect": ("count", NO_COUNTS),
        f"{points}/collect": ("count", NO_COUNTS),
        f"{stamp}/purchase": ("purchase", NO_AMOUNTS),
        f"{gift}/pay": ("amount", NO_AMOUNTS),
        f"{gift}/load": ("load", NO_AMOUNTS),
        f"{points}/pay": ("amount", ("", "0", "x", "1.5", "9" * 5000)),
        f"{coupon}/coupon": ("order_total", NO_AMOUNTS),
    }
    for path, (field, values) in fields.items():
        for value in values:
            # Points are not given by hand, so their page has no such field to say it beside.
            beside = None if path == f"{points}/collect" else field
            yield post(browser, f"{field} {value[:8]!r}", path, 422, names=beside, key=key, **{field: value})
        yield post(browser, f"a NUL in {field}", path, 400, key=key, **{field: "a\0b"})
    for number, (path, typed) in enumerate(_refused(places, stamp, gift, coupon, points)):
        fresh = f"scanner-{number:036}"
        yield post(browser, f"{typed!r:.40}", path, 402, 404, 409, 422, key=fresh, **typed)
    for key in ("", "x", "console-" + "0" * 36, "scanner-" + "x" * 300, "scanner-😀"):
        yield post(browser, f"{key[:10]!r} as its key", f"{stamp}/collect", 404, key=key, count="1")
    for action in NOWHERE:
        yield post(browser, action[:12], f"{stamp}/{action}", 400, 404, key=key, count="1")
    theirs = places.world.theirs.cards["stamp"]["id"]
    for name in (*NOWHERE, theirs):
        yield post(browser, name[:12], f"/scanner/card/{name}/collect", 400, 404, key=key, count="1")


def approval(places: Places) -> Iterator[Bad]:
    cookies = cookies_of(places.till)
    for name in (*NOWHERE, places.world.mine.approval, places.world.theirs.approval):
        yield get(f"{name[:12]} in the address", f"/scanner/approvals/{name}", 400, 404, cookies=cookies)
    yield get("nobody signed in", places.asked, 303)


def approve_here(places: Places) -> Iterator[Bad]:
    browser, path, location = places.till, places.asked, places.world.mine.location
    key = f"scanner-{'0' * 36}"
    yield from no_forms(browser, path)
    for name in (*NOWHERE, places.world.theirs.approval):
        yield post(browser, name[:12], f"/scanner/approvals/{name}", 400, 404, key=key, pin=PIN)
    for pin in ("", "1", "😀"):
        # Nobody is heard again at once after some wrong ones.
        yield post(browser, f"PIN {pin!r}", path, 403, 429, key=key, pin=pin, location=location)
    for shop in ("", "unknown", places.world.theirs.location):
        yield post(browser, f"shop {shop[:8]!r}", path, 403, key=key, pin=PIN, location=shop)
    for bad in ("", "x", "console-" + "0" * 36):
        yield post(browser, f"{bad[:10]!r} as its key", path, 404, key=bad, pin=PIN, location=location)
    yield post(browser, "a NUL", path, 400, key=key, pin="a\0b", location=location)


def _refused(
    places: Places, stamp: str, gift: str, coupon: str, points: str
) -> list[tuple[str, dict[str, str]]]:
    """Forms that are well filled in and ask for what cannot be."""
    theirs = {"type": "redeem", "transaction": places.world.theirs.redemption}
    return [
        (f"{stamp}/reward", {}),
        (f"{stamp}/pay", {"amount": "1"}),
        (f"{stamp}/load", {"load": "1"}),
        (f"{gift}/collect", {"count": "1"}),
        (f"{gift}/pay", {"amount": "99999"}),
        (f"{gift}/reward", {}),
        (f"{coupon}/collect", {"count": "1"}),
        (f"{points}/catalogue", {"reward_id": "mug"}),
        (f"{points}/catalogue", {"reward_id": "unknown"}),
        (f"{points}/catalogue", {"reward_id": "x" * 5000}),
        (f"{points}/catalogue", {}),
        (f"{stamp}/undo", {"type": "earn", "transaction": "unknown"}),
        (f"{stamp}/undo", {"type": "redeem", "transaction": "x" * 5000}),
        (f"{stamp}/undo", {}),
        (f"{gift}/undo", theirs),
    ]
