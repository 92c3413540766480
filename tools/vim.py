"""Colours for task files in vim, from the table of fields."""

from sources import ROOT  # noqa: F401  sets the import path

from tasker.language.fields import CONDITIONS, FIELDS

MADE = '" made by `make generated` from library/tasker/language/fields.py: do not edit'

TESTS = (
    r"exit_\%(not_\)\=[0-9]\+\|success\|failure\|always\|never\|loop\|std\%(out\|err\)\%(_count\)\="
    r"\|\%(all\|any\|majority\)_success\|\%(min\|max\)_\%(success\|failed\)"
)


def syntax():
    fields = "\\|".join(sorted(FIELDS))
    conditions = "\\|".join(sorted(CONDITIONS))
    return f"""{MADE}
" A file is a task file when its first lines have `task=NUMBER`, or after `:set filetype=tasker`.
if exists("b:current_syntax")
  finish
endif
syntax case match
syntax match taskerComment "^\\s*#.*$"
syntax match taskerGlobal "^\\s*[A-Za-z_][A-Za-z0-9_]*\\ze\\s*="
syntax match taskerField "^\\s*\\%({fields}\\)\\ze\\s*="
syntax match taskerSecret "^\\s*secret\\ze\\s*="
syntax match taskerTask "^\\s*task\\s*=\\s*[0-9]\\+"
syntax match taskerVariable "@[A-Za-z_][A-Za-z0-9_]*?\\=\\%(:[a-z]\\+\\)\\=@" containedin=taskerString
syntax match taskerVariable "@[0-9]\\+_[a-z_]\\+?\\=\\%(:[a-z]\\+\\)\\=@" containedin=taskerString
syntax region taskerString start=+"+ skip=+\\\\"+ end=+"+ oneline
syntax region taskerString start=+'+ end=+'+ oneline
syntax match taskerOption "^\\s*--\\=[A-Za-z].*$" contains=taskerOptionComment,taskerString
syntax match taskerOptionComment "\\s#.*$" contained
syntax match taskerTest "\\%(^\\s*\\%({conditions}\\)\\s*=.*\\)\\@<=\\<\\%({TESTS}\\)\\>"
highlight default link taskerComment Comment
highlight default link taskerGlobal Identifier
highlight default link taskerField Keyword
highlight default link taskerSecret Special
highlight default link taskerTask Title
highlight default link taskerVariable PreProc
highlight default link taskerString String
highlight default link taskerTest Conditional
highlight default link taskerOption Statement
highlight default link taskerOptionComment Comment
setlocal commentstring=#\\ %s
let b:current_syntax = "tasker"
"""


def detection():
    return f"""{MADE}
autocmd BufNewFile,BufRead *.task setfiletype tasker
autocmd BufRead *.txt if match(getline(1, 200), '^\\s*task\\s*=\\s*[0-9]\\+\\s*$') >= 0 | set filetype=tasker | endif
"""
