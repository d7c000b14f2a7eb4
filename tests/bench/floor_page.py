"""The shortest honest pages: fifty people after a given one out of all, and one row by its key, each with a template.

Served by the same gunicorn as the product. It knows no sign-in, no languages, no stages: `/list?after=NAME`, `/row?key=N`.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import psycopg
from jinja2 import Environment

TABLE = """create table floor_person (
  id bigint generated always as identity primary key, name text not null, phone text not null, team text not null);
create index on floor_person (name, id);"""
FILL = """insert into floor_person (name, phone, team)
  select 'Sam ' || lpad(n::text, 7, '0'), '06 ' || n, 'groep ' || n %% 7 from generate_series(1, %s) n"""
LIST = "select id, name, phone, team from floor_person where (name, id) > (%s, 0) order by name, id limit 50"
ROW = "select id, name, phone, team from floor_person where id = %s"
PAGE = Environment(autoescape=True).from_string("""<!doctype html><html lang="nl"><head><meta charset="utf-8">
<title>{{ title }}</title><link rel="stylesheet" href="/static/firsthand.css"></head><body><nav>{% for each in menu %}
<a href="/{{ each }}">{{ each }}</a>{% endfor %}</nav><main><h1>{{ title }}</h1><ul>{% for row in rows %}
<li><a href="/row?key={{ row[0] }}"><b>{{ row[1] }}</b></a><span>{{ row[2] }}</span><span>{{ row[3] }}</span></li>{% endfor %}
</ul></main></body></html>""")
MENU = ("vandaag", "klanten", "bezoeken", "postvak", "effect")

_kept = threading.local()


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    asked = parse_qs(environ["QUERY_STRING"])
    if not hasattr(_kept, "connection"):
        _kept.connection = psycopg.connect(os.environ["FLOOR_DSN"], autocommit=True)
    found = (LIST, asked["after"]) if "after" in asked else (ROW, asked["key"])
    rows = _kept.connection.execute(*found).fetchall()
    page = PAGE.render(title="Klanten", rows=rows, menu=MENU).encode()
    start_response("200 OK", [("Content-Type", "text/html; charset=utf-8"), ("Content-Length", str(len(page)))])
    return [page]
