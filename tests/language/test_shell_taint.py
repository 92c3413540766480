"""Where an output may go in a shell script, by whatever way it gets there. docs/threats.md rows 63 to 66.

One script a line; ⏎ is the end of a line in a script. `TASKER_SWEEP=8000` (as `make fuzz` sets it) runs that many
generated scripts instead of 120, and all everyday scripts with all hostile values. TASKER_SEED chooses others.
"""

import contextlib
import os
import random
import re
import shutil
import subprocess

import pytest
from counting import lines_run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tasker.language.shell.substitution import LONGEST, shell_script
from tasker.language.template import VARIABLE, parse_template

SWEEP = int(os.environ.get("TASKER_SWEEP", 120))
TYPED = re.compile("@([0-9]_[a-z]+[?]?):([a-z]+)@")
RANDOM = random.Random(os.environ.get("TASKER_SEED", "scripts"))


def scripts(text):
    return [line.replace("⏎", "\n") for line in text.strip().splitlines()]


def parts_of(text):
    """The parts of a text, in which types may stand, as in @0_stdout:int@ and @0_stdout?:name@."""
    if VARIABLE.fullmatch("@0_stdout:int@"):
        return parse_template(text)
    split = TYPED.split(text)
    parts = [*parse_template(split[0])]
    for name, kind, after in zip(split[1::3], split[2::3], split[3::3]):
        (ref,) = parse_template(f"@{name.rstrip('?')}@")
        parts += [ref._replace(name=f"{name}:{kind}"), *parse_template(after)]
    return tuple(parts)


def made(text):
    return shell_script(parts_of(text))[0]


EVERYDAY = scripts(r"""
VERSION=@0_stdout@; export VERSION; ./deploy.sh "$VERSION"
VERSION=@0_stdout@ ./deploy.sh --dry-run | tee deploy.log
echo "@0_stdout@" | awk '{print $2}'
awk -v v="@0_stdout@" '$1 == v {print $2}' table.txt
OUT=@0_stdout@; jq -r .x <<< "$OUT"
jq -n --arg v "@0_stdout@" '{version: $v}'
echo "@0_stdout@" | sed 's/a/b/' | sort -u | head -n 3
if [ "@0_stdout@" = ok ]; then echo fine; fi
V=@0_stdout@; for f in *.log; do grep -c "$V" "$f"; done
grep -q x <<<"@0_stdout@" && mail -s "it broke" ops < /dev/null
V=@0_stdout@⏎while read -r line; do printf '%s\n' "$line"; done <<< "$V"
V=@0_stdout@; curl -fsS "https://x/$V"
V=@0_stdout@; case "$V" in ok) echo fine;; *) echo no; exit 1;; esac
set -euo pipefail⏎V=@0_stdout@⏎[[ $V == v* ]] || exit 3⏎printf '%s\n' "$V" > version.txt
n=0; for i in 1 2 3; do n=$((n + i)); done; echo "$n @0_stdout@"
for i in {1..3}; do echo $((i * 2)) "@0_stdout@"; done
i=0; while [ $i -lt 3 ]; do i=$((i+1)); echo @0_stdout@; done
V=@0_stdout@; echo "${V:-none} ${V%%.*} ${#V} ${V//a/b} ${V^^}"
tmp=$(mktemp); trap 'rm -f "$tmp"' EXIT; printf '%s' @0_stdout@ > "$tmp"; wc -c < "$tmp"
tmp=$(mktemp); trap "rm -f $tmp" EXIT; printf '%s' @0_stdout@ > "$tmp"
mkdir -p "backup/@0_stdout@" && cp -a conf "backup/@0_stdout@/"
log() { printf '%s %s\n' "$(date +%F)" "$*"; }; log "got @0_stdout@"
f() { local name=$1; echo "hello $name"; }; f "@0_stdout@"
V=@0_stdout@; git checkout "release-$V" && git tag -f "deployed-$V"
tar -czf "logs-@0_stdout@.tar.gz" -C /var/log .
systemctl restart "app@0_stdout@" && systemctl is-active "app@0_stdout@"
IFS=, read -r a b <<< "@0_stdout@"; echo "$a and $b"
V=@0_stdout@; mapfile -t lines <<< "$V"; for l in "${lines[@]}"; do echo "line: $l"; done; echo "${#lines[@]}"
a=("@0_stdout@" "x y"); for i in "${!a[@]}"; do echo "$i: ${a[i]}"; done; echo "${a[0]} ${a[@]:1}"
printf '%s\n' "@0_stdout@" | while read -r host state; do [ "$state" = down ] && echo "$host" >> down.txt; done
diff <(printf '%s\n' "@0_stdout@" | sort) <(sort expected.txt)
printf 'version=%s\n' "@0_stdout@" > v.ini; cat > config.ini <<END⏎[app]⏎name=$HOME⏎END
ssh -n admin@backup.example 'ls -l /backup' && echo "@0_stdout@"
ssh web1 "systemctl restart $(printf %q "@0_stdout@")"
start=$(date +%s); sleep 0; echo "took $(( $(date +%s) - start )) s for @0_stdout@"
timeout 10 curl -s "http://localhost:8080/health?v=@0_stdout@" | grep -q '"ok": *true'
echo "@0_stdout@" | xargs -n1 echo
sudo -u app ./install.sh "@0_stdout@"
SUDO=sudo; $SUDO systemctl restart "@0_stdout@"
count=$(grep -c ERROR <<< "@0_stdout@"); if [ "$count" -gt 5 ]; then echo many; fi
count=$(grep -c ERROR <<< "@0_stdout@") || true; if (( count > 5 )); then echo many; fi
python3 report.py --version "@0_stdout@" > report.html
python3 -c 'import sys; print(sys.argv[1].upper())' "@0_stdout@"
echo "@0_stdout@" | python3 -c 'import sys; print(sys.stdin.read().upper())'
find . -name "*.@0_stdout@" -mtime +7 -delete
docker run --rm -e VERSION="@0_stdout@" app:latest ./migrate
docker exec app ls "@0_stdout@"
kubectl set image deploy/web web="registry/web:@0_stdout@"
rsync -a build/ "deploy@web:/srv/@0_stdout@/"
logger -t tasker -- "result: @0_stdout@"
until curl -sf "http://@0_stdout@/up" >/dev/null; do sleep 1; break; done
first=$(printf '%s\n' "@0_stdout@" | head -1); echo "$first" | tr a-z A-Z | cut -d' ' -f2
if ! grep -qF -- "@0_stdout@" known.txt; then echo "@0_stdout@" >> known.txt; fi
exec >> log.txt 2>&1; date; echo "@0_stdout@"
test -n "@0_stdout@" || { echo empty >&2; exit 1; }
export REGION="${REGION:-eu}"; aws s3 cp out.txt "s3://bucket/$REGION/@0_stdout@"
cd /srv/app || exit 1; . ./env.sh; ./run "@0_stdout@"
bash -c 'printf "%s\n" "$1"' x "@0_stdout@"
printf 'user=%s\n' "@0_stdout@" | curl -s -K - https://x
psql -h db -c 'select 1' < /dev/null && echo "@0_stdout@" >> done
V=@0_stdout@; while IFS= read -r line; do echo "$line"; done < <(printf '%s\n' "$V")
n=$(echo "@0_stdout@" | wc -l); for ((i=0;i<n;i++)); do echo $i; done
V=@0_stdout@; [ "$(echo "$V" | wc -l)" -gt 3 ] && echo many
V=@0_stdout@; [[ -n $V && $V != x ]] || [[ $V =~ ^[0-9]+$ ]] && echo y
printf '%s\n' "@0_stdout@" | sudo tee /etc/x > /dev/null
echo "@0_stdout@" | ssh host 'cat > /tmp/x'
echo "@0_stdout@" | docker exec -i c tee /x
python3 - "@0_stdout@" <<'END'⏎import sys⏎print(sys.argv[1])⏎END
bash -s -- "@0_stdout@" <<'END'⏎echo "$1"⏎END
psql -v v="@0_stdout@" -h db -f q.sql
awk '{print $1}' "@0_stdout@"
sed -n '1,5p' <<< "@0_stdout@"
sed 's/a/b/' -- "@0_stdout@"
n=3; sed "${n}p" f; echo @0_stdout@
perl -pe 's/a/b/' <<< "@0_stdout@"
perl -ne 'print' < "@0_stdout@"
perl -pi -e 's/a/b/' "/srv/@0_stdout@"
V=@0_stdout@; export V; perl -e 'print $ENV{V}'; awk 'BEGIN {print ENVIRON["V"]}'
V=@0_stdout@; exec >> log 2>&1; n=$(grep -c x "/srv/$V"); if (( n > 5 )); then echo many; fi
V=@0_stdout@; n=$(grep -c x "/srv/$V" 2>/dev/null); if (( n > 5 )); then echo many; fi
export $(grep -v '^#' .env | xargs); ./run "@0_stdout@"
watch -n1 -g 'df -h'; echo "@0_stdout@"
flock f -c 'date; uptime'; echo "@0_stdout@"
wget -q -O out "https://x/@0_stdout@"
tar xf @0_stdout@
tar -xzf "@0_stdout@" -C out
tar -cf x.tar -- "@0_stdout@"
git fetch origin && git checkout "@0_stdout@"
git pull origin -- "@0_stdout@"
git clone --depth 1 --branch "@0_stdout@" https://x/y
docker ps --filter "name=@0_stdout@" --format '{{.Names}}' | wc -l
usage() { cat <<E⏎usage: x⏎E⏎}; echo "@0_stdout@"
python3 - <<'E'⏎print(1)⏎E⏎echo "@0_stdout@"
x=$(cat <<E⏎a⏎E⏎); echo "$x @0_stdout@"
for h in @0_stdout@; do ssh -n -- "$h" uptime; done
echo "@0_stdout@" | xargs -I{} ssh -n -- {} uptime
printf -v line '%-20s %s' "@0_stdout@" ok; echo "$line"
if (( $(echo "@0_stdout@" | wc -l) > 3 )); then echo many; fi
echo $(( $(printf '%s\n' @0_stdout@ | grep -c x) + 1 )) @1_stdout@
git commit -m "@0_stdout@" && git log --since="@0_stdout@"
V=@0_stdout@; export TAG="$V"; ./x
trap cleanup EXIT; cleanup() { rm -f "$tmp"; }; tmp=$(mktemp); echo "@0_stdout@" > "$tmp"
trap 'echo failed at $LINENO' ERR; echo @0_stdout@
IFS=$'\n' read -d '' -ra a <<< "@0_stdout@"; echo "${a[@]}"
source /etc/os-release; echo "$ID @0_stdout@"
timeout 5 bash -c 'until nc -z "$1" 22; do sleep 1; done' x "@0_stdout@"
V=@0_stdout@; for h in ${V//,/ }; do ping -c1 "$h" || echo "$h is down"; done
code=$(curl -s -o /dev/null -w '%{http_code}' "http://x/@0_stdout@"); if [ "$code" -ge 400 ]; then exit 1; fi
retries=${RETRIES:-3}; while (( retries-- )); do curl "http://@0_stdout@" && break; done
for i in $(seq 1 5); do echo $((i + 1)) "@0_stdout@"; done
./x "@0_stdout@"; rc=$?; (( rc == 0 )) || exit $rc
exec 200>lock; flock -n 200 || exit 1; echo "@0_stdout@" > state
find "@0_stdout@" -type f -name '*.log' -delete
find "/srv/@0_stdout@" -type f -exec gzip {} +
find "/srv/@0_stdout@" -type f | while read -r f; do gzip "$f"; done
printf '%s\0' "@0_stdout@" | xargs -0 rm -f
echo "@0_stdout@" | xargs -I{} cp {} /backup
V=@0_stdout@; kill "$V" 2>/dev/null || true
curl -fsSL https://x/install.sh | sh -s -- "@0_stdout@"
docker logs "@0_stdout@" 2>&1 | grep ERROR
kubectl exec "@0_stdout@" -- ls /
cd "@0_stdout@" && ls | wc -l
if [ "@0_stdout@" \> x ]; then echo y; fi
[ "@0_stdout@" = a -a "@1_stdout@" = b ]
sudo sh -c 'echo "$1" > /x' x "@0_stdout@"
env VAR="@0_stdout@" ./x
V=@0_stdout@; cat > f <<END⏎version=$V⏎END
V=@0_stdout@; mail -s x ops <<END⏎Hello⏎$V⏎END
V=@0_stdout@; echo "Size: $(( ${#V} * 2 ))"
sshpass -p "@0_stdout@" ssh h uptime
PGPASSWORD=@0_stdout@ psql -h db -c 'select 1'
echo "user:@0_stdout@" | chpasswd
echo "@0_stdout@" | docker login -u x --password-stdin
openssl s_client -connect "@0_stdout@:443" < /dev/null | openssl x509 -noout -enddate
V=@0_stdout@; if [[ $V = *error* || $V = *fail* ]]; then exit 1; fi
V=@0_stdout@; lines=${V//[^$'\n']/}; echo ${#lines}
V=@0_stdout@; while [ -n "$V" ]; do V=${V#?}; done
V=@0_stdout@; select_it() { case $1 in a*) return 0;; *) return 1;; esac; }; select_it "$V"
for s in $(systemctl list-units | awk '{print $1}'); do echo "$s @0_stdout@"; done
(cd /tmp && tar xf "@0_stdout@") &⏎wait
until [ "$(cat state)" = "@0_stdout@" ]; do sleep 1; done
command -v jq >/dev/null || exit 1; echo "@0_stdout@" | jq -c '.[] | select(.a == 1)'
ls -l "@0_stdout@" | awk 'NR > 1 { s += $5 } END { print s }'
V=@0_stdout@; echo "${V:0:8}" "${V: -3}" "${V,,}" "${V@Q}"
df -P "@0_stdout@" | tail -1 | awk '{print $5}' | tr -d %
usage=$(df -P / | tail -1 | awk '{print $5}' | tr -d %); if [ "$usage" -gt 90 ]; then echo "@0_stdout@"; fi
echo "@0_stdout@" | while IFS=: read -r user _ uid _; do [ "$uid" -ge 1000 ] && echo "$user"; done
test "@0_stdout@" = x && echo same || echo "not same"
PATH=/opt/bin:$PATH; export PATH; tool "@0_stdout@"
function greet { echo "hello $1"; }; greet "@0_stdout@" | tee -a log
logger "$(printf 'state %s on %s' "@0_stdout@" "$(hostname)")"
diff -u <(ssh a cat f) <(ssh b cat f) || echo "@0_stdout@"
a=(); while read -r x; do a+=("$x"); done <<< "@0_stdout@"; printf '%s,' "${a[@]}"; echo ${#a[@]}
declare -A seen; for k in a b; do seen[$k]=1; done; echo "${!seen[@]} @0_stdout@"
n=0; while read -r l; do n=$((n+1)); echo "$n: $l"; done <<< "@0_stdout@"
sort -t, -k2 <<< "@0_stdout@" | join - other.txt
ssh -o BatchMode=yes admin@web 'sudo systemctl restart app'; echo "@0_stdout@"
rsync -e 'ssh -p 22' a "b:@0_stdout@"
xmllint --xpath '//a' - <<< "@0_stdout@"
ruby -e 'puts ARGV[0]' -- "@0_stdout@"
node -e 'console.log(process.argv[1])' -- "@0_stdout@"
php -r 'echo $argv[1];' -- "@0_stdout@"
V=@0_stdout@; echo $(( $(date -d "$V" +%s) - $(date +%s) ))
find /srv -name '*.conf' -print0 | xargs -0 grep -l "@0_stdout@"
ls | xargs -I{} cp {} "/backup/@0_stdout@"
V=@0_stdout@; [[ "$V" == ok && $(nproc) -gt 2 ]] && echo fine
ssh "admin@@0_stdout@" uptime
flock -n /var/lock/x ./deploy.sh "@0_stdout@"
V=@0_stdout@; cd "/srv/$V" && pwd && ls | wc -l
app=@0_stdout@; d=~/deploy; cd "$d" && ./run "$app"
docker exec -e VERSION="@0_stdout@" app sh -c 'echo "$VERSION"'
find "/srv/@0_stdout@" -name x -exec cp {} "@1_stdout@" \;
rpm -q -- "@0_stdout@" || dpkg -s "@0_stdout@"
zsh ./old.zsh "@0_stdout@"
log() { logger -t x -- "$*"; }; run() { log "$*"; "$@"; }; run hostname; log "@0_stdout@"
run() { echo "+ $*"; systemctl "$@"; }; V=@0_stdout@; run restart "$V"
retry() { for i in 1 2 3; do curl "$@" && return; done; return 1; }; retry -f "http://x/@0_stdout@"
if [ "$(id -u)" = 0 ]; then systemctl restart "@0_stdout@"; else sudo systemctl restart "@0_stdout@"; fi
V=@0_stdout@; V="$V" yq e -i '.version = strenv(V)' values.yaml
yq -r e '.x' "@0_stdout@"
deno run -A x.ts "@0_stdout@"
bun run build -- "@0_stdout@"
npm run build -- "@0_stdout@"
npm run build --tag="@0_stdout@" && npm version "@0_stdout@"
npm exec -- eslint --fix "@0_stdout@"
docker run --rm "registry/app:@0_stdout@" ./migrate "@0_stdout@"
docker run --rm python:3 -c 'import sys; print(sys.argv[1])' "@0_stdout@"
docker run --rm curl -fsS "http://x/@0_stdout@"
IMAGE=app; docker run --rm "$IMAGE" ls "@0_stdout@"
""")

