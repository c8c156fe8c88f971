"""What the database itself enforces about the books, in the words of both databases.

The migrations install these; they stand in one file, which says what cannot happen whatever the code does.
"""

FIRST_APPEND_ONLY = (
    "transactions",
    "postings",
    "answered_keys",
    "tombstones",
    "reversed_references",
    "audit_log",
)
"""What the first migration guards; a later one calls `append_only` for each table it adds."""


_VERBS = ("UPDATE", "DELETE")


def _move_balances(keyword: str) -> str:
    # The order (source first) is the same everywhere, and a card's entries are serialised by its own row.
    return f"""
        UPDATE accounts SET balance = balance - NEW.amount WHERE id = NEW.source AND balance IS NOT NULL;
        UPDATE accounts SET balance = balance + NEW.amount WHERE id = NEW.destination AND balance IS NOT NULL;
        {keyword}"""


def install_statements(dialect: str) -> list[str]:
    """The DDL that installs every guard on `dialect` ("sqlite" or "postgresql")."""
    return _sqlite() if dialect == "sqlite" else _postgresql()


def remove_statements(dialect: str) -> list[str]:
    """The DDL that removes every guard again, for migrating down."""
    names = [("postings_move_balances", "postings")]
    names += [(f"{t}_no_{verb.lower()}", t) for t in FIRST_APPEND_ONLY for verb in _VERBS]
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name, _ in names]
    drops = [f"DROP TRIGGER {name} ON {table}" for name, table in names]
    return [*drops, "DROP FUNCTION move_balances()", "DROP FUNCTION refuse_change()"]


def append_only(dialect: str, table: str) -> list[str]:
    """The DDL after which nothing in `table` can be changed or deleted; dropping the table drops it too."""
    act = (
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        if dialect == "sqlite"
        else "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    return [f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} {act}" for verb in _VERBS]


def _sqlite() -> list[str]:
    statements = [
        f"CREATE TRIGGER postings_move_balances AFTER INSERT ON postings BEGIN {_move_balances('END')}"
    ]
    for table in FIRST_APPEND_ONLY:
        statements += append_only("sqlite", table)
    return statements


def _postgresql() -> list[str]:
    statements = [
        "CREATE FUNCTION move_balances() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN {_move_balances('RETURN NULL;')} END $$",
        "CREATE TRIGGER postings_move_balances AFTER INSERT ON postings "
        "FOR EACH ROW EXECUTE FUNCTION move_balances()",
        "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$",
    ]
    for table in FIRST_APPEND_ONLY:
        statements += append_only("postgresql", table)
    return statements
