"""The registry in words, for who reads about themselves and for who looks after it."""

from webapp.i18n import Language, catalogue
from webapp.privacy.registry import Clock, Purpose


def purposes(language: Language) -> dict[Purpose, str]:
    _ = catalogue(language).gettext
    return {
        "reach": _("To reach you and to greet you by your name."),
        "visit": _("To invite you to visits, and to know who comes and who came."),
        "consent": _("To know what you allow, and to be able to show it."),
        "mail": _("To know what we mailed you, and what became of it."),
        "story": _("To let colleagues read what you told, as far as you allowed."),
        "map": _("To know for whom our work is."),
        "account": _("To let you sign in, and nobody else in your name."),
        "list": _("To take over a list, and to be able to take that back."),
        "evidence": _("To be able to show who did what."),
    }


def clocks(language: Language) -> dict[Clock, str]:
    """How long, in words; numbers that can be set stand in `retention.KINDS`."""
    _ = catalogue(language).gettext
    return {
        "customers": _("until some time after our last contact"),
        "staff": _("as long as somebody works here, and until they are erased"),
        "accounts": _("as long as somebody signs in here, and until they are erased"),
        "mail": _("the text for some weeks; that it was sent, as long as the person is known"),
        "incoming": _("two weeks"),
        "links": _("until some weeks after the visit"),
        "lists": _("a day after it was taken over, a week when it never was"),
        "attendance": _("some months; after that only how many there were"),
        "stories": _("as long as it is shared; when it is not, some months"),
        "days": _("a few days"),
        "stays": _("as long as it is needed so that you are left in peace"),
    }


def tables(language: Language) -> dict[str, str]:
    _ = catalogue(language).gettext
    return {
        "customer": _("About you"),
        "staff_member": _("You at work"),
        "account": _("Your account"),
        "address": _("Your mailbox"),
        "consent": _("What you allow"),
        "contact": _("What we noted"),
        "standing": _("How far we are"),
        "ask": _("What we asked you"),
        "owner_question": _("Questions to your contact here"),
        "nomination": _("Who named you"),
        "story": _("Your story"),
        "story_version": _("Your story, as it was at some moment"),
        "story_picture": _("The picture with your story"),
        "story_request": _("A story we asked you for"),
        "story_reader": _("Stories we mailed you"),
        "thanks": _("Thank-yous"),
        "asked": _("What we asked you about our work"),
        "suggestion": _("What you answered"),
        "invitation": _("Invitations"),
        "answer": _("Your answers"),
        "proposal": _("Other times you suggested"),
        "attendance": _("Where you were"),
        "care": _("What was agreed with you"),
        "waiting_place": _("Waiting lists"),
        "reply": _("Mail from you"),
        "register": _("Questionnaires"),
        "message": _("Mail to you"),
        "delivery_event": _("How that mail fared"),
        "suppression": _("Mail you did not want"),
        "link": _("Links in your mail"),
        "link_request": _("Links you asked for"),
        "incoming_mail": _("Mail about our mail"),
        "import_row": _("Lines of a list"),
        "import": _("Lists with you on them"),
        "sign_in": _("Where you signed in"),
        "sign_in_link": _("Sign-in links"),
        "account_change": _("Changes of your account"),
        "mail_test": _("Test mails"),
        "colleague_invitation": _("Asked to organise along"),
        "data_export": _("Files like this one"),
    }


def columns(language: Language) -> dict[str, str]:
    """The columns that people read most; others stand under their own name."""
    _ = catalogue(language).gettext
    return {
        "at": _("When"), "title": _("Title"), "given": _("First name"), "particle": _("Particle"),
        "family": _("Family name"), "phone": _("Phone"), "organisation": _("Organisation"), "note": _("Our note"),
        "end_user_group": _("Group"), "relationship_owner": _("Your contact here"), "source": _("How we know you"),
        "locale": _("Language"), "added_at": _("Known since"), "email": _("E-mail"), "wording": _("The words"),
        "words": _("What was said"), "text": _("Text"), "given_at": _("When"), "invited_at": _("Invited"),
        "answered_at": _("Answered"), "present": _("Present"), "notice": _("Kind of mail"), "ended_at": _("When"),
        "reply": _("Answer of the mail server"), "alt": _("What is to be seen"), "pause": _("Word for a break"),
        "companion": _("Who comes along"),
        "name": _("Name"), "kind": _("Kind"), "reason": _("Reason"),
    }  # fmt: skip
