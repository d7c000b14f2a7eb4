"""A team with its layer, and the people in it. Who has left keeps their history."""

from datetime import datetime
from typing import Literal

from sqlalchemy import CheckConstraint, Index, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp import db
from webapp.accounts.models import Account
from webapp.db import Base, Id, references
from webapp.mailing.models import Address
from webapp.named import Named
from webapp.people import PersonName

Layer = Literal["front_line", "back_office", "support", "management"]


class Team(Base):
    """People who work together, in one layer of the organisation."""

    __tablename__ = "team"
    __table_args__ = (CheckConstraint("layer in ('front_line', 'back_office', 'support', 'management')", "layer"),)

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(unique=True)
    layer: Mapped[str] = mapped_column(default="front_line")

    members: Mapped[list["StaffMember"]] = relationship(back_populates="team", order_by="StaffMember.sorting")


class StaffMember(Named, Base):
    """Somebody who works here. An account that hosts has one too."""

    __tablename__ = "staff_member"
    __table_args__ = (
        Index("staff_member_sorting_idx", "sorting", "id"),
        Index("staff_member_find_idx", "sorting", postgresql_using="gin", postgresql_ops={"sorting": "gin_trgm_ops"}),
    )

    id: Mapped[Id]
    address_id: Mapped[int | None] = references("address.id", unique=True)
    account_id: Mapped[int | None] = references("account.id", unique=True)
    team_id: Mapped[int | None] = references("team.id")
    phone: Mapped[str] = mapped_column(default="")
    added_at: Mapped[datetime]
    left_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    """Nobody any more: the row is kept for what it counted in."""

    team: Mapped[Team | None] = relationship(back_populates="members", lazy="joined")
    address: Mapped[Address | None] = relationship(lazy="joined")

    @classmethod
    def of(cls, account: Account, now: datetime) -> "StaffMember":
        """The staff member this account is: found by account, else by address, else made."""
        found = db.session.scalar(select(cls).where(cls.account_id == account.id)) or db.session.scalar(
            select(cls).where(cls.address_id == account.address_id)
        )
        if found is None:
            found = cls(address_id=account.address_id, phone=account.phone, added_at=now)
            found.name = PersonName.parse(account.name)
            db.session.add(found)
        found.account_id = account.id
        db.session.flush()
        return found
