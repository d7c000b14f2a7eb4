"""Customers as a CSV file that can be brought back as a list, and that runs nothing in a spreadsheet."""

import csv
from datetime import datetime
from io import StringIO

from webapp import clock, db
from webapp.board.filtering import Filter
from webapp.board.moves import stage_name
from webapp.board.saying import _, wall
from webapp.customers.models import Customer
from webapp.imports.rest import neutral
from webapp.imports.wording import fields
from webapp.stages.standing import Standings

BATCH = 1_000
COLUMNS = (
    "title",
    "given",
    "particle",
    "family",
    "organisation",
    "email",
    "phone",
    "language",
    "group",
    "owner",
    "note",
)
"""As the import calls them, so that the file maps by itself."""


def filename() -> str:
    name = _("customers")
    return f"{name}-{wall(clock.now()):%Y-%m-%d}.csv"


def customers(wanted: Filter, now: datetime) -> bytes:
    """UTF-8 with the mark by which spreadsheets know it; semicolons, as Dutch ones expect."""
    file = StringIO(newline="")
    writer = csv.writer(file, delimiter=";")
    names = fields()
    writer.writerow([*(names[column] for column in COLUMNS), _("Stage"), _("Since")])
    query = wanted.customers(Standings(now), Customer).order_by(Customer.sorting, Customer.id)
    for customer, stage, since in db.session.execute(query.execution_options(yield_per=BATCH)):
        cells = [*_cells(customer), stage_name(stage), f"{wall(since):%Y-%m-%d}"]
        writer.writerow([neutral(cell) for cell in cells])
    return b"\xef\xbb\xbf" + file.getvalue().encode()


def _cells(customer: Customer) -> list[str]:
    """In the order of COLUMNS."""
    return [
        customer.title or "",
        customer.given,
        customer.particle,
        customer.family,
        customer.organisation,
        customer.address.email if customer.address else "",
        customer.phone,
        customer.locale,
        customer.group,
        customer.relationship_owner,
        customer.note,
    ]
