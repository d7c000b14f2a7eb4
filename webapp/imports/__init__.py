"""A list becomes people: customers and staff from CSV, XLSX or what somebody pastes."""