# kind -> scripts that would run an output as code
HOSTILE = {
    "the command word": scripts(r"""
        "@0_stdout@" x
        V=@0_stdout@; $V
        V=@0_stdout@; sudo $V
        V=@0_stdout@; sudo -u root "$V"
        V=@0_stdout@; env X=1 "$V" a
        V=@0_stdout@; timeout "$V" ls
        V=@0_stdout@; env "$V" ls
        V=@0_stdout@; jobs -x $V
        sudo -s "@0_stdout@"
        env -S "@0_stdout@"
        exec "@0_stdout@"
        exec -a x "@0_stdout@"
        nohup "@0_stdout@"
        command -p "@0_stdout@"
        builtin "@0_stdout@"
        ./"@0_stdout@"
        "$HOME/@0_stdout@"
        ! "@0_stdout@"
        time "@0_stdout@"
        a=1 "@0_stdout@"
        > f "@0_stdout@"
        for x in a "@0_stdout@"; do $x; done
        {eval,"@0_stdout@"}
        e=eval; $e "@0_stdout@"
        e=ev; ${e}al "@0_stdout@"
        $'\x65val' "@0_stdout@"
        c=cat; "$c" <<< "@0_stdout@"; c=sh
        $(echo eval) "@0_stdout@"
        /bin/[s]h -c "@0_stdout@"
        f() { "$@"; }; f "@0_stdout@"
        hash -p "@0_stdout@" ls; ls
        docker exec c "@0_stdout@"
        kubectl exec p -- "@0_stdout@"
        ip netns exec n "@0_stdout@"
        systemd-run "@0_stdout@"
        nsenter -t 1 -m "@0_stdout@"
        V=@0_stdout@; declare -u c; c=eval; $c "$V"
        IFS=x; c=evalxfoo; $c "@0_stdout@"
        V=@0_stdout@; $\⏎V
        V=@0_stdout@; $\⏎{V}
        git "@0_stdout@"
    """),
    "arithmetic": scripts(r"""
        V=@0_stdout@; W=$V; X=$W; echo $((X+1))
        V=@0_stdout@; W="a$V"; let W++
        V=@0_stdout@; n=V; echo $((n))
        n=TASKER_0_stdout; echo $((n)) "@0_stdout@"
        echo $((TASKER_0_stdout)) @0_stdout@
        ((a=1)); V=@0_stdout@; let "x=V"
        for ((i=V; i<3; i++)); do V=@0_stdout@; done
        V=@0_stdout@; [[ $V -eq 1 ]]
        V=@0_stdout@; [[ x$V -lt 5 ]]
        V=@0_stdout@; [[ 'V' -eq 0 ]]
        V=@0_stdout@; x=0; (( x += V ))
        V=@0_stdout@; x=V; y=x; echo $((y))
        V=@0_stdout@; echo $[V]
        V=@0_stdout@; for ((;;)); do x=$V; break; done; [[ x -eq 1 ]]
        V=@0_stdout@; case x in x) y=$V;; esac; echo $((y))
        V=@0_stdout@; if y=$V; then echo $((y)); fi
        y=1 z=@0_stdout@ true; echo $((z))
        cat f | while read n; do echo $((n)); done; V=@0_stdout@
        echo $(( $(echo V) )); V=@0_stdout@
        V=@0_stdout@; (\⏎(V+1))
        N\⏎V=@0_stdout@; echo $((NV))
        V=@0_stdout@; declare -i x; x=$V
        V=@0_stdout@; local -i x=$V
        V=@0_stdout@; x="$(echo "$V")"; y=${x:-1}; z=${y%a}; ((z))
        V=@0_stdout@; : ${n:=$V}; echo $((n))
    """),
    "subscripts, offsets and computed names": scripts(r"""
        V=@0_stdout@; a[$V]=1
        V=@0_stdout@; a=([$V]=1)
        V=@0_stdout@; declare -A m; m[$V]=1
        V=@0_stdout@; unset "m[$V]"
        V=@0_stdout@; echo ${x:V}
        V=@0_stdout@; echo "${x:$V:1}"
        V=@0_stdout@; echo ${x:0:V}
        V=@0_stdout@; echo "${a[V]}"
        V=@0_stdout@; echo ${!V}
        V=@0_stdout@; echo "${V@P}"
        x=V; V=@0_stdout@; bash -c "${!x}"
        V=@0_stdout@; echo "${!V@}"; echo ${!x}; x=V; eval "${!x}"
        V=@0_stdout@; unset "$V"
        V=@0_stdout@; read "$V" <<< x
        V=@0_stdout@; printf -v "$V" x
        V=@0_stdout@; declare -n r=V; echo $((r))
        V=@0_stdout@; o=-n; declare $o r=V; sh -c "$r"
        V=@0_stdout@; declare "$V"
        V=@0_stdout@; declare -a x="$V"
        V=@0_stdout@; export "$V"
        V=@0_stdout@; [ -v "$V" ]
        V=@0_stdout@; test x -o -v "$V"
        V=@0_stdout@; [[ -v $V ]]
        V=@0_stdout@; test -v 'a[V]'
        V=@0_stdout@; unset 'a[V]'
        V=@0_stdout@; read 'a[V]' <<< x
        V=@0_stdout@; declare 'a[V]=1'
        V=@0_stdout@; let 'a[V]=1'
        printf -v 'a[V]' x; V=@0_stdout@
        V=@0_stdout@; exec {a[V]}>x
        V=@0_stdout@; mapfile -C eval -c 1 <<< "$V"
    """),
    "what gets the value of a variable": scripts(r"""
        read -r n <<< "@0_stdout@"; echo $((n))
        printf '%s' "@0_stdout@" | { read -r n; echo $((n)); }
        printf '%s' "@0_stdout@" | while read n; do echo ${a[n]}; done
        while read -u 3 x; do echo $((x)); done 3<<< "@0_stdout@"
        V=@0_stdout@; mapfile -t l <<< "$V"; echo $((l[0]))
        set -- "@0_stdout@"; echo $(( $1 ))
        set -- V; V=@0_stdout@; echo $(($1))
        V=@0_stdout@; printf -v n %s "$V"; ((n))
        f() { echo $(($1)); }; f "@0_stdout@"
        f() { echo $(($1)); }; V=@0_stdout@; f V
        f() { echo $((n)); }; g() { local n=$1; f; }; g "@0_stdout@"
        a() { b "$@"; }; b() { c "$1"; }; c() { eval "$1"; }; a "@0_stdout@"
        f() { read x; eval "$x"; }; echo "@0_stdout@" | f
        f() { echo "@0_stdout@"; }; x=$(f); ((x))
        : "@0_stdout@"; echo $((_))
        read <<< "@0_stdout@"; echo $((REPLY))
        [[ "@0_stdout@" =~ (.*) ]]; echo $((BASH_REMATCH[1]))
        select x in "@0_stdout@"; do echo $((x)); done
        for x in "@0_stdout@"; do f() { echo $((x)); }; done; f
        getopts ab: o "@0_stdout@"; echo $((OPTARG))
        cd "@0_stdout@"; echo $((PWD))
        cd "@0_stdout@"; sh -c "ls $PWD"
        V=@0_stdout@; a+=("$V"); echo $((a))
        V=@0_stdout@; a=($V); b=("${a[@]}"); echo $((b[0]))
        x[0]=@0_stdout@; ((x))
        x+=@0_stdout@; ((x))
        x=`echo "@0_stdout@"`; echo $((x))
        V=@0_stdout@; n=v; eval "$n=\$V"; echo $((v))
        command_not_found_handle() { eval "$*"; }; no_such "@0_stdout@"
        echo() { eval "$1"; }; echo "@0_stdout@"
        V=@0_stdout@; f/x() { eval "$1"; }; f/x "$V"
    """),
    "[ … ]": scripts(r"""
        V=@0_stdout@; [ $V ]
        V=@0_stdout@; [ -n $V ]
        V=@0_stdout@; [ "$V" "$V" ]
        V=@0_stdout@; [ ! "$V" "$V" ]
        V=@0_stdout@; [ a "$V" b ]
        V=@0_stdout@; [ "$V" b ]
        V=@0_stdout@; o=-v; [ $o "$V" ]
        V=@0_stdout@; [ "$V" -a -v x ]
        V=@0_stdout@; test "$V" x
    """),
    "eval, trap and programs for another shell": scripts(r"""
        V=@0_stdout@; eval "$V"
        V=@0_stdout@; eval 'eval "$V"'
        V=@0_stdout@; eval 'echo $((V))'
        V=@0_stdout@; c='echo $((V))'; eval "$c"
        V=@0_stdout@; x='$V'; eval eval $x
        V=@0_stdout@; eval "x=\$V"; eval "\$x"
        V=@0_stdout@; eval x='$V'; echo $((x))
        eval "f() { eval \"\$1\"; }"; f "@0_stdout@"
        f() { echo "@0_stdout@"; }; eval "$(f)"
        V=@0_stdout@; f() { g() { eval "$V"; }; }; f; g
        f() { eval "$*"; }; f echo "@0_stdout@"
        V=@0_stdout@; bash -c 'eval "$1"' x "$V"
        bash -c 'bash -c "$1"' x "@0_stdout@"
        sh -c 'sh -c "$0"' "@0_stdout@"
        sh -c "echo $(printf %q "@0_stdout@")"
        bash -c "eval $(printf %q "@0_stdout@")"
        bash -c "echo '$(printf %q "@0_stdout@")'"
        bash -c 'f() { eval "$1"; }; f "$1"' x "@0_stdout@"
        echo "@0_stdout@" | bash -c 'read x; eval "$x"'
        V=@0_stdout@; bash -c "$(cat <<END⏎echo $V⏎END⏎)"
        V=@0_stdout@; x=-c; bash $x "$V"
        V=@0_stdout@; exec bash -c "$V"
        busybox sh -c "@0_stdout@"
        nice -n 5 bash -c "@0_stdout@"
        zsh -ic "@0_stdout@"
        bash -x +e -o pipefail -c "@0_stdout@"
        bash --norc -c "@0_stdout@"
        bash "@0_stdout@"
        bash --rcfile "@0_stdout@" -i
        docker exec c sh -c "echo @0_stdout@"
        kubectl exec p -- bash -c "@0_stdout@"
        read x <<< "@0_stdout@"; sh -c "echo $x"
        V=@0_stdout@; trap 'eval "$V"' EXIT
        V=@0_stdout@; trap "echo $V" EXIT
        trap 'echo $((V))' EXIT; V=@0_stdout@
        trap f EXIT; f() { eval "$V"; }; V=@0_stdout@
        f() { trap 'eval "$1"' RETURN; }; f "@0_stdout@"
        V=@0_stdout@; shopt -s expand_aliases; alias x='eval "$V"'⏎x
        V=@0_stdout@; alias e='eval "$V"'; set -o posix
        PS4='$(eval "$TASKER_0_stdout")'; set -x; echo @0_stdout@
        V=@0_stdout@; [[ -f <(eval "$V") ]]
        source <(echo "@0_stdout@")
        V=@0_stdout@; . <(echo 'eval "$V"')
        bash <(echo "@0_stdout@")
        printf "@0_stdout@"
        V=@0_stdout@; printf "$V" a
    """),
    "a program on stdin": scripts(r"""
        echo "@0_stdout@" | sh
        echo "@0_stdout@" | cat | bash -s
        cat <<< "@0_stdout@" | bash /dev/stdin
        V=@0_stdout@⏎bash <<END⏎echo $V⏎END
        V=@0_stdout@; cat <<END | sh⏎$V⏎END
        V=@0_stdout@; f() { cat <<END⏎$V⏎END⏎}; f | sh
        V=@0_stdout@⏎{ cat; } <<< "$V" | sh
        f() { sh; }; echo "@0_stdout@" | f
        f() { cat; }; f <<< "@0_stdout@" | sh
        coproc sh; echo "@0_stdout@" >&"${COPROC[1]}"
        V=@0_stdout@; coproc P { bash; }; printf %s "$V" >&${P[1]}
        exec < <(echo "@0_stdout@"); sh
        exec <<< "@0_stdout@"; sh
        f() { exec <<< "@0_stdout@"; }; f; sh
        exec 3<<< "@0_stdout@"; sh <&3
        exec 3<<< "@0_stdout@"; sh /dev/fd/3
        echo "@0_stdout@" | tee >(sh)
        tee >(bash) <<< "@0_stdout@"
        echo "@0_stdout@" > >(sh)
        exec > >(sh); echo "@0_stdout@"
        exec 3> >(bash); echo "@0_stdout@" >&3
        . /dev/stdin <<< "@0_stdout@"
        printenv | sh; echo "@0_stdout@"
        declare -p V | sh; V=@0_stdout@
        cat /proc/self/environ | tr '\0' '\n' | sh; echo @0_stdout@
        env | while read l; do eval "$l"; done; echo @0_stdout@
        echo "@0_stdout@" | while :; do sh; done
        echo "@0_stdout@" | (cat | bash)
        echo "@0_stdout@" | if true; then sh; fi
        echo "@0_stdout@" | sudo bash
        echo "@0_stdout@" | sudo -s
        echo "@0_stdout@" | env -i bash
        echo "@0_stdout@" | timeout 5 sh
        echo "@0_stdout@" | exec sh
        docker exec -i c sh <<< "@0_stdout@"
        V=@0_stdout@; export V; bash <<'END'⏎eval "$V"⏎END
        V=@0_stdout@; export V; bash <<< 'eval "$V"'
        V=@0_stdout@; export V; echo 'eval "$V"' | bash
        echo "$(sh <<< "@0_stdout@")"
        echo @0_stdout@ | at now
        crontab - <<< "@0_stdout@"
        patch -p1 <<< "@0_stdout@"
        bc <<< "@0_stdout@"
        V=@0_stdout@; echo "$V" | ed x
        su - app <<< "@0_stdout@"
        sqlite3 db <<< "@0_stdout@"
        echo "@0_stdout@" | make -f -
        echo "@0_stdout@" | perl
        perl - <<< "@0_stdout@"
        echo "@0_stdout@" | python3 -
        python3 < <(echo "@0_stdout@")
        python3 /dev/stdin <<< "@0_stdout@"
        awk -f - <<< "@0_stdout@"
        sed -f - f <<< "@0_stdout@"
        echo "@0_stdout@" | psql
        mysql db <<< "@0_stdout@"
    """),
    "program text after a verb, and of an image": scripts(r"""
        yq e "@0_stdout@" f
        yq -i eval ".x = \"@0_stdout@\"" f
        yq ea "@0_stdout@" a b
        deno eval "@0_stdout@"
        deno run "@0_stdout@"
        bun run "@0_stdout@"
        npm run "@0_stdout@"
        npm --prefix app run-script "@0_stdout@"
        yarn run "@0_stdout@"
        npm exec -c "@0_stdout@"
        npm x --call="@0_stdout@"
        npm exec -- "@0_stdout@"
        npm exec -- node -e "@0_stdout@"
        pnpm dlx "@0_stdout@"
        docker run "@0_stdout@"
        docker run --rm -it "@0_stdout@" ls
        docker run bash:5 -c "@0_stdout@"
        docker run --rm registry/python:3.11 -c "@0_stdout@"
        docker run --rm node -e "@0_stdout@"
        docker run --rm app -c "@0_stdout@"
        podman run --rm app -e "@0_stdout@"
    """),
    "program text of other interpreters": scripts(r"""
        V=@0_stdout@; awk "BEGIN {$V}"
        awk -v x=1 "@0_stdout@" f
        awk --source "@0_stdout@"
        awk -f "@0_stdout@"
        V=@0_stdout@; sed "s/x/$V/" f
        sed -n -e "s/@0_stdout@/x/p" f
        sed --expression="s/@0_stdout@/x/" f
        sed 's/a/b/' "@0_stdout@" f
        perl -e "print '@0_stdout@'"
        perl -pe "s/@0_stdout@/x/" f
        perl -ne 'print' "@0_stdout@"
        perl -M"@0_stdout@" -e 1
        python3 -c "print('@0_stdout@')"
        V=@0_stdout@; python3.11 -c "print('$V')"
        python3 -m "@0_stdout@"
        jq ".x == \"@0_stdout@\"" f
        jq -f "@0_stdout@"
        psql -c "select '@0_stdout@'"
        psql --command="@0_stdout@"
        mysql -e "select '@0_stdout@'"
        sqlite3 db "select '@0_stdout@'"
        make VERSION="@0_stdout@"
        make "@0_stdout@"
        git -c "core.pager=@0_stdout@" log
        git -c core.x=1 -c "alias.x=!@0_stdout@" x
        git config alias.x "!@0_stdout@"
        git rebase -x "@0_stdout@"
        git bisect run "@0_stdout@"
        ruby -e "puts '@0_stdout@'"
        node -e "@0_stdout@"
        node --eval "@0_stdout@"
        php -r "@0_stdout@"
        lua -e "@0_stdout@"
        Rscript -e "@0_stdout@"
        vim -c "@0_stdout@" x
        foo -c "@0_stdout@"
        foo -e"@0_stdout@"
        foo --eval="@0_stdout@"
        V=@0_stdout@; tar -cf x --to-command="$V" .
        sort --compress-program="@0_stdout@" f
        V=@0_stdout@; rsync -e "$V" a b
        scp -o "ProxyCommand=@0_stdout@" a b:
    """),
    "what joins its words for a shell": scripts(r"""
        V=@0_stdout@; ssh h "ls $V"
        V=@0_stdout@; ssh h ls "$V"
        ssh h "echo '$(printf %q "@0_stdout@")'"
        ssh h "echo \"$(printf %q "@0_stdout@")\""
        ssh h "eval $(printf %q "@0_stdout@")"
        ssh "@0_stdout@" ls
        ssh -o "ProxyCommand=@0_stdout@" h ls
        echo "@0_stdout@" | ssh h
        echo "@0_stdout@" | ssh h bash -s
        ssh h sudo sh <<< "@0_stdout@"
        V=@0_stdout@; su -c "ls $V"
        runuser -u app -- sh -c "@0_stdout@"
        autossh web1 "@0_stdout@"
        slogin web1 ls "@0_stdout@"
        plink web1 "@0_stdout@"
        mosh web1 -- "@0_stdout@"
        dsh -a "@0_stdout@"
        parallel-ssh -h hosts "@0_stdout@"
        salt '*' cmd.run "@0_stdout@"
        salt-call cmd.run "@0_stdout@"
        ls *.c | entr "@0_stdout@"
        plink web1 <<< "@0_stdout@"
        V=@0_stdout@; watch "ls $V"
        V=@0_stdout@; flock /x -c "ls $V"
        V=@0_stdout@; script -c "ls $V"
        tmux send-keys "@0_stdout@"
        socat - "EXEC:@0_stdout@"
        parallel echo ::: "@0_stdout@"
        echo "@0_stdout@" | parallel
        echo "@0_stdout@" | xargs sh -c
        echo "@0_stdout@" | xargs -I{} sh -c 'echo {}'
        echo "@0_stdout@" | xargs -I X X
        echo "@0_stdout@" | xargs env
        echo "@0_stdout@" | xargs sudo
        echo "@0_stdout@" | xargs perl -e
        echo "@0_stdout@" | xargs sh -c 'eval "$0"'
        V=@0_stdout@; xargs -a f sh -c "$V"
        find "@0_stdout@" -exec sh -c 'eval "$1"' x {} \;
        find . -exec sh -c "echo @0_stdout@" \;
        find "@0_stdout@" -exec sh -c 'echo {}' \;
        V=@0_stdout@; find $V -name x
        find . "@0_stdout@" "@1_stdout@" \;
        find . -exec "@0_stdout@" {} \;
        find . -exec env "@0_stdout@" \;
    """),
    "variables that are code to a program": scripts(r"""
        PATH="@0_stdout@" ls
        PATH="@0_stdout@:$PATH"; ls
        V=@0_stdout@; env LD_PRELOAD="$V" ls
        X=@0_stdout@; env "FOO_OPTS=$X" java
        V=@0_stdout@; export GIT_SSH_COMMAND="$V"; git fetch
        PAGER=@0_stdout@ git log
        JAVA_TOOL_OPTIONS=@0_stdout@ java x
        X_OPTS=@0_stdout@; export X_OPTS; java x
        export LDFLAGS; LDFLAGS=@0_stdout@
        V=@0_stdout@; export CFLAGS="$V"; ./configure
        set -a; X_OPTS=@0_stdout@; java x
        declare -x X_PATH; V=@0_stdout@; X_PATH=$V
        BASH_ENV=@0_stdout@ bash x
        PS4=@0_stdout@; set -x; ls
        V=@0_stdout@; PROMPT_COMMAND=$V bash -i
        EDITOR=@0_stdout@ crontab -e
        LESSOPEN=@0_stdout@ less f
        V=@0_stdout@; BROWSER="$V" xdg-open x
        IFS=@0_stdout@
    """),
    "commands of bash that keep or run code": scripts(r"""
        enable -f "@0_stdout@" x
        V=@0_stdout@; enable "$V"
        compgen -C "@0_stdout@"
        V=@0_stdout@; compgen -W "$V"
        V=@0_stdout@; complete -C "$V" x
        V=@0_stdout@; fc -s "$V"
        V=@0_stdout@; history -s "$V"
        V=@0_stdout@; bind -x "$V"
    """),
    "more of each kind": scripts(r"""
        V=@0_stdout@; [[ $x == a=($(eval "$V")) ]]
        exec 3<<< "@0_stdout@"; cat /dev/fd/3 | sh
        exec 3<<< "@0_stdout@"; f=/dev/fd/3; cat $f | sh
        V=@0_stdout@; export V; tr '\0' '\n' < /proc/$$/environ | sh
        mawk -W exec "@0_stdout@"
        npx "@0_stdout@"
        tar -I "@0_stdout@" -cf x .
        V=@0_stdout@; export V; python3 <<< 'import os'; sh -c "$(printenv V)"
        V=@0_stdout@; export V; sh -c 'eval "$V"'
        V=@0_stdout@; x=$(declare -p V); eval "$x"
        V=@0_stdout@; eval "${V@A}"
        V=@0_stdout@; eval "$(printf 'x=%q' "$V"; echo "; $V")"
        V=@0_stdout@; read -ra a <<< "$V"; "${a[@]}"
        V=@0_stdout@; a=(sh -c "$V"); "${a[@]}"
        V=@0_stdout@; set -- sh -c "$V"; "$@"
        V=@0_stdout@; set -- $V; shift; $1
        f() { shift; "$@"; }; f x "@0_stdout@"
        V=@0_stdout@; ls | while read f; do echo $((f)); done <<< "$V"
        V=@0_stdout@; while read -r a b; do let "c=b"; done < <(printf '%s\n' "$V")
        V=@0_stdout@; select x in $V; do eval "$REPLY"; done
        V=@0_stdout@; until read x; do :; done <<< "$V"; eval "$x"
        V=@0_stdout@; { read -r x; read -r y; } <<< "$V"; ((y))
        V=@0_stdout@; (read -r x; ((x))) <<< "$V"
        V=@0_stdout@; if read x; then ((x)); fi <<< "$V"
        V=@0_stdout@; for i in 1; do read x; ((x)); done <<< "$V"
        V=@0_stdout@; case 1 in 1) read x; ((x));; esac <<< "$V"
        V=@0_stdout@; f() { read x; ((x)); } <<< "$V"; f
        V=@0_stdout@; f() { sh; } <<< "$V"; f
        V=@0_stdout@; cat <<< "$V" | { while read x; do ((x)); done; }
        V=@0_stdout@; x=$(cat <<< "$V"); sh <<< "$x"
        V=@0_stdout@; echo "$V" | (exec sh)
        V=@0_stdout@; exec 5< <(printf %s "$V"); bash <&5
        V=@0_stdout@; exec {fd}<<< "$V"; bash <&$fd
        V=@0_stdout@; exec {fd}<<< "$V"; . /dev/fd/$fd
        V=@0_stdout@; exec {fd}<<< "$V"; bash /dev/fd/$fd
        V=@0_stdout@; bash 0<<< "$V"
        V=@0_stdout@; bash 3<<< "$V" <&3
        V=@0_stdout@; mapfile -u 3 x 3<<< "$V"; ((x))
        V=@0_stdout@; read x < <(echo "$V"); ((x))
        V=@0_stdout@; awk '{print}' <<< "$V" | xargs -I{} bash -c '{}'
        V=@0_stdout@; echo "$V" | xargs -I{} -- bash -c {}
        V=@0_stdout@; echo "$V" | xargs --replace=X bash -c X
        V=@0_stdout@; echo "$V" | xargs -i bash -c {}
        V=@0_stdout@; echo "$V" | xargs -IX bash -c X
        V=@0_stdout@; echo "$V" | xargs -n1 -P4 bash -c
        V=@0_stdout@; echo "$V" | xargs bash
        V=@0_stdout@; echo "$V" | xargs find . -exec
        V=@0_stdout@; echo "$V" | xargs ssh h
        V=@0_stdout@; echo "$V" | xargs git -c
        V=@0_stdout@; echo "$V" | xargs awk
        V=@0_stdout@; echo "$V" | xargs sed -n
        V=@0_stdout@; echo "$V" | xargs python3
        V=@0_stdout@; echo "$V" | xargs nice
        V=@0_stdout@; echo "$V" | xargs make
        V=@0_stdout@; find . -name x | xargs -I{} sh -c "$V {}"
        V=@0_stdout@; find . -exec bash -c "$V" {} +
        V=@0_stdout@; find . -exec sh -c 'eval "$1"' x "$V" \;
        V=@0_stdout@; find . -exec find "$V" -exec sh {} \; \;
        V=@0_stdout@; find -- $V
        V=@0_stdout@; sudo find $V
        V=@0_stdout@; sudo bash -c "$V"
        V=@0_stdout@; sudo -u x -- bash -c "$V"
        V=@0_stdout@; sudo -iu x "$V"
        V=@0_stdout@; sudo "$V"
        V=@0_stdout@; sudo $x "$V"
        V=@0_stdout@; sudo -E PATH="$V" ls
        V=@0_stdout@; sudo LD_PRELOAD="$V" ls
        V=@0_stdout@; env -u X $V
        V=@0_stdout@; env A=1 B=2 sh -c "$V"
        V=@0_stdout@; env -C /x "$V"
        V=@0_stdout@; env --split-string="$V"
        V=@0_stdout@; timeout -k 5 10 bash -c "$V"
        V=@0_stdout@; timeout 10 $V
        V=@0_stdout@; nice -n "$V" "$V"
        V=@0_stdout@; nice -n $V ls
        V=@0_stdout@; stdbuf -oL bash -c "$V"
        V=@0_stdout@; setsid -w bash -c "$V"
        V=@0_stdout@; time -p bash -c "$V"
        V=@0_stdout@; /usr/bin/time -f %e bash -c "$V"
        V=@0_stdout@; ionice -c3 bash -c "$V"
        V=@0_stdout@; chroot /x "$V"
        V=@0_stdout@; flock f "$V"
        V=@0_stdout@; su root -c "$V"
        V=@0_stdout@; su -c "echo $(printf %q x) $V"
        V=@0_stdout@; ssh h -- "$V"
        V=@0_stdout@; ssh -t h "cd $(printf %q "$V"); $V"
        V=@0_stdout@; ssh h "bash -c $(printf %q "$V")"
        V=@0_stdout@; ssh h "sh -c \"echo $(printf %q "$V")\""
        V=@0_stdout@; ssh h "echo \$(( $(printf %q "$V") ))"
        V=@0_stdout@; ssh h "cat <<E⏎$(printf %q "$V")⏎E"
        V=@0_stdout@; ssh h "a[$(printf %q "$V")]=1"
        V=@0_stdout@; ssh h "$(printf %q "$V")"
        V=@0_stdout@; ssh h "x=$(printf %q "$V"); \$x"
        V=@0_stdout@; ssh h "x=$(printf %q "$V"); eval \"\$x\""
        V=@0_stdout@; bash -c "ssh h $(printf %q "$V")"
        V=@0_stdout@; q=$(printf %q "$V"); bash -c "$q"
        V=@0_stdout@; q=${V@Q}; eval "x=$q"
        V=@0_stdout@; eval "x=$(printf %q "$V")"; ((x))
        V=@0_stdout@; eval "$(printf %q "$V")"
        V=@0_stdout@; eval '$V'
        V=@0_stdout@; eval "\$V"
        V=@0_stdout@; eval $'\x24V'
        V=@0_stdout@; . "$V"
        V=@0_stdout@; source ./"$V"
        V=@0_stdout@; trap "$V" 0
        V=@0_stdout@; trap -- "$V" 0
        V=@0_stdout@; trap 'sh -c "$V"' ERR
        V=@0_stdout@; PS0="$V"
        V=@0_stdout@; export PS1="$V"
        V=@0_stdout@; BASH_ENV="$V"; export BASH_ENV; bash x
        V=@0_stdout@; ENV=$V sh x
        V=@0_stdout@; export PYTHONPATH="$V"
        V=@0_stdout@; declare -gx PATH="$V"
        V=@0_stdout@; readonly PATH="$V"
        V=@0_stdout@; local PATH="$V"
        V=@0_stdout@; read PATH <<< "$V"
        V=@0_stdout@; printf -v PATH %s "$V"
        V=@0_stdout@; for PATH in "$V"; do ls; done
        V=@0_stdout@; mapfile PATH <<< "$V"
        V=@0_stdout@; : "${PATH:=$V}"
        V=@0_stdout@; PATH+=":$V"
        V=@0_stdout@; PATH[0]=$V
        V=@0_stdout@; eval 'PATH=$V'
        V=@0_stdout@; f() { PATH=$1; }; f "$V"
        V=@0_stdout@; n=PATH; printf -v "$n" %s "$V"; ls
        V=@0_stdout@; n=PATH; declare "$n=$V"
        V=@0_stdout@; n=PATH; export "$n"="$V"
        V=@0_stdout@; n=PATH; eval "$n=\$V"
        V=@0_stdout@; n=PATH; read "$n" <<< "$V"
        V=@0_stdout@; [[ $(( V )) ]]
        V=@0_stdout@; [[ a -eq b || $V -lt 1 ]]
        V=@0_stdout@; [[ ( $V -lt 1 ) ]]
        V=@0_stdout@; [[ ! $V -ge 1 ]]
        V=@0_stdout@; [[ $V -ef x || -v $V ]]
        V=@0_stdout@; test "$V" -eq 1 -a -v "$V"
        V=@0_stdout@; [ -R "$V" ]
        V=@0_stdout@; [ "$x" "$V" ]
        V=@0_stdout@; [ $V ]
        V=@0_stdout@; [ x"$V" ] && [ -z $V ]
        V=@0_stdout@; test $V -gt 5
        V=@0_stdout@; echo "${x[$V]}"
        V=@0_stdout@; echo "${#x[$V]}"
        V=@0_stdout@; echo "${x[$V]:-1}"
        V=@0_stdout@; echo "${x[V+1]}"
        V=@0_stdout@; echo "${!x[$V]}"
        V=@0_stdout@; echo "${x:1:$V}"
        V=@0_stdout@; echo "${@:$V}"
        V=@0_stdout@; echo "${x:(V)}"
        V=@0_stdout@; echo "${x:$((V))}"
        V=@0_stdout@; echo "${x:-${y:V}}"
        V=@0_stdout@; echo "${x/a/${y:V}}"
        V=@0_stdout@; echo "${x%${y[V]}}"
        V=@0_stdout@; x[V]+=1
        V=@0_stdout@; x=([V]=1)
        V=@0_stdout@; x+=([V]=1)
        V=@0_stdout@; declare -a x=([V]=1)
        V=@0_stdout@; declare x[V]=1
        V=@0_stdout@; export x[V]=1
        V=@0_stdout@; (( a = b ? V : 1 ))
        V=@0_stdout@; (( a[V] ))
        V=@0_stdout@; (( $(echo $V) ))
        V=@0_stdout@; (( `echo $V` ))
        V=@0_stdout@; (( "$V" ))
        V=@0_stdout@; (( ${V} ))
        V=@0_stdout@; (( ${V:-1} ))
        V=@0_stdout@; (( ${#x} + V ))
        V=@0_stdout@; echo $(( 16#$V ))
        V=@0_stdout@; echo $(( x$V ))
        V=@0_stdout@; let x=V y=1
        V=@0_stdout@; let 'x = V'
        V=@0_stdout@; let "x=$x" "y=V"
        V=@0_stdout@; for ((i=0;i<$V;i++)); do :; done
        V=@0_stdout@; declare -i n=V
        V=@0_stdout@; typeset -i n; n=$V
        V=@0_stdout@; integer() { local -i n=$1; }; integer "$V"
        V=@0_stdout@; declare -i n; read n <<< "$V"
        V=@0_stdout@; declare -ai n; n=($V)
        V=@0_stdout@; declare -i n; for n in $V; do :; done
        V=@0_stdout@; declare -i n; printf -v n %s "$V"
        V=@0_stdout@; RANDOM=$V
        V=@0_stdout@; OPTIND=$V
        V=@0_stdout@; read SECONDS <<< "$V"
        V=@0_stdout@; getopts "$V" o
        V=@0_stdout@; getopts a "$V"
        V=@0_stdout@; wait -n -p "$V"
        V=@0_stdout@; coproc "$V"
        V=@0_stdout@; hash -p "$V" ls
        V=@0_stdout@; complete -F f -W "$V" x
        V=@0_stdout@; compgen -W '$(eval "$V")'
        V=@0_stdout@; bind "$V"
        V=@0_stdout@; exec 3>"$V"; exec "$V"
        V=@0_stdout@; alias ls="$V"
        V=@0_stdout@; enable -f ./x.so "$V"
        V=@0_stdout@; fc -e "$V"
        V=@0_stdout@; history -p "$V"
        V=@0_stdout@; set -o "$V"
        V=@0_stdout@; set "$V"
        V=@0_stdout@; shopt -s "$V"
        V=@0_stdout@; BASH_ALIASES[ls]=$V
        V=@0_stdout@; BASH_CMDS[ls]=$V; ls
        V=@0_stdout@; python3 - "$V" <<< "$V"
        V=@0_stdout@; python3 -c "$V" x
        V=@0_stdout@; python3 -Wd -c "$V"
        V=@0_stdout@; python3 -Ic "$V"
        V=@0_stdout@; python3 "$V"
        V=@0_stdout@; python3 ./"$V"
        V=@0_stdout@; perl -we "$V"
        V=@0_stdout@; perl -lane "$V"
        V=@0_stdout@; perl -i.bak -pe "s/$V//"
        V=@0_stdout@; perl -E "$V"
        V=@0_stdout@; perl -e "$V" -- x
        V=@0_stdout@; perl -e print -e "$V"
        V=@0_stdout@; perl -s x -"$V"; perl -x"$V"
        V=@0_stdout@; ruby -ne "$V"
        V=@0_stdout@; ruby -e 1 "$V"
        V=@0_stdout@; node -pe "$V"
        V=@0_stdout@; node -r "$V" x
        V=@0_stdout@; node -e 1 "$V"
        V=@0_stdout@; awk -F: "$V" f
        V=@0_stdout@; awk -v "$V" '{print}' f; awk -v x="$V" "$V"
        V=@0_stdout@; awk -- "$V"
        V=@0_stdout@; gawk -i "$V" 1
        V=@0_stdout@; gawk -f x -e "$V"
        V=@0_stdout@; awk -f/dev/stdin <<< "$V"
        V=@0_stdout@; sed -ne "$V"
        V=@0_stdout@; sed -E "s/$V//"
        V=@0_stdout@; sed -i "/$V/d" f
        V=@0_stdout@; sed -f<(echo "$V") f
        V=@0_stdout@; sed -e p "$V" f
        V=@0_stdout@; sed -n p f "$V"
        V=@0_stdout@; sed -- "$V"
        V=@0_stdout@; sed --in-place "$V"
        V=@0_stdout@; sed -s -n -f /dev/stdin f <<< "$V"
        V=@0_stdout@; jq "$V" f
        V=@0_stdout@; jq -r "$V" f
        V=@0_stdout@; jq -n --arg a b "$V"
        V=@0_stdout@; jq --from-file "$V"
        V=@0_stdout@; psql -d x -tAc "select '$V'"
        V=@0_stdout@; psql db user -c "$V"
        V=@0_stdout@; psql -f "$V"
        V=@0_stdout@; psql <<E⏎select '$V'
        V=@0_stdout@; mysql -uroot -e "$V"
        V=@0_stdout@; mysql -uroot db -e"$V"
        V=@0_stdout@; sqlite3 -cmd "$V" db
        V=@0_stdout@; make -f "$V"
        V=@0_stdout@; make X="$V" all
        V=@0_stdout@; git -c "$V" x
        V=@0_stdout@; git -C "$V" -c "$V" x
        V=@0_stdout@; git --exec-path="$V" x
        V=@0_stdout@; git --config-env="$V" x
        V=@0_stdout@; git clone -c "$V" x
        V=@0_stdout@; git clone -u "$V" x
        V=@0_stdout@; git fetch --upload-pack="$V" x
        V=@0_stdout@; git rebase --exec "$V"
        V=@0_stdout@; git submodule foreach "$V"
        V=@0_stdout@; git filter-branch --tree-filter "$V"
        V=@0_stdout@; git difftool -x "$V"
        V=@0_stdout@; git grep -O"$V" x
        V=@0_stdout@; git config core.pager "$V"
        V=@0_stdout@; docker exec -it c "$V"
        V=@0_stdout@; docker exec -u root -w / c sh -c "$V"
        V=@0_stdout@; docker run --rm img "$V"
        V=@0_stdout@; docker run --rm img sh -c "$V"
        V=@0_stdout@; docker run --entrypoint "$V" img
        V=@0_stdout@; docker run -i img bash <<< "$V"
        V=@0_stdout@; kubectl exec -it p -c x -- sh -c "$V"
        V=@0_stdout@; kubectl exec p -- env "$V"
        V=@0_stdout@; vagrant ssh -c "$V"
        V=@0_stdout@; salt '*' cmd.run x; foo --command "$V"
        V=@0_stdout@; foo --run-command="$V"
        V=@0_stdout@; foo sh -c "$V"
        V=@0_stdout@; strace -f "$V"
        V=@0_stdout@; strace bash -c "$V"
        V=@0_stdout@; nsenter --target 1 bash -c "$V"
        V=@0_stdout@; at -f "$V" now
        V=@0_stdout@; ed f <<< "$V"
        V=@0_stdout@; ex -c "$V" f
        V=@0_stdout@; vim +"$V" f
        V=@0_stdout@; vim -es f <<< "$V"
        V=@0_stdout@; bc -l <<< "$V"
        V=@0_stdout@; echo "1+$V" | bc
        V=@0_stdout@; dc <<< "$V"
        V=@0_stdout@; gdb --eval-command="$V"
        V=@0_stdout@; m4 -D"$V" f
        V=@0_stdout@; xargs -I{} "$V"
        V=@0_stdout@; echo {a,$V}; {"$V",a}
        V=@0_stdout@; b{a,"$V"}sh
        V=@0_stdout@; x="$V" eval '((x))'
        V=@0_stdout@; x=1; x=$V; (( x ))
        x=@0_stdout@ f; f() { ((x)); }
        f() { ((x)); }; x=@0_stdout@ f
        V=@0_stdout@; export V; f() { bash -c '((V))'; }; f
        V=@0_stdout@; bash -c '((TASKER_0_stdout))'
        V=@0_stdout@; bash -c "$(< file)"; y=$(< "$V"); eval "$y"
        V=@0_stdout@; y=$(<<<"$V"); eval "$y"
        V=@0_stdout@; y=`cat <<< "$V"`; $y
        V=@0_stdout@; y=$(f "$V"); f() { echo "$1"; }; ((y))
        V=@0_stdout@; y=$(echo x; echo "$V" >&2) 2>&1; eval "$y"
        V=@0_stdout@; y=$( { echo "$V"; } ); ((y))
        V=@0_stdout@; y=$(if true; then echo "$V"; fi); ((y))
        V=@0_stdout@; y=$(for i in 1; do echo "$V"; done); ((y))
        V=@0_stdout@; y=$(echo "$V" | tr a b | sort | head -1); ((y))
        V=@0_stdout@; y=$(grep -c x "$V"); ((y))
        V=@0_stdout@; y=$(wc -c "$V"); ((y))
        V=@0_stdout@; y=$(date "$V"); ((y))
        V=@0_stdout@; y=$(date +"$V"); ((y))
        V=@0_stdout@; y=$(stat -c "$V" f); ((y))
        V=@0_stdout@; y=$(expr "$V" + 1); ((y))
        V=@0_stdout@; y=$(basename "$V"); ((y))
        V=@0_stdout@; y=$(printf %d "$V"); ((y))
        wc() { echo "$V"; }; V=@0_stdout@; y=$(wc -l < f); ((y))
        date() { echo V; }; V=@0_stdout@; ((y = $(date +%s)))
        nproc() { eval "$V"; }; V=@0_stdout@; nproc
    """),
}
# outputs of a type: numbers are no text, names are no options
TYPED_EVERYDAY = scripts(r"""
echo $((@0_stdout:int@ + 1)) @1_stdout@
V=@0_stdout:int@; echo $((V * 2)) "${a[V]}" "${x:V}" "@1_stdout@"
V=@0_stdout:signed@; (( V > -5 )) && echo "@1_stdout@"
[[ @0_stdout:int@ -gt 90 ]] && mail -s "disk of @1_stdout@" ops < /dev/null
V=@0_stdout:int@; for ((i = 0; i < V; i++)); do echo "$i @1_stdout@"; done
sed -n "@0_stdout:int@p" -- "@1_stdout@"
awk "NR > @0_stdout:int@" <<< "@1_stdout@"
bash -c "sleep @0_stdout:number@" x "@1_stdout@"
declare -i n=@0_stdout:int@; n+=1; echo "$n" "@1_stdout@"
ssh web1 "kill @0_stdout:int@" && echo "@1_stdout@"
a[@0_stdout:int@]=@1_stdout@; echo "${a[@]}"
seq "@0_stdout:int@" | while read -r i; do echo "$i"; done; echo "@1_stdout@"
timeout @0_stdout:number@ curl "http://@1_stdout@"
timeout @0_stdout:name@ true
sed 's/a/b/' @0_stdout:name@
V=@0_stdout:name@; sed 's/a/b/' "$V"
V="@0_stdout:name@"; for i in 1 2; do perl -e 'print 1' "$V"; done
ssh @0_stdout:name@ uptime
ssh "admin@@0_stdout:name@" uptime
V=@0_stdout:name@; ssh "deploy@$V" uptime
find @0_stdout:name@ -exec sh -c 'echo "$1"' x {} \;
printf @0_stdout:name@
V=@0_stdout?:name@; mkdir -p -- "$V"
""")
HOSTILE["programs of other shells, and what programs take as options"] = scripts(r"""
V=@0_stdout@; export V; flock f -c 'eval "$V"'
V=@0_stdout@; export V; script -qc 'eval "$V"' x
V=@0_stdout@; export V; watch -n1 -g 'eval "$V"'
V=@0_stdout@; export V; watch 'echo $((V))'
V=@0_stdout@; export V; su app -c 'eval "$V"'
V=@0_stdout@; flock f -c sh <<< "$V"
V=@0_stdout@; script -qc 'sh' x <<< "$V"
flock f -c 'eval "$TASKER_0_stdout"'; echo @0_stdout@
script -qc 'eval "$TASKER_0_stdout"' x; echo @0_stdout@
sqlite3 :memory: '.shell eval "$TASKER_0_stdout"'; echo @0_stdout@
sed '1e eval "$TASKER_0_stdout"' f; echo @0_stdout@
awk 'BEGIN {system("eval \"$TASKER_0_stdout\"")}'; echo @0_stdout@
make -f - <<< $'all:\n\teval "$$TASKER_0_stdout"'; echo @0_stdout@
exec "$BASH" -c 'eval "$TASKER_0_stdout"'; echo @0_stdout@
V=@0_stdout@; export V; make -f - <<< $'all:\n\t$(V)'
V=@0_stdout@; export V; git -c alias.x='!eval "$V"' x
V=@0_stdout@; export V; vim -es -c '!eval "$V"' -c q
V=@0_stdout@; export V; ed f <<< '!eval "$V"'
V=@0_stdout@; export V; sed '1e eval "$V"' f
V=@0_stdout@; V="$V" sed '1e eval "$V"' f
V=@0_stdout@; export V; perl -e 'system "eval \"\$V\""'
V=@0_stdout@; export V; tar cf x f --checkpoint=1 --checkpoint-action=exec='sh -c "$V"'
V=@0_stdout@; export V; split --filter='eval "$V"' f
V=@0_stdout@; export V; sort --compress-program='eval "$V"' f
V=@0_stdout@; split --filter="$V" f
V=@0_stdout@; printf %s "$V" | split --filter=sh -
V=@0_stdout@; perl -ne 'print' f "$V"
V=@0_stdout@; perl -ne 'print' -- "$V"
V=@0_stdout@; perl -lpe 's/a/b/' f "$V"
V=@0_stdout@; perl -e 'while (<>) { print }' -- "$V"
V=@0_stdout@; printf '%s\n' "$V" | xargs perl -ne print
V=@0_stdout@; tar cf x.tar "$V" f
V=@0_stdout@; tar xf x.tar $V
V=@0_stdout@; wget "$V"
V=@0_stdout@; rsync "$V" f g
git push -f "@0_stdout@"
git grep -o "@0_stdout@"
tar -f -- "@0_stdout@"
for h in @0_stdout@; do ssh "$h" uptime; done
for h in @0_stdout@; do ssh -o "$h" -- x uptime; done
V=@0_stdout@; ssh -- $V uptime
echo "@0_stdout@" | xargs -I{} ssh {} uptime
if (( $(echo "@0_stdout@") > 3 )); then echo many; fi
if (( $(echo "@0_stdout@" | head -1) > 3 )); then echo many; fi
cat <<E⏎a⏎E⏎eval "@0_stdout@"
cat <<E | sh⏎a⏎E⏎sh <<< "@0_stdout@"
V=@0_stdout@; scp "$V" web1:
V=@0_stdout@; git fetch "$V"
V=@0_stdout@; git clone "$V" x
V=@0_stdout@; git ls-remote "$V"
V=@0_stdout@; declare -a x='([V]=1)'
V=@0_stdout@; declare -a x='($(eval "$V"))'
V=@0_stdout@; declare -a 'x=($(eval "$V"))'
V=@0_stdout@; y='($(eval "$V"))'; declare -a x=$y
V=@0_stdout@; declare -a x; declare x='($(eval "$V"))'
V=@0_stdout@; f() { local -a x='($(eval "$V"))'; }; f
V=@0_stdout@; readonly -a x='($(eval "$V"))'
V=@0_stdout@; x=$( { : < "$V"; } 2>&1 ); eval "$x"
V=@0_stdout@; x=$( (: "${y:?$V}") 2>&1 ); eval "$x"
VIMINIT=@0_stdout@ vim -es -c q
V=@0_stdout@; export LUA_INIT="$V"
V=@0_stdout@; hash -p /bin/bash foo; foo <<< "$V"
V=@0_stdout@; x=$(date -d "$V" +%s 2>&1); eval "$x"
V=@0_stdout@; x=$( { stat -c %s "./$V"; } 2>&1); echo $((x))
V=@0_stdout@; wc -l "$V" |& { read -r x; echo $((x)); }
V=@0_stdout@; grep -c x "$V" |& sh
""")
HOSTILE["typed values"] = scripts(r"""
@0_stdout:int@ x
sudo "@0_stdout:int@"; echo "@1_stdout@"
V=@0_stdout:int@; $V
V=@0_stdout:number@; $V; echo "@1_stdout@"
export V=@0_stdout:signed@; "$V"; echo "@1_stdout@"
@0_stdout:name@
V=@0_stdout:name@; sudo "$V"
env @0_stdout:name@
V=@0_stdout:name@; echo $((V))
V=@0_stdout:name@; echo "${a[V]}"
V=@0_stdout:name@; echo "${x:V}"
V=@0_stdout:name@; unset "$V"
V=@0_stdout:name@; read "$V" < f
V=@0_stdout:name@; [[ $V -eq 1 ]]
V=@0_stdout:name@; [ -v "$V" ]
V=@0_stdout:name@; echo "${!V}"
V=@0_stdout:name@; sh -c "echo $V"
sh -c "echo @0_stdout:name@"
eval "x=@0_stdout:name@"
awk "/@0_stdout:name@/" f
echo "@0_stdout:name@" | sh
sed "s/x/@0_stdout:name@/" f
ssh web1 "systemctl restart @0_stdout:name@"
ssh -o "@0_stdout:name@" web1 uptime
ssh "-@0_stdout:name@" uptime
git @0_stdout:name@
V=@0_stdout:name@; read V < f; sed p "$V"
V=@0_stdout:name@; V+=@1_stdout@; sed p "$V"
V=@0_stdout:name@; n=V; printf -v "$n" %s "@1_stdout@"; sed p "$V"
V=@0_stdout:name@; sed p "${V#?}"
V=-@0_stdout:name@; sed p "$V"
V=@0_stdout:name@; for V in "@1_stdout@"; do sed p "$V"; done
V=@0_stdout:line@; echo $((V))
V=@0_stdout:version@; echo $((V))
V=@0_stdout:path@; sh -c "ls $V"
echo $((@0_stdout:number@ + 1))
x=@0_stdout:number@; echo $((x + 1)) "@1_stdout@"
echo '@0_stdout:int@'
PATH=@0_stdout:path@:$PATH
""")
HOSTILE["numbers that words of a host turn into text"] = scripts(r"""
V=@0_stdout@; y=$(stat -c %s ./$V); if (( y > 5 )); then echo big; fi
V=@0_stdout@; n=$(grep -c ^$V: /etc/passwd); if (( n > 0 )); then echo known; fi
V=@0_stdout@; n=$(getconf $V); echo $((n))
""")
HOSTILE["the folder that the shell is in"] = scripts(r"""
V=@0_stdout@; mkdir -p "$V" && cd "$V" && d=$(pwd) && sh -c "ls $d"
V=@0_stdout@; pushd "$V" > /dev/null; here=$(dirs -l +0); bash -c "ls $here"
V=@0_stdout@; cd "$V"; eval "cp x $(realpath .)"
V=@0_stdout@; cd "$V"; top=$(readlink -f .); ssh web1 "ls $top"
V=@0_stdout@; cd "$V"; x=~+; sh -c "ls $x"
V=@0_stdout@; cd "$V"; x=a:~-/b; eval "ls $x"
HOME=/home/@0_stdout@; d=~/deploy; bash -c "ls $d"
HOME=/home/@0_stdout@; for d in ~/deploy; do ssh web1 "ls $d"; done
HOME=/home/@0_stdout@; eval "$(echo ls ~)"
""")
HOSTILE["the environment of what a program starts"] = scripts(r"""
env N="@0_stdout@" bash -c 'echo $((N + 1))'
env -i N="@0_stdout@" sh -c 'eval "$N"'
sudo N="@0_stdout@" bash -c 'echo $((N + 1))'
docker exec -e N="@0_stdout@" app bash -c 'for ((i=0;i<N;i++)); do echo $i; done'
docker run --rm -e CMD="@0_stdout@" app sh -c '$CMD'
docker run --rm --env="CMD=@0_stdout@" app sh -c 'eval "$CMD"'
docker run --rm -eCMD="@0_stdout@" app sh -c 'eval "$CMD"'
docker compose exec -e N="@0_stdout@" app bash -c 'echo $((N))'
kubectl run t --image=x --env="N=@0_stdout@" -- sh -c 'eval "$N"'
export VERSION=@0_stdout@; envsubst < deploy.tmpl | sh
VERSION=@0_stdout@ envsubst < deploy.tmpl | bash
export VERSION=@0_stdout@; eval "$(envsubst < deploy.tmpl)"
export V=@0_stdout@; n=$(awk 'BEGIN{print ENVIRON["V"]}'); sh -c "ls $n"
export V=@0_stdout@; n=$(jq -rn 'env.V'); sh -c "ls $n"
export V=@0_stdout@; n=$(jq -rn '$ENV.V'); sh -c "ls $n"
export V=@0_stdout@; n=$(python3 -c 'import os; print(os.environ["V"])'); ssh web1 "ls $n"
V=@0_stdout@ perl -e 'print $ENV{V}' | sh
""")
HOSTILE["functions that a word of the script names"] = scripts(r"""
get() { echo "@0_stdout@"; }; for f in get put; do out=$("$f"); sh -c "ls $out"; done
run() { echo "+ $*" >&2; "$@"; }; get() { echo "@0_stdout@"; }; x=$(run get); eval "echo $x"
run() { "$@"; }; get() { printf '%s\n' "@0_stdout@"; }; run get | sh
run() { "$@"; }; show() { echo $(( $1 )); }; V=@0_stdout@; run show V
retry() { for i in 1 2; do "$@" && return; done; }; get() { echo "@0_stdout@"; }; n=$(retry get); bash -c "echo $n"
get_web() { echo "@0_stdout@"; }; role=$(hostname); x=$(get_$role); ssh web1 "ls $x"
""")
HOSTILE["assignments whose words are split"] = scripts(r"""
V=@0_stdout@; builtin export x=$V
V=@0_stdout@; \export x=$V
V=@0_stdout@; "declare" x=$V
f() { 'local' x=$1; }; f "@0_stdout@"
V=@0_stdout@; e=export; $e x=$V
""")
HOSTILE["words of find that end its -exec"] = scripts(r"""
V=@0_stdout@; find . -name f -exec echo $V {} \;
V=@0_stdout@; find . -type f -exec chmod $V {} +
find . -name f -exec echo "@0_stdout@" "@1_stdout@" {} \;
a=(@0_stdout@ @1_stdout@); find . -type f -exec echo "${a[@]}" {} \;
""")
HOSTILE["more programs that are text"] = scripts(r"""
mongosh --quiet --eval "print('@0_stdout@')"
V=@0_stdout@; mongosh --quiet mydb --eval "print('$V')"
mysql db --init-command "select '@0_stdout@'"
V=@0_stdout@; ex -sc "g/$V/d|x" f
V=@0_stdout@; vim -es f "+%s/x/$V/" +wq
V=@0_stdout@; vim -es -c 'set noswapfile' --cmd "set x=$V" f
V=@0_stdout@; emacs -l x.el --eval "(f \"$V\")"
V=@0_stdout@; gdb -batch -nx -ex "print $V"
V=@0_stdout@; erl -noshell -eval "print('$V')"
V=@0_stdout@; pwsh -Command "Get-Service $V"
V=@0_stdout@; pwsh -NoProfile -Command "Get-Service $V"
V=@0_stdout@; influx -execute "select $V"
echo "@0_stdout@" | pwsh -Command -
salt '*' cmd.run "systemctl restart @0_stdout@"
salt-call cmd.run "ls @0_stdout@"
knife ssh 'role:web' "ls @0_stdout@"
consul exec "ls @0_stdout@"
aws ssm send-command --parameters commands="ls @0_stdout@"
lxc exec web -- "@0_stdout@"
V=@0_stdout@; docker-compose exec -T app "$V"
V=@0_stdout@; crictl exec -it abc "$V"
systemd-cat "@0_stdout@"
setarch x86_64 "@0_stdout@"
chronic "@0_stdout@"
run-parts "@0_stdout@"
""")
HOSTILE["shells that read more than bash does as code"] = scripts(r"""
zsh -c '[ "$1" -eq 1 ]' x "@0_stdout@"
zsh -c 'setopt promptsubst; print -P -- "$1"' x "@0_stdout@"
V=@0_stdout@; export V; zsh -c '[ "$V" -gt 5 ]'
ksh -c 'printf "%d\n" "$1"' x "@0_stdout@"
fish -c 'eval $argv' "@0_stdout@"
csh -c 'eval $argv[1]' "@0_stdout@"
echo "@0_stdout@" | zsh -c 'read x; print -P $x'
""")
HOSTILE["more options that run something"] = scripts(r"""
rpm -q "@0_stdout@"
for p in @0_stdout@; do rpm -q $p || echo "$p is missing"; done
apt-get install -y "@0_stdout@"
apt install "@0_stdout@"
dpkg -i "@0_stdout@"
mail -s "it broke" "@0_stdout@" < /dev/null
hg log "@0_stdout@"
""")
HOSTILE["other ways"] = scripts(r"""
ls | xargs -I{} sh -c "@0_stdout@ {}"
r=$(cat f); ls | xargs -I "$r" sh -c "@0_stdout@"
V=@0_stdout@; ls | xargs -I{} bash -c "echo {} $V"
V=@0_stdout@; ls | xargs --replace bash -c "echo {} $V"
flock f -c "ls @0_stdout@"
V=@0_stdout@; flock $V ls
flock f "@0_stdout@"
flock f sh -c "ls @0_stdout@"
V=@0_stdout@; [[ a == b && V -gt 2 ]]
V=@0_stdout@; [[ ( a == b || 2 -lt $V ) ]]
V=@0_stdout@; cd "$V"; bash -c "ls $(git rev-parse --show-toplevel)"
{ x=$(echo "@0_stdout@" >&3); } 3>&1 | sh
BASH_ARGV0=@0_stdout@; eval "$0"
printf -v "port_@0_stdout:int@" %s "@1_stdout@"; echo $((port_5))
declare "port_@0_stdout:int@=@1_stdout@"; echo $((port_5))
read "port_@0_stdout:int@" <<< "@1_stdout@"; echo $((port_5))
V=@1_stdout@; eval "port_@0_stdout:int@=\$V"; echo $((port_5))
""")
HOSTILE = {kind: [text.strip() for text in texts] for kind, texts in HOSTILE.items()}


