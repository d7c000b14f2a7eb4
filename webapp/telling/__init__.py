"""The public page "tell us your story": a link and a code on a card, for people we do not know yet."""
