"""A reader of shell scripts, which decides where an output of a task may be used in them."""
