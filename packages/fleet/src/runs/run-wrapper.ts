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
  /** Who runs it: `HOST BOOT PID START`, `CHILD START`, and since when, in s since 1970. */
  process: 'process',
  /** `{"exitCode":…,"startedAt":…,"endedAt":…,"restarts":…}`, times in s since 1970. */
  exit: 'exit.json',
  /** The same of the beginning before, where Slurm has begun it anew; with `"isPreempted":true` where it had to make room. */
  earlier: 'earlier.json',
  /** Somebody has cancelled it. */
  cancelled: 'cancelled',
  /** Its job's id, where Slurm runs it; of an element of an array `JOB_INDEX`. */
  slurm: 'slurm',
  /** Of an array: the run folders of its elements, by their index. */
  elements: 'elements',
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

const { cancelled, earlier, environment, exit, log, process: who, script, slurm } = runFiles

/**
 * Signals that the wrapper of a batch job passes on as others. When Slurm ends a job it sends SIGTERM to all that runs there:
 * passed on, the script would hear it twice. So whoever means the script alone says it in other words.
 */
export const batchSignals = { TERM: 'ALRM', KILL: 'QUIT', STOP: 'TTIN', CONT: 'TTOU' } as const

/** What asks Slurm must not wait for a controller that does not answer, s. */
const askSlurm = 'timeout 20 scontrol'

/**
 * It is started in its run folder. With the word `slurm` it is the shell of a batch job, and begun anew in the same folder
 * after a requeue.
 */
export const wrapperText = `#!/bin/sh
# Written by pilothouse: runs «${script}» and keeps how it ended.
[ -f ./${script} ] || exit 1
${identify}
. ./${environment} || exit 1
keep() { cat > "$1.new" && mv -f "$1.new" "$1"; }
restarts=0
if [ "\${1-}" = slurm ]; then restarts=\${SLURM_RESTART_COUNT:-0}; echo "\${SLURM_ARRAY_JOB_ID:-$SLURM_JOB_ID}\${SLURM_ARRAY_TASK_ID:+_$SLURM_ARRAY_TASK_ID}" | keep ${slurm}; fi
[ ! -f ${exit} ] || mv -f ${exit} ${earlier}
at=$(date +%s)
me="$(host) $(boot) $$ $(begun $$)"
child=
pass() { [ -z "$child" ] || kill -s "$1" -- "-$child" 2>/dev/null; }
for name in TERM INT HUP USR1 USR2; do trap "pass $name" "$name"; done
if [ "\${1-}" = slurm ]; then
  trap : TERM
${Object.entries(batchSignals)
  .map(([name, heard]) => `  trap "pass ${name}" ${heard}`)
  .join('\n')}
fi
# A group of its own: a signal reaches all of it, not a shell alone that waits for what it runs.
if command -v setsid > /dev/null 2>&1; then setsid ./${script} < /dev/null >> ${log} 2>&1 &
else set -m; ./${script} < /dev/null >> ${log} 2>&1 & fi
child=$!
echo "$me $child $(begun "$child") $at" | keep ${who}
while :; do
  wait "$child"
  code=$?
  kill -0 "$child" 2>/dev/null || break
done
# A signal that comes as it ends hides how: the shell still knows.
wait "$child" 2>/dev/null
again=$?
[ $again = 127 ] || code=$again
# In the grace before a pre-emption Slurm asks the script alone to end. Whoever ends then has failed, for Slurm, and is not
# begun anew: so that is asked for here, and how it ended is kept as an earlier end.
record() { printf '{"exitCode":%s,"startedAt":%s,"endedAt":%s,"restarts":%s%s}\\n' "$code" "$at" "$(date +%s)" "$restarts" "\${1-}"; }
if [ "\${1-}" = slurm ] && [ "$code" != 0 ] && [ ! -e ${cancelled} ] &&
  ${askSlurm} show job -o "$SLURM_JOB_ID" 2>/dev/null | grep -q 'Requeue=1 .*PreemptTime=[0-9]' &&
  record ',"isPreempted":true' | keep ${earlier} && ${askSlurm} requeue "$SLURM_JOB_ID" 2>/dev/null; then sleep 60; fi
record | keep ${exit}
exit "$code"
`
