"""Every mail about a visit, by who reads it."""

from webapp.invitations.notices import bounced, customers, links, organisers, replies, samples, staff, waiting

__all__ = ["bounced", "customers", "links", "organisers", "replies", "samples", "staff", "waiting"]
