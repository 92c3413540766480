"""The journal: one event log a run, and everything that reads one.

| module | what it does |
| --- | --- |
| `format` | file names, the kinds of records, a record as a chained line, and back |
| `writer` | adds records, and brings them to the disk |
| `reader` | reads journals: the whole, verified; the end; record by record |
| `record_store` | the records of a large journal, packed in memory |
| `record_shapes` | what is inside the documents of records, checked when they are read |
| `stored_streams` | outputs that are in files of their own next to the journal, and their hashes |
| `run_folder` | makes run folders, finds and trusts them |
| `run_list` | every run at a glance; removes old ones |
| `flow_replay` | feeds the events of a journal to flow, to rebuild its state |
| `trace` | what happened in a run, in order, with the reasons of flow |
| `recording` | the smaller log of `--record`: requests with their results; a journal can be read instead |
"""
