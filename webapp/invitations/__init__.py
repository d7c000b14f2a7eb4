"""5 invite: who is asked, answers, waits, and comes."""
