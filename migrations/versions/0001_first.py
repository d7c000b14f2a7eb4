"""The first tables.

Revision 0001, after , 2026-11-23.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


FOLD = (
    "áàâäãåéèêëíìîïóòôöõøúùûüýÿñçšžćčłőűğışţăÁÀÂÄÃÅÉÈÊËÍÌÎÏÓÒÔÖÕØÚÙÛÜÝŸÑÇŠŽĆČŁŐŰĞŞŢĂİ",
    "aaaaaaeeeeiiiioooooouuuuyyncszcclougistaaaaaaaeeeeiiiioooooouuuuyyncszcclougstai",
)
STORY_SEARCH = " || ".join(
    "setweight(to_tsvector(CASE WHEN locale = 'en' THEN 'english'::regconfig ELSE 'dutch'::regconfig END, "
    f"translate({column}, '{FOLD[0]}', '{FOLD[1]}')), '{weight}')"
    for column, weight in (("title", "A"), ("byline", "B"), ("text", "C"))
)


def upgrade() -> None:
    for extension in ("btree_gist", "pg_trgm", "unaccent"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.create_table(
        "address",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("suppressed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("suppressed_why", sa.Text(), nullable=True),
        sa.Column(
            "unwanted", postgresql.JSONB(astext_type=sa.Text()), server_default=sa.text("'{}'::jsonb"), nullable=False
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("address_pkey")),
        sa.UniqueConstraint("email", name=op.f("address_email_key")),
    )
    op.create_table(
        "budget",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("slowed_to", sa.Double(), nullable=True),
        sa.Column("slowed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("urgent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ahead_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("budget_pkey")),
    )
    op.create_table(
        "clock_shift",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ahead_seconds", sa.Double(), nullable=False),
        sa.Column("target", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("arrived_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answers_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("clock_shift_one_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("clock_shift_pkey")),
    )
    op.create_table(
        "heartbeat",
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("application_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("part", name=op.f("heartbeat_pkey")),
    )
    op.create_table(
        "link",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("selector", sa.LargeBinary(), nullable=False),
        sa.Column("generation", sa.BigInteger(), server_default="1", nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("scope", "subject_id", name=op.f("link_pkey")),
        sa.UniqueConstraint("selector", name=op.f("link_selector_key")),
    )
    op.create_table(
        "notice_start",
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("notice", name=op.f("notice_start_pkey")),
    )
    op.create_table(
        "whereabouts",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("database", sa.Text(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("whereabouts_one_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("whereabouts_pkey")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("end_users_nl", sa.Text(), nullable=False),
        sa.Column("end_users_en", sa.Text(), nullable=False),
        sa.Column("survey_sender", sa.Text(), nullable=False),
        sa.Column("asks_a_year", sa.SmallInteger(), server_default="2", nullable=False),
        sa.Column("rest_days", sa.SmallInteger(), server_default="90", nullable=False),
        sa.Column("consent_months", sa.SmallInteger(), server_default="12", nullable=False),
        sa.Column("set_up_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("organisation_one_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("organisation_pkey")),
    )
    op.create_table(
        "pause",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pause_pkey")),
        sa.UniqueConstraint("scope", name=op.f("pause_scope_key")),
    )
    op.create_table(
        "room",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("meeting_point", sa.Text(), nullable=False),
        sa.Column("travel_line", sa.Text(), nullable=False),
        sa.Column("seats", sa.SmallInteger(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("room_pkey")),
        sa.UniqueConstraint("name", name=op.f("room_name_key")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "layer in ('front_line', 'back_office', 'support', 'management')", name=op.f("team_layer_check")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("team_pkey")),
        sa.UniqueConstraint("name", name=op.f("team_name_key")),
    )
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("theme", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("role in ('viewer', 'organiser', 'admin')", name=op.f("account_role_check")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("account_address_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("account_pkey")),
    )
    op.create_index(op.f("account_address_id_idx"), "account", ["address_id"], unique=True)
    op.create_table(
        "customer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("end_user_group", sa.Text(), nullable=False),
        sa.Column("relationship_owner", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("short_notice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("particle", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("sorting", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("customer_address_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("customer_pkey")),
    )
    op.create_index(op.f("customer_address_id_idx"), "customer", ["address_id"], unique=False)
    op.create_index(op.f("customer_end_user_group_idx"), "customer", ["end_user_group"], unique=False)
    op.create_index(
        "customer_find_idx",
        "customer",
        ["sorting"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"sorting": "gin_trgm_ops"},
    )
    op.create_index("customer_sorting_idx", "customer", ["sorting", "id"], unique=False)
    op.create_table(
        "link_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("link_request_address_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("link_request_pkey")),
    )
    op.create_index(op.f("link_request_address_id_idx"), "link_request", ["address_id"], unique=False)
    op.create_table(
        "message",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("occurrence", sa.Text(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("thread", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("end", sa.Text(), nullable=True),
        sa.Column("unsent", sa.Text(), sa.Computed("nullif(\"end\", 'sent')", persisted=True), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.Column("why_facts", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stage", sa.Text(), nullable=True),
        sa.Column("code", sa.SmallInteger(), nullable=True),
        sa.Column("enhanced", sa.Text(), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("queue_id", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("message_address_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("message_pkey")),
        sa.UniqueConstraint(
            "notice", "subject_id", "occurrence", name=op.f("message_notice_subject_id_occurrence_key")
        ),
        sa.UniqueConstraint("public_id", name=op.f("message_public_id_key")),
        postgresql_with={"fillfactor": 60},
    )
    op.create_index(op.f("message_address_id_idx"), "message", ["address_id"], unique=False)
    op.create_index("message_planned_idx", "message", ["planned_at"], unique=False)
    op.create_index("message_thread_idx", "message", ["thread"], unique=False)
    op.create_index(
        "message_unsent_idx", "message", ["unsent", "id"], unique=False, postgresql_where=sa.text("unsent is not null")
    )
    op.create_table(
        "suppression",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("choice", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("suppression_address_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("suppression_pkey")),
    )
    op.create_index(op.f("suppression_address_id_idx"), "suppression", ["address_id"], unique=False)
    op.create_table(
        "account_change",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("account_change_account_id_fkey")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("account_change_address_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("account_change_pkey")),
    )
    op.create_index(op.f("account_change_account_id_idx"), "account_change", ["account_id"], unique=False)
    op.create_index(op.f("account_change_address_id_idx"), "account_change", ["address_id"], unique=False)
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("facts", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("previous", sa.LargeBinary(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("audit_entry_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("audit_entry_pkey")),
        sa.UniqueConstraint("place", name=op.f("audit_entry_place_key")),
    )
    op.create_index(op.f("audit_entry_account_id_idx"), "audit_entry", ["account_id"], unique=False)
    op.create_index("audit_entry_at_idx", "audit_entry", ["at"], unique=False)
    op.create_index(
        "audit_entry_open_idx", "audit_entry", ["id"], unique=False, postgresql_where=sa.text("place is null")
    )
    op.execute("""CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' THEN
    IF OLD.place IS NULL AND NEW.place IS NOT NULL
      AND (NEW.id, NEW.at, NEW.account_id, NEW.what, NEW.about, NEW.facts)
        IS NOT DISTINCT FROM (OLD.id, OLD.at, OLD.account_id, OLD.what, OLD.about, OLD.facts) THEN
      RETURN NEW;
    END IF;
    RAISE EXCEPTION 'the audit log is append-only';
  END IF;
  IF TG_OP = 'DELETE' THEN
    IF NOT EXISTS (SELECT FROM gone WHERE place IS NULL OR at > now() - interval '180 days')
      AND NOT EXISTS (SELECT FROM audit_entry WHERE place < (SELECT max(place) FROM gone)) THEN
      RETURN NULL;
    END IF;
    RAISE EXCEPTION 'the audit log is cut at its oldest end only';
  END IF;
  RAISE EXCEPTION 'the audit log is never emptied';