@pytest.mark.parametrize("text", EVERYDAY + TYPED_EVERYDAY)
def test_an_everyday_script_is_accepted(text):
    assert "TASKER_0_stdout" in made(text)


def test_a_value_of_a_type_has_a_variable_of_its_own():
    text = "echo @0_stdout@ $((@0_stdout:int@ + 1)) @0_stdout?:name@"

    assert made(text) == 'echo "${TASKER_0_stdout}" $((${TASKER_0_stdout__int} + 1)) "${TASKER_0_stdout__name}"'


@pytest.mark.parametrize(
    ("text", "way_out"),
    [
        ("V=@0_stdout@; echo $((V + 1))", "or @0_stdout:int@ if it is a number"),
        ("echo $((@0_stdout@ + 1))", "or @0_stdout:int@ if it is a number"),
        ("V=@0_stdout:line@; echo ${a[V]}", "or @0_stdout:int@ if it is a number"),
        ('V=@0_stdout@; awk "NR == $V" f', "or @0_stdout:int@ if it is a number"),
        ("coproc x; echo @0_stdout@", "or @0_stdout:int@ if it is a number"),
        ('V=@0_stdout@; sed p "$V"', "or @0_stdout:name@ if it is a name"),
        ('V=@0_stdout@; find "$V" -exec sh x \\;', "or @0_stdout:name@ if it is a name"),
    ],
)
def test_a_typed_value_is_a_way_out(text, way_out):
    with pytest.raises(ValueError, match=re.escape(way_out)):
        made(text)
    kind = "int" if "int" in way_out else "name"

    assert made(re.sub(r"@0_stdout(:line)?@", f"@0_stdout:{kind}@", text).replace("coproc x; ", ""))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            'run() { "$@"; }; run systemctl restart "@0_stdout@"',
            'and of the words of "$@" each could be the first: write the command in front, as in systemctl "$@"',
        ),
        (
            'retry() { for i in 1 2; do "$@" && return; done; }; V=@0_stdout@; retry curl "http://x/$V"',
            'and of the words of "$@" each could be the first: write the command in front, as in systemctl "$@"',
        ),
        (
            'SUDO=; [ "$(id -u)" = 0 ] || SUDO=sudo; $SUDO systemctl restart "@0_stdout@"',
            "'$SUDO', which has several values in the script, or none: write each command out, as in if",
        ),
        (
            'cmd=(systemctl restart); "${cmd[@]}" "@0_stdout@"',
            '"${cmd[@]}", whose first word is not certain here: write the command in front, as in systemctl',
        ),
    ],
)
def test_what_cannot_be_followed_is_named_with_the_way_out(text, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        made(text)


@pytest.mark.parametrize("text", ["@0_stdout@ --all", "V=@0_stdout@; sudo $V", "@0_stdout:name@ x"])
def test_no_type_is_a_way_out_for_a_command(text):
    with pytest.raises(ValueError, match=r"^@0_stdout[:a-z]*@ cannot be a command, .*: write the command itself$"):
        made(text)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in HOSTILE.items() for text in texts])
