"""Pure functions on text: no file, no process, no clock."""
