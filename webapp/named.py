"""The columns of a person's name, for every table that is about a person."""

from sqlalchemy.orm import Mapped, mapped_column

from webapp.people import PersonName


class Named:
    """A name in parts: a list sorts under the family name, a letter greets with the particle in capitals."""

    title: Mapped[str | None]
    given: Mapped[str] = mapped_column(default="")
    particle: Mapped[str] = mapped_column(default="")
    family: Mapped[str] = mapped_column(default="")
    sorting: Mapped[str] = mapped_column(default="")

    @property
    def name(self) -> PersonName:
        return PersonName(self.title or "", self.given, self.particle, self.family)

    @name.setter
    def name(self, name: PersonName) -> None:
        self.title, self.given, self.particle, self.family = name.title or None, name.given, name.particle, name.family
        self.sorting = name.sort_key
