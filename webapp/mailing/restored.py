"""After a restore from a backup nothing leaves until somebody has looked: the database no longer knows what did since."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String, cast, column, func, select, table, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from webapp import db
from webapp.db import Base
from webapp.i18n import Language
from webapp.mailing.models import Pause

BY: dict[Language, str] = {"nl": "Firsthand, na het terugzetten van een back-up", "en": "Firsthand, after a restore"}

_HERE = select(
    func.concat_ws(
        "/",
        select(text("system_identifier")).select_from(func.pg_control_system()).scalar_subquery(),
        select(text("timeline_id")).select_from(func.pg_control_checkpoint()).scalar_subquery(),
        select(cast(column("oid"), String))
        .select_from(table("pg_database", column("oid"), column("datname")))
        .where(column("datname") == func.current_database())
        .scalar_subquery(),
    )
)


class Whereabouts(Base):
    """Which database this is: cluster, timeline and number. One row."""

    __tablename__ = "whereabouts"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False, default=1)
    database: Mapped[str]


def pause_if_restored(language: Language, now: datetime) -> bool:
    """Pause everything when these data lie elsewhere than when mail last left; a standby that took over counts as well."""
    here = db.session.execute(_HERE).scalar_one()
    known = db.session.scalar(select(Whereabouts.database))
    if known == here:
        return False
    values = {"id": 1, "database": here}
    db.session.execute(insert(Whereabouts).values(values).on_conflict_do_update(index_elements=["id"], set_=values))
    if known is not None:
        held = insert(Pause).values(scope="all", at=now, by=BY[language])
        db.session.execute(held.on_conflict_do_nothing())
    return known is not None
