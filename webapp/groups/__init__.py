"""1 map: whom our work is for, as the people who do it say."""
