/** Scripts of POSIX sh that make, start, look at, stop and remove run folders. Each prints lines that begin with a mark. */
import { quotePath, quoteShell } from '../ssh/quote-shell.ts'
import { identify, runFiles } from './run-wrapper.ts'

export type RunFile = { name: string; text: string; isProgram?: boolean }

/** What stands between `mark` and the end of a line is an answer. */
function begin(mark: string): string {
  return `umask 077; export LC_ALL=C; say() { printf '\\n%s %s\\n' ${quoteShell(mark)} "$1"; }`
}

/** Prints `made PATH`, `there PATH` where it was made before, `taken`, or `unmade WHY`. */
export function writeMakeScript(
  mark: string,
  { folder, owner, files }: { folder: string; owner: string; files: readonly RunFile[] },
): string {
  return [
    begin(mark),
    `folder=${quotePath(folder)}`,
    `mine() { [ "$(cat "$folder"/${runFiles.owner} 2>/dev/null)" = ${quoteShell(owner)} ]; }`,
    `tell() { say "$1 $(cd "$folder" && pwd -P)"; exit 0; }`,
    `! mine || tell there`,
    `if [ -e "$folder" ] || [ -L "$folder" ]; then say taken; exit 0; fi`,
    `aside="$folder.$$.new"`,
    `fail() { say "unmade $(printf %s "$1" | tr '\\n' ' ')"; rm -rf "$aside"; exit 0; }`,
    `why=$(mkdir -p "$aside"/${runFiles.mailbox} 2>&1) || fail "$why"`,
    `put() { why=$({ printf '%s' "$2" | cat > "$aside/$1"; } 2>&1) || fail "$why"; }`,
    ...files.map(({ name, text }) => `put ${quoteShell(name)} ${quoteShell(text)}`),
    ...files
      .filter(({ isProgram }) => isProgram)
      .map(({ name }) => `why=$(chmod 700 "$aside"/${quoteShell(name)} 2>&1) || fail "$why"`),
    `put ${runFiles.owner} ${quoteShell(owner)}`,
    `why=$(mv "$aside" "$folder" 2>&1) || fail "$why"`,
    // Somebody was quicker: then it lies inside of theirs.
    `rm -rf "$folder/\${aside##*/}"`,
    `mine && tell made || say taken`,
  ].join('\n')
}

/** Prints `started`, `running`, `ended` or `gone`. Two at once start one. */
export function writeStartScript(mark: string, folder: string): string {
  return [
    begin(mark),
    identify,
    isAlive,
    `cd ${quotePath(folder)} 2>/dev/null && [ -f ${runFiles.owner} ] || { say gone; exit 0; }`,
    `if [ -f ${runFiles.exit} ]; then say ended; exit 0; fi`,
    `if [ -f ${runFiles.process} ]; then read_process; ! alive && say ended || say running; exit 0; fi`,
    `mkdir .start 2>/dev/null || { say running; exit 0; }`,
    `if [ -f ${runFiles.cancelled} ]; then say ended; exit 0; fi`,
    // Out of the session that asks: it goes on when that ends.
    `if command -v setsid > /dev/null 2>&1; then setsid sh ./${runFiles.wrapper} < /dev/null >> ${runFiles.log} 2>&1 &`,
    `else nohup sh ./${runFiles.wrapper} < /dev/null >> ${runFiles.log} 2>&1 & fi`,
    `n=0; while [ ! -f ${runFiles.process} ] && [ $n -lt 100 ]; do n=$((n + 1)); sleep 0.05; done`,
    `[ -f ${runFiles.process} ] && say started || say "dead $(tail -c 500 ${runFiles.log} | tr '\\n' ' ')"`,
  ].join('\n')
}

/** Alive while the wrapper or what it runs is; on another machine nobody can say. */
const isAlive = `read_process() {
  read -r on boot pid start child begun since < ${runFiles.process}
}
is_there() { [ -n "$1" ] && [ -n "$2" ] && kill -0 "$1" 2>/dev/null && [ "$(begun "$1")" = "$2" ]; }
here() { [ "$on" = "$(host)" ]; }
alive() { [ "$boot" = "$(boot)" ] && { is_there "$pid" "$start" || is_there "$child" "$begun"; }; }`

/**
 * Prints for each folder `run NUMBER STATE LOG-BYTES HOST SINCE CANCELLED SLURM-ID`, with `-` for what is not known, and
 * behind `exit` what its exit record says.
 */
export function writeLookScript(mark: string, folders: readonly string[]): string {
  return [
    begin(mark),
    identify,
    isAlive,
    `look() {`,
    `  on=- since=- cancelled=0 id=-`,
    // What it lay in may be on a disk that is not there now.
    `  if ! cd "$2" 2>/dev/null; then state=gone; [ -d "\${2%/*}/" ] || state=unseen; say "run $1 $state 0 - - 0 -"; return; fi`,
    `  [ -f ${runFiles.owner} ] || { say "run $1 gone 0 - - 0 -"; return; }`,
    `  [ ! -f ${runFiles.slurm} ] || read -r id < ${runFiles.slurm}`,
    `  size=$(wc -c < ${runFiles.log} 2>/dev/null | tr -d ' ')`,
    // Between two looks it may end: what says so is looked for after the process.
    `  state=waiting`,
    `  [ ! -f ${runFiles.cancelled} ] || { cancelled=1 state=ended; }`,
    `  if [ -f ${runFiles.process} ]; then read_process; if ! here; then state=elsewhere; elif alive; then state=running; else state=lost; fi; fi`,
    `  [ ! -f ${runFiles.exit} ] || [ $state = running ] || state=ended`,
    `  say "run $1 $state \${size:-0} $on \${since:--} $cancelled \${id:--}"`,
    `  [ ! -f ${runFiles.exit} ] || say "exit $(cat ${runFiles.exit})"`,
    `}`,
    ...folders.map((folder, at) => `( look ${at} ${quotePath(folder)} )`),
  ].join('\n')
}

