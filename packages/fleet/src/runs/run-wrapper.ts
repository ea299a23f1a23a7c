/**
 * The script of POSIX sh that runs the user's script in its run folder, on every kind of target: it passes signals on and
 * keeps how the script ended, whoever has gone meanwhile.
 */

/** What stands in a run folder. Each appears whole, under another name first. */
export const runFiles = {
  /** Of whom the folder is: its uid and attempt. */
  owner: 'owner',
  script: 'script',
  wrapper: 'wrapper.sh',
  /** `export` lines, a variable each. Readable by its user only. */
  environment: 'environment',
  /** What the script prints, both streams. */
  log: 'log',
  /** Who runs it: `HOST BOOT PID START`, and `CHILD START` behind it. */
  process: 'process',
  /** `{"exitCode":…,"startedAt":…,"endedAt":…}`, times in s since 1970. */
  exit: 'exit.json',
  mailbox: 'mailbox',
} as const

/**
 * Functions that tell processes apart by when they began, because a number is given again. Without /proc it is what ps says.
 */
export const identify = `host() { uname -n; }
boot() { cat /proc/sys/kernel/random/boot_id 2>/dev/null || echo -; }
begun() {
  if [ -r "/proc/$1/stat" ]; then sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | cut -d ' ' -f 20
  else ps -o lstart= -p "$1" 2>/dev/null | tr -s ' ' _; fi
}`

const { environment, exit, log, process: who, script } = runFiles

/** It is started in its run folder (Slurm: `--chdir`). */
export const wrapperText = `#!/bin/sh
# Written by pilothouse: runs «${script}» and keeps how it ended.
[ -f ./${script} ] || exit 1
${identify}
. ./${environment} || exit 1
keep() { cat > "$1.new" && mv -f "$1.new" "$1"; }
rm -f ${exit}
at=$(date +%s)
me="$(host) $(boot) $$ $(begun $$)"
child=
pass() { [ -z "$child" ] || kill -s "$1" -- "-$child" 2>/dev/null; }
for name in TERM INT HUP; do trap "pass $name" "$name"; done
# A group of its own: a signal reaches all of it, not a shell alone that waits for what it runs.
if command -v setsid > /dev/null 2>&1; then setsid ./${script} < /dev/null >> ${log} 2>&1 &
else set -m; ./${script} < /dev/null >> ${log} 2>&1 & fi
child=$!
echo "$me $child $(begun "$child")" | keep ${who}
while :; do
  wait "$child"
  code=$?
  kill -0 "$child" 2>/dev/null || break
done
# A signal that comes as it ends hides how: the shell still knows.
wait "$child" 2>/dev/null
again=$?
[ $again = 127 ] || code=$again
printf '{"exitCode":%s,"startedAt":%s,"endedAt":%s}\\n' "$code" "$at" "$(date +%s)" | keep ${exit}
exit "$code"
`
