"""The first tables

Migrations run while the previous version still serves: add first, move data, remove one release later.
On PostgreSQL avoid statements that rewrite or lock a large table; build indexes CONCURRENTLY there.
"""

import sqlalchemy as sa
from alembic import op

from passes.db.base import BigKey, JsonColumn, UtcDateTime
from passes.db.guards import install_statements, remove_statements

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("id", sa.String(length=80), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("program_id", sa.String(length=40), nullable=False),
        sa.Column("card_id", sa.String(length=40), nullable=True),
        sa.Column("role", sa.String(length=12), nullable=False),
        sa.Column("asset", sa.String(length=6), nullable=False),
        sa.Column("balance", sa.BigInteger(), nullable=True),
        sa.Column("held", sa.BigInteger(), server_default="0", nullable=False),
        sa.CheckConstraint(
            "(card_id IS NULL) = (balance IS NULL)", name=op.f("ck_accounts_cards_have_balances")
        ),
        sa.CheckConstraint("balance >= 0", name=op.f("ck_accounts_balance_not_negative")),
        sa.CheckConstraint(
            "held = 0 OR held BETWEEN 1 AND balance", name=op.f("ck_accounts_held_stays_covered")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accounts")),
        sa.UniqueConstraint("id", "asset", name=op.f("uq_accounts_id_asset")),
    )
    op.create_index("ix_accounts_card_id", "accounts", ["card_id"], unique=False)
    op.create_table(
        "answered_keys",
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(length=32), nullable=False),
        sa.Column("status", sa.SmallInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "key", name=op.f("pk_answered_keys")),
    )
    op.create_table(
        "personal_answers",
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "key"],
            ["answered_keys.merchant_id", "answered_keys.key"],
            name=op.f("fk_personal_answers_merchant_id_key"),
        ),
        sa.PrimaryKeyConstraint("merchant_id", "key", name=op.f("pk_personal_answers")),
    )
    op.create_index(
        "ix_personal_answers_member_id", "personal_answers", ["merchant_id", "member_id"], unique=False
    )
    op.create_table(
        "apple_devices",
        sa.Column("device_id", sa.String(length=200), nullable=False),
        sa.Column("pass_type", sa.String(length=200), nullable=False),
        sa.Column("push_token", sa.String(length=300), nullable=False),
        sa.Column("token_since", UtcDateTime(), nullable=False),
        sa.Column("tag", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device_id", "pass_type", name=op.f("pk_apple_devices")),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("details", JsonColumn, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_log")),
    )
    op.create_index("ix_audit_log_merchant_id_id", "audit_log", ["merchant_id", "id"], unique=False)
    op.create_index("ix_audit_log_subject", "audit_log", ["subject", "at"], unique=False)
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("trigger", JsonColumn, nullable=False),
        sa.Column("audience", JsonColumn, nullable=False),
        sa.Column("message", JsonColumn, nullable=False),
        sa.Column("gift", JsonColumn, nullable=True),
        sa.Column("quiet_hours", JsonColumn, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.Column("launched_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint(
            "state IN ('draft', 'active', 'paused', 'finished')", name=op.f("ck_campaigns_state")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("merchant_id", "id", name=op.f("uq_campaigns_merchant_id_id")),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("channel", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=300), nullable=False),
        sa.Column("payload", JsonColumn, nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("next_attempt_at", UtcDateTime(), nullable=False),
        sa.Column("lease_owner", sa.String(length=60), nullable=True),
        sa.Column("leased_until", UtcDateTime(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), nullable=False),
        sa.Column("outcome", sa.String(length=300), nullable=True),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("dead_at", UtcDateTime(), nullable=True),
        sa.CheckConstraint("done <= wanted", name=op.f("ck_deliveries_done_not_ahead")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("channel", "target", name=op.f("uq_deliveries_channel_target")),
    )
    op.create_index(
        "ix_deliveries_due",
        "deliveries",
        ["next_attempt_at"],
        unique=False,
        postgresql_where=sa.text("done < wanted AND dead_at IS NULL"),
        sqlite_where=sa.text("done < wanted AND dead_at IS NULL"),
    )
    op.create_table(
        "google_callbacks",
        sa.Column("nonce", sa.String(length=200), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("nonce", name=op.f("pk_google_callbacks")),
    )
    op.create_table(
        "google_objects",
        sa.Column("card_id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("object_id", sa.String(length=200), nullable=False),
        sa.Column("class_id", sa.String(length=200), nullable=False),
        sa.Column("synced_version", sa.Integer(), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("card_id", name=op.f("pk_google_objects")),
        sa.UniqueConstraint("object_id", name=op.f("uq_google_objects_object_id")),
    )
    op.create_table(
        "merchants",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_merchants")),
        sa.UniqueConstraint("slug", name=op.f("uq_merchants_slug")),
    )
    op.create_table(
        "outbox_events",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("topic", sa.String(length=40), nullable=False),
        sa.Column("subject", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("details", JsonColumn, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_events")),
    )
    op.create_table(
        "transactions",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("card_id", sa.String(length=40), nullable=False),
        sa.Column("card_version", sa.Integer(), nullable=False),
        sa.Column("type", sa.String(length=10), nullable=False),
        sa.Column("asset", sa.String(length=6), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("balance_asset", sa.String(length=6), nullable=False),
        sa.Column("delta", sa.BigInteger(), nullable=False),
        sa.Column("balance_after", sa.BigInteger(), nullable=False),
        sa.Column("rewards_after", sa.BigInteger(), nullable=True),
        sa.Column("undoes", sa.String(length=40), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("location_id", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("details", JsonColumn, nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_transactions_amount_not_negative")),
        sa.CheckConstraint("balance_after >= 0", name=op.f("ck_transactions_balance_after_not_negative")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transactions")),
        sa.UniqueConstraint("card_id", "card_version", name=op.f("uq_transactions_card_id_card_version")),
    )
    op.create_index("ix_transactions_card", "transactions", ["card_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_transactions_newest", "transactions", ["merchant_id", "created_at", "id"], unique=False
    )
    op.create_index("ix_transactions_reference", "transactions", ["merchant_id", "reference"], unique=False)
    op.create_table(
        "apple_registrations",
        sa.Column("device_id", sa.String(length=200), nullable=False),
        sa.Column("pass_type", sa.String(length=200), nullable=False),
        sa.Column("card_id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("listed_version", sa.Integer(), nullable=False),
        sa.Column("tag", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device_id", "pass_type"],
            ["apple_devices.device_id", "apple_devices.pass_type"],
            name=op.f("fk_apple_registrations_device_id_pass_type"),
        ),
        sa.PrimaryKeyConstraint("device_id", "pass_type", "card_id", name=op.f("pk_apple_registrations")),
    )
    op.create_index("ix_apple_registrations_card_id", "apple_registrations", ["card_id"], unique=False)
    op.create_table(
        "dispatches",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("campaign_id", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=True),
        sa.Column("occasion", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("sent_at", UtcDateTime(), nullable=True),
        sa.Column("gift_card_id", sa.String(length=40), nullable=True),
        sa.CheckConstraint("state IN ('planned', 'sent', 'suppressed')", name=op.f("ck_dispatches_state")),
        sa.ForeignKeyConstraint(
            ["merchant_id", "campaign_id"],
            ["campaigns.merchant_id", "campaigns.id"],
            name=op.f("fk_dispatches_merchant_id_campaign_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dispatches")),
        sa.UniqueConstraint(
            "campaign_id", "member_id", "occasion", name=op.f("uq_dispatches_campaign_id_member_id_occasion")
        ),
    )
    op.create_index("ix_dispatches_member_id", "dispatches", ["member_id", "sent_at"], unique=False)
    op.create_index("ix_dispatches_planned", "dispatches", ["state", "due_at"], unique=False)
    op.create_table(
        "locations",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("time_zone", sa.String(length=60), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_locations_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_locations")),
        sa.UniqueConstraint("merchant_id", "id", name=op.f("uq_locations_merchant_id_id")),
    )
    op.create_table(
        "members",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("external_id", sa.String(length=200), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=True),
        sa.Column("email", sa.String(length=320), nullable=True),
        sa.Column("phone", sa.String(length=40), nullable=True),
        sa.Column("birth_month_day", sa.SmallInteger(), nullable=True),
        sa.Column("birth_year", sa.SmallInteger(), nullable=True),
        sa.Column("locale", sa.String(length=20), nullable=False),
        sa.Column("time_zone", sa.String(length=60), nullable=False),
        sa.Column("tags", JsonColumn, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("birth_month_day BETWEEN 101 AND 1231", name=op.f("ck_members_birth_month_day")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_members_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_members")),
        sa.UniqueConstraint("merchant_id", "external_id", name=op.f("uq_members_merchant_id_external_id")),
        sa.UniqueConstraint("merchant_id", "id", name=op.f("uq_members_merchant_id_id")),
    )
    op.create_index(
        "ix_members_birthday", "members", ["merchant_id", "birth_month_day", "time_zone"], unique=False
    )
    op.create_index("ix_members_email", "members", ["merchant_id", "email"], unique=False)
    op.create_index("ix_members_newest", "members", ["merchant_id", "created_at", "id"], unique=False)
    op.create_table(
        "postings",
        sa.Column("transaction_id", sa.String(length=40), nullable=False),
        sa.Column("position", sa.SmallInteger(), nullable=False),
        sa.Column("source", sa.String(length=80), nullable=False),
        sa.Column("destination", sa.String(length=80), nullable=False),
        sa.Column("asset", sa.String(length=6), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_postings_amount_positive")),
        sa.CheckConstraint("source <> destination", name=op.f("ck_postings_two_sides")),
        sa.ForeignKeyConstraint(
            ["destination", "asset"],
            ["accounts.id", "accounts.asset"],
            name=op.f("fk_postings_destination_asset"),
        ),
        sa.ForeignKeyConstraint(
            ["source", "asset"], ["accounts.id", "accounts.asset"], name=op.f("fk_postings_source_asset")
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name=op.f("fk_postings_transaction_id")
        ),
        sa.PrimaryKeyConstraint("transaction_id", "position", name=op.f("pk_postings")),
    )
    op.create_index("ix_postings_destination", "postings", ["destination"], unique=False)
    op.create_index("ix_postings_source", "postings", ["source"], unique=False)
    op.create_table(
        "program_images",
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchants.id"], name=op.f("fk_program_images_merchant_id")
        ),
        sa.PrimaryKeyConstraint("merchant_id", "sha256", name=op.f("pk_program_images")),
    )
    op.create_table(
        "programs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("slug", sa.String(length=100), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("kind IN ('stamp', 'coupon', 'gift', 'points')", name=op.f("ck_programs_kind")),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_programs_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_programs")),
        sa.UniqueConstraint("merchant_id", "id", name=op.f("uq_programs_merchant_id_id")),
        sa.UniqueConstraint("slug", name=op.f("uq_programs_slug")),
    )
    op.create_table(
        "undoings",
        sa.Column("transaction_id", sa.String(length=40), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("undone", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("undone BETWEEN 0 AND total", name=op.f("ck_undoings_never_more_than_it_was")),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name=op.f("fk_undoings_transaction_id")
        ),
        sa.PrimaryKeyConstraint("transaction_id", name=op.f("pk_undoings")),
    )
    op.create_table(
        "api_keys",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("secret_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hint", sa.String(length=20), nullable=False),
        sa.Column("scopes", JsonColumn, nullable=False),
        sa.Column("location_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("revoked_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "location_id"],
            ["locations.merchant_id", "locations.id"],
            name=op.f("fk_api_keys_merchant_id_location_id"),
        ),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_api_keys_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_api_keys_secret_hash")),
    )
    op.create_index(op.f("ix_api_keys_merchant_id"), "api_keys", ["merchant_id"], unique=False)
    op.create_table(
        "cards",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("program_id", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("state_before_block", sa.String(length=12), nullable=True),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("barcode", sa.String(length=26), nullable=False),
        sa.Column("page_token", sa.String(length=26), nullable=False),
        sa.Column("token_key_id", sa.String(length=16), nullable=False),
        sa.Column("enrolled_by", sa.String(length=64), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("modified_s", sa.BigInteger(), nullable=False),
        sa.Column("collected", sa.BigInteger(), nullable=False),
        sa.Column("last_purchase_at", UtcDateTime(), nullable=True),
        sa.Column("news", JsonColumn, nullable=True),
        sa.Column("news_at", UtcDateTime(), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('pending', 'active', 'blocked', 'deactivated')", name=op.f("ck_cards_state")
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "member_id"],
            ["members.merchant_id", "members.id"],
            name=op.f("fk_cards_merchant_id_member_id"),
        ),
        sa.ForeignKeyConstraint(
            ["merchant_id", "program_id"],
            ["programs.merchant_id", "programs.id"],
            name=op.f("fk_cards_merchant_id_program_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cards")),
        sa.UniqueConstraint("barcode", name=op.f("uq_cards_barcode")),
        sa.UniqueConstraint("code", name=op.f("uq_cards_code")),
        sa.UniqueConstraint("merchant_id", "id", name=op.f("uq_cards_merchant_id_id")),
        sa.UniqueConstraint("page_token", name=op.f("uq_cards_page_token")),
    )
    op.create_index("ix_cards_last_purchase", "cards", ["merchant_id", "last_purchase_at"], unique=False)
    op.create_index("ix_cards_member", "cards", ["member_id"], unique=False)
    op.create_index(
        "ix_cards_program", "cards", ["merchant_id", "program_id", "created_at", "id"], unique=False
    )
    op.create_index(
        "uq_cards_enrolled_by",
        "cards",
        ["program_id", "enrolled_by"],
        unique=True,
        postgresql_where=sa.text("enrolled_by IS NOT NULL"),
        sqlite_where=sa.text("enrolled_by IS NOT NULL"),
    )
    op.create_table(
        "consents",
        sa.Column("id", BigKey, autoincrement=True, nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("member_id", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "member_id"],
            ["members.merchant_id", "members.id"],
            name=op.f("fk_consents_merchant_id_member_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(
        "ix_consents_member_id", "consents", ["member_id", "purpose", "channel", "id"], unique=False
    )
    op.create_table(
        "program_versions",
        sa.Column("program_id", sa.String(length=40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("rules", JsonColumn, nullable=False),
        sa.Column("design", JsonColumn, nullable=False),
        sa.Column("texts", JsonColumn, nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["merchant_id", "program_id"],
            ["programs.merchant_id", "programs.id"],
            name=op.f("fk_program_versions_merchant_id_program_id"),
        ),
        sa.PrimaryKeyConstraint("program_id", "version", name=op.f("pk_program_versions")),
    )
    op.create_table(
        "staff",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=True),
        sa.Column("scopes", JsonColumn, nullable=False),
        sa.Column("location_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id", "location_id"],
            ["locations.merchant_id", "locations.id"],
            name=op.f("fk_staff_merchant_id_location_id"),
        ),
        sa.ForeignKeyConstraint(["merchant_id"], ["merchants.id"], name=op.f("fk_staff_merchant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("email", name=op.f("uq_staff_email")),
    )
    op.create_index(op.f("ix_staff_merchant_id"), "staff", ["merchant_id"], unique=False)
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("url", sa.String(length=2000), nullable=False),
        sa.Column("events", JsonColumn, nullable=False),
        sa.Column("secret", sa.LargeBinary(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("disabled_at", UtcDateTime(), nullable=True),
        sa.Column("disabled_reason", sa.String(length=300), nullable=True),
        sa.Column("failing_since", UtcDateTime(), nullable=True),
        sa.Column("last_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("last_outcome", sa.String(length=300), nullable=True),
        sa.ForeignKeyConstraint(
            ["merchant_id"], ["merchants.id"], name=op.f("fk_webhook_endpoints_merchant_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook_endpoints")),
    )
    op.create_index(
        "ix_webhook_endpoints_newest", "webhook_endpoints", ["merchant_id", "created_at", "id"], unique=False
    )
    _create_till_tables()
    for statement in install_statements(op.get_bind().dialect.name):
        op.execute(statement)


def _drop_till_tables() -> None:
    op.drop_index("ix_cards_reference", table_name="cards")
    op.drop_table("reversed_references")
    op.drop_table("tombstones")
    op.drop_table("holds")


def _create_tombstones() -> None:
    op.create_index("ix_cards_reference", "cards", ["merchant_id", "reference"], unique=False)
    op.create_table(
        "tombstones",
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("merchant_id", "kind", "name", name=op.f("pk_tombstones")),
    )
    op.create_table(
        "reversed_references",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("location_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reversed_references")),
    )
    op.create_index(
        "ix_reversed_references_reference",
        "reversed_references",
        ["merchant_id", "reference"],
        unique=False,
    )


def _create_till_tables() -> None:
    _create_holds()
    _create_tombstones()


def _create_holds() -> None:
    op.create_table(
        "holds",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("merchant_id", sa.String(length=40), nullable=False),
        sa.Column("card_id", sa.String(length=40), nullable=False),
        sa.Column("asset", sa.String(length=6), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("captured", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=False),
        sa.Column("transaction_id", sa.String(length=40), nullable=True),
        sa.Column("reference", sa.String(length=200), nullable=True),
        sa.Column("note", sa.String(length=500), nullable=True),
        sa.Column("location_id", sa.String(length=40), nullable=True),
        sa.Column("actor", sa.String(length=80), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("amount > 0", name=op.f("ck_holds_amount_positive")),
        sa.CheckConstraint("captured BETWEEN 0 AND amount", name=op.f("ck_holds_never_more_than_held")),
        sa.CheckConstraint(
            "status IN ('open', 'captured', 'voided', 'expired')", name=op.f("ck_holds_status")
        ),
        sa.CheckConstraint(
            "(status = 'captured') = (captured > 0)", name=op.f("ck_holds_captured_means_taken")
        ),
        sa.CheckConstraint(
            "(status = 'captured') = (transaction_id IS NOT NULL)", name=op.f("ck_holds_captured_is_booked")
        ),
        sa.CheckConstraint("expires_at > created_at", name=op.f("ck_holds_lasts_some_time")),
        sa.ForeignKeyConstraint(
            ["merchant_id", "card_id"],
            ["cards.merchant_id", "cards.id"],
            name=op.f("fk_holds_merchant_id_card_id"),
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"], ["transactions.id"], name=op.f("fk_holds_transaction_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
        sa.UniqueConstraint("transaction_id", name=op.f("uq_holds_transaction_id")),
    )
    op.create_index("ix_holds_reference", "holds", ["merchant_id", "reference"], unique=False)
    for name, column in (("ix_holds_open_card", "card_id"), ("ix_holds_open_until", "expires_at")):
        op.create_index(
            name,
            "holds",
            [column],
            unique=False,
            postgresql_where=sa.text("status = 'open'"),
            sqlite_where=sa.text("status = 'open'"),
        )


def downgrade() -> None:
    for statement in remove_statements(op.get_bind().dialect.name):
        op.execute(statement)
    op.drop_index("ix_webhook_endpoints_newest", table_name="webhook_endpoints")
    op.drop_table("webhook_endpoints")
    _drop_till_tables()
    op.drop_index(op.f("ix_staff_merchant_id"), table_name="staff")
    op.drop_table("staff")
    op.drop_table("program_versions")
    op.drop_index("ix_consents_member_id", table_name="consents")
    op.drop_table("consents")
    op.drop_index(
        "uq_cards_enrolled_by",
        table_name="cards",
        postgresql_where=sa.text("enrolled_by IS NOT NULL"),
        sqlite_where=sa.text("enrolled_by IS NOT NULL"),
    )
    op.drop_index("ix_cards_program", table_name="cards")
    op.drop_index("ix_cards_member", table_name="cards")
    op.drop_index("ix_cards_last_purchase", table_name="cards")
    op.drop_table("cards")
    op.drop_index(op.f("ix_api_keys_merchant_id"), table_name="api_keys")
    op.drop_table("api_keys")
    op.drop_table("undoings")
    op.drop_table("programs")
    op.drop_table("program_images")
    op.drop_index("ix_postings_source", table_name="postings")
    op.drop_index("ix_postings_destination", table_name="postings")
    op.drop_table("postings")
    op.drop_index("ix_members_newest", table_name="members")
    op.drop_index("ix_members_email", table_name="members")
    op.drop_index("ix_members_birthday", table_name="members")
    op.drop_table("members")
    op.drop_table("locations")
    op.drop_index("ix_dispatches_planned", table_name="dispatches")
    op.drop_index("ix_dispatches_member_id", table_name="dispatches")
    op.drop_table("dispatches")
    op.drop_index("ix_apple_registrations_card_id", table_name="apple_registrations")
    op.drop_table("apple_registrations")
    op.drop_index("ix_transactions_reference", table_name="transactions")
    op.drop_index("ix_transactions_newest", table_name="transactions")
    op.drop_index("ix_transactions_card", table_name="transactions")
    op.drop_table("transactions")
    op.drop_table("outbox_events")
    op.drop_table("merchants")
    op.drop_table("google_objects")
    op.drop_table("google_callbacks")
    op.drop_index(
        "ix_deliveries_due",
        table_name="deliveries",
        postgresql_where=sa.text("done < wanted AND dead_at IS NULL"),
        sqlite_where=sa.text("done < wanted AND dead_at IS NULL"),
    )
    op.drop_table("deliveries")
    op.drop_table("campaigns")
    op.drop_index("ix_audit_log_subject", table_name="audit_log")
    op.drop_index("ix_audit_log_merchant_id_id", table_name="audit_log")
    op.drop_table("audit_log")
    op.drop_table("apple_devices")
    op.drop_index("ix_personal_answers_member_id", table_name="personal_answers")
    op.drop_table("personal_answers")
    op.drop_table("answered_keys")
    op.drop_index("ix_accounts_card_id", table_name="accounts")
    op.drop_table("accounts")
