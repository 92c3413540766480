"""What came of a run, from its journal: one document, and what people and CI systems read of it."""