def test_a_script_that_could_run_a_value_is_refused_with_the_way_out(kind, text):
    with pytest.raises(ValueError, match=r"^@[01]_stdout[:a-z]*@ cannot .*(: |; )") as raised:
        made(text)

    assert "{}" not in str(raised.value)


def test_the_same_holds_for_a_secret():
    from tasker.language.template import Ref

    secret = Ref("PW", None, None, 0)
    with pytest.raises(ValueError, match=r"^@PW@ cannot "):
        shell_script(("V=", secret, '; sh -c "echo $V"'))
    assert '"${TASKER_SECRET_PW}" | sudo -S true' in shell_script(("printf %s ", secret, " | sudo -S true"))[0]


def test_a_script_without_values_from_outside_may_do_anything():
    for text in ("eval $X", "echo $(($x))", 'sh -c "$1"', "a=(", "alias x=y; declare -n r=x"):
        assert text == made(text)
        assert made(f"{text.replace('a=(', 'b')}; echo @0_exit_code@")


@pytest.mark.parametrize(
    "unit",
    [
        "v{0}=@0_stdout@; w=$((1+{0}))",
        "v{0}=$v{1}; echo $v{0}",
        'f{0}() {{ f{1} "$1"; }}',
        "cat | while read x{0}; do echo $x{0}; done",
        'a=(1 2 3 $x); echo "${{a[@]}}"',
        "bash -c 'echo \"$1\"' x @0_stdout@",
        'echo $(echo `echo "$(echo {0})"`)',
        "case $x in a) echo {0};; esac",
        "[[ $x == a* ]] && echo {0}",
        "cat <<END\n$x {0}\nEND",
        "echo ]]] a[1] \"x\" 'y' {{a,b}} ((1))".replace(" ((1))", ""),
        "sudo env nice -n 1 timeout 5 find . -name x -exec echo {{}} \\;",
    ],
)
def test_twice_the_text_is_twice_the_work(unit):
    def script(times):
        text = "\n".join(unit.format(index, index + 1) for index in range(times))
        if "<<" in text:  # after << an output is refused
            return f"echo @0_stdout@\n{text}"
        return f"{text}\necho @0_stdout@"

    few, many = (lines_run(made, script(times)) for times in (60, 240))

    assert many < 5 * few


