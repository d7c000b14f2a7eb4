"""Which column is what: header names in Dutch and English, and those of the systems people export from."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Literal

from webapp.imports.addresses import LOOKS_LIKE_ONE

Kind = Literal["customers", "staff"]

_NAME = {
    "title": "aanhef titel salutation title honorific prefix nameprefix voornaamtitel",
    "given": "voornaam roepnaam voornamen firstname givenname forename contactfirstname",
    "particle": "tussenvoegsel tussenvoegsels voorvoegsel voorvoegsels particle middlename additionalname infix",
    "family": "achternaam familienaam geslachtsnaam lastname familyname surname contactlastname",
    "name": "naam volledigenaam vollenaam weergavenaam contactpersoon klantnaam contactnaam medewerker collega klant"
    " name fullname displayname contactname customername employee customer contact",
}
_REACHED = {
    "email": "email emailadres mail mailadres emailaddress emailwerk workemail primaryemail email1value email1"
    " emailaddress1 contactemail emailprive homeemail",
    "phone": "telefoon telefoonnummer mobiel mobielnummer mobieletelefoon tel gsm phone phonenumber mobilephone"
    " mobilephonenumber mobile cellphone businessphone phone1value telephone telephonenumber workphone homephone"
    " vastetelefoon",
}
_LANGUAGE = {"language": "taal voorkeurstaal taalvoorkeur correspondentietaal language preferredlanguage lang locale"}

_OF_CUSTOMERS = {
    "organisation": "organisatie organisatienaam bedrijf bedrijfsnaam werkgever instelling organisation organization"
    " company companyname accountname organization1name organizationname employer",
    "group": "klantgroep groep groepen doelgroep segment klanttype relatietype categorie"
    " group customergroup groups category customertype type",
    "owner": "relatiebeheerder vastecontactpersoon accountmanager contacteigenaar eigenaar relationshipowner"
    " contactowner owner accountowner",
    "note": "opmerking opmerkingen notitie notities toelichting bijzonderheden"
    " note notes remark remarks comment comments description",
}
_OF_STAFF = {
    "team": "team teamnaam afdeling teamname department unit",
    "layer": "laag organisatielaag layer level",
}


def _split(fields: dict[str, str]) -> dict[str, list[str]]:
    return {field: names.split() for field, names in fields.items()}


FIELDS: dict[Kind, dict[str, list[str]]] = {
    "customers": _split(_NAME | _REACHED | _OF_CUSTOMERS | _LANGUAGE),
    "staff": _split(_NAME | _REACHED | _OF_STAFF | _LANGUAGE),
}
"""Per kind of list and field the headers that mean it, the likeliest first; compared without spaces and signs."""


def automatic(kind: Kind, header: Sequence[str], sample: Sequence[Sequence[str]] = ()) -> dict[str, int]:
    """Which column each field is read from, as far as the header (or for addresses the sample) says."""
    names = [_squashed(name) for name in header]
    found: dict[str, int] = {}
    for field, meanings in FIELDS[kind].items():
        ranks = [(meanings.index(name), at) for at, name in enumerate(names) if name in meanings]
        free = [(rank, at) for rank, at in ranks if at not in found.values()]
        if free:
            found[field] = min(free)[1]
    if "name" in found and "given" in found and "family" not in found:
        found["family"] = found.pop("name")  # "Voornaam, Naam", as Belgians write it
    if "family" in found:
        found.pop("name", None)  # "Contact" beside a first and last name says it twice, or says something else
    if "email" not in found:
        addresses = [at for at in range(len(header)) if at not in found.values() and _are_addresses(sample, at)]
        found.update(zip(["email"], addresses, strict=False))
    if not {"name", "given", "family"} & found.keys() and len(header) == 2 and "email" in found:
        found["name"] = 1 - found["email"]
    return found


def chosen(kind: Kind, header: Sequence[str], choice: Mapping[int, str]) -> dict[str, int]:
    """The columns as somebody chose them: column to field; what they left out is not read. The last of two wins."""
    return {field: at for at, field in sorted(choice.items()) if field in FIELDS[kind] and 0 <= at < len(header)}


def missing(kind: Kind, mapping: Mapping[str, int]) -> list[str]:
    """The fields without which there is nobody to invite: `name`, `email`."""
    needed = [] if mapping.keys() & {"name", "given", "family"} else ["name"]
    if "email" not in mapping and (kind == "staff" or "phone" not in mapping):
        needed.append("email")
    return needed


def ignored(header: Sequence[str], mapping: Mapping[str, int]) -> list[str]:
    """The headers of the columns that are not read."""
    return [name for at, name in enumerate(header) if name and at not in mapping.values()]


def picked(mapping: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
    """The cells of one row by field, as they were written."""
    return {field: cells[at] for field, at in mapping.items() if at < len(cells)}


def _squashed(name: str) -> str:
    """`E-mailadres (werk) *` and `e mail adres` are compared as `emailadres`."""
    plain = unicodedata.normalize("NFKD", re.sub(r"\([^)]*\)|\[[^]]*\]", "", name)).casefold()
    return re.sub(r"[^a-z0-9]", "", plain)


def _are_addresses(sample: Sequence[Sequence[str]], at: int) -> bool:
    cells = [row[at] for row in sample if at < len(row) and row[at]]
    return bool(cells) and sum(bool(LOOKS_LIKE_ONE.search(cell)) for cell in cells) * 2 > len(cells)
