/**
 * Has a target fetch a commit itself, by its own git and with nothing of ours but the address: into a mirror below
 * `<root>/code/mirrors`, one for each address, and from there into `<root>/code/git-<commit>`, which is whole when it has that
 * name. Neither hook nor filter nor question runs there; each command of git has a time limit.
 */
import { createHash, randomBytes } from 'node:crypto'
import { findTellingLine } from '../git/git-error.ts'
import { packLimits } from '../git/pack-code.ts'
import { readMarked, type RunOptions } from '../runs/runs.ts'
import { quotePath, quoteShell } from '../ssh/quote-shell.ts'
import type { TargetWay } from './target-way.ts'

export type CodeSource = {
  /** Of a repository, without anything secret in it. */
  url: string
  scheme: 'https' | 'ssh' | 'file'
  /** Its whole id. */
  commit: string
  /** The part of its tree, ending in «/»; empty for all of it. */
  within: string
}

/** `folder` whole, and whether it was there before; or why there is none, in words that go on after «not by git: ». */
export type FetchedCode = { folder: string; isNew: boolean } | { folder: null; why: string }

export const fetchLimits = {
  /** Until the other side has answered at all, s. */
  reachSeconds: 20,
  fetchSeconds: 600,
  unpackSeconds: 300,
  askSeconds: 30,
  /** An address that was not reached is not tried again so long, minutes: each try holds up a launch. */
  patienceMinutes: 5,
} as const

/** @throws as `Target.fetchCode` */
export async function fetchCode(
  way: TargetWay,
  source: CodeSource,
  { root, signal }: RunOptions & { root: string },
): Promise<FetchedCode> {
  if (!/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(source.commit)) throw new RangeError('It is no whole id of a commit.')
  const mark = `fetch-${randomBytes(12).toString('hex')}`
  const { reachSeconds, fetchSeconds, unpackSeconds } = fetchLimits
  // By all branches, where a commit alone is not given, once more.
  const timeoutMs = (reachSeconds + 2 * fetchSeconds + unpackSeconds + 60) * 1000
  const script = writeFetchScript(mark, root, source)
  const output = await way.runner.run(script, { timeoutMs, outputBytesMax: 64 * 1024, signal, mayRepeat: false })
  const [, word = '', rest = ''] = /^(\S+) ?(.*)$/.exec(readMarked(output.toString(), mark)[0] ?? '') ?? []
  if (word === 'there' || word === 'new') return { folder: rest, isNew: word === 'new' }
  return { folder: null, why: explain(word, findTellingLine(rest.replaceAll('\t', '\n')), way.runner.name) }
}

function explain(word: string, said: string, name: string): string {
  const because = said === '' ? '' : ` (${said})`
  switch (word) {
    case 'tool':
      return `${name} has no ${said}`
    case 'unreached':
      return `${name} does not reach the repository${because}`
    case 'lately':
      return `${name} did not reach the repository a few minutes ago${because}`
    case 'unpushed':
      return `the repository does not give that commit: was it pushed?${because}`
    default:
      return `git could not do it on ${name}${because}`
  }
}

