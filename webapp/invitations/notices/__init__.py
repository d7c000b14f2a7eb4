"""Every mail about a visit, by who reads it."""

from webapp.invitations.notices import customers, links, organisers, replies, samples, staff, waiting

__all__ = ["customers", "links", "organisers", "replies", "samples", "staff", "waiting"]