END $$""")
    for when, each in (
        ("BEFORE UPDATE", "ROW"),
        ("AFTER DELETE", "STATEMENT"),
        ("BEFORE TRUNCATE", "STATEMENT"),
    ):
        event = when.split()[1].lower()
        gone = "REFERENCING OLD TABLE AS gone " if event == "delete" else ""
        op.execute(
            f"CREATE TRIGGER audit_entry_{event} {when} ON audit_entry {gone}FOR EACH {each}"
            " EXECUTE FUNCTION audit_stays()"
        )
    op.create_table(
        "colleague_invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("inviter_id", sa.BigInteger(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("colleague_invitation_address_id_fkey")),
        sa.ForeignKeyConstraint(["inviter_id"], ["account.id"], name=op.f("colleague_invitation_inviter_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("colleague_invitation_pkey")),
    )
    op.create_index(op.f("colleague_invitation_address_id_idx"), "colleague_invitation", ["address_id"], unique=False)
    op.create_index(op.f("colleague_invitation_inviter_id_idx"), "colleague_invitation", ["inviter_id"], unique=False)
    op.create_table(
        "consent",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("use", sa.Text(), server_default="to_be_asked", nullable=False),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("attribution", sa.Text(), server_default="", nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "ground in ('agreed', 'existing', 'not_yet', 'withdrawn', 'ended')", name=op.f("consent_ground_check")
        ),
        sa.CheckConstraint(
            "use in ('to_be_asked', 'story_inside', 'read_aloud', 'live_visit', 'recording', 'outside_use')",
            name=op.f("consent_use_check"),
        ),
        sa.CheckConstraint("attribution in ('', 'name', 'first_name', 'none')", name=op.f("consent_attribution_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("consent_customer_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["account.id"], name=op.f("consent_recorded_by_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("consent_pkey")),
    )
    op.create_index("consent_customer_idx", "consent", ["customer_id", "use", "id"], unique=False)
    op.create_index(
        "consent_expires_idx",
        "consent",
        ["ground", "expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at is not null"),
    )
    op.create_index(op.f("consent_recorded_by_id_idx"), "consent", ["recorded_by_id"], unique=False)
    op.create_table(
        "ask",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint("kind in ('consent', 'story', 'visit')", name=op.f("ask_kind_check")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("ask_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("ask_customer_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("ask_pkey")),
    )
    op.create_index(op.f("ask_by_id_idx"), "ask", ["by_id"], unique=False)
    op.create_index("ask_customer_idx", "ask", ["customer_id", "at"], unique=False)
    op.create_table(
        "contact",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("what in ('willing', 'declined', 'called', 'note')", name=op.f("contact_what_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("contact_customer_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["account.id"], name=op.f("contact_recorded_by_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("contact_pkey")),
    )
    op.create_index("contact_customer_idx", "contact", ["customer_id", "id"], unique=False)
    op.create_index(op.f("contact_recorded_by_id_idx"), "contact", ["recorded_by_id"], unique=False)
    op.create_table(
        "delivery_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("delivery_event_message_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("delivery_event_pkey")),
    )
    op.create_index(op.f("delivery_event_message_id_idx"), "delivery_event", ["message_id"], unique=False)
    op.create_table(
        "shared_content",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("shared_content_pkey")),
    )
    op.create_index(op.f("shared_content_used_at_idx"), "shared_content", ["used_at"], unique=False)
    op.create_table(
        "rewording",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("variant", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("preheader", sa.Text(), nullable=False),
        sa.Column("heading", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("rewording_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("rewording_pkey")),
    )
    op.create_index(op.f("rewording_account_id_idx"), "rewording", ["account_id"], unique=False)
    op.create_index("rewording_last_idx", "rewording", ["notice", "variant", "language", "id"], unique=False)
    op.create_table(
        "said",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("shared_id", sa.Uuid(), nullable=False),
        sa.Column("own", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("said_message_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["shared_id"], ["shared_content.id"], name=op.f("said_shared_id_fkey")),
        sa.PrimaryKeyConstraint("message_id", name=op.f("said_pkey")),
    )
    op.create_index(op.f("said_at_idx"), "said", ["at"], unique=False)
    op.create_index(op.f("said_shared_id_idx"), "said", ["shared_id"], unique=False)
    op.create_table(
        "incoming_mail",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("sha256", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("came_of", sa.Text(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("incoming_mail_message_id_fkey"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("incoming_mail_pkey")),
        sa.UniqueConstraint("sha256", name=op.f("incoming_mail_sha256_key")),
    )
    op.create_index(
        "incoming_mail_kept_idx",
        "incoming_mail",
        ["received_at"],
        unique=False,
        postgresql_where=sa.text("raw is not null"),
    )
    op.create_index(op.f("incoming_mail_message_id_idx"), "incoming_mail", ["message_id"], unique=False)
    op.create_table(
        "dispatch",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("lane", sa.SmallInteger(), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_after", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn", sa.Integer(), server_default="0", nullable=False),
        sa.Column("waits", sa.Text(), nullable=True),
        sa.Column("state", sa.Text(), server_default="queued", nullable=False),
        sa.Column("owner", sa.BigInteger(), nullable=True),
        sa.Column("marked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mime_date", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mime_id", sa.Text(), nullable=True),
        sa.Column("mime_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("attempts", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("resends", sa.SmallInteger(), server_default="0", nullable=False),
        sa.CheckConstraint("state in ('queued', 'transmitting', 'unknown')", name=op.f("dispatch_state_check")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("dispatch_message_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("message_id", name=op.f("dispatch_pkey")),
        postgresql_with={"fillfactor": 60},
    )
    op.create_index("dispatch_lane_idx", "dispatch", ["lane", "try_at", "message_id"], unique=False)
    op.create_table(
        "import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("encoding", sa.Text(), nullable=False),
        sa.Column("delimiter", sa.Text(), nullable=False),
        sa.Column("header", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("mapping", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("domains", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("ground", sa.Text(), nullable=True),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("wording_locale", sa.Text(), nullable=False),
        sa.Column("made_teams", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("apply_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_by_id", sa.BigInteger(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("done", sa.BigInteger(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("kind in ('customers', 'staff')", name=op.f("import_kind_check")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("import_account_id_fkey")),
        sa.ForeignKeyConstraint(["undo_by_id"], ["account.id"], name=op.f("import_undo_by_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("import_pkey")),
    )
    op.create_index(op.f("import_account_id_idx"), "import", ["account_id"], unique=False)
    op.create_index(op.f("import_undo_by_id_idx"), "import", ["undo_by_id"], unique=False)
    op.create_index(
        "import_due_idx",
        "import",
        ["uploaded_at"],
        unique=False,
        postgresql_where=sa.text("undone_at is null and forgotten_at is null"),
    )
    op.create_table(
        "mail_sample",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("mail_sample_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("mail_sample_pkey")),
        sa.UniqueConstraint("key", name=op.f("mail_sample_key_key")),
    )
    op.create_index(op.f("mail_sample_account_id_idx"), "mail_sample", ["account_id"], unique=False)
    op.create_table(
        "mail_test",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("server", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("mail_test_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("mail_test_pkey")),
    )
    op.create_index(op.f("mail_test_account_id_idx"), "mail_test", ["account_id"], unique=False)
    op.create_table(
        "sign_in",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("device", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("sign_in_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_pkey")),
        sa.UniqueConstraint("key", name=op.f("sign_in_key_key")),
    )
    op.create_index(op.f("sign_in_account_id_idx"), "sign_in", ["account_id"], unique=False)
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("sign_in_link_account_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("sign_in_link_pkey")),
    )
    op.create_index(op.f("sign_in_link_account_id_idx"), "sign_in_link", ["account_id"], unique=False)
    op.create_table(
        "staff_member",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("given", sa.Text(), nullable=False),
        sa.Column("particle", sa.Text(), nullable=False),
        sa.Column("family", sa.Text(), nullable=False),
        sa.Column("sorting", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("staff_member_account_id_fkey")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("staff_member_address_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("staff_member_team_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("staff_member_pkey")),
    )
    op.create_index(op.f("staff_member_account_id_idx"), "staff_member", ["account_id"], unique=True)
    op.create_index(op.f("staff_member_address_id_idx"), "staff_member", ["address_id"], unique=True)
    op.create_index(
        "staff_member_find_idx",
        "staff_member",
        ["sorting"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"sorting": "gin_trgm_ops"},
    )
    op.create_index("staff_member_sorting_idx", "staff_member", ["sorting", "id"], unique=False)
    op.create_index(op.f("staff_member_team_id_idx"), "staff_member", ["team_id"], unique=False)
    op.create_table(
        "end_user_group",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("time", sa.Text(), nullable=False),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=True),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("merged_by_id", sa.BigInteger(), nullable=True),
        sa.Column("stands_for_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("kind in ('customer', 'supplier', 'other')", name=op.f("end_user_group_kind_check")),
        sa.CheckConstraint(
            "relation in ('direct', 'indirect', 'internal')", name=op.f("end_user_group_relation_check")
        ),
        sa.CheckConstraint("time in ('past', 'present', 'potential')", name=op.f("end_user_group_time_check")),
        sa.CheckConstraint(
            "num_nonnulls(merged_into_id, merged_at, stands_for_id) in (0, 3)", name=op.f("end_user_group_merged_check")
        ),
        sa.ForeignKeyConstraint(["added_by_id"], ["account.id"], name=op.f("end_user_group_added_by_id_fkey")),
        sa.ForeignKeyConstraint(["merged_by_id"], ["account.id"], name=op.f("end_user_group_merged_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["merged_into_id"], ["end_user_group.id"], name=op.f("end_user_group_merged_into_id_fkey")
        ),
        sa.ForeignKeyConstraint(
            ["stands_for_id"], ["end_user_group.id"], name=op.f("end_user_group_stands_for_id_fkey")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("end_user_group_pkey")),
        sa.UniqueConstraint("name", name=op.f("end_user_group_name_key")),
    )
    op.create_index(op.f("end_user_group_added_by_id_idx"), "end_user_group", ["added_by_id"], unique=False)
    op.create_index(
        "end_user_group_alike_idx",
        "end_user_group",
        ["folded"],
        unique=False,
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
    )
    op.create_index("end_user_group_folded_idx", "end_user_group", ["folded"], unique=False)
    op.create_index(op.f("end_user_group_merged_by_id_idx"), "end_user_group", ["merged_by_id"], unique=False)
    op.create_index(op.f("end_user_group_merged_into_id_idx"), "end_user_group", ["merged_into_id"], unique=False)
    op.create_index(op.f("end_user_group_stands_for_id_idx"), "end_user_group", ["stands_for_id"], unique=False)
    op.create_table(
        "team_group_link",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=False),
        sa.Column("does", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["account.id"], name=op.f("team_group_link_added_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["group_id"], ["end_user_group.id"], name=op.f("team_group_link_group_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["team.id"], name=op.f("team_group_link_team_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("team_group_link_pkey")),
        sa.UniqueConstraint("team_id", "group_id", name=op.f("team_group_link_team_id_group_id_key")),
    )
    op.create_index(op.f("team_group_link_added_by_id_idx"), "team_group_link", ["added_by_id"], unique=False)
    op.create_index(op.f("team_group_link_group_id_idx"), "team_group_link", ["group_id"], unique=False)
    op.create_table(
        "mapping_round",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by_id", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seed", sa.Text(), nullable=False),
        sa.Column("sizes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("asked_count", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["started_by_id"], ["account.id"], name=op.f("mapping_round_started_by_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("mapping_round_pkey")),
    )
    op.create_index("mapping_round_released_idx", "mapping_round", ["released_at"], unique=False)
    op.create_index(op.f("mapping_round_started_by_id_idx"), "mapping_round", ["started_by_id"], unique=False)
    op.create_table(
        "asked",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("round_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("layer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["mapping_round.id"], name=op.f("asked_round_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name=op.f("asked_staff_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("asked_team_id_fkey"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("asked_pkey")),
        sa.UniqueConstraint("round_id", "staff_id", name=op.f("asked_round_id_staff_id_key")),
    )
    op.create_index(op.f("asked_staff_id_idx"), "asked", ["staff_id"], unique=False)
    op.create_index(op.f("asked_team_id_idx"), "asked", ["team_id"], unique=False)
    op.create_table(
        "suggestion",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("asked_id", sa.BigInteger(), nullable=False),
        sa.Column("question", sa.SmallInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("group_id", sa.BigInteger(), nullable=True),
        sa.Column("ticked", sa.Boolean(), nullable=False),
        sa.CheckConstraint("question between 1 and 3", name=op.f("suggestion_question_check")),
        sa.ForeignKeyConstraint(["asked_id"], ["asked.id"], name=op.f("suggestion_asked_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["end_user_group.id"], name=op.f("suggestion_group_id_fkey"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("suggestion_pkey")),
    )
    op.create_index(op.f("suggestion_asked_id_idx"), "suggestion", ["asked_id"], unique=False)
    op.create_index("suggestion_folded_idx", "suggestion", ["folded"], unique=False)
    op.create_index(op.f("suggestion_group_id_idx"), "suggestion", ["group_id"], unique=False)
    op.create_table(
        "set_aside",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("set_aside_by_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("set_aside_pkey")),
        sa.UniqueConstraint("folded", name=op.f("set_aside_folded_key")),
    )
    op.create_index(op.f("set_aside_by_id_idx"), "set_aside", ["by_id"], unique=False)
    op.create_table(
        "owner_question",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("answer in ('yes', 'not_now')", name=op.f("owner_question_answer_check")),
        sa.CheckConstraint("kind in ('consent', 'story', 'visit')", name=op.f("owner_question_kind_check")),
        sa.ForeignKeyConstraint(["answered_by_id"], ["account.id"], name=op.f("owner_question_answered_by_id_fkey")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("owner_question_asked_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("owner_question_customer_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["owner_id"], ["staff_member.id"], name=op.f("owner_question_owner_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("owner_question_pkey")),
    )
    op.create_index(op.f("owner_question_answered_by_id_idx"), "owner_question", ["answered_by_id"], unique=False)
    op.create_index(op.f("owner_question_asked_by_id_idx"), "owner_question", ["asked_by_id"], unique=False)
    op.create_index("owner_question_customer_idx", "owner_question", ["customer_id", "id"], unique=False)
    op.create_index(
        "owner_question_open_idx",
        "owner_question",
        ["due_at"],
        unique=False,
        postgresql_where=sa.text("answer is null"),
    )
    op.create_index(op.f("owner_question_owner_id_idx"), "owner_question", ["owner_id"], unique=False)
    op.create_index(
        "owner_question_released_idx",
        "owner_question",
        ["released_at"],
        unique=False,
        postgresql_where=sa.text("answer is null"),
    )
    op.create_table(
        "nomination",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("nominator_id", sa.BigInteger(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("knows", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("outcome_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visit_day", sa.Date(), nullable=True),
        sa.Column("visit_team", sa.Text(), nullable=False),
        sa.CheckConstraint("outcome in ('planned', 'story', 'not_now')", name=op.f("nomination_outcome_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("nomination_customer_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["nominator_id"], ["staff_member.id"], name=op.f("nomination_nominator_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("nomination_pkey")),
    )
    op.create_index(op.f("nomination_at_idx"), "nomination", ["at"], unique=False)
    op.create_index("nomination_customer_idx", "nomination", ["customer_id", "id"], unique=False)
    op.create_index(op.f("nomination_nominator_id_idx"), "nomination", ["nominator_id"], unique=False)
    op.create_index(
        "nomination_open_idx", "nomination", ["at"], unique=False, postgresql_where=sa.text("outcome is null")
    )
    op.create_index(op.f("nomination_outcome_at_idx"), "nomination", ["outcome_at"], unique=False)
    op.create_table(
        "consent_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("ask_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["ask_id"], ["ask.id"], name=op.f("consent_request_ask_id_fkey"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("consent_request_asked_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("consent_request_customer_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("consent_request_pkey")),
    )
    op.create_index(op.f("consent_request_ask_id_idx"), "consent_request", ["ask_id"], unique=False)
    op.create_index(op.f("consent_request_asked_by_id_idx"), "consent_request", ["asked_by_id"], unique=False)
    op.create_index("consent_request_customer_idx", "consent_request", ["customer_id", "id"], unique=False)
    op.create_index(
        "consent_request_released_idx",
        "consent_request",
        ["released_at"],
        unique=False,
        postgresql_where=sa.text("answered_at is null"),
    )
    op.create_table(
        "import_row",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("cells", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("typed", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("values", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("problems", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("changes", postgresql.JSONB(astext_type=sa.Text()), server_default="{}", nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.CheckConstraint(
            "state in ('new', 'changed', 'same', 'error', 'asked')", name=op.f("import_row_state_check")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("import_row_customer_id_fkey"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import.id"], name=op.f("import_row_import_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("import_row_staff_id_fkey"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("import_row_pkey")),
        sa.UniqueConstraint("import_id", "line", name=op.f("import_row_import_id_line_key")),
    )
    op.create_index(op.f("import_row_customer_id_idx"), "import_row", ["customer_id"], unique=False)
    op.create_index("import_row_key_idx", "import_row", ["import_id", "key"], unique=False)
    op.create_index(op.f("import_row_staff_id_idx"), "import_row", ["staff_id"], unique=False)
    op.create_index(
        "import_row_look_idx",
        "import_row",
        ["import_id", "line"],
        unique=False,
        postgresql_where=sa.text("state <> 'new' or problems <> '[]' or typed <> '{}' or decision is not null"),
    )
    op.create_table(
        "visit",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("wall", sa.DateTime(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("fold", sa.SmallInteger(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("tzdata", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("eve_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("hour_before_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("host_brief_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("thanks_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("staff_survey_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=False),
        sa.Column("organiser_id", sa.BigInteger(), nullable=False),
        sa.Column("seats", sa.SmallInteger(), nullable=False),
        sa.Column("storyteller_places", sa.SmallInteger(), nullable=False),
        sa.Column("reason_nl", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("draft", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("moved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("move_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("old_wall", sa.DateTime(), nullable=True),
        sa.Column("cancelled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason_nl", sa.Text(), nullable=False),
        sa.Column("cancel_reason_en", sa.Text(), nullable=False),
        sa.Column("host_will_call", sa.Boolean(), nullable=False),
        sa.Column("options", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        sa.Column("first_yes", sa.Boolean(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decide_told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("came", postgresql.JSONB(astext_type=sa.Text()), nullable=True),
        postgresql.ExcludeConstraint(
            (sa.literal_column("room_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            where=sa.text("cancelled_at IS NULL AND room_id IS NOT NULL"),
            using="gist",
            name="visit_room_taken_excl",
        ),
        sa.CheckConstraint("room_id is not null or link <> ''", name=op.f("visit_somewhere_check")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("visit_lasts_check")),
        sa.ForeignKeyConstraint(["host_id"], ["staff_member.id"], name=op.f("visit_host_id_fkey")),
        sa.ForeignKeyConstraint(["organiser_id"], ["account.id"], name=op.f("visit_organiser_id_fkey")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("visit_room_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("visit_pkey")),
        sa.UniqueConstraint("key", name=op.f("visit_key_key")),
    )
    op.create_index(
        "visit_cancel_told_idx",
        "visit",
        ["cancel_told_at"],
        unique=False,
        postgresql_where=sa.text("cancel_told_at is not null"),
    )
    op.create_index("visit_eve_idx", "visit", ["eve_at"], unique=False)
    op.create_index(op.f("visit_host_id_idx"), "visit", ["host_id"], unique=False)
    op.create_index(
        "visit_move_told_idx",
        "visit",
        ["move_told_at"],
        unique=False,
        postgresql_where=sa.text("move_told_at is not null"),
    )
    op.create_index(op.f("visit_organiser_id_idx"), "visit", ["organiser_id"], unique=False)
    op.create_index(op.f("visit_room_id_idx"), "visit", ["room_id"], unique=False)
    op.create_index("visit_starts_idx", "visit", ["starts_at"], unique=False)
    op.create_table(
        "series",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nth", sa.SmallInteger(), nullable=False),
        sa.Column("weekday", sa.SmallInteger(), nullable=False),
        sa.Column("starts", sa.Time(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=False),
        sa.Column("organiser_id", sa.BigInteger(), nullable=False),
        sa.Column("seats", sa.SmallInteger(), nullable=False),
        sa.Column("storyteller_places", sa.SmallInteger(), nullable=False),
        sa.Column("notice_hours", sa.SmallInteger(), nullable=False),
        sa.Column("horizon_weeks", sa.SmallInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("room_id is not null or link <> ''", name=op.f("series_somewhere_check")),
        sa.CheckConstraint("nth between 0 and 5 and weekday between 0 and 6", name=op.f("series_rule_check")),
        sa.ForeignKeyConstraint(["host_id"], ["staff_member.id"], name=op.f("series_host_id_fkey")),
        sa.ForeignKeyConstraint(["organiser_id"], ["account.id"], name=op.f("series_organiser_id_fkey")),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("series_room_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("series_pkey")),
    )
    for column in ("host_id", "organiser_id", "room_id"):
        op.create_index(op.f(f"series_{column}_idx"), "series", [column], unique=False)
    op.create_table(
        "series_team",
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["series_id"], ["series.id"], name=op.f("series_team_series_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("series_team_team_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("series_id", "team_id", name=op.f("series_team_pkey")),
    )
    op.create_index(op.f("series_team_team_id_idx"), "series_team", ["team_id"], unique=False)
    op.create_table(
        "occurrence",
        sa.Column("series_id", sa.BigInteger(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("occurrence_series_id_fkey")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("occurrence_visit_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("series_id", "day", name=op.f("occurrence_pkey")),
        sa.UniqueConstraint("visit_id", name=op.f("occurrence_visit_id_key")),
    )
    op.create_table(
        "season",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organiser_id", sa.BigInteger(), nullable=False),
        sa.Column("host_id", sa.BigInteger(), nullable=False),
        sa.Column("begins", sa.Date(), nullable=False),
        sa.Column("ends", sa.Date(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("starts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("visits", sa.SmallInteger(), nullable=False),
        sa.Column("storytellers", sa.SmallInteger(), nullable=False),
        sa.Column("staff", sa.SmallInteger(), nullable=False),
        sa.Column("at_once", sa.SmallInteger(), nullable=True),
        sa.Column("link", sa.Text(), nullable=False),
        sa.Column("own_languages", sa.Boolean(), nullable=False),
        sa.Column("drawn", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.CheckConstraint("ends >= begins", name=op.f("season_lasts_check")),
        sa.ForeignKeyConstraint(["host_id"], ["staff_member.id"], name=op.f("season_host_id_fkey")),
        sa.ForeignKeyConstraint(["organiser_id"], ["account.id"], name=op.f("season_organiser_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("season_pkey")),
    )
    for column in ("host_id", "organiser_id"):
        op.create_index(op.f(f"season_{column}_idx"), "season", [column], unique=False)
    op.create_table(
        "season_plan",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("season_id", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=False),
        sa.Column("takes", sa.SmallInteger(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stop_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("better", sa.BigInteger(), nullable=False),
        sa.Column("reached", sa.BigInteger(), nullable=False),
        sa.Column("teams", sa.BigInteger(), nullable=False),
        sa.Column("gap", sa.BigInteger(), nullable=True),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("unreached", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("lost", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("season_plan_asked_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["season_id"], ["season.id"], name=op.f("season_plan_season_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("season_plan_pkey")),
    )
    for column in ("season_id", "asked_by_id"):
        op.create_index(op.f(f"season_plan_{column}_idx"), "season_plan", [column], unique=False)
    op.create_index(
        "season_plan_open_idx",
        "season_plan",
        ["id"],
        unique=False,
        postgresql_where=sa.text("finished_at is null and failed_at is null"),
    )
    op.create_table(
        "planned_line",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("plan_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=True),
        sa.Column("wall", sa.DateTime(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("visit_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("planned_line_customer_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["plan_id"], ["season_plan.id"], name=op.f("planned_line_plan_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("planned_line_room_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("planned_line_team_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["visit_id"], ["visit.id"], name=op.f("planned_line_visit_id_fkey"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("planned_line_pkey")),
        sa.UniqueConstraint("plan_id", "customer_id", name=op.f("planned_line_plan_id_customer_id_key")),
    )
    for column in ("team_id", "customer_id", "room_id", "visit_id"):
        op.create_index(op.f(f"planned_line_{column}_idx"), "planned_line", [column], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by_id", sa.BigInteger(), nullable=True),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_1_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_2_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("unanswered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_phone", sa.Boolean(), nullable=False),
        sa.Column("calendar_uid", sa.Uuid(), nullable=False),
        sa.Column("calendar_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("partstat", sa.Text(), server_default="needs-action", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("short_notice_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("needs", sa.Text(), server_default="", nullable=False),
        sa.Column("hint", sa.Text(), nullable=True),
        sa.Column("hint_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("nudge_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hint_dropped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "partstat in ('needs-action', 'accepted', 'declined', 'tentative')", name=op.f("invitation_partstat_check")
        ),
        sa.CheckConstraint("num_nonnulls(customer_id, staff_id) = 1", name=op.f("invitation_one_person_check")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("invitation_customer_id_fkey")),
        sa.ForeignKeyConstraint(["invited_by_id"], ["account.id"], name=op.f("invitation_invited_by_id_fkey")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name=op.f("invitation_staff_id_fkey")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("invitation_visit_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("invitation_pkey")),
        sa.UniqueConstraint("calendar_uid", name=op.f("invitation_calendar_uid_key")),
        sa.UniqueConstraint("visit_id", "customer_id", name=op.f("invitation_visit_id_customer_id_key")),
        sa.UniqueConstraint("visit_id", "staff_id", name=op.f("invitation_visit_id_staff_id_key")),
    )
    op.create_index(
        "invitation_by_phone_idx",
        "invitation",
        ["released_at"],
        unique=False,
        postgresql_where=sa.text("by_phone and partstat = 'needs-action'"),
    )
    op.create_index(op.f("invitation_customer_id_idx"), "invitation", ["customer_id"], unique=False)
    op.create_index(op.f("invitation_invited_by_id_idx"), "invitation", ["invited_by_id"], unique=False)
    op.create_index(
        "invitation_nudge_idx",
        "invitation",
        ["nudge_at"],
        unique=False,
        postgresql_where=sa.text("nudge_at is not null"),
    )
    op.create_index(
        "invitation_released_idx",
        "invitation",
        ["released_at"],
        unique=False,
        postgresql_where=sa.text("partstat = 'needs-action'"),
    )
    op.create_index(
        "invitation_remind_1_idx",
        "invitation",
        ["remind_1_at"],
        unique=False,
        postgresql_where=sa.text("partstat = 'needs-action'"),
    )
    op.create_index(
        "invitation_remind_2_idx",
        "invitation",
        ["remind_2_at"],
        unique=False,
        postgresql_where=sa.text("partstat = 'needs-action'"),
    )
    op.create_index(op.f("invitation_staff_id_idx"), "invitation", ["staff_id"], unique=False)
    op.create_index(
        "invitation_unanswered_idx",
        "invitation",
        ["unanswered_at"],
        unique=False,
        postgresql_where=sa.text("partstat = 'needs-action'"),
    )
    op.create_index(
        "invitation_withdrawn_idx",
        "invitation",
        ["withdrawn_at"],
        unique=False,
        postgresql_where=sa.text("withdrawn_at is not null"),
    )
    op.create_table(
        "visit_move",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("before", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("visit_move_by_id_fkey")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("visit_move_visit_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("visit_move_pkey")),
    )
    op.create_index(op.f("visit_move_by_id_idx"), "visit_move", ["by_id"], unique=False)
    op.create_index(op.f("visit_move_visit_id_idx"), "visit_move", ["visit_id"], unique=False)
    op.create_table(
        "visit_team",
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("visit_team_team_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("visit_team_visit_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("visit_id", "team_id", name=op.f("visit_team_pkey")),
    )
    op.create_index(op.f("visit_team_team_id_idx"), "visit_team", ["team_id"], unique=False)
    op.create_table(
        "wave",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("version", sa.SmallInteger(), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("emptied_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("audience in ('customer', 'staff')", name=op.f("wave_audience_check")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("wave_visit_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("wave_pkey")),
        sa.UniqueConstraint("visit_id", "audience", "label", name=op.f("wave_visit_id_audience_label_key")),
    )
    op.create_table(
        "answer",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("recorded_by_id", sa.BigInteger(), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("latest", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "kind in ('accepted', 'declined', 'tentative', 'other', 'waiting', 'left')", name=op.f("answer_kind_check")
        ),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("answer_invitation_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["recorded_by_id"], ["account.id"], name=op.f("answer_recorded_by_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("answer_pkey")),
        sa.UniqueConstraint("nonce", name=op.f("answer_nonce_key")),
    )
    op.create_index("answer_given_idx", "answer", ["given_at"], unique=False)
    op.create_index(op.f("answer_invitation_id_idx"), "answer", ["invitation_id"], unique=False)
    op.create_index(op.f("answer_recorded_by_id_idx"), "answer", ["recorded_by_id"], unique=False)
    op.create_table(
        "reply",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("reply_invitation_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("reply_pkey")),
    )
    op.create_index(op.f("reply_at_idx"), "reply", ["at"], unique=False)
    op.create_index(op.f("reply_invitation_id_idx"), "reply", ["invitation_id"], unique=False)
    op.create_table(
        "attendance",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("attendance_invitation_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("attendance_pkey")),
    )
    op.create_index(op.f("attendance_invitation_id_idx"), "attendance", ["invitation_id"], unique=True)
    op.create_table(
        "care",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("pause", sa.Text(), nullable=False),
        sa.Column("companion", sa.Text(), nullable=False),
        sa.Column("done", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("care_invitation_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("care_pkey")),
    )
    op.create_index(op.f("care_invitation_id_idx"), "care", ["invitation_id"], unique=True)
    op.create_table(
        "exposure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.Column("minutes", sa.SmallInteger(), nullable=False),
        sa.Column("others", sa.SmallInteger(), nullable=False),
        sa.Column("debrief", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "told in ('customer', 'manager', 'film', 'letter', 'meeting')", name=op.f("exposure_told_check")
        ),
        sa.CheckConstraint("way in ('live', 'remote')", name=op.f("exposure_way_check")),
        sa.CheckConstraint("minutes between 1 and 600", name=op.f("exposure_minutes_check")),
        sa.CheckConstraint("others between 0 and 999", name=op.f("exposure_others_check")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("exposure_visit_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("exposure_pkey")),
    )
    op.create_index(op.f("exposure_visit_id_idx"), "exposure", ["visit_id"], unique=True)
    op.create_table(
        "incident",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["seen_by_id"], ["account.id"], name=op.f("incident_seen_by_id_fkey")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("incident_visit_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("incident_pkey")),
    )
    op.create_index(
        "incident_unseen_idx", "incident", ["visit_id"], unique=False, postgresql_where=sa.text("seen_at is null")
    )
    op.create_index(op.f("incident_visit_id_idx"), "incident", ["visit_id"], unique=False)
    op.create_table(
        "promise",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("visit_id", sa.BigInteger(), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["done_by_id"], ["account.id"], name=op.f("promise_done_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("promise_invitation_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["account.id"], name=op.f("promise_owner_id_fkey")),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name=op.f("promise_visit_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("promise_pkey")),
    )
    op.create_index(op.f("promise_invitation_id_idx"), "promise", ["invitation_id"], unique=False)
    op.create_index(
        "promise_open_idx", "promise", ["owner_id"], unique=False, postgresql_where=sa.text("done_at is null")
    )
    op.create_index(op.f("promise_visit_id_idx"), "promise", ["visit_id"], unique=False)
    op.create_table(
        "ballot",
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("ballot_wave_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("ballot_pkey")),
    )
    op.create_index(op.f("ballot_wave_id_idx"), "ballot", ["wave_id"], unique=False)
    op.create_table(
        "register",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("wave_id", sa.BigInteger(), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("opens_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("register_invitation_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("register_wave_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("register_pkey")),
        sa.UniqueConstraint("wave_id", "invitation_id", name=op.f("register_wave_id_invitation_id_key")),
    )
    op.create_index(op.f("register_invitation_id_idx"), "register", ["invitation_id"], unique=False)
    op.create_index(op.f("register_opens_at_idx"), "register", ["opens_at"], unique=False)
    op.create_index(op.f("register_remind_at_idx"), "register", ["remind_at"], unique=False)
    op.create_table(
        "waiting_ballot",
        sa.Column("key", sa.Uuid(), nullable=False),
        sa.Column("wave_id", sa.BigInteger(), nullable=False),
        sa.Column("answers", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("waiting_ballot_wave_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("key", name=op.f("waiting_ballot_pkey")),
    )
    op.create_index(op.f("waiting_ballot_wave_id_idx"), "waiting_ballot", ["wave_id"], unique=False)
    op.create_table(
        "waiting_place",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offer_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("waiting_place_invitation_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("waiting_place_pkey")),
    )
    op.create_index(op.f("waiting_place_invitation_id_idx"), "waiting_place", ["invitation_id"], unique=False)
    op.create_index(
        "waiting_place_offer_idx",
        "waiting_place",
        ["offer_until"],
        unique=False,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_index(
        "waiting_place_open_idx",
        "waiting_place",
        ["invitation_id"],
        unique=True,
        postgresql_where=sa.text("ended_at is null"),
    )
    op.create_table(
        "proposal",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("answer_id", sa.BigInteger(), nullable=False),
        sa.Column("invitation_id", sa.BigInteger(), nullable=False),
        sa.Column("times", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("because_full", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["answer_id"], ["answer.id"], name=op.f("proposal_answer_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("proposal_invitation_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("proposal_pkey")),
    )
    op.create_index(op.f("proposal_answer_id_idx"), "proposal", ["answer_id"], unique=True)
    op.create_index(op.f("proposal_invitation_id_idx"), "proposal", ["invitation_id"], unique=False)
    op.create_table(
        "standing",
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.Double(), nullable=False),
        sa.Column("holds_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("holds_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("standing_customer_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("standing_pkey")),
    )
    op.create_index("standing_place_idx", "standing", ["stage", "place", "customer_id"], unique=False)
    op.create_index(
        "standing_from_idx",
        "standing",
        ["holds_from"],
        unique=False,
        postgresql_where=sa.text("holds_from > '-infinity'"),
    )
    op.create_index(
        "standing_until_idx",
        "standing",
        ["holds_until"],
        unique=False,
        postgresql_where=sa.text("holds_until < 'infinity'"),
    )
    op.create_table(
        "unsettled",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("unsettled_pkey")),
    )
    op.create_table(
        "story",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("organiser_id", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("told_to", sa.Text(), nullable=False),
        sa.Column("end_user_group", sa.Text(), nullable=False),
        sa.Column("principle", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("turning_point", sa.Text(), nullable=False),
        sa.Column("what_changed", sa.Text(), nullable=False),
        sa.Column("who_played_a_part", sa.Text(), nullable=False),
        sa.Column("not_to_be_told", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("byline", sa.Text(), nullable=False),
        sa.Column("revision", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approval_asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("of_month_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("offered_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("locale in ('nl', 'en')", name=op.f("story_locale_check")),
        sa.CheckConstraint(
            "principle in ('', 'impact', 'appreciation', 'empathy')", name=op.f("story_principle_check")
        ),
        sa.CheckConstraint("source in ('asked', 'told', 'letter', 'import', 'page')", name=op.f("story_source_check")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customer.id"], name=op.f("story_customer_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["organiser_id"], ["account.id"], name=op.f("story_organiser_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("story_pkey")),
    )
    op.create_index(op.f("story_approved_id_idx"), "story", ["approved_id"], unique=False)
    op.create_index(op.f("story_customer_id_idx"), "story", ["customer_id"], unique=False)
    op.create_index(op.f("story_end_user_group_idx"), "story", ["end_user_group"], unique=False)
    op.create_index(op.f("story_of_month_at_idx"), "story", ["of_month_at"], unique=False)
    op.create_index(
        "story_open_idx", "story", ["told_at", "id"], unique=False, postgresql_where=sa.text("shared_at is null")
    )
    op.create_index(op.f("story_organiser_id_idx"), "story", ["organiser_id"], unique=False)
    op.create_index(
        "story_shared_idx",
        "story",
        ["shared_at", "id"],
        unique=False,
        postgresql_where=sa.text("shared_at is not null"),
    )
    op.create_table(
        "campaign",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("end_user_group", sa.Text(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("made_by_id", sa.BigInteger(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["account.id"], name=op.f("campaign_made_by_id_fkey")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("campaign_team_id_fkey"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("campaign_pkey")),
        sa.UniqueConstraint("slug", name=op.f("campaign_slug_key")),
    )
    op.create_index(op.f("campaign_made_by_id_idx"), "campaign", ["made_by_id"], unique=False)
    op.create_index(op.f("campaign_team_id_idx"), "campaign", ["team_id"], unique=False)
    op.create_table(
        "telling",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("campaign_id", sa.BigInteger(), nullable=True),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=False),
        sa.Column("turning_point", sa.Text(), nullable=False),
        sa.Column("what_changed", sa.Text(), nullable=False),
        sa.Column("who_played_a_part", sa.Text(), nullable=False),
        sa.Column("not_to_be_told", sa.Text(), nullable=False),
        sa.Column("uses", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("story_id", sa.BigInteger(), nullable=True),
        sa.CheckConstraint("locale in ('nl', 'en')", name=op.f("telling_locale_check")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("telling_address_id_fkey")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaign.id"], name=op.f("telling_campaign_id_fkey"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("telling_story_id_fkey"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("telling_pkey")),
        sa.UniqueConstraint("form", name=op.f("telling_form_key")),
    )
    op.create_index(op.f("telling_address_id_idx"), "telling", ["address_id"], unique=False)
    op.create_index(op.f("telling_campaign_id_idx"), "telling", ["campaign_id"], unique=False)
    op.create_index(op.f("telling_story_id_idx"), "telling", ["story_id"], unique=False)
    op.create_index(op.f("telling_told_at_idx"), "telling", ["told_at"], unique=False)
    op.create_index(
        "telling_unconfirmed_idx",
        "telling",
        ["told_at"],
        unique=False,
        postgresql_where=sa.text("confirmed_at is null"),
    )
    op.create_table(
        "story_version",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("locale", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("byline", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("words", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("search", postgresql.TSVECTOR(), sa.Computed(STORY_SEARCH, persisted=True), nullable=True),
        sa.CheckConstraint("kind in ('told', 'offered', 'amended')", name=op.f("story_version_kind_check")),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("story_version_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("story_version_story_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("story_version_pkey")),
    )
    op.create_index(op.f("story_version_by_id_idx"), "story_version", ["by_id"], unique=False)
    op.create_index("story_version_search_idx", "story_version", ["search"], unique=False, postgresql_using="gin")
    op.create_index(op.f("story_version_story_id_idx"), "story_version", ["story_id"], unique=False)
    op.create_table(
        "story_picture",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("alt", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("story_picture_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("story_picture_story_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("story_picture_pkey")),
    )
    op.create_index(op.f("story_picture_by_id_idx"), "story_picture", ["by_id"], unique=False)
    op.create_index(op.f("story_picture_story_id_idx"), "story_picture", ["story_id"], unique=True)
    op.create_table(
        "story_request",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=True),
        sa.Column("asked_by_id", sa.BigInteger(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("remind_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("story_request_asked_by_id_fkey")),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("story_request_story_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("story_request_team_id_fkey"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("story_request_pkey")),
    )
    op.create_index(op.f("story_request_asked_by_id_idx"), "story_request", ["asked_by_id"], unique=False)
    op.create_index(op.f("story_request_released_at_idx"), "story_request", ["released_at"], unique=False)
    op.create_index(op.f("story_request_remind_at_idx"), "story_request", ["remind_at"], unique=False)
    op.create_index(op.f("story_request_story_id_idx"), "story_request", ["story_id"], unique=True)
    op.create_index(op.f("story_request_team_id_idx"), "story_request", ["team_id"], unique=False)
    op.create_table(
        "sharing",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("team_id", sa.BigInteger(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["account.id"], name=op.f("sharing_by_id_fkey")),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("sharing_story_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("sharing_team_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("sharing_pkey")),
        sa.UniqueConstraint("story_id", "team_id", name=op.f("sharing_story_id_team_id_key")),
    )
    op.create_index(op.f("sharing_by_id_idx"), "sharing", ["by_id"], unique=False)
    op.create_index(op.f("sharing_team_id_idx"), "sharing", ["team_id"], unique=False)
    op.create_table(
        "story_reader",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("sharing_id", sa.BigInteger(), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["sharing_id"], ["sharing.id"], name=op.f("story_reader_sharing_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("story_reader_staff_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("story_reader_story_id_fkey"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("story_reader_pkey")),
        sa.UniqueConstraint("story_id", "staff_id", name=op.f("story_reader_story_id_staff_id_key")),
    )
    op.create_index(op.f("story_reader_released_at_idx"), "story_reader", ["released_at"], unique=False)
    op.create_index(op.f("story_reader_sharing_id_idx"), "story_reader", ["sharing_id"], unique=False)
    op.create_index(op.f("story_reader_staff_id_idx"), "story_reader", ["staff_id"], unique=False)
    op.create_table(
        "thanks_told",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("thanks_told_story_id_fkey"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("thanks_told_pkey")),
    )
    op.create_index(op.f("thanks_told_at_idx"), "thanks_told", ["at"], unique=False)
    op.create_index(op.f("thanks_told_story_id_idx"), "thanks_told", ["story_id"], unique=False)
    op.create_table(
        "thanks",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("story_id", sa.BigInteger(), nullable=False),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["staff_id"], ["staff_member.id"], name=op.f("thanks_staff_id_fkey"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["story_id"], ["story.id"], name=op.f("thanks_story_id_fkey"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["told_id"], ["thanks_told.id"], name=op.f("thanks_told_id_fkey"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("thanks_pkey")),
    )
    op.create_index(op.f("thanks_staff_id_idx"), "thanks", ["staff_id"], unique=False)
    op.create_index(op.f("thanks_story_id_idx"), "thanks", ["story_id"], unique=False)
    op.create_index(op.f("thanks_told_id_idx"), "thanks", ["told_id"], unique=False)
    op.create_index(
        "thanks_unchecked_idx",
        "thanks",
        ["id"],
        unique=False,
        postgresql_where=sa.text("checked_at is null and refused_at is null"),
    )
    op.create_table(
        "erased_address",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("erased_address_pkey")),
        sa.UniqueConstraint("hash", name=op.f("erased_address_hash_key")),
    )
    op.create_table(
        "erasure_key",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("erasure_key_one_check")),
        sa.PrimaryKeyConstraint("id", name=op.f("erasure_key_pkey")),
    )
    op.create_table(
        "data_export",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("customer_id", sa.BigInteger(), nullable=True),
        sa.Column("staff_id", sa.BigInteger(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("data_export_account_id_fkey")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("data_export_address_id_fkey")),
        sa.ForeignKeyConstraint(["customer_id"], ["customer.id"], name=op.f("data_export_customer_id_fkey")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff_member.id"], name=op.f("data_export_staff_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("data_export_pkey")),
    )
    op.create_index(op.f("data_export_account_id_idx"), "data_export", ["account_id"], unique=False)
    op.create_index(op.f("data_export_address_id_idx"), "data_export", ["address_id"], unique=False)
    op.create_index(op.f("data_export_customer_id_idx"), "data_export", ["customer_id"], unique=False)
    op.create_index(op.f("data_export_staff_id_idx"), "data_export", ["staff_id"], unique=False)
    op.create_index(
        "data_export_kept_idx",
        "data_export",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("content is not null"),
    )
    op.create_table(
        "erasure",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("address_id", sa.BigInteger(), nullable=True),
        sa.Column("tell", sa.Boolean(), nullable=False),
        sa.Column("alone", sa.Boolean(), nullable=False),
        sa.Column("salutation", sa.Text(), nullable=False),
        sa.Column("wiped_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("by in ('person', 'organiser', 'clock')", name=op.f("erasure_by_check")),
        sa.CheckConstraint("kind in ('customer', 'staff_member', 'account')", name=op.f("erasure_kind_check")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("erasure_account_id_fkey")),
        sa.ForeignKeyConstraint(["address_id"], ["address.id"], name=op.f("erasure_address_id_fkey")),
        sa.PrimaryKeyConstraint("id", name=op.f("erasure_pkey")),
    )
    op.create_index(op.f("erasure_account_id_idx"), "erasure", ["account_id"], unique=False)
    op.create_index(op.f("erasure_address_id_idx"), "erasure", ["address_id"], unique=False)
    op.create_index("erasure_open_idx", "erasure", ["id"], unique=False, postgresql_where=sa.text("wiped_at is null"))
    op.create_table(
        "retention",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("units", sa.SmallInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["set_by_id"], ["account.id"], name=op.f("retention_set_by_id_fkey")),
        sa.PrimaryKeyConstraint("kind", name=op.f("retention_pkey")),
    )
    op.create_index(op.f("retention_set_by_id_idx"), "retention", ["set_by_id"], unique=False)
    op.create_table(
        "retention_report",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("retention_report_pkey")),
        sa.UniqueConstraint("day", name=op.f("retention_report_day_key")),
    )
    op.execute("""CREATE FUNCTION leave_unsettled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  EXECUTE 'INSERT INTO unsettled (customer_id) SELECT DISTINCT customer_id FROM (' || TG_ARGV[0]
    || ') AS about (customer_id) WHERE customer_id IS NOT NULL';
  RETURN NULL;
