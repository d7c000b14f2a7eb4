"""3 listen: what people tell, checked with them, read by whom they allow, and thanked for."""
