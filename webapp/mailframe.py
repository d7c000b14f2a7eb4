"""A mail's html in a page: its own response, without the page's rules for styles, in a frame that can run nothing."""

from flask import Response, make_response

POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'; base-uri 'self'; "
    "sandbox {allowed}"
)
LINKS_OPEN_THE_PAGE = "allow-top-navigation-by-user-activation"


def framed(html: str, *, links_work: bool = False) -> Response:
    """`html` as a document for `<iframe sandbox>`. Its links work only where a person plays the recipient: the demo."""
    if links_work:
        html = html.replace("<head>", '<head><base target="_top">', 1)
    response = make_response(html)
    response.headers["Content-Security-Policy"] = POLICY.format(allowed=LINKS_OPEN_THE_PAGE if links_work else "")
    return response
