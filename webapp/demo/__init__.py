"""Only in a demo: the sample organisation, the mailbox, the time machine."""
