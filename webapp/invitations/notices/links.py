"""A new link for somebody whose old one no longer works: asked for on the page of the old one, mailed to its address."""

from typing import Any, ClassVar

from sqlalchemy import Select, exists, func, literal, select
from sqlalchemy.orm import aliased

from webapp.accounts.models import LinkRequest
from webapp.customers.models import Customer
from webapp.i18n import Language
from webapp.invitations.notices import occasions
from webapp.mailing.notices import Content, Notice, Reader, Ref
from webapp.people import PersonName
from webapp.staff.models import StaffMember

_same = aliased(Customer)
_of_address = _same.address_id == LinkRequest.address_id
FIRST = select(func.min(_same.id)).where(_of_address).correlate(LinkRequest).scalar_subquery()
PEOPLE = select(func.count()).where(_of_address).correlate(LinkRequest).scalar_subquery().label("people")
FOR_STAFF = LinkRequest.scope.in_(("staff", "host"))


class NewLink(Notice):
    """At once, to a customer; a mailbox of several people is greeted without a name."""

    name, title = "new_link", ("New link", "Nieuwe link")
    fixed = True
    reader: ClassVar[Reader] = "customer"
    why = "link_customer"
    lane, lapses, despite_stop = "urgent", occasions.DAY, True
    about, to = LinkRequest.id, LinkRequest.address_id
    moment = LinkRequest.at
    entities: ClassVar[tuple[Any, ...]] = (LinkRequest, Customer, PEOPLE)

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(LinkRequest).join(Customer, Customer.id == FIRST).where(~FOR_STAFF)

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        request, person, people = row
        name = person.name if people == 1 else PersonName()
        values = {"salutation": name.salutation(language), "first_name": name.first}
        return Content(values, {"open": Ref(request.scope, request.subject_id)}, to_name=name.full)


class NewLinkStaff(NewLink):
    """The same, to somebody who works here."""

    name, title = "new_link_staff", ("New link (staff)", "Nieuwe link (medewerker)")
    fixed = True
    reader, why = "staff", "link"
    entities = (LinkRequest, StaffMember, literal(1).label("people"))

    @classmethod
    def whom(cls) -> Select[Any]:
        is_customer = exists().where(_of_address)
        staff = select(LinkRequest).join(StaffMember, StaffMember.address_id == LinkRequest.address_id)
        return staff.where(FOR_STAFF | ~is_customer)
