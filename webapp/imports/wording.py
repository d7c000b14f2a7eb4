"""What the import pages say: every problem as whole sentences that name the row, the column and what to do."""

from typing import Any

import flask_babel

from webapp import dates
from webapp.imports.checking import Problem
from webapp.imports.columns import Kind
from webapp.templating import language


def _(text: str, **values: Any) -> str:
    return str(flask_babel.gettext(text, **values))


def ngettext(one: str, many: str, num: int, **values: Any) -> str:
    """As Flask-Babel's, with every number as people write it: 5.000."""
    said = flask_babel.get_domain().get_translations().ngettext(one, many, num)
    return str(said % {name: dates.number(value, language()) for name, value in {"num": num, **values}.items()})


def fields() -> dict[str, str]:
    """Every field of a list, as people call it."""
    return {
        "title": _("Salutation"),
        "given": _("First name"),
        "particle": _("Name prefix"),
        "family": _("Last name"),
        "name": _("Name"),
        "email": _("E-mail"),
        "phone": _("Phone"),
        "organisation": _("Organisation"),
        "group": _("Group"),
        "owner": _("Relationship owner"),
        "note": _("Note"),
        "team": _("Team"),
        "layer": _("Layer"),
        "language": _("Language"),
        "left": _("Comes back"),
    }


def languages() -> dict[str, str]:
    return {"nl": _("Dutch"), "en": _("English")}


def layers() -> dict[str, str]:
    return {
        "front_line": _("front line"),
        "back_office": _("back office"),
        "support": _("support"),
        "management": _("management"),
    }


def grounds() -> dict[str, str]:
    """On what ground people may be asked; the words are kept with each of them."""
    return {
        "agreed": _("They said that we may ask them."),
        "existing": _("They have been in touch with us before."),
        "not_yet": _("Not yet. We keep them, and ask nothing until that changes."),
    }


def encodings() -> dict[str, str]:
    return {"cp1252": "Windows-1252", "utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "xlsx": "Excel"}


def delimiters() -> dict[str, str]:
    return {";": _("semicolons"), ",": _("commas"), "\t": _("tabs"), "|": _("vertical bars")}


def of_file(key: str, values: dict[str, Any]) -> str:
    """Why a file cannot be read, and what to do."""
    if key == "file.size":
        return _("File is %(size)s MB; up to %(max)s MB is possible. Split it.", **values)
    if key == "file.rows":
        return _("More than %(max)s rows. Split the list.", **values)
    if key == "file.wide":
        return _("More than %(max)s columns. Leave out what is not about people.", **values)
    if key == "file.quote":
        return _("Row %(row)s: a quotation mark opens here and is never closed. Remove or close it.", **values)
    return {
        "file.none": _("Choose a file, or paste a list."),
        "file.empty": _("This file has no rows."),
        "file.locked": _("This file has a password. Save it without one and try again."),
    }.get(key, _("This is not CSV or XLSX. Save your list as one of these and try again."))


def of_columns(missing: list[str], header: list[str]) -> str:
    needed = " + ".join(fields()[field] for field in missing)
    found = ", ".join(name for name in header if name)
    return _("No column for %(needed)s. Found: %(found)s. Choose the column.", needed=needed, found=found)


def of_problem(problem: Problem, kind: Kind) -> str:
    """What is the matter with one cell, and what to do about it."""
    values, key = problem.values, problem.key
    if key == "row.twice":
        if kind == "staff":
            return _("Same person as row %(other)s? Merge, or mend one of the addresses.", **values)
        return _("Same person as row %(other)s? Merge, or keep both.", **values)
    if key == "row.known":
        if kind == "staff":
            return _("%(name)s has this address. Same person? Merge, or mend the address.", **values)
        return _("%(name)s has this address. Same person? Merge, or keep both.", **values)
    if key == "row.long":
        return _("Name is too long (%(n)s characters, at most %(max)s). Shorten it.", **values)
    if key == "row.too_long":
        return _("Too long (%(n)s characters, at most %(max)s). Shorten it.", **values)
    if key == "row.formula":
        return _("Starts with “%(char)s”. We keep it as text.", **values)
    if key == "row.language":
        return _("We do not know the language “%(value)s”. Choose Dutch or English.", **values)
    if key == "row.layer":
        return _("We do not know the layer “%(value)s”. Choose one.", **values)
    if key == "row.phone":
        return _("“%(value)s” is no phone number. We leave it out.", **values)
    if key == "row.slip":
        return _("Did you mean %(guess)s?", **values)
    if key == "row.same":
        return _("Same person as row %(other)s; counted once.", **values)
    return {
        "row.no_address": _("No e-mail address. Fill it in."),
        "row.no_address_phone": _(
            "No e-mail address. Fill it in, or keep the row as it is: then only phoning is possible."
        ),
        "row.no_name": _("No name. Fill it in."),
        "row.sign": _("A character could not be read. Type it again."),
        "row.cells": _("This row has more cells than the header, so some stand in the wrong column. Put them right."),
        "email.none": _("This is no e-mail address. Fill it in."),
        "email.at": _("This e-mail address lacks an @."),
        "email.ats": _("This e-mail address has more than one @."),
        "email.dot": _("This e-mail address lacks a dot after the @."),
        "email.many": _("These are several e-mail addresses. Keep one."),
    }.get(key, _("This e-mail address cannot exist. Mend it."))


def button(kind: Kind, ready: int, news: int) -> str:
    """On the button that takes the list over."""
    if not news:
        return ngettext("Go on with this one", "Go on with these %(num)s", ready)
    if kind == "staff":
        return ngettext("Import 1 colleague", "Import %(num)s colleagues", ready)
    return ngettext("Import 1 customer", "Import %(num)s customers", ready)


def heading(counts: dict[Any, int]) -> str:
    """How the list stands, in words with numbers."""
    ready, errors, asked = counts["new"] + counts["changed"] + counts["same"], counts["error"], counts["asked"]
    if ready and ready == counts["same"]:
        said = [_("0 new, %(same)s the same", same=dates.number(ready, language()))]
    else:
        said = [ngettext("One row ready", "%(num)s rows ready", ready)]
    said += [ngettext("one in error", "%(num)s in error", errors) if errors else _("no errors")]
    if asked:
        said += [ngettext("one asks for a choice", "%(num)s ask for a choice", asked)]
    return "; ".join(said)


def invite(count: int) -> str:
    return ngettext("Invite this one", "Invite %(num)s", count)


def receipt(kind: Kind, counts: dict[Any, int]) -> str:
    """What came of it."""
    rest = {"changed": counts["changed"], "same": counts["same"]}
    if kind == "staff":
        return ngettext(
            "One colleague added, %(changed)s updated, %(same)s the same.",
            "%(num)s colleagues added, %(changed)s updated, %(same)s the same.",
            counts["new"],
            **rest,
        )
    return ngettext(
        "One customer added, %(changed)s updated, %(same)s the same.",
        "%(num)s customers added, %(changed)s updated, %(same)s the same.",
        counts["new"],
        **rest,
    )
