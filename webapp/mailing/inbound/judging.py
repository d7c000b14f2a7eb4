"""What a server's refusal says about the mailbox: Action first, then its words, then Status (RFC 3463, 3464)."""

import re

from webapp.mailing.inbound.readings import Failure

MAX_TEXT = 4_000
"""Of what is said about one recipient; some patterns take the square of it."""

_URL = re.compile(r"https?://\S+")
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.]*\d)")
_SMTP = re.compile(r"(?<![\d.])([245]\d\d)(?=[\s:-]|$)")
_NO_MAIL_AT_ALL = re.compile(r"null mx|doesn't receive email|does not accept (?:any )?mail", re.IGNORECASE)
_FULL = re.compile(
    r"(?:mailbox|inbox|mailfolder|user|postvak|postbus|account)\W+(?:for user )?(?:is )?(?:full|vol\b)|"
    r"over ?quota|quota (?:exceeded|overschreden)|exceeded (?:\w+ )?(?:storage|quota)|disk quota|"
    r"insufficient (?:system )?storage|boîte pleine|postfach voll",
    re.IGNORECASE,
)
_ABOUT_US = re.compile(
    r"\bspf\b|\bdkim\b|\bdmarc\b|\bptr\b|rdns|reverse dns|black ?list|block ?list|\bblocked\b|\bspam|\bpolicy\b|reputation|"
    r"refused to talk|misconfigured|auth capability|too (?:big|large)|size limit|exceeds? (?:the )?(?:maximum|max)|virus",
    re.IGNORECASE,
)
_NOBODY = re.compile(
    r"(?:user|recipient|mailbox|address|account|alias)\W+(?:\S+ )?(?:is |was |name is )?"
    r"(?:unknown|not (?:found|recognized|exist)|does(?: not|n't) exist|invalid|disabled|unavailable|onbekend|bestaat niet)|"
    r"(?:no such|unknown(?: or illegal)?|invalid|onbekende) (?:user|recipient|mailbox|address|alias|gebruiker|ontvanger)|"
    r"does(?: not|n't) exist|wasn.t found|not a (?:valid|registered)|couldn't be found|リストにありません",
    re.IGNORECASE,
)
_WAITS = re.compile(
    r"has been delayed|not yet been delivered|this is a warning (?:message )?only|(?:will|still) be(?:ing)? retried|delay reason|"
    r"nog niet (?:worden )?(?:afgeleverd|bezorgd)|is vertraagd",
    re.IGNORECASE,
)
_NOTHING_WRONG = ("deliverable", "delivered", "relayed", "expanded")
_BY_CODE: dict[str, Failure] = {"550": "hard", "551": "hard", "553": "hard", "552": "soft", "554": "blocked"}


def judge(action: str, text: str, status: str) -> Failure:
    """`text`: the Diagnostic-Code, or what was written about this recipient. When in doubt soft: that suppresses nobody."""
    action = action.lower()
    if action in _NOTHING_WRONG:
        return "delivered"
    if action == "delayed" or (not action and waits(text)):
        return "delayed"
    text = _URL.sub("", text[:MAX_TEXT])
    if _NO_MAIL_AT_ALL.search(text):
        return "hard"
    return _by_enhanced(text) or _by_words(text) or _by_smtp(text) or _by_enhanced(status) or "soft"


def waits(text: str) -> bool:
    """Whether a report in words says that it is still being tried."""
    return bool(_WAITS.search(text[:MAX_TEXT]))


def status_in(text: str) -> str:
    """The first enhanced status in a text that says more than x.0.0."""
    found = [each[0] for each in _ENHANCED.finditer(_URL.sub("", text))]
    return next((each for each in found if not each.endswith(".0.0")), found[0] if found else "")


def _by_enhanced(text: str) -> Failure | None:
    for found in _ENHANCED.finditer(text):
        kind, subject, detail = (int(each) for each in found.groups())
        if (subject, detail) == (0, 0) or kind == 2:
            continue
        if kind == 4 or (subject, detail) in ((2, 2), (4, 7)):
            return "soft"
        if subject == 7 or (subject, detail) in ((3, 4), (2, 3)) or (subject == 1 and _ABOUT_US.search(text)):
            return "blocked"
        if subject == 1 or (subject, detail) in ((2, 1), (4, 1), (4, 4)):
            return "hard"
        return "blocked" if subject in (5, 6) else "soft"
    return None


def _by_words(text: str) -> Failure | None:
    if _FULL.search(text):
        return "soft"
    if _ABOUT_US.search(text):
        return "blocked"
    return "hard" if _NOBODY.search(text) else None


def _by_smtp(text: str) -> Failure | None:
    codes = [each[1] for each in _SMTP.finditer(text)]
    if any(code.startswith("4") for code in codes):
        return "soft"
    return next((_BY_CODE[code] for code in codes if code in _BY_CODE), None)
