"""Every page there is, in the filled state. A view that is neither here nor among the exceptions makes a test fail."""

from collections.abc import Iterator

from flask import Flask
from werkzeug.routing import Rule

from tests.browser.filled import Names
from webapp.access import Access, declared

ORGANISER = (
    "/today",
    "/groups",
    "/groups?by=layer&layer=support",
    "/groups/new",
    "/groups/{group}",
    "/groups/{group}/edit",
    "/groups/merging?groups={group}&groups={other_group}",
    "/groups/rounds",
    "/groups/rounds/new",
    "/groups/rounds/{round}",
    "/groups/rounds/{round}?state=group",
    "/groups/rounds/{round}?state=aside",
    "/stories",
    "/stories?q=beller&principle=impact",
    "/stories?show=review",
    "/stories/new",
    "/stories/new?customer={customer}",
    "/stories/ask",
    "/stories/ask?q=de",
    "/stories/ask?customer={unasked}",
    "/stories/{story_told}",
    "/stories/{story_offered}",
    "/stories/{story_approved}",
    "/stories/{story_shared}",
    "/stories/{story_shared}/aloud",
    "/stories/{story_withdrawn}",
    "/customers",
    "/customers?view=list",
    "/customers?stage=asked",
    "/customers?import={import}",
    "/customers/{customer}",
    "/customers/{unasked}",
    "/customers/{customer}?only=mail",
    "/customers/{customer}/edit",
    "/customers/{customer}/erase",
    "/customers/{customer}/address",
    "/customers/{customer}/consents",
    "/customers/new",
    "/customers/import",
    "/customers/import/{import}",
    "/customers/import/{import_columns}",
    "/staff/import",
    "/search?q=de",
    "/visits",
    "/visits?when=past",
    "/visits/new",
    "/visits/new?customers={customer},{unasked}",
    "/visits/{coming}",
    "/visits/{draft}",
    "/visits/{unticked}",
    "/visits/{held}",
    "/visits/{cancelled}",
    "/visits/{remote}",
    "/visits/{draft}/edit",
    "/visits/{coming}/edit",
    "/visits/{draft}/check",
    "/visits/{draft}/check?tab=text",
    "/visits/{draft}/check?tab=headers",
    "/visits/{draft}/check?to={first}&test={test}",
    "/visits/{coming}/invite",
    "/visits/{coming}/move",
    "/visits/{coming}/move/check?{moved}",
    "/visits/{coming}/cancellation",
    "/visits/{unticked}/attendance",
    "/visits/{coming}/invitations/{invited}",
    "/visits/{coming}/invitations/{wanting}",
    "/messages",
    "/messages?state=planned",
    "/messages?state=failed",
    "/messages/{mail_sent}",
    "/messages/{mail_sent}?tab=text",
    "/messages/{mail_sent}?tab=headers",
    "/messages/{mail_failed}",
    "/messages/planned/day_before/{planned}",
    "/customers/whom",
    "/customers/whom?team={team}&language=en",
    "/customers/{unasked}/ask-consent",
    "/customers/{unasked}/consents/uses",
    "/stories/campaigns",
    "/stories/campaigns/{campaign}",
    "/stories/campaigns/{campaign}/card",
    "/templates",
    "/templates/visit_invitation/nl",
    "/templates/answer_receipt.accepted/en",
    "/templates/sign_in_link/nl",
    "/staff",
    "/staff/{member}",
    "/staff/new",
    "/staff/teams/new",
    "/staff/teams/{team}",
    "/staff/teams/{team}/edit",
    "/effect",
    "/effect/visits/{held}",
    "/effect/visits/{remote}",
    "/account",
    "/admin/organisation",
    "/admin/mail",
    "/admin/mail?check=1",
    "/admin/users",
    "/admin/privacy",
    "/admin/audit",
    "/admin/rooms",
    "/admin/rooms/{room}",
    "/admin/users/{no_access}/erase",
    "/staff/{who_left}/erase",
)
"""As an admin sees them, who sees most."""

DOOR = ("/login", "/login/sent", "{sign_in}", "{welcome}")
"""On the way in."""

LINK = (
    "{customer_needs_action}",
    "{customer_needs_action}?answer=accepted",
    "{customer_needs_action}?answer=declined",
    "{customer_needs_action}/times",
    "{customer_accepted}?change=1",
    "{customer_accepted}/done",
    "{customer_declined}/done",
    "{customer_proposed}/done",
    "{customer_cancelled}",
    "{customer_past}",
    "{staff_needs_action}",
    "{staff_accepted}/done",
    "{staff_declined}/done",
    "{staff_waiting}",
    "{host}",
    "{customer_survey}",
    "{staff_survey}",
    "{mapping}",
    "{mapping_done}",
    "{mapping_done}?change=1",
    "{mapping_closed}",
    "{survey_done}",
    "{survey_over}",
    "{customer_stop}",
    "{customer_data}",
    "{customer_data}/file",
    "{customer_data}/erase",
    "{customer_data}/choose",
    "{customer_data}/choose?answer=no",
    "{owner}",
    "{owner_answered}",
    "{customer_file}",
    "/erased",
    "{staff_stop}",
    "{staff_page}",
    "{staff_page}/stories",
    "{staff_page}/stories/{story_shared}",
    "{staff_page}/stories/{story_shared}/aloud",
    "{staff_page}/stories/{story_withdrawn}",
    "{door_begun}",
    "{door_begun}?no=1",
    "{door_begun}/1",
    "{door_begun}/5",
    "{door_begun}/6",
    "{door_declined}",
    "{door_told}",
    "{door_offered}",
    "{door_shared}",
    "{door_shared}/thanks",
    "{door_shared}/coach",
    "{door_withdrawn}",
    "{staff_page}/file",
    "{staff_page}/nominate",
    "{staff_page}/nominations",
    "/vertel",
    "/vertel?sent=1",
    "/vertel/{campaign_slug}",
    "/vertel/{closed_slug}",
    "{telling}",
    "{telling_done}",
    "/link/sent",
    "/link/staff",
    "/a/no.thing",
)
"""Behind links in mail: no script, no cookie."""