/** Prints `there PATH`, `new PATH`, or a word for why not and what was said. */
function writeFetchScript(mark: string, root: string, { url, scheme, commit, within }: CodeSource): string {
  const { reachSeconds, fetchSeconds, unpackSeconds, askSeconds, patienceMinutes } = fetchLimits
  const tree = within === '' ? commit : `${commit}:${within.replace(/\/$/, '')}`
  const name = within === '' ? `git-${commit}` : `git-${commit}-${digest(within)}`
  const ref = `refs/pilothouse/${commit}`
  return [
    `umask 077`,
    `say() { printf '\\n%s %s\\n' ${mark} "$1"; }`,
    `code=${quotePath(root)}/code`,
    `folder=$code/${name} mirror=$code/mirrors/${digest(url)}.git`,
    // Whoever tidies up sees that they are in use, or has taken them away before.
    `touch -c "$folder" "$mirror" 2>/dev/null`,
    `if cd "$folder" 2>/dev/null; then say "there $(pwd -P)"; exit 0; fi`,
    `for tool in git timeout tar; do command -v $tool > /dev/null 2>&1 || { say "tool $tool"; exit 0; }; done`,
    `aside="$folder.${mark}.new"; said="$aside.said"`,
    `end() { rm -rf "$aside" "$aside.tar" "$said"; say "$1"; exit 0; }`,
    `no() { end "$1 $(tail -c 2000 "$said" 2>/dev/null | tr '\\n\\r' '\\t\\t')"; }`,
    `why=$(mkdir -p "$code/mirrors" "$aside" 2>&1) || end "other $why"`,
    // Left behind by what was killed.
    `find "$code" -maxdepth 1 -name '*.new*' -mtime +1 -exec rm -rf {} + 2>/dev/null`,
    `find "$mirror/objects/pack" -name 'tmp_*' -mtime +1 -exec rm -f {} + 2>/dev/null`,
    `export LC_ALL=C GIT_TERMINAL_PROMPT=0 GIT_ASKPASS= SSH_ASKPASS= SSH_ASKPASS_REQUIRE=never GIT_ATTR_NOSYSTEM=1`,
    `export GIT_ALLOW_PROTOCOL=${scheme} GIT_SSH_COMMAND='ssh -oBatchMode=yes -oConnectTimeout=15' GIT_NO_REPLACE_OBJECTS=1`,
    `unset GIT_DIR GIT_WORK_TREE GIT_OBJECT_DIRECTORY GIT_ALTERNATE_OBJECT_DIRECTORIES GIT_INDEX_FILE`,
    `url=${quoteShell(url)}`,
    `ask() { s=$1; shift; timeout -k 5 "$s" git -c core.hooksPath=/dev/null -c core.fsmonitor=false -c core.askPass= -c gc.auto=0 -c maintenance.auto=false -c protocol.ext.allow=never -c fetch.recurseSubmodules=false -c fetch.unpackLimit=1 -c fetch.writeCommitGraph=false "$@" < /dev/null > "$said" 2>&1; rc=$?; [ $rc != 124 ] || echo "It took longer than $s s." >> "$said"; return $rc; }`,
    `if [ ! -f "$mirror/HEAD" ]; then ask ${askSeconds} init --quiet --bare --template= -- "$mirror" || no other; fi`,
    `inside() { s=$1; shift; ask "$s" --git-dir="$mirror" "$@"; }`,
    `if ! inside ${askSeconds} rev-parse --verify --quiet ${ref}; then`,
    `  if [ -n "$(find "$mirror.unreached" -mmin -${patienceMinutes} 2>/dev/null)" ]; then cp "$mirror.unreached" "$said"; no lately; fi`,
    `  ask ${reachSeconds} ls-remote -- "$url" HEAD || { cp "$said" "$mirror.unreached"; no unreached; }`,
    `  rm -f "$mirror.unreached"`,
    `  fetch() { inside ${fetchSeconds} fetch --quiet --no-tags -- "$url" "$1"; }`,
    `  if ! fetch ${commit}:${ref}; then`,
    // An old server gives what its branches have, and not a commit by its id.
    `    if grep -q 'unadvertised object' "$said"; then`,
    `      fetch '+refs/heads/*:refs/branches/*' || no other`,
    `      inside ${askSeconds} cat-file -e '${commit}^{commit}' || { : > "$said"; no unpushed; }`,
    `      inside ${askSeconds} update-ref ${ref} ${commit} || no other`,
    `    elif grep -q 'not our ref' "$said"; then : > "$said"; no unpushed; else no other; fi`,
    `  fi`,
    `fi`,
    // Without settings of the user: a filter would bring other files than the commit has.
    `(export HOME=/nonexistent XDG_CONFIG_HOME=/nonexistent GIT_CONFIG_NOSYSTEM=1; inside ${unpackSeconds} archive --format=tar --output="$aside.tar" ${quoteShell(tree)}) || no other`,
    `[ "$(wc -c < "$aside.tar" | tr -d ' ')" -le ${packLimits.bytesMax} ] || end 'other The code is larger than 2 GB.'`,
    `(cd "$aside" && tar -xof "$aside.tar") > "$said" 2>&1 || no other`,
    // Where somebody was quicker it comes to lie inside of theirs, and goes.
    `{ touch "$aside" && mv "$aside" "$folder"; } > "$said" 2>&1 || no other`,
    `rm -rf "$folder/\${aside##*/}"`,
    `end "new $(cd "$folder" && pwd -P)"`,
  ].join('\n')
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 32)
}
