"""6 ask: what people say after a visit. Who answered and what was answered are kept apart."""
