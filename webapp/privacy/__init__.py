"""What we hold about a person, and how they stop us: the pages behind the foot of every mail."""
