"""What the versions that were there before have changed is found out once, and nothing else is touched."""

from typing import Any

from sqlalchemy import select

from passes import migrate
from passes.db.engine import Database
from passes.programs.models import ProgramVersion
from tests.db.rows import add, add_merchant

BEFORE = "0018"
RULES: dict[str, Any] = {"expiry": {"years": 3}}
DESIGN: dict[str, Any] = {"colors": {"background": "#000000", "label": "#ffffff"}}
TEXTS: dict[str, Any] = {"de": {"title": "Karte"}, "en": {}}
OTHER = {"de": {}, "en": {"title": "Card"}}
VERSIONS = (
    (RULES, DESIGN, TEXTS, "rules,design,texts"),
    (RULES, DESIGN, OTHER, "texts"),
    (RULES, dict(reversed(DESIGN.items())), OTHER, ""),
    ({}, {"colors": {}}, OTHER, "rules,design"),
)


def test_what_each_version_changed_is_found_out(database: Database) -> None:
    with database.write() as uow:
        for name in ("acme", "other"):
            add_merchant(uow, name)
            for number, (rules, design, texts, _) in enumerate(VERSIONS, start=1):
                row = {"program_id": f"prog_{name}", "merchant_id": f"mer_{name}", "version": number}
                parts = {"rules": rules, "design": design, "texts": texts}
                add(uow, ProgramVersion, **row, **parts, changed="", created_at=uow.now)
    migrate.downgrade(database, BEFORE)
    migrate.upgrade(database)
    query = select(ProgramVersion.changed, ProgramVersion.rules, ProgramVersion.design, ProgramVersion.texts)
    with database.read() as uow:
        for name in ("acme", "other"):
            mine = query.where(ProgramVersion.program_id == f"prog_{name}").order_by(ProgramVersion.version)
            found = [tuple(row) for row in uow.conn.execute(mine)]
            assert found == [(changed, *parts) for *parts, changed in VERSIONS]