PREVIEW = (
    "/preview/confirm/{telling_id}",
    "/preview/answer/{customer_needs_action_id}",
    "/preview/answer/{customer_needs_action_id}/times",
    "/preview/answer/{customer_accepted_id}/done",
    "/preview/host/{coming}",
    "/preview/survey/{customer_register}",
    "/preview/survey/{staff_register}",
    "/preview/mapping/{mapping_id}",
    "/preview/stop/{customer_address}",
    "/preview/data/{customer_address}",
    "/preview/data/{customer_address}/choose",
    "/preview/owner/{owner_id}",
    "/preview/staff/{staff_address}/nominate",
    "/preview/staff/{staff_address}/nominations",
    "/preview/data/{customer_address}/file",
    "/preview/data/{customer_address}/erase",
    "/preview/staff/{staff_address}",
    "/preview/staff/{staff_address}/stories",
    "/preview/staff/{staff_address}/stories/{story_shared}",
    "/preview/staff/{staff_address}/stories/{story_shared}/aloud",
    "/preview/story/{story_begun}",
    "/preview/story/{story_begun}/1",
    "/preview/story/{story_shared}/thanks",
    "/preview/story/{story_shared}/coach",
    "/preview/staff/{staff_address}/file",
    "/preview/colleague/{colleague}",
    "/preview/sign_in/{request}",
    "/visits/{draft}/check/{first}/page",
    "/visits/{draft}/check/{first}/page/times",
)
"""What an organiser sees in place of them."""

SAID = ("/not/there",)
"""What stands in place of a page."""

ANSWERS = {"{mapping_closed}": 410, "{survey_over}": 410, "/a/no.thing": 404, "/not/there": 404}
"""Where the answer is not the page itself: over, or never there."""

DEMO = ("/demo/mailbox", "/demo/mailbox/{kept}", "/demo/mailbox/{kept}?as=text", "/today")
"""Only in a demo; the last one for the bar on top."""

EVERYTHING = (*ORGANISER, *DOOR, *LINK, *PREVIEW, *SAID)
EVERYWHERE = (*ORGANISER, *DOOR, *LINK, *PREVIEW, *DEMO)
"""All addresses that are one of a view."""

NO_PAGE = {
    "static.asset": "a file",
    "static.favicon": "a file",
    "health.alive": "read by machines",
    "health.ready": "read by machines",
    "metrics.metrics": "read by machines",
    "accounts.front": "leads to /today, or to the door",
    "accounts.setup": "there until somebody has set up: in the empty state",
    "admin.settings": "leads to /admin/organisation",
    "people.export": "a file",
    "own_data.fetch": "a file",
    "preview.own_data.fetch": "opens for nobody but whose file it is",
    "preview.own_data.ready": "opens for nobody but whose file it is",
    "looking_after.fetch": "a file",
    "imports.rest": "a file",
    "imports.sample": "a file",
    "invitations.calendar_file": "a file",
    "preview.invitations.calendar_file": "a file",
    "demo.mail_calendar": "a file",
    "board.live": "a part of a page, which loads it",
    "board.waiting_now": "a part of a page, which loads it",
    "visit.live": "a part of a page, which loads it",
    "visit.sending": "a part of a page, which loads it",
    "imports.progress": "a part of a page, which loads it",
    "inviting.tested": "a part of a page, which loads it",
    "demo.live": "a part of a page, which loads it",
    "demo.again": "a part of a page, which loads it",
    "messages.html": "a mail, in the frame of a page; tests/emails looks at mails",
    "messages.planned_html": "a mail, in the frame of a page",
    "inviting.mail": "a mail, in the frame of a page",
    "changing.move_mail": "a mail, in the frame of a page",
    "changing.cancel_mail": "a mail, in the frame of a page",
    "campaigns.code": "a picture",
    "telling.tell": "the same as telling.vertel, in English",
    "rewording.mail": "a mail, in the frame of a page",
    "demo.mail_html": "a mail, in the frame of a page",
}
"""Views that are no page of their own, and why."""


def views(app: Flask) -> Iterator[tuple[Rule, Access]]:
    """Everything that can be opened."""
    for rule in app.url_map.iter_rules():
        if "GET" in (rule.methods or ()):
            yield rule, declared(app.view_functions[rule.endpoint], rule.endpoint)


def address(template: str, names: Names) -> str:
    """`/visits/{coming}` with the number of that visit."""
    return template.format_map(names)


def in_language(path: str, language: str) -> str:
    return f"{path}{'&' if '?' in path else '?'}lang={language}"
