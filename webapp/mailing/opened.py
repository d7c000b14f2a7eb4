"""Evidence that needs no relay: who opens a link from outside has a mail with it, and where only one can be that, it arrived.

One in doubt is proved by a link of its own that was first opened after the mail was planned, unless another mail to that
mailbox may have brought the same link. What an older mail said is forgotten after thirty days: then nothing is proved.
"""

from sqlalchemy import BigInteger, and_, cast, exists, func, or_, select, true
from sqlalchemy.orm import aliased

from webapp import db
from webapp.links import Link
from webapp.mailing.models import Dispatch, Message, Said


def proved() -> list[int]:
    """Ids of messages in doubt that arrived after all."""
    links = func.jsonb_each_text(Said.own["subjects"]).table_valued("key", "value", name="links").render_derived()
    in_doubt = or_(
        Message.unsent == "unknown", exists().where(Dispatch.message_id == Message.id, Dispatch.state == "unknown")
    )
    doubts = select(Message.id).where(in_doubt)
    other, theirs = aliased(Message), aliased(Said)
    elsewhere = (
        select(other.id)
        .outerjoin(theirs, theirs.message_id == other.id)
        .where(
            other.address_id == Message.address_id,
            other.id != Message.id,
            or_(
                theirs.own["subjects"][links.c.key].astext == links.c.value,
                and_(theirs.message_id.is_(None), other.accepted_at.is_not(None)),
            ),
        )
        .exists()
    )
    found = (
        select(Message.id)
        .distinct()
        .join(Said, Said.message_id == Message.id)
        .join(links, true())
        .join(Link, and_(Link.scope == links.c.key, Link.subject_id == cast(links.c.value, BigInteger)))
        .where(Message.id.in_(doubts), Link.first_seen_at > Message.planned_at, ~elsewhere)
    )
    return list(db.session.scalars(found))
