/**
 * The script that looks at a rented machine, in POSIX sh: which log was written last, what is new in it, how its GPUs are. It
 * needs stat, find, tail, head and sha256sum as they are in images of containers.
 *
 * It prints, after a line break each, «MARK word …» lines: `log CUT ID FROM BEFORE MORE PATH` and behind it the bytes of the log,
 * `gpus`, and behind it what nvidia-smi says, and `end`.
 */
import { gpuQuery } from '../nvidia-smi.ts'
import { quoteShell } from '../ssh/quote-shell.ts'

/** How far a log has been read. Whoever keeps it gives it back as it is. */
export type LogPlace = {
  path: string
  /** Of its file system and its file: it stays when the file is renamed. */
  id: string
  /** Bytes. */
  offset: number
  /** Of the last bytes before, so that a file that was written anew is recognised. */
  check: string
}

export const lookLimits = {
  /** Of a log at a time, bytes. */
  bytesMax: 256 * 1024,
  /** Who is further behind goes on near the end. */
  behindBytesMax: 4 * 1024 * 1024,
  patternsMax: 20,
  patternCharactersMax: 1_000,
  /** nvidia-smi hangs with a driver in trouble. */
  gpuSeconds: 5,
  timeoutMs: 20_000,
} as const

/** Bytes before a place that its check is made of. */
export const checkBytes = 64

export type LookScript = { patterns: readonly string[]; after: LogPlace | null; mark: string; bytesMax: number }

export function writeInstanceLook({ patterns, after, mark, bytesMax }: LookScript): string {
  const place = after ?? { path: '', id: '', offset: 0, check: '' }
  return [
    `LC_ALL=C; export LC_ALL`,
    `say() { printf '\\n%s %s\\n' ${quoteShell(mark)} "$1"; }`,
    `was=${quoteShell(place.path)} id=${quoteShell(place.id)} from=${Math.trunc(place.offset)} check=${quoteShell(place.check)}`,
    `most=${bytesMax} behind=${lookLimits.behindBytesMax}`,
    lookFunctions,
    `newest=`,
    `for one in ${patterns.map(quotePattern).join(' ')}; do consider "$one"; done`,
    chooseFile,
    `[ -z "$file" ] || tell_log`,
    `say gpus`,
    `query='--query-gpu=${gpuQuery} --format=csv,noheader,nounits'`,
    `if command -v timeout > /dev/null 2>&1; then timeout ${lookLimits.gpuSeconds} nvidia-smi $query 2>/dev/null; else nvidia-smi $query 2>/dev/null; fi`,
    `say end`,
  ].join('\n')
}

const lookFunctions = `consider() {
  [ -f "$1" ] && [ -r "$1" ] || return 0
  case $1 in *'
'*) return 0 ;; esac
  if [ -z "$newest" ] || [ "$1" -nt "$newest" ]; then newest=$1; fi
}
name_file() { stat -Lc '%d:%i' -- "$1" 2>/dev/null; }
measure() { stat -Lc '%s' -- "$1" 2>/dev/null; }
part() { tail -c "+$(($2 + 1))" -- "$1" 2>/dev/null | head -c "$3"; }
is_proven() {
  [ "$from" -gt 0 ] && [ "$(measure "$1")" -ge "$from" ] || return 1
  back=$((from < ${checkBytes} ? from : ${checkBytes}))
  now=$(part "$1" $((from - back)) $back | sha256sum)
  [ "\${now%% *}" = "$check" ]
}
is_same() { [ "$from" -eq 0 ] || ! command -v sha256sum > /dev/null 2>&1 || is_proven "$1"; }
find_renamed() {
  find "\${was%/*}" -maxdepth 1 -type f -inum "\${id#*:}" 2>/dev/null | head -n 1 | while IFS= read -r one; do
    if is_proven "$one"; then printf '%s\\n' "$one"; fi
  done
}
tell_log() {
  size=$(measure "$file")
  cut=0 more=0
  if [ $((size - from)) -gt "$behind" ] || { [ "$fresh" = 1 ] && [ "$size" -gt "$most" ]; }; then from=$((size - most)) cut=1; fi
  [ $((size - from)) -le "$most" ] || more=1
  before=$((from < ${checkBytes} ? from : ${checkBytes}))
  say "log $cut $(name_file "$file") $from $before $more $file"
  part "$file" $((from - before)) $((before + most))
}`

/**
 * The file that was read goes on while there is something new in it, wherever it is now: a log that is rotated is read to its end,
 * and two that are written in turns do not make the reading jump.
 */
const chooseFile = `file= fresh=1
if [ -n "$was" ]; then
  fresh=0
  old=$was
  # The number of a file that was removed is given to the next: another name must have proof.
  [ "$(name_file "$old")" = "$id" ] || old=$(find_renamed 2>/dev/null)
  if [ -n "$old" ] && [ "$(name_file "$old")" = "$id" ]; then
    size=$(measure "$old")
    if [ "$size" -lt "$from" ] || ! is_same "$old"; then from=0; fi
    if [ "$size" -gt "$from" ] || [ "$old" = "$newest" ] || [ -z "$newest" ]; then file=$old; fi
  fi
fi
if [ -z "$file" ]; then file=$newest from=0; fi`

/** `*`, `?` and `[…]` mean what they mean in a shell, all else means itself; `~/` is the home folder there. */
export function quotePattern(pattern: string): string {
  const [home, rest] = pattern.startsWith('~/') ? ['"$HOME"/', pattern.slice(2)] : ['', pattern]
  const whole = home === '' && !rest.startsWith('/') ? `./${rest}` : rest
  const parts = whole.split(/([*?]+|\[[!\w.-]+\])/)
  return home + parts.map((part, at) => (at % 2 === 1 || part === '' ? part : quoteShell(part))).join('')
}
