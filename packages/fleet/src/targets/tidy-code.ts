/**
 * Removes code that nobody uses any more: folders below `<root>/code`, and mirrors, that were last brought, fetched or found
 * there too long ago. Whoever uses one touches it first, and looks whether it is there then. Here one is renamed first, and put
 * back if it was touched meanwhile: so whoever finds it has it, and whoever does not brings it anew.
 *
 * A run keeps the code that its script names: one that is said to be in use, one in whose folder something changed not longer
 * ago than that, and one without an exit record whose folder changed in the last `runDays`.
 */
import { randomBytes } from 'node:crypto'
import { readMarked, type RunOptions } from '../runs/runs.ts'
import { runFiles } from '../runs/run-wrapper.ts'
import type { ScriptRunner } from '../script-runner.ts'
import { quotePath } from '../ssh/quote-shell.ts'

export type TidyOrder = {
  /** Code that was last used longer ago goes. */
  unusedDays: number
  /** Whole paths of run folders whose code stays, however long ago it was used. */
  inUse: readonly string[]
}

/** Others than who asks may have runs there that wait: without a word for so long they are over. */
const runDays = 90
const tidyMs = 300_000

/** @returns names below `code` that were removed @throws as `Target.tidyCode` */
export async function tidyCode(
  runner: ScriptRunner,
  order: TidyOrder,
  { root, signal }: RunOptions & { root: string },
): Promise<string[]> {
  const mark = `tidy-${randomBytes(12).toString('hex')}`
  const script = writeTidyScript(mark, root, order)
  const output = await runner.run(script, { timeoutMs: tidyMs, outputBytesMax: 1024 * 1024, signal, mayRepeat: true })
  return readMarked(output.toString(), mark)
}

function writeTidyScript(mark: string, root: string, { unusedDays, inUse }: TidyOrder): string {
  const days = Math.max(1, Math.trunc(unusedDays))
  return [
    `export LC_ALL=C`,
    `cd ${quotePath(root)}/code 2>/dev/null || exit 0`,
    `old() { find "$@" -mtime +${days - 1} ! -name '*.new*' ! -name '*.old' -print 2>/dev/null; }`,
    `list() { old . -mindepth 1 -maxdepth 1 ! -name mirrors; [ ! -d mirrors ] || old mirrors -mindepth 1 -maxdepth 1; }`,
    // Left behind by what was killed: since it was renamed it is nobody's.
    `find . mirrors -mindepth 1 -maxdepth 1 -name '*.old' -cmin +60 -exec rm -rf {} + 2>/dev/null`,
    `candidates=$(list)`,
    `[ -n "$candidates" ] || exit 0`,
    `runs() {`,
    `  printf '%s\\n' ${inUse.map((folder) => `${quotePath(folder)}/x`).join(' ')}`,
    `  find ../runs -mindepth 2 -maxdepth 2 -mtime -${days} 2>/dev/null`,
    `  find ../runs -mindepth 2 -maxdepth 2 -mtime -${runDays} 2>/dev/null | while read -r path; do [ -e "\${path%/*}/${runFiles.exit}" ] || printf '%s\\n' "$path"; done`,
    `}`,
    `used=$(runs | sed 's|/[^/]*$||' | sort -u | while read -r run; do cat "$run/${runFiles.script}" 2>/dev/null; done | grep -oE '/code/[0-9a-z-]+' | sort -u)`,
    `gone=`,
    `for name in $(printf '%s\\n' "$candidates" | sed 's|^\\./||'); do`,
    `  case $name in *[!0-9a-z./-]*) continue;; esac`,
    `  printf '%s\\n' "$used" | grep -qxF "/code/$name" && continue`,
    `  aside="$name.${mark}.old"`,
    `  mv "$name" "$aside" 2>/dev/null || continue`,
    `  if [ -z "$(find "$aside" -maxdepth 0 -mtime +${days - 1} 2>/dev/null)" ]; then [ -e "$name" ] || { mv "$aside" "$name"; continue; }; fi`,
    `  gone="$gone $aside"`,
    `  printf '\\n%s %s\\n' ${mark} "$name"`,
    `done`,
    // It may take long, and nobody waits for it. What lets nobody write into its folders goes, too.
    `[ -z "$gone" ] || { detach=setsid; command -v setsid > /dev/null 2>&1 || detach=nohup; $detach sh -c 'for one in "$@"; do rm -rf "$one" 2>/dev/null || { chmod -R u+rwx "$one"; rm -rf "$one"; }; done' sh $gone < /dev/null > /dev/null 2>&1 & }`,
  ].join('\n')
}
