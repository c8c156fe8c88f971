"""One example request per operation, for the document and its readers; the tests send every one of them."""

from typing import Any

EXAMPLES: dict[str, Any] = {
    "create_program": {
        "kind": "stamp",
        "name": "Kaffeekarte",
        "rules": {
            "stamps_required": 10,
            "reward": "Ein Kaffee aufs Haus",
            "stamp_per": {"amount": 350, "asset": "EUR"},
        },
        "design": {"colors": {"background": "#3b2a20", "foreground": "#fff8ee", "label": "#e8c9a0"}},
        "texts": {
            "de": {"title": "Kaffeekarte", "reward": "Ein Kaffee aufs Haus"},
            "en": {"title": "Coffee card", "reward": "A free coffee"},
        },
    },
    "change_program": {"texts": {"en": {"terms": "One reward per visit."}}},
    "put_design": {
        "design": {
            "colors": {"background": "#3b2a20", "foreground": "#fff8ee", "label": "#e8c9a0"},
            "stamp_shape": "cup",
            "fields": [
                {"key": "balance"},
                {"key": "reward"},
                {
                    "key": "hello",
                    "role": "auxiliary",
                    "label": {"de": "Schön, dass Sie da sind", "en": "Good to see you"},
                    "value": {"de": "Noch {stamps_left} Stempel", "en": "{stamps_left} stamps to go"},
                },
                {"key": "how_it_works"},
            ],
            "links": [
                {
                    "key": "menu",
                    "label": {"de": "Speisekarte", "en": "Menu"},
                    "url": "https://roesterei.example/karte",
                }
            ],
            "texts": {"de": {"title": "Kaffeekarte"}, "en": {"title": "Coffee card"}},
        }
    },
    "check_design": {
        "design": {"colors": {"background": "#ffffff", "foreground": "#fffbe6", "label": "#e8c9a0"}}
    },
    "restore_version": {"rules": False},
    "create_member": {
        "external_id": "kunde-1042",
        "name": "Ada Lovelace",
        "email": "ada@example.com",
        "birthday": "--12-10",
        "locale": "de",
        "consents": [
            {
                "purpose": "marketing",
                "channel": "wallet",
                "granted": True,
                "wording": "Ja, Neuigkeiten auf meiner Karte.",
                "source": "till 3",
            }
        ],
    },
    "change_member": {"name": "Ada King", "tags": ["stammgast"]},
    "create_limit": {
        "call": "redeem",
        "each": "card",
        "within": "hour",
        "count": 10,
    },
    "create_location": {
        "name": "Mitte",
        "address": "Torstraße 1, 10119 Berlin",
        "latitude": 52.5298,
        "longitude": 13.4015,
        "time_zone": "Europe/Berlin",
    },
    "issue_card": {"program_id": "prog_01m8164h2kx9w3v5q7r1t4y6z8", "reference": "receipt 4711"},
    "look_up_card": {"code": "B9GG-E7MC-B8W6-56P3"},
    "block_card": {"reason": "lost"},
    "unblock_card": {"reason": "customer_request"},
    "replace_card": {"reason": "lost"},
    "deactivate_card": {"reason": "closed"},
    "add_stamps": {
        "code": "B9GG-E7MC-B8W6-56P3",
        "purchase": {"amount": 780, "asset": "EUR"},
        "reference": "receipt 4711",
    },
    "reverse_stamps": {"reference": "receipt 4712"},
    "load": {"code": "B9GG-E7MC-B8W6-56P3", "amount": {"amount": 5000, "asset": "EUR"}},
    "redeem": {
        "code": "B9GG-E7MC-B8W6-56P3",
        "amount": {"amount": 1250, "asset": "EUR"},
        "allow_partial": True,
        "reference": "receipt 4713",
    },
    "refund": {"amount": {"amount": 1250, "asset": "EUR"}, "reference": "receipt 4714"},
    "hold": {
        "code": "B9GG-E7MC-B8W6-56P3",
        "amount": {"amount": 4000, "asset": "EUR"},
        "expires_in_s": 3600,
        "reference": "table 7",
    },
    "capture": {"amount": {"amount": 3650, "asset": "EUR"}, "reference": "receipt 4715"},
    "void": {"note": "table cancelled"},
    "pay_basket": {
        "mode": "partial",
        "order_total": {"amount": 2480, "asset": "EUR"},
        "instruments": [
            {"code": "B9GG-E7MC-B8W6-56P3"},
            {"code": "CZKB-TVNR-YA8A-QQHF", "amount": {"amount": 1000, "asset": "EUR"}},
        ],
        "reference": "receipt 4716",
    },
    "refund_basket": {"lines": [0], "reference": "receipt 4717"},
    "adjust": {
        "code": "B9GG-E7MC-B8W6-56P3",
        "direction": "increase",
        "amount": {"amount": 500, "asset": "EUR"},
        "reason": "complimentary",
        "note": "waited too long",
    },
    "reverse": {"idempotency_key": "0c7a6f1e-7a55-4c1b-9a54-6d2f4f0f7f3a", "note": "no answer in 15 s"},
    "sync": {
        "operations": [
            {
                "call": "/redemptions",
                "idempotency_key": "5e0d8a0c-58f4-4c0e-9d7c-0d6c1f6a1b9e",
                "occurred_at": "2026-03-02T08:40:00Z",
                "body": {
                    "code": "B9GG-E7MC-B8W6-56P3",
                    "amount": {"amount": 1250, "asset": "EUR"},
                    "reference": "receipt 4716",
                },
            }
        ]
    },
    "set_offline_limits": {
        "limits": [{"asset": "EUR", "per_card_and_day": 5000, "exposure": 50_000}],
    },
    "create_campaign": {
        "name": "Wir vermissen dich",
        "trigger": {"type": "inactivity", "days": 30},
        "message": {
            "de": "Lange nicht gesehen, {first_name}! Der nächste Kaffee wartet.",
            "en": "Long time no see, {first_name}! Your next coffee is waiting.",
        },
        "grant": {"stamps": 1},
    },
    "change_campaign": {"name": "Komm doch wieder vorbei"},
    "create_webhook": {
        "url": "https://shop.example/stempel/events",
        "events": ["card.issued", "transaction.created"],
    },
    "replay_webhook": {"event_id": "evt_01m8164h2kx9w3v5q7r1t4y6z8"},
    "rotate_webhook_secret": {"at_once": True},
    "preview_segment": {"audience": {"inactive_days": 30}},
}
