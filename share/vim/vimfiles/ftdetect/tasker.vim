" made by `make generated` from library/tasker/language/fields.py: do not edit
autocmd BufNewFile,BufRead *.task setfiletype tasker
autocmd BufRead *.txt if match(getline(1, 200), '^\s*task\s*=\s*[0-9]\+\s*$') >= 0 | set filetype=tasker | endif
