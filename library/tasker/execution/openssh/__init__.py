"""The system's `ssh`, one shared connection a host: masters that we start, and sessions that they give us."""
