"""Pages."""

from flask import Blueprint

blueprint = Blueprint("surveys", __name__)