END $$""")
    rows = {
        "insert": "NEW TABLE AS fact",
        "update": "OLD TABLE AS was NEW TABLE AS fact",
        "delete": "OLD TABLE AS fact",
    }
    of_customer = "SELECT customer_id FROM fact"
    of_invitation = "SELECT customer_id FROM fact JOIN invitation ON invitation.id = invitation_id"
    of_visit = (
        "SELECT customer_id FROM fact JOIN was ON was.id = fact.id JOIN invitation ON visit_id = fact.id"
        " WHERE (fact.starts_at, fact.ends_at, fact.cancelled_at, fact.finished_at)"
        " IS DISTINCT FROM (was.starts_at, was.ends_at, was.cancelled_at, was.finished_at)"
    )
    of_rest = (
        "SELECT customer_id FROM invitation JOIN attendance ON invitation_id = invitation.id AND present"
        " WHERE EXISTS (SELECT FROM fact JOIN was ON was.id = fact.id WHERE fact.rest_days <> was.rest_days)"
    )
    facts = [("customer", "insert", "SELECT id FROM fact"), ("visit", "update", of_visit)]
    facts += [("organisation", "update", of_rest)]
    facts += [(table, each, of_customer) for table in ("consent", "contact", "invitation") for each in rows]
    facts += [("attendance", each, of_invitation) for each in rows]
    for table, each, about in facts:
        op.execute(
            f"CREATE TRIGGER unsettled_by_{each} AFTER {each} ON {table} REFERENCING {rows[each]}"
            f" FOR EACH STATEMENT EXECUTE FUNCTION leave_unsettled('{about}')"
        )


def downgrade() -> None:
    op.execute("DROP FUNCTION leave_unsettled() CASCADE")
    op.drop_table("retention_report")
    op.drop_index(op.f("retention_set_by_id_idx"), table_name="retention")
    op.drop_table("retention")
    op.drop_index("erasure_open_idx", table_name="erasure", postgresql_where=sa.text("wiped_at is null"))
    op.drop_index(op.f("erasure_address_id_idx"), table_name="erasure")
    op.drop_index(op.f("erasure_account_id_idx"), table_name="erasure")
    op.drop_table("erasure")
    op.drop_index("data_export_kept_idx", table_name="data_export", postgresql_where=sa.text("content is not null"))
    op.drop_index(op.f("data_export_staff_id_idx"), table_name="data_export")
    op.drop_index(op.f("data_export_customer_id_idx"), table_name="data_export")
    op.drop_index(op.f("data_export_address_id_idx"), table_name="data_export")
    op.drop_index(op.f("data_export_account_id_idx"), table_name="data_export")
    op.drop_table("data_export")
    op.drop_table("erasure_key")
    op.drop_table("erased_address")
    op.drop_index(
        "thanks_unchecked_idx",
        table_name="thanks",
        postgresql_where=sa.text("checked_at is null and refused_at is null"),
    )
    op.drop_index(op.f("thanks_told_id_idx"), table_name="thanks")
    op.drop_index(op.f("thanks_story_id_idx"), table_name="thanks")
    op.drop_index(op.f("thanks_staff_id_idx"), table_name="thanks")
    op.drop_table("thanks")
    op.drop_index(op.f("thanks_told_story_id_idx"), table_name="thanks_told")
    op.drop_index(op.f("thanks_told_at_idx"), table_name="thanks_told")
    op.drop_table("thanks_told")
    op.drop_index(op.f("story_reader_staff_id_idx"), table_name="story_reader")
    op.drop_index(op.f("story_reader_sharing_id_idx"), table_name="story_reader")
    op.drop_index(op.f("story_reader_released_at_idx"), table_name="story_reader")
    op.drop_table("story_reader")
    op.drop_index(op.f("sharing_team_id_idx"), table_name="sharing")
    op.drop_index(op.f("sharing_by_id_idx"), table_name="sharing")
    op.drop_table("sharing")
    op.drop_index(op.f("story_request_team_id_idx"), table_name="story_request")
    op.drop_index(op.f("story_request_story_id_idx"), table_name="story_request")
    op.drop_index(op.f("story_request_remind_at_idx"), table_name="story_request")
    op.drop_index(op.f("story_request_released_at_idx"), table_name="story_request")
    op.drop_index(op.f("story_request_asked_by_id_idx"), table_name="story_request")
    op.drop_table("story_request")
    op.drop_index(op.f("story_picture_story_id_idx"), table_name="story_picture")
    op.drop_index(op.f("story_picture_by_id_idx"), table_name="story_picture")
    op.drop_table("story_picture")
    op.drop_index(op.f("story_version_story_id_idx"), table_name="story_version")
    op.drop_index("story_version_search_idx", table_name="story_version", postgresql_using="gin")
    op.drop_index(op.f("story_version_by_id_idx"), table_name="story_version")
    op.drop_table("story_version")
    op.drop_index("story_shared_idx", table_name="story", postgresql_where=sa.text("shared_at is not null"))
    op.drop_index(op.f("story_organiser_id_idx"), table_name="story")
    op.drop_index(op.f("story_of_month_at_idx"), table_name="story")
    op.drop_index("story_open_idx", table_name="story", postgresql_where=sa.text("shared_at is null"))
    op.drop_index(op.f("story_end_user_group_idx"), table_name="story")
    op.drop_index(op.f("story_customer_id_idx"), table_name="story")
    op.drop_index(op.f("story_approved_id_idx"), table_name="story")
    op.drop_table("telling")
    op.drop_table("campaign")
    op.drop_table("story")
    op.drop_table("unsettled")
    op.drop_index("standing_until_idx", table_name="standing", postgresql_where=sa.text("holds_until < 'infinity'"))
    op.drop_index("standing_from_idx", table_name="standing", postgresql_where=sa.text("holds_from > '-infinity'"))
    op.drop_index("standing_place_idx", table_name="standing")
    op.drop_table("standing")
    op.drop_index(op.f("proposal_invitation_id_idx"), table_name="proposal")
    op.drop_index(op.f("proposal_answer_id_idx"), table_name="proposal")
    op.drop_table("proposal")
    op.drop_index("waiting_place_open_idx", table_name="waiting_place", postgresql_where=sa.text("ended_at is null"))
    op.drop_index("waiting_place_offer_idx", table_name="waiting_place", postgresql_where=sa.text("ended_at is null"))
    op.drop_index(op.f("waiting_place_invitation_id_idx"), table_name="waiting_place")
    op.drop_table("waiting_place")
    op.drop_index(op.f("waiting_ballot_wave_id_idx"), table_name="waiting_ballot")
    op.drop_table("waiting_ballot")
    op.drop_index(op.f("register_remind_at_idx"), table_name="register")
    op.drop_index(op.f("register_opens_at_idx"), table_name="register")
    op.drop_index(op.f("register_invitation_id_idx"), table_name="register")
    op.drop_table("register")
    op.drop_index(op.f("ballot_wave_id_idx"), table_name="ballot")
    op.drop_table("ballot")
    op.drop_index(op.f("reply_invitation_id_idx"), table_name="reply")
    op.drop_index(op.f("reply_at_idx"), table_name="reply")
    op.drop_table("reply")
    op.drop_table("promise")
    op.drop_table("incident")
    op.drop_table("exposure")
    op.drop_index(op.f("care_invitation_id_idx"), table_name="care")
    op.drop_table("care")
    op.drop_index(op.f("attendance_invitation_id_idx"), table_name="attendance")
    op.drop_table("attendance")
    op.drop_index(op.f("answer_recorded_by_id_idx"), table_name="answer")
    op.drop_index(op.f("answer_invitation_id_idx"), table_name="answer")
    op.drop_index("answer_given_idx", table_name="answer")
    op.drop_table("answer")
    op.drop_table("wave")
    op.drop_index(op.f("visit_team_team_id_idx"), table_name="visit_team")
    op.drop_table("visit_team")
    op.drop_index(op.f("visit_move_visit_id_idx"), table_name="visit_move")
    op.drop_index(op.f("visit_move_by_id_idx"), table_name="visit_move")
    op.drop_table("planned_line")
    op.drop_table("season_plan")
    op.drop_table("season")
    op.drop_table("visit_move")
    op.drop_index(
        "invitation_withdrawn_idx", table_name="invitation", postgresql_where=sa.text("withdrawn_at is not null")
    )
    op.drop_index(
        "invitation_unanswered_idx", table_name="invitation", postgresql_where=sa.text("partstat = 'needs-action'")
    )
    op.drop_index(op.f("invitation_staff_id_idx"), table_name="invitation")
    op.drop_index(
        "invitation_remind_2_idx", table_name="invitation", postgresql_where=sa.text("partstat = 'needs-action'")
    )
    op.drop_index(
        "invitation_remind_1_idx", table_name="invitation", postgresql_where=sa.text("partstat = 'needs-action'")
    )
    op.drop_index(
        "invitation_released_idx", table_name="invitation", postgresql_where=sa.text("partstat = 'needs-action'")
    )
    op.drop_index("invitation_nudge_idx", table_name="invitation", postgresql_where=sa.text("nudge_at is not null"))
    op.drop_index(op.f("invitation_invited_by_id_idx"), table_name="invitation")
    op.drop_index(op.f("invitation_customer_id_idx"), table_name="invitation")
    op.drop_index(
        "invitation_by_phone_idx",
        table_name="invitation",
        postgresql_where=sa.text("by_phone and partstat = 'needs-action'"),
    )
    op.drop_table("invitation")
    for table in ("occurrence", "series_team", "series"):
        op.drop_table(table)
    op.drop_index("visit_starts_idx", table_name="visit")
    op.drop_index(op.f("visit_room_id_idx"), table_name="visit")
    op.drop_index(op.f("visit_organiser_id_idx"), table_name="visit")
    op.drop_index("visit_move_told_idx", table_name="visit", postgresql_where=sa.text("move_told_at is not null"))
    op.drop_index(op.f("visit_host_id_idx"), table_name="visit")
    op.drop_index("visit_eve_idx", table_name="visit")
    op.drop_index("visit_cancel_told_idx", table_name="visit", postgresql_where=sa.text("cancel_told_at is not null"))
    op.drop_table("visit")
    op.drop_index(
        "import_row_look_idx",
        table_name="import_row",
        postgresql_where=sa.text("state <> 'new' or problems <> '[]' or typed <> '{}' or decision is not null"),
    )
    op.drop_index(op.f("import_row_staff_id_idx"), table_name="import_row")
    op.drop_index("import_row_key_idx", table_name="import_row")
    op.drop_index(op.f("import_row_customer_id_idx"), table_name="import_row")
    op.drop_table("import_row")
    op.drop_table("consent_request")
    op.drop_table("nomination")
    op.drop_index(
        "owner_question_released_idx", table_name="owner_question", postgresql_where=sa.text("answer is null")
    )
    op.drop_index(op.f("owner_question_owner_id_idx"), table_name="owner_question")
    op.drop_index("owner_question_open_idx", table_name="owner_question", postgresql_where=sa.text("answer is null"))
    op.drop_index("owner_question_customer_idx", table_name="owner_question")
    op.drop_index(op.f("owner_question_asked_by_id_idx"), table_name="owner_question")
    op.drop_index(op.f("owner_question_answered_by_id_idx"), table_name="owner_question")
    op.drop_table("owner_question")
    op.drop_index(op.f("set_aside_by_id_idx"), table_name="set_aside")
    op.drop_table("set_aside")
    op.drop_index(op.f("suggestion_asked_id_idx"), table_name="suggestion")
    op.drop_index("suggestion_folded_idx", table_name="suggestion")
    op.drop_index(op.f("suggestion_group_id_idx"), table_name="suggestion")
    op.drop_table("suggestion")
    op.drop_index(op.f("asked_staff_id_idx"), table_name="asked")
    op.drop_index(op.f("asked_team_id_idx"), table_name="asked")
    op.drop_table("asked")
    op.drop_index("mapping_round_released_idx", table_name="mapping_round")
    op.drop_index(op.f("mapping_round_started_by_id_idx"), table_name="mapping_round")
    op.drop_table("mapping_round")
    op.drop_index(op.f("team_group_link_added_by_id_idx"), table_name="team_group_link")
    op.drop_index(op.f("team_group_link_group_id_idx"), table_name="team_group_link")
    op.drop_table("team_group_link")
    op.drop_index(op.f("end_user_group_added_by_id_idx"), table_name="end_user_group")
    op.drop_index(
        "end_user_group_alike_idx",
        table_name="end_user_group",
        postgresql_using="gin",
        postgresql_ops={"folded": "gin_trgm_ops"},
    )
    op.drop_index("end_user_group_folded_idx", table_name="end_user_group")
    op.drop_index(op.f("end_user_group_merged_by_id_idx"), table_name="end_user_group")
    op.drop_index(op.f("end_user_group_merged_into_id_idx"), table_name="end_user_group")
    op.drop_index(op.f("end_user_group_stands_for_id_idx"), table_name="end_user_group")
    op.drop_table("end_user_group")
    op.drop_index(op.f("staff_member_team_id_idx"), table_name="staff_member")
    op.drop_index("staff_member_sorting_idx", table_name="staff_member")
    op.drop_index(
        "staff_member_find_idx",
        table_name="staff_member",
        postgresql_using="gin",
        postgresql_ops={"sorting": "gin_trgm_ops"},
    )
    op.drop_index(op.f("staff_member_address_id_idx"), table_name="staff_member")
    op.drop_index(op.f("staff_member_account_id_idx"), table_name="staff_member")
    op.drop_table("staff_member")
    op.drop_index(op.f("sign_in_link_account_id_idx"), table_name="sign_in_link")
    op.drop_table("sign_in_link")
    op.drop_index(op.f("sign_in_account_id_idx"), table_name="sign_in")
    op.drop_table("sign_in")
    op.drop_index(op.f("mail_test_account_id_idx"), table_name="mail_test")
    op.drop_table("mail_test")
    op.drop_index(op.f("mail_sample_account_id_idx"), table_name="mail_sample")
    op.drop_table("mail_sample")
    op.drop_index(
        "import_due_idx", table_name="import", postgresql_where=sa.text("undone_at is null and forgotten_at is null")
    )
    op.drop_index(op.f("import_undo_by_id_idx"), table_name="import")
    op.drop_index(op.f("import_account_id_idx"), table_name="import")
    op.drop_table("import")
    op.drop_index("dispatch_lane_idx", table_name="dispatch")
    op.drop_table("dispatch")
    op.drop_index(op.f("incoming_mail_message_id_idx"), table_name="incoming_mail")
    op.drop_index("incoming_mail_kept_idx", table_name="incoming_mail", postgresql_where=sa.text("raw is not null"))
    op.drop_table("incoming_mail")
    op.drop_index(op.f("said_shared_id_idx"), table_name="said")
    op.drop_index(op.f("said_at_idx"), table_name="said")
    op.drop_table("said")
    op.drop_index("rewording_last_idx", table_name="rewording")
    op.drop_index(op.f("rewording_account_id_idx"), table_name="rewording")
    op.drop_table("rewording")
    op.drop_index(op.f("shared_content_used_at_idx"), table_name="shared_content")
    op.drop_table("shared_content")
    op.drop_index(op.f("delivery_event_message_id_idx"), table_name="delivery_event")
    op.drop_table("delivery_event")
    op.drop_index(op.f("contact_recorded_by_id_idx"), table_name="contact")
    op.drop_index("contact_customer_idx", table_name="contact")
    op.drop_table("contact")
    op.drop_index(op.f("consent_recorded_by_id_idx"), table_name="consent")
    op.drop_index("ask_customer_idx", table_name="ask")
    op.drop_index(op.f("ask_by_id_idx"), table_name="ask")
    op.drop_table("ask")
    op.drop_index("consent_expires_idx", table_name="consent", postgresql_where=sa.text("expires_at is not null"))
    op.drop_index("consent_customer_idx", table_name="consent")
    op.drop_table("consent")
    op.drop_index(op.f("colleague_invitation_inviter_id_idx"), table_name="colleague_invitation")
    op.drop_index(op.f("colleague_invitation_address_id_idx"), table_name="colleague_invitation")
    op.drop_table("colleague_invitation")
    op.drop_index("audit_entry_open_idx", table_name="audit_entry", postgresql_where=sa.text("place is null"))
    op.drop_index("audit_entry_at_idx", table_name="audit_entry")
    op.drop_index(op.f("audit_entry_account_id_idx"), table_name="audit_entry")
    op.drop_table("audit_entry")
    op.execute("DROP FUNCTION audit_stays()")
    op.drop_index(op.f("account_change_address_id_idx"), table_name="account_change")
    op.drop_index(op.f("account_change_account_id_idx"), table_name="account_change")
    op.drop_table("account_change")
    op.drop_index(op.f("suppression_address_id_idx"), table_name="suppression")
    op.drop_table("suppression")
    op.drop_index("message_unsent_idx", table_name="message", postgresql_where=sa.text("unsent is not null"))
    op.drop_index("message_thread_idx", table_name="message")
    op.drop_index("message_planned_idx", table_name="message")
    op.drop_index(op.f("message_address_id_idx"), table_name="message")
    op.drop_table("message")
    op.drop_index(op.f("link_request_address_id_idx"), table_name="link_request")
    op.drop_table("link_request")
    op.drop_index("customer_sorting_idx", table_name="customer")
    op.drop_index(
        "customer_find_idx", table_name="customer", postgresql_using="gin", postgresql_ops={"sorting": "gin_trgm_ops"}
    )
    op.drop_index(op.f("customer_end_user_group_idx"), table_name="customer")
    op.drop_index(op.f("customer_address_id_idx"), table_name="customer")
    op.drop_table("customer")
    op.drop_index(op.f("account_address_id_idx"), table_name="account")
    op.drop_table("account")
    op.drop_table("team")
    op.drop_table("room")
    op.drop_table("pause")
    op.drop_table("organisation")
    op.drop_table("whereabouts")
    op.drop_table("notice_start")
    op.drop_table("link")
    op.drop_table("heartbeat")
    op.drop_table("clock_shift")
    op.drop_table("budget")
    op.drop_table("address")
