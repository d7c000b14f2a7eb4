"""3 listen: what people say, told by themselves and shared as far as they wish."""
