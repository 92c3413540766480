"""Completion for bash, zsh and fish, from sources.py. What only this moment knows they ask `tasker --complete` for."""

from sources import choices, words

MADE = "# made by `make generated` from the table of options and the usage of the stages: do not edit"
DYNAMIC = ("runs", "waiting", "tasks", "exec", "env", "set")


def bash():
    lines = [MADE, BASH_BEGIN, "  case $stage in"]
    for word in words():
        names = " ".join(name for one in word.choices for name in one.names)
        lines += [
            f"    {word.name})",
            f"      options='{names}' operands='{word.operands}'",
            *_values(word.choices),
            "      ;;",
        ]
    names = " ".join(name for one in choices() for name in one.names)
    lines += ["    *)", f"      options='{names}' operands=file", *_values(choices()), "      ;;", "  esac"]
    first = " ".join(word.name for word in words())
    return "\n".join([*lines, f"  local words='{first}'", BASH_END, ""])


def _values(those):
    lines = ["      case $previous in"]
    for one in those:
        if one.value is not None:
            kind = "words " + " ".join(one.value) if isinstance(one.value, tuple) else one.value or "none"
            lines.append(f"        {'|'.join(one.names)}) kind='{kind}' ;;")
    return [*lines, "        *) ;;", "      esac"]


BASH_BEGIN = """\
# bash completion of tasker: source this file, or put it into ~/.local/share/bash-completion/completions/tasker

_tasker_asked() { # KIND: what tasker itself knows, one a line
  "${COMP_WORDS[0]}" --complete "$1" "${COMP_WORDS[@]:1:COMP_CWORD-1}" 2>/dev/null </dev/null | cut -f1
}

_tasker_beginning() { # WORD: the lines that begin with it; compgen would run what is in them
  local line
  while IFS= read -r line; do if [[ $line == "$1"* ]]; then printf '%s\\n' "$line"; fi; done
}

_tasker() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} stage=${COMP_WORDS[1]-}
  local options operands kind=''
  COMPREPLY=()
  # bash takes = for a word of its own: --output = json
  if [[ $current == '=' ]]; then current=''; elif [[ $previous == '=' ]]; then previous=${COMP_WORDS[COMP_CWORD-2]}; fi
  ((COMP_CWORD > 1)) || stage=''"""
BASH_END = r"""
  if [[ -z $kind && $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    return
  fi
  if [[ -z $kind && -z $stage ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; compgen -f -- "$current")
    return
  fi
  if [[ -z $kind && $previous == --resume ]]; then kind=runs; fi
  local at=$COMP_CWORD
  if [[ ${COMP_WORDS[at]} != '=' ]]; then at=$((at - 1)); fi
  local name=${COMP_WORDS[at > 0 ? at-1 : 0]} before=${COMP_WORDS[at > 1 ? at-2 : 0]}
  if [[ $before == '=' ]]; then before=${COMP_WORDS[at > 2 ? at-3 : 0]}; fi
  if [[ ${COMP_WORDS[at]} == '=' && $before == --set ]]; then # --set NAME = …: the choices of NAME
    mapfile -t COMPREPLY < <(
      _tasker_asked set | sed -n "s/^${name//[!A-Za-z0-9_]/}=//p" | _tasker_beginning "$current"
    )
    return
  fi
  kind=${kind:-$operands}
  case $kind in
    words*) mapfile -t COMPREPLY < <(compgen -W "${kind#words }" -- "$current") ;;
    runs|waiting|tasks|exec|env) mapfile -t COMPREPLY < <(compgen -W "$(_tasker_asked "$kind")" -- "$current") ;;
    set)
      mapfile -t COMPREPLY < <(_tasker_asked set | _tasker_beginning "$current")
      compopt -o nospace 2>/dev/null || true
      ;;
    folder) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
    command) mapfile -t COMPREPLY < <(compgen -c -- "$current") ;;
    file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
  if [[ $kind == exec && $stage == runner-test ]]; then
    mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -f -- "$current")
  fi
}

complete -o filenames -F _tasker tasker tasker.pyz"""


def fish():
    lines = [MADE, FISH_BEGIN]
    for word in words():
        here = f"'__fish_seen_subcommand_from {word.name}'"
        lines.append(f"complete -c tasker -n __fish_is_first_token -a {word.name} -d {_quoted(word.text)}")
        lines += [_fish(one, here) for one in word.choices]
        if word.operands in DYNAMIC:
            lines.append(f"complete -c tasker -f -n {here} -a '(__tasker_asked {word.operands})'")
    first = " ".join(word.name for word in words())
    here = f"'not __fish_seen_subcommand_from {first}'"
    lines += [_fish(one, here) for one in choices()]
    lines.append("complete -c tasker -n '__fish_seen_argument -l resume' -f -a '(__tasker_asked runs)'")
    return "\n".join([*lines, ""])


