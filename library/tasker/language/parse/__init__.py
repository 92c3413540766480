"""The parts of modules/parse.py: `source` from bytes to lines, `taskfile` from lines to a workflow."""
