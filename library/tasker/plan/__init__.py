"""What a workflow would do, for people: facts, times, text and drawings."""
