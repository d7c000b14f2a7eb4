"""Which mail of ours a mail is about: by the token in its envelope sender (VERP), or by our Message-ID in it.

A token is the number of the message and a keyed MAC over it, in letters that survive a server that knows no capitals.
"""

import base64
import hmac
import re

from sqlalchemy import select

from webapp import db
from webapp.links import Keys
from webapp.mailing.inbound.readings import Reading
from webapp.mailing.mime import LOCAL_OCTETS
from webapp.mailing.models import Message

SCOPE = "bounce"
MAX_TRIED = 20
_MAC_BYTES = 10
_TOKEN = re.compile(r"\+([0-9]{1,18})-([a-z2-7]{16})@", re.IGNORECASE)
_MESSAGE_ID = re.compile(r"<([0-9a-f]{32})\.[a-z0-9_]{1,60}@[^<>\s@]{1,255}>")


def envelope_sender(keys: Keys, sender: str, domain: str, message_id: int) -> str:
    """Where reports about this message go: our mailbox, with the message's token behind its name."""
    local = f"{sender.rpartition('@')[0]}+{message_id}-{_macs(keys, message_id)[0]}"
    return f"{local}@{domain}" if len(local) <= LOCAL_OCTETS else sender


def about(keys: Keys, reading: Reading) -> Message | None:
    """The first of our messages that it names so that only who had our mail can. Whom it was for is looked at first."""
    places = ("\n".join(reading.recipients), reading.whole)
    named = dict.fromkeys(found for place in places for found in _TOKEN.findall(place))
    for number, mac in list(named)[:MAX_TRIED]:
        if any(hmac.compare_digest(mac.lower(), each) for each in _macs(keys, int(number))):
            return db.session.get(Message, int(number))
    ids = list(dict.fromkeys(_MESSAGE_ID.findall(reading.whole)))[:MAX_TRIED]
    found = {each.public_id: each for each in db.session.scalars(select(Message).where(Message.public_id.in_(ids)))}
    return next((found[id] for id in ids if id in found), None)


def _macs(keys: Keys, message_id: int) -> list[str]:
    """By every key that is valid, the newest first."""
    selector = str(message_id).encode()
    macs = (keys.mac(SCOPE, selector, 0, secret)[:_MAC_BYTES] for secret in keys.secrets)
    return [base64.b32encode(mac).decode().lower() for mac in macs]
