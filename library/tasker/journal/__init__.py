"""The journal of a run: its format, writer, readers, and what is made of it."""
