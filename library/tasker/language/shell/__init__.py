"""Reading shell scripts, to know where an output may stand in them."""
