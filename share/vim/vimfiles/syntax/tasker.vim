" made by `make generated` from library/tasker/language/fields.py: do not edit
" A file is a task file when its first lines have `task=NUMBER`, or after `:set filetype=tasker`.
if exists("b:current_syntax")
  finish
endif
syntax case match
syntax match taskerComment "^\s*#.*$"
syntax match taskerGlobal "^\s*[A-Za-z_][A-Za-z0-9_]*\ze\s*="
syntax match taskerField "^\s*\%(approval_timeout\|approvals\|approvers\|arguments\|become\|become_direct\|become_password\|canary\|command\|condition\|exec\|failure\|finally\|get\|hostname\|hosts\|idempotent\|if_false_tasks\|if_true_tasks\|loop\|loop_break\|max_bytes\|max_failed_percent\|max_parallel\|may_be_down\|mode\|next\|on_failure\|on_success\|owner\|probe\|probe_first\|probe_success\|put\|reboot\|retry_backoff\|retry_count\|retry_delay\|retry_failed\|retry_jitter\|return\|sleep\|start_until\|stderr_split\|stdout_split\|stop_on\|success\|tasks\|timeout\|to\|type\|validate\|wave_approval\|wave_next\|wave_sleep\|waves\)\ze\s*="
syntax match taskerSecret "^\s*secret\ze\s*="
syntax match taskerTask "^\s*task\s*=\s*[0-9]\+"
syntax match taskerVariable "@[A-Za-z_][A-Za-z0-9_]*?\=\%(:[a-z]\+\)\=@" containedin=taskerString
syntax match taskerVariable "@[0-9]\+_[a-z_]\+?\=\%(:[a-z]\+\)\=@" containedin=taskerString
syntax region taskerString start=+"+ skip=+\\"+ end=+"+ oneline
syntax region taskerString start=+'+ end=+'+ oneline
syntax match taskerOption "^\s*--\=[A-Za-z].*$" contains=taskerOptionComment,taskerString
syntax match taskerOptionComment "\s#.*$" contained
syntax match taskerTest "\%(^\s*\%(condition\|failure\|loop_break\|next\|probe_success\|stop_on\|success\|wave_next\)\s*=.*\)\@<=\<\%(exit_\%(not_\)\=[0-9]\+\|success\|failure\|always\|never\|loop\|std\%(out\|err\)\%(_count\)\=\|\%(all\|any\|majority\)_success\|\%(min\|max\)_\%(success\|failed\)\)\>"
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
setlocal commentstring=#\ %s
let b:current_syntax = "tasker"
