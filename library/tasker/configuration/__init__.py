"""Configuration files: where they are, how they are read and merged, and what a run takes from them.

load.py finds and loads them. model.py holds the result; it is all that most runs need. toml_file.py, schema.py and
layers.py (read, check, merge) are imported only where a file exists.
"""
