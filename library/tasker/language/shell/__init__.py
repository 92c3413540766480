"""A reader of shell scripts, which decides where an output of a task may be used in them.

substitution: the way in. lexer, parser: text -> commands, words and pieces (syntax). analysis: what each command does
with values, noted in a graph (taint), with what is known of variables (variables). What a command does with its words:
command_rules (bash), program_rules and interpreter_rules (other programs, from the tables in programs), options.
"""
