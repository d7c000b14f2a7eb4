"""What waits about mail, as rows of Today."""

from datetime import datetime

from flask import url_for
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from webapp import db
from webapp.board import outbox, outcomes
from webapp.board.rows import Action, Row, bold
from webapp.board.saying import _, stamp
from webapp.customers.models import Customer
from webapp.mailing.models import Message, Pause
from webapp.staff.models import StaffMember


def paused(ids: list[int], now: datetime) -> list[Row]:
    return [
        Row(
            f"pause-{pause.id}",
            "pause-circle",
            "maybe",
            bold(_("Mail is paused: %(what)s"), what=outcomes.scope_name(pause.scope)),
            _("By %(by)s, since %(date)s. Nothing of it leaves.", by=pause.by, date=stamp(pause.at)),
            [Action(_("Resume"), url_for("messages.resume"), {"scope": pause.scope, "next": "/today"}, icon="play")],
        )
        for pause in db.session.scalars(select(Pause).where(Pause.id.in_(ids)).order_by(Pause.at))
    ]


def trouble(ids: list[int], now: datetime) -> list[Row]:
    found = select(Message).where(Message.id.in_(ids)).order_by(Message.id)
    messages = db.session.scalars(found.options(joinedload(Message.dispatch), joinedload(Message.address))).all()
    addresses = {message.address_id for message in messages}
    customers = {
        each.address_id: each for each in db.session.scalars(select(Customer).where(Customer.address_id.in_(addresses)))
    }
    staff = {
        each.address_id: each
        for each in db.session.scalars(select(StaffMember).where(StaffMember.address_id.in_(addresses)))
    }
    rows_found = []
    for line in outbox.lines(messages, now, outbox.pauses()):
        message = line.message
        title = bold(
            _("Mail to %(name)s came back")
            if message.end in ("failed", "bounced")
            else _("%(name)s reported our mail as spam")
            if message.end == "complained"
            else _("Uncertain whether the mail to %(name)s arrived"),
            name=line.to,
        )
        person = customers.get(message.address_id)
        member = staff.get(message.address_id)
        reader = person or member
        mending = []
        if person is None and member is not None:
            mending.append(Action(_("Mend the address"), url_for("staff.edit", member_id=member.id)))
        read = Action(_("Read the mail"), url_for("messages.show", message_id=message.id))
        rows_found.append(
            Row(
                f"message-{message.id}",
                line.outcome.icon,
                line.outcome.tone,
                title,
                f"{line.outcome.sentence} {message.address.email}",
                [*mending, read],
                Action(_("Done"), url_for("messages.settle", message_id=message.id), {"next": "/today"}),
                phone=reader.phone if reader else "",
                mend=Action("", url_for("customers.mend", customer_id=person.id))
                if person is not None and message.end in ("failed", "bounced")
                else None,
                name=line.to,
            )
        )
    return rows_found
