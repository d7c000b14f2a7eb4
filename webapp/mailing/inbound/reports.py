"""Mail about mail that could not be delivered: by its fields (RFC 3464) wherever they stand, or else by its words."""

import re

from webapp.mailing.inbound.judging import judge, status_in
from webapp.mailing.inbound.parts import Letter
from webapp.mailing.inbound.readings import Verdict

MAX_RECIPIENTS = 50
MAX_BLOCK_LINES = 60

_FIELD = re.compile(
    r"^[ \t]?(original-recipient|final-recipient|action|status|diagnostic-code)[ \t]*:(.*)$", re.IGNORECASE
)
_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_ORIGINAL = re.compile(
    r"^[^\w\n]{0,80}(?:this is a copy of|original message|original-nachricht|origineel bericht|oorspronkelijk bericht|"
    r"below (?:this line )?is a copy|below this line|enclosed is a copy|returned message|bounced e-mail|intestazioni originali)",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_WHOM = re.compile(r"^\s*(?:to|from|cc|bcc|message-id|mail from|reply-to|return-path|sender)\s*:", re.IGNORECASE)
_DAEMON = re.compile(r"^(?:mailer-daemon|postmaster|post_master|mail-daemon|mdaemon|bounces?)@", re.IGNORECASE)
_SUBJECT = re.compile(
    r"undeliver|delivery (?:status|failed|has failed|failure)|returned mail|failure notice|mail failure|delayed|bounce|"
    r"returned to sender|niet (?:bezorgd|bestelbaar|afgeleverd)|onbestelbaar|unzustellbar|echec|non recapitabile",
    re.IGNORECASE,
)
_SESSION = re.compile(r"^Transcript of session follows\.$", re.MULTILINE)


def verdicts(letter: Letter) -> tuple[Verdict, ...]:
    """One for each recipient; none when the mail is no report."""
    words = _own_words(letter)
    if _SESSION.search(words) and not letter.of("message/delivery-status"):
        return ()  # a server tells its postmaster about somebody else's mail
    fields = [part.text for part in letter.of("message/delivery-status", "text/x-epilogue")] or [words]
    found = _by_fields("\n\n".join(fields), words) or _by_fields(words, words)
    if not found and _looks_like_one(letter):
        found = _by_words(letter, words)
    return tuple({verdict.address: verdict for verdict in found}.values())[:MAX_RECIPIENTS]


def _looks_like_one(letter: Letter) -> bool:
    return bool(
        letter.header("X-Failed-Recipients")
        or letter.type == "multipart/report"
        or letter.of("message/delivery-status")
        or _DAEMON.match(letter.sender)
        or ("<>" in letter.header("Return-Path") and _SUBJECT.search(letter.header("Subject")))
    )


def _own_words(letter: Letter) -> str:
    """What the server wrote itself: not the mail it gives back."""
    return _ORIGINAL.split(letter.prose, maxsplit=1)[0]


def _by_fields(text: str, words: str) -> list[Verdict]:
    found = []
    for block in _blocks(text):
        whom = _address(block.get("original-recipient", "")) or _address(block.get("final-recipient", ""))
        if whom and ("action" in block or "status" in block):
            said = block.get("diagnostic-code", "")
            status = status_in(block.get("status", ""))
            vague = not status or status.endswith(".0.0")
            if not said and vague:
                said = _about(words, whom)
            failure = judge(_word(block.get("action", "")), said, status)
            found.append(Verdict(whom, failure, (status_in(said) if vague else "") or status, said[:500]))
    return found


def _blocks(text: str) -> list[dict[str, str]]:
    """The fields of each recipient. Groups are parted by an empty line, but the fields themselves may be damaged."""
    blocks: list[dict[str, str]] = [{}]
    last = ""
    for line in text.splitlines():
        field = _FIELD.match(line)
        if field:
            last = field[1].lower()
            if last in blocks[-1]:
                blocks.append({})
            blocks[-1][last] = field[2].strip()
        elif line[:1] in " \t" and line.strip() and last:
            blocks[-1][last] = f"{blocks[-1][last]} {line.strip()}"[:2_000]
        else:
            last = ""
            if not line.strip() and _complete(blocks[-1]):
                blocks.append({})
        if len(blocks) > 4 * MAX_RECIPIENTS:
            break
    return blocks


def _complete(block: dict[str, str]) -> bool:
    return "action" in block and ("final-recipient" in block or "original-recipient" in block)


def _by_words(letter: Letter, words: str) -> list[Verdict]:
    ours = {*letter.addresses("To", "Delivered-To", "X-Original-To", "Envelope-To"), letter.sender}
    named = [each.lower() for each in _ADDRESS.findall(letter.header("X-Failed-Recipients"))]
    whom = named or [
        found[0].lower().rstrip(".")
        for line in words.splitlines()
        if not _NOT_WHOM.match(line)
        for found in _ADDRESS.finditer(line)
    ]
    several = list(dict.fromkeys(each for each in whom if each not in ours))[:MAX_RECIPIENTS]
    found = []
    for each in several:
        said = _about(words, each, others=several)
        action = "delayed" if judge("", words, "") == "delayed" else ""
        found.append(Verdict(each, judge(action, said, ""), status_in(said), " ".join(said.split())[:500]))
    return found


def _about(words: str, whom: str, others: list[str] | None = None) -> str:
    """What is said about one of several: from where the address is named to where the next one is."""
    lines = words.splitlines()
    named = [(each.lower() for each in _ADDRESS.findall(line)) for line in lines]
    heads = [next(each, "") for each in named]
    others = [each for each in others or dict.fromkeys(heads) if each]
    if len(others) <= 1:
        return words
    said, mine = [], False
    for line, head in zip(lines, heads, strict=True):
        if head in others:
            mine = head == whom
        if mine:
            said.append(line)
    return "\n".join(said)


def _address(field: str) -> str:
    """Of `rfc822; <a@b>`, `LOCAL;a@b` and the like."""
    found = _ADDRESS.search(field.partition(";")[2] or field)
    return found[0].lower() if found else ""


def _word(field: str) -> str:
    return field.split("(")[0].split(";")[0].strip()