def test_long_words_are_read_in_large_pieces():
    text = "echo '" + "a b\n" * 10_000 + "' \"" + "x y\n" * 10_000 + '" ' + "z" * 40_000 + " @0_stdout@"

    assert lines_run(made, text) < 20_000


@pytest.mark.parametrize("unit", ["a ", "a&", "(", "$x", "'", "v=@0_stdout@; w=$((1+v)); ", "@0_stdout@ "])
def test_a_script_that_no_shell_can_be_passed_is_refused_at_once(unit):
    text = "echo @0_stdout@; " + unit * (2**20 // len(unit))

    def tried():
        with pytest.raises(ValueError, match=r"^@0_stdout@ cannot be used in a script of [0-9]+ KiB, .*: use a file$"):
            shell_script(parts)

    parts = parse_template(text)

    assert lines_run(tried) < 15 * len(parts) + 20_000


def test_bash_is_not_passed_more():
    with pytest.raises(OSError, match="Argument list too long"):
        subprocess.run(["bash", "-c", "--", "#" * LONGEST])
    assert not subprocess.run(["bash", "-c", "--", "#" * (LONGEST - 1)]).returncode


@pytest.mark.parametrize("begin", ["eval ", "sudo ", "env sh -c ", "xargs ", "find -exec ", "f() ", "! ", "a | "])
def test_a_long_chain_of_commands_is_an_answer(begin):
    with contextlib.suppress(ValueError):
        made(begin * 20_000 + " @0_stdout@")


VALUES = [
    "$(touch PWNED)",
    "`touch PWNED`",
    "a[$(touch PWNED)]",
    "a[$(touch PWNED)]=1",
    "x; touch PWNED",
    "x\ntouch PWNED",
    "'; touch PWNED; '",
    '"; touch PWNED; "',
    "-exec touch PWNED ;",
    "-e1etouch PWNED",
    "-esystem('touch PWNED')",
    'BEGIN{system("touch PWNED")}',
    "1e touch PWNED",
    "touch PWNED",
    "TASKER_0_stdout",
    "-c",
    "-v",
    "--",
]
ASSIGNED = scripts(r"""
V=@0_stdout@
read -r V <<< @0_stdout@
V=$(echo @0_stdout@)
for V in @0_stdout@ x; do :; done
printf -v V %s "$W"
W=@0_stdout@; V=$W
set -- @0_stdout@; V=$1
mapfile -t V <<< "$W"
IFS=: read -r V W <<< @0_stdout@
V=1
W=V
V+=@0_stdout@
V=(@0_stdout@ 2)
[[ @0_stdout@ =~ .* ]]
f() { V=$1; }; f @0_stdout@
while read -r V; do :; done < <(echo @0_stdout@)
export V="$W"
: ${V:=$W}
c=eval
c=echo
n=5
n=$((n+1))
trap 'echo $V' EXIT
unset V
set -- $W x
""")
USED = scripts(r"""
echo "$V"
echo $V
echo $((V))
echo $((n+1))
eval "$V"
$V
"$V"
$c "$V"
[ $V = x ]
[ "$V" = x ]
[ "$V" -eq 1 ]
[[ $V == x ]]
[[ $V -eq 1 ]]
[[ n -gt 1 ]]
echo ${a[V]}
echo ${V:0:1}
echo ${x:V}
echo ${!V}
echo ${V@P}
echo "${V@Q}"
sh -c "$V"
sh -c 'echo "$1"' x "$V"
bash -c 'eval "$1"' x "$V"
bash -c "echo $(printf %q "$V")"
bash -c "echo '$(printf %q "$V")'"
eval 'echo "$V"'
eval 'echo $((V))'
echo "$V" | sh
echo "$V" | cat
cat <<< "$V" | while read -r x; do echo "$x"; done
cat <<END⏎$V⏎END
sh <<END⏎$V⏎END
sh <<'END'⏎$V⏎END
echo "$V" > >(sh)
echo "$V" | tee >(cat) >(sh)
awk "$V" /etc/passwd
echo "$V" | awk '{print $1}'
echo x | awk -v v="$V" '{print v}'
echo x | sed "s/x/$V/"
echo "$V" | sed 's/x/y/'
sed -n p "$V" /etc/passwd
perl -e "$V"
perl -ne 1 "$V" /etc/passwd
perl -e 'print @ARGV' -- "$V"
find . -name "$V"
find . $V
find . -maxdepth 0 -exec echo "$V" {} \;
find . -maxdepth 0 -exec sh -c 'echo "$1"' x "$V" \;
echo "$V" | xargs echo
echo "$V" | xargs
echo "$V" | xargs sh -c
echo "$V" | xargs -I{} echo {}
echo "$V" | xargs env
env "$V" true
env X="$V" true
env X=$V true
X=$V true
PS4=$V; set -x; true; set +x
trap "$V" EXIT
test -v "$V"
unset "$V"
declare "$V"
declare x="$V"; echo $x
local -i x="$V"
export "X=$V"
printf "$V"
printf '%s' "$V"
printf -v "$V" x
read "$V" <<< x
timeout 5 echo "$V"
timeout "$V" echo x
nice $V
case $V in x) echo;; $V) echo y;; esac
for x in $V; do echo "$x"; done
f() { $1 "$2"; }; f echo "$V"
f() { echo "$@"; }; f "$V"
g() { eval "$1"; }; g "$V"
x() { sh; }; echo "$V" | x
let "x=$V"
let x=n+1
((x=V))
((x=n))
declare -A m; m[$V]=1
m=([$V]=1)
m=("$V")
source <(echo "$V")
echo `echo "$V"`
echo $_
echo $((_))
command $V
exec 3<<< "$V"; cat <&3
exec 3<<< "$V"; sh <&3
bash -c 'f() { echo $(($1)); }; f "$1"' x "$V"
if [ -n "$V" ]; then echo y; fi
[ "$V" "$V" ]
[ -n "$V" -a x = "$V" ]
[ "$V" -a "$W" ]
[ ! "$V" ]
echo "$V" | bash -s x
enable "$V"
compgen -W "$V"
hash -p "$V" q; q
${V%x} y
{echo,"$V"}
{sh,-c,"$V"}
echo {a,"$V"}
p=sh; $p -c "$V"
e='eval'; \$e $V
\e\v\a\l "$V"
getopts a: o -a "$V"; echo $((OPTARG))
""")
JOINS = scripts(r"""
{0}; {1}; {2}
{0}; if {1}; then {2}; fi
{0}⏎{{ {1}; }} | ( {2}; )
{0}; h() {{ {1}⏎{2}⏎}}; h "$V"
{0} && {1} || {2}
W=@0_stdout@; {0}; for i in 1 2; do {1}; done; {2}
eval '{0}'; {1}; {2}
W=@0_stdout@; {0}; {1} < <({2})
{1}; {0}; x=$({2}); echo $((x))
{0}; exec 2>&1; {1}; echo "$V" | {2}
""")
GENERATED = st.builds(
    str.format, st.sampled_from(JOINS), st.sampled_from(ASSIGNED), st.sampled_from(USED), st.sampled_from(USED)
)


# what the scripts may start here: no program that changes anything outside of their folder
TOOLS = (
    "awk base64 basename bash cat comm cut date diff dirname env expr false find grep head jq join ls mkdir mktemp nice"
    " nl paste perl printf python3 rev sed seq setsid sh sleep sort stat tail tee test timeout touch tr true uniq wc"
    " xargs"
)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bin")
    for name in TOOLS.split():
        if found := shutil.which(name):
            (folder / name).symlink_to(found)
    return str(folder)


def run(text, value, folder, path):
    environment = {"PATH": path, "HOME": str(folder), "TASKER_0_stdout": value, "TASKER_1_stdout": value}
    subprocess.run(
        ["bash", "-c", "--", text],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=environment,
        cwd=folder,
        timeout=20,
    )


@settings(
    max_examples=SWEEP,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(GENERATED, st.sampled_from(VALUES))
def test_no_generated_script_that_is_accepted_runs_a_value(tmp_path, path, text, value):
    try:
        accepted = made(text)
    except ValueError:
        return
    run(accepted, value, tmp_path, path)

    assert not (tmp_path / "PWNED").exists(), accepted


ENDLESS = ("sleep 1; done",)  # those that wait for something that never comes here


@pytest.mark.parametrize("value", VALUES)
def test_no_everyday_script_runs_a_value(value, tmp_path, path):
    texts = [text for text in EVERYDAY if not any(part in text for part in ENDLESS)]
    for text in texts if SWEEP > 1000 else RANDOM.sample(texts, 12):
        run(made(text), value, tmp_path, path)

        assert not (tmp_path / "PWNED").exists(), text
