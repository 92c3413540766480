"""TASKER: run the steps of a plain text file on many hosts, and know afterwards what happened."""

__version__ = "3.0.0rc1"
