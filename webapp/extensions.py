"""The Flask extensions, made once and bound to the application in `create_app`."""

from babel.support import Translations
from flask_babel import Babel, Domain, get_locale
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_login import LoginManager
from flask_wtf import CSRFProtect

from webapp.i18n import catalogue


class _Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel ships no types
    """Our merged .po files in place of compiled ones."""

    def get_translations(self) -> Translations:
        return catalogue("nl" if get_locale().language == "nl" else "en")


class _Babel(Babel):  # type: ignore[misc]  # Flask-Babel ships no types
    domain_instance = _Catalogues()


babel = _Babel()
csrf = CSRFProtect()
login = LoginManager()
limiter = Limiter(get_remote_address, swallow_errors=True)
