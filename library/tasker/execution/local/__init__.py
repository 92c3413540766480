"""The parts of supervise.py: an attempt, its start, its streams, its end, and what waits for its turn."""
