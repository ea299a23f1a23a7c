/**
 * What runs on a machine with mailboxes: one script of POSIX sh that does what was decided and then tells what waits. It
 * needs find, awk, wc, tar and date; no Python, nothing of ours.
 *
 * It prints, after a line break each, «MARK word …» lines: `clock TIME`, `run MORE FOLDER`, `big NAME` for a report beyond any
 * limit, and `tar`, behind which an archive of files of that run follows, closed by zero bytes.
 */
import { limits } from '@pilothouse/contract/wire'
import { quotePath, quoteShell } from '../ssh/quote-shell.ts'
import { type LookRequest, mailboxLimits, runFiles, type Settlement } from './mailbox-place.ts'

export type ScriptRequest = LookRequest & {
  /** Folders to look below; `~/` is the home folder there. */
  roots: readonly string[]
  /** Mailboxes themselves, whole paths: one search for all of them. */
  mailboxes: readonly string[]
  mark: string
}

/** A report's file is a little longer than the report. */
export const reportFileBytesMax = limits.reportBytesMax + 4096

/** Of 512 bytes, as `find` counts. */
const birthBlocksMax = mailboxLimits.birthBytesMax / 512 + 1

/** Writes the script. */
export function writeLookScript({ settlements, known, skipped, after, roots, mailboxes, mark }: ScriptRequest): string {
  return [
    `LC_ALL=C AFTER=${quoteShell(after ?? '')} M=${quoteShell(mark)}`,
    'export LC_ALL AFTER',
    'umask 077',
    `say() { printf '\\n%s %s\\n' "$M" "$1"; }`,
    // First of all, so that its age is known.
    `say "clock $(date +%s.%3N)"`,
    // A shell without arrays: what is known and what is left out are patterns, every folder quoted.
    writeTest('is_known', known),
    writeTest('is_skipped', skipped),
    ...settlements.map(writeSettlement),
    lookFunction,
    `left=${mailboxLimits.lookBytesMax}`,
    `{ ${[...roots.map(writeFind), ...writeSearch(mailboxes), ':'].join('; ')}; } |`,
    `awk 'NR > ${mailboxLimits.listedMax} { exit } seen { print; next } { held[++n] = $0 } $0 == ENVIRON["AFTER"] "/job.json" { seen = 1 } END { for (i = 1; i <= n; i++) print held[i] }' |`,
    'while IFS= read -r job; do look "${job%/job.json}"; done',
  ].join('\n')
}

function writeTest(name: string, folders: readonly string[]): string {
  if (folders.length === 0) return `${name}() { return 1; }`
  return `${name}() { case $1 in ${folders.map(quoteShell).join('|')}) return 0 ;; esac; return 1; }`
}

/** `job.json` appears before the first report; a link in its place is somebody's game. */
function writeFind(root: string): string {
  return `( cd ${quotePath(root)} 2>/dev/null && find "$(pwd -P)" -type f -name job.json -size -${birthBlocksMax} 2>/dev/null )`
}

function writeSearch(mailboxes: readonly string[]): string[] {
  if (mailboxes.length === 0) return []
  const paths = mailboxes.map((path) => {
    if (!path.startsWith('/')) throw new RangeError(`«${path}» is no whole path of a mailbox.`)
    return quoteShell(path)
  })
  return [`find -H ${paths.join(' ')} -type f -name job.json -size -${birthBlocksMax} 2>/dev/null`]
}

function writeSettlement({ folder, stored, refused, ack, isOver }: Settlement): string {
  const steps = [`cd ${quoteShell(folder)} 2>/dev/null || exit 0`]
  if (stored.length > 0) steps.push(`rm -f ${stored.map((stem) => quoteShell(`${stem}.report`)).join(' ')}`)
  for (const stem of refused)
    steps.push(`mv -f ${quoteShell(`${stem}.report`)} ${quoteShell(`${stem}.refused`)} 2>/dev/null`)
  if (ack !== null) {
    const aside = '"ack.json.$M.new"'
    steps.push(`printf '%s\\n' ${quoteShell(ack)} > ${aside} && mv -f ${aside} ack.json || rm -f ${aside}`)
  }
  if (isOver) {
    steps.push('set -- *.report', '[ ! -e "$1" ] || exit 0')
    steps.push(`rm -f ${runFiles.join(' ')} *.new`, 'rmdir in 2>/dev/null', 'rmdir "$PWD" 2>/dev/null')
  }
  return `( ${steps.join('\n')}\n)`
}

/** Takes the first reports of one run, as many as fit. Their names are digits, so they may stand unquoted. */
const lookFunction = `look() {
  [ "$left" -gt 0 ] && ! is_skipped "$1" && cd "$1" 2>/dev/null || return 0
  run=$1 files= names= more=0 count=0 taken=0
  is_known "$run" || files=job.json
  for name in *.report; do
    case \${name%.report} in '' | *[!0-9]*) continue ;; esac
    [ -f "$name" ] && [ ! -L "$name" ] || continue
    [ "$count" -lt ${mailboxLimits.lookFilesMax} ] || { more=1; break; }
    count=$((count + 1)) names="$names $name"
  done
  [ -n "$files$names" ] || return 0
  big=
  if [ -n "$names" ]; then
    set -- $(wc -c $names 2>/dev/null)
    while [ $# -ge 2 ]; do
      size=$1 name=$2
      shift 2
      [ "$name" != total ] || break
      if [ "$size" -gt ${reportFileBytesMax} ]; then big="$big $name"; continue; fi
      [ "$taken" -eq 0 ] || [ $((taken + size)) -le ${mailboxLimits.runBytesMax} ] || { more=1; break; }
      taken=$((taken + size)) files="$files $name"
    done
  fi
  left=$((left - taken - 1024))
  say "run $more $run"
  for name in $big; do say "big $name"; done
  [ -n "$files" ] || return 0
  say tar
  tar -cf - $files 2>/dev/null
}`