/** Prints `told`, `ended`, `gone` or `elsewhere`. */
export function writeSignalScript(mark: string, { folder, name }: { folder: string; name: string }): string {
  return [
    begin(mark),
    identify,
    isAlive,
    `cd ${quotePath(folder)} 2>/dev/null && [ -f ${runFiles.process} ] || { say gone; exit 0; }`,
    `read_process`,
    `here || { say elsewhere; exit 0; }`,
    `[ "$boot" = "$(boot)" ] || { say ended; exit 0; }`,
    `told=ended`,
    `! is_there "$child" "$begun" || { kill -s ${name} -- "-$child" 2>/dev/null && told=told; }`,
    `say $told`,
  ].join('\n')
}

/**
 * Ends a run for good, one that has not begun too: it is told to end, and killed when it has not after so many seconds. Prints
 * `told`, `ended`, `gone`, `elsewhere`, or `unmade WHY`.
 */
export function writeCancelScript(
  mark: string,
  { folder, graceSeconds }: { folder: string; graceSeconds: number },
): string {
  return [
    begin(mark),
    identify,
    isAlive,
    `cd ${quotePath(folder)} 2>/dev/null && [ -f ${runFiles.owner} ] || { say gone; exit 0; }`,
    `if [ -f ${runFiles.exit} ]; then say ended; exit 0; fi`,
    `why=$({ : > ${runFiles.cancelled}; } 2>&1) || { say "unmade $(printf %s "$why" | tr '\n' ' ')"; exit 0; }`,
    // Whoever starts it now has seen that it is cancelled, or is seen here.
    `n=0; while [ -d .start ] && [ ! -f ${runFiles.process} ] && [ $n -lt 200 ]; do n=$((n + 1)); sleep 0.05; done`,
    `if [ ! -f ${runFiles.process} ]; then say told; exit 0; fi`,
    `read_process`,
    `here || { say elsewhere; exit 0; }`,
    `if [ "$boot" != "$(boot)" ] || ! is_there "$child" "$begun"; then say ended; exit 0; fi`,
    `kill -s TERM -- "-$child" 2>/dev/null`,
    `detach=setsid; command -v setsid > /dev/null 2>&1 || detach=nohup`,
    `$detach sh -c ${quoteShell(killLater)} sh "$child" "$begun" ${Math.trunc(graceSeconds)} < /dev/null > /dev/null 2>&1 &`,
    `say told`,
  ].join('\n')
}

/** Keeps that somebody has cancelled a run that has not begun; its scheduler was told. Prints `told`, `ended` or `gone`. */
export function writeNoteCancelScript(mark: string, folder: string): string {
  return [
    begin(mark),
    `cd ${quotePath(folder)} 2>/dev/null && [ -f ${runFiles.owner} ] || { say gone; exit 0; }`,
    `if [ -f ${runFiles.process} ] || [ -f ${runFiles.exit} ]; then say ended; exit 0; fi`,
    `: > ${runFiles.cancelled} && say told`,
  ].join('\n')
}

const killLater = `${identify}
there() { kill -0 "$1" 2>/dev/null && [ "$(begun "$1")" = "$2" ]; }
n=0
while there "$1" "$2" && [ $n -lt "$3" ]; do n=$((n + 1)); sleep 1; done
! there "$1" "$2" || kill -s KILL -- "-$1"`

/** Prints `removed`, `gone`, `running` or `unsent COUNT`. */
export function writeRemoveScript(
  mark: string,
  { folder, isForced, hasEnded }: { folder: string; isForced: boolean; hasEnded: boolean },
): string {
  return [
    begin(mark),
    identify,
    isAlive,
    `folder=${quotePath(folder)}`,
    `cd "$folder" 2>/dev/null && [ -f ${runFiles.owner} ] || { say gone; exit 0; }`,
    ...(hasEnded
      ? []
      : [
          `if [ -f ${runFiles.process} ] && [ ! -f ${runFiles.exit} ]; then read_process; if ! here || alive; then say running; exit 0; fi; fi`,
        ]),
    ...(isForced
      ? []
      : [
          `left=$(find ${runFiles.mailbox} ${runFiles.elements}/*/${runFiles.mailbox} -name '*.report' 2>/dev/null | wc -l | tr -d ' ')`,
          `[ "$left" = 0 ] || { say "unsent $left"; exit 0; }`,
        ]),
    // What of it is left after half a removal has no owner, and can be made anew.
    `rm -f ${runFiles.owner} && cd / && rm -rf "$folder" && say removed`,
  ].join('\n')
}
