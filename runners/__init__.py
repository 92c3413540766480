"""How TASKER acts: one file an exec type."""
