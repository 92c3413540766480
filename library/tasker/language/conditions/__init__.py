"""The parts of expression.py: reading a test, the tests themselves, what they may look at, exact numbers."""