FISH_BEGIN = """\
# fish completion of tasker: put this file into ~/.config/fish/completions/tasker.fish

function __tasker_asked
    set -l words (commandline -opc)
    command $words[1] --complete $argv[1] $words[2..-1] 2>/dev/null </dev/null
end
"""


def _fish(one, here):
    said = f"complete -c tasker -n {here}"
    for name in one.names:
        said += f" -l {name[2:]}" if name.startswith("--") else f" -s {name[1:]}"
    if one.value is not None:
        said += " -x" if one.value not in ("file", "folder", "command") else " -r"
        if isinstance(one.value, tuple):
            said += f" -a '{' '.join(one.value)}'"
        elif one.value in DYNAMIC:
            said += f" -a '(__tasker_asked {one.value})'"
        elif one.value == "folder":
            said += " -a '(__fish_complete_directories)'"
    return said + (f" -d {_quoted(one.text)}" if one.text else "")


def _quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def zsh():
    lines = [
        "#compdef tasker tasker.pyz",
        MADE,
        ZSH_BEGIN,
        "_tasker() {",
        "  local -a _tasker_line=($words[1,CURRENT-1])",
        "  local -a first=(",
    ]
    lines += [f"    {_zquoted(word.name + ':' + word.text)}" for word in words()]
    lines += ["  )", "  case ${words[2]} in"]
    for word in words():
        lines.append(f"    {word.name})")
        lines.append("      shift words; ((CURRENT--))")
        lines.append(
            "      _arguments -s "
            + " ".join([*map(_zsh, word.choices), f"'*:{word.operands}:{_action(word.operands)}'"])
        )
        lines.append("      ;;")
    lines += ["    *)", "      _arguments -s \\"]
    lines += [f"        {_zsh(one)} \\" for one in choices()]
    lines += ["        '1: :_tasker_begin' '*:file:_tasker_rest'", "      ;;", "  esac", "}", "", '_tasker "$@"', ""]
    return "\n".join(lines)


ZSH_BEGIN = r"""
# zsh completion of tasker: put this file, as _tasker, into a folder of $fpath

_tasker_asked() { # KIND: what tasker itself knows
  local -a found=("${(@f)$(${(Q)_tasker_line[1]} --complete $1 ${(Q)_tasker_line[2,-1]} 2>/dev/null </dev/null)}")
  local -a values=("${(@)found%%$'\t'*}") shown=("${(@)found/$'\t'/  }")
  [[ -n $values[1] ]] && compadd -l -d shown -a values
}
_tasker_runs() { _tasker_asked runs }
_tasker_waiting() { _tasker_asked waiting }
_tasker_tasks() { _tasker_asked tasks }
_tasker_exec() { _tasker_asked exec }
_tasker_env() { _tasker_asked env }
_tasker_set() { _tasker_asked set }
_tasker_begin() {
  _describe -t stages stage first
  _tasker_rest
}
_tasker_rest() {
  if (( ${_tasker_line[(I)--resume]} )); then _tasker_asked runs; else _files; fi
}
"""


def _action(kind):
    if isinstance(kind, tuple):
        return f"({' '.join(kind)})"
    if kind in DYNAMIC:
        return f"_tasker_{kind}"
    return {"file": "_files", "folder": "_files -/", "command": "_command_names -e"}.get(kind, "")


def _zsh(one):
    """One option in the words of _arguments."""
    text = one.text.replace("[", "(").replace("]", ")").replace(":", r"\:").replace("'", r"'\''")
    names = "{" + ",".join(one.names) + "}" if len(one.names) > 1 else ""
    away = f"'({' '.join(one.names)})'" if names else ""
    tail = f"[{text}]" if text else ""
    if one.value is None:
        return f"{away}{names}'{tail}'" if names else f"'{one.names[0]}{tail}'"
    mark = "=" if one.names[-1].startswith("--") and not names else ""
    tail += f":value:{_action(one.value)}"
    return f"{away}{names}'{tail}'" if names else f"'{one.names[0]}{mark}{tail}'"


def _zquoted(text):
    return "'" + text.replace("'", r"'\''") + "'"
