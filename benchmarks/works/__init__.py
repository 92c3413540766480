"""One file a work, each with `measure(bench)`; its name on the command line is that of the file."""
