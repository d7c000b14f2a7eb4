"""Mail about somebody's data: the way to the file they asked for, and that they were erased. The last one is the last."""

from datetime import timedelta
from typing import Any, ClassVar

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import aliased

from webapp import dates
from webapp.accounts.models import Organisation
from webapp.customers.models import Customer
from webapp.i18n import Language
from webapp.mailing.notices import Content, Notice, Reader, Ref
from webapp.people import PersonName
from webapp.privacy.records import DataExport, Erasure
from webapp.staff.models import StaffMember

_same = aliased(Customer)
_of_address = _same.address_id == DataExport.address_id
FIRST = select(func.min(_same.id)).where(_of_address).correlate(DataExport).scalar_subquery()
PEOPLE = select(func.count()).where(_of_address).correlate(DataExport).scalar_subquery().label("people")


class DataExportReady(Notice):
    """At once, to the mailbox from which it was asked."""

    name, title = "data_export_ready", ("Data ready", "Gegevens klaar")
    reader: ClassVar[Reader] = "customer"
    why = "data"
    lane, lapses, despite_stop = "urgent", timedelta(days=1), True
    about, to = DataExport.id, DataExport.address_id
    moment, stops = DataExport.at, DataExport.expires_at
    entities: ClassVar[tuple[Any, ...]] = (DataExport, Customer, PEOPLE)

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(DataExport).join(Customer, Customer.id == FIRST).where(DataExport.account_id.is_(None))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        export, person, people = row
        name = person.name if people == 1 else PersonName()
        until = dates.local(export.expires_at, Organisation.required().zone)
        values = {
            "salutation": name.salutation(language),
            "first_name": name.first,
            "expires_day": dates.day(until, language),
        }
        return Content(values, {"file": Ref("export", export.id)}, to_name=name.full)


class DataExportReadyStaff(DataExportReady):
    """The same, to somebody who works here and is no customer."""

    name, title = "data_export_ready_staff", ("Data ready (staff)", "Gegevens klaar (medewerker)")
    reader, why = "staff", "data"
    entities = (DataExport, StaffMember, literal(1).label("people"))

    @classmethod
    def whom(cls) -> Select[Any]:
        staff = select(DataExport).join(StaffMember, StaffMember.address_id == DataExport.address_id)
        return staff.where(DataExport.account_id.is_(None), FIRST.is_(None))


class ErasedReceipt(Notice):
    """At once: the last mail ever. Its address and its greeting are wiped when it has left."""

    name, title = "erased_receipt", ("Erased", "Gewist")
    reader, why = "system", "data"
    lane, lapses, despite_stop = "urgent", timedelta(days=6), True
    about, to = Erasure.id, Erasure.address_id
    moment = Erasure.at
    entities = (Erasure,)

    @classmethod
    def whom(cls) -> Select[Any]:
        return select(Erasure).where(Erasure.tell, Erasure.wiped_at.is_(None))

    @classmethod
    def content(cls, language: Language, *row: Any) -> Content:
        (erasure,) = row
        at = dates.local(erasure.at, Organisation.required().zone)
        return Content({"salutation": erasure.salutation, "date": dates.date(at, language)})
