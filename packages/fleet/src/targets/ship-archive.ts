/**
 * Brings archives to a target, each below `<root>/code/<digest>`: what has that name is whole. It is sent and unpacked under
 * another name and then renamed. Its last bytes are handed over only once all of them have the digest that was announced, so
 * that what came of a connection or a sender that broke is always too short.
 */
import { createHash, randomBytes } from 'node:crypto'
import { Readable } from 'node:stream'
import { RunError } from '../runs/run-error.ts'
import type { ScriptRunner } from '../script-runner.ts'
import { quotePath } from '../ssh/quote-shell.ts'
import type { Archive, ShipOptions } from './target.ts'
import type { TargetWay } from './target-way.ts'

export const shipLimits = {
  bytesMax: 1024 ** 3,
  /** Of the question whether it is there. */
  askMs: 30_000,
  /** Without a byte that moves, and for the unpacking at the end. */
  quietMs: 60_000,
  unpackMs: 600_000,
  /** All in all. */
  shipMs: 6 * 3_600_000,
} as const

/** @returns whole path of the folder with what was in the archive @throws as `Target.ship` */
export async function shipArchive(
  way: TargetWay,
  archive: Archive,
  { root, signal, tell }: ShipOptions & { root: string },
): Promise<string> {
  const { digest, bytes } = archive
  if (!/^[0-9a-f]{64}$/.test(digest)) throw new RangeError('The digest of an archive is a SHA-256 in hexadecimal.')
  if (!Number.isSafeInteger(bytes) || bytes < 1 || bytes > shipLimits.bytesMax)
    throw new RangeError(`An archive of ${bytes} bytes is not sent: at most ${shipLimits.bytesMax} are.`)
  const mark = `ship-${randomBytes(12).toString('hex')}`
  const folder = `${root}/code/${digest}`
  const { askMs, shipMs } = shipLimits
  const limits = { outputBytesMax: 64 * 1024, signal }
  const asked = await way.runner.run(writeAskScript(mark, folder), { ...limits, timeoutMs: askMs, mayRepeat: true })
  const [, known] = readAnswer(asked, mark, 'there')
  if (known !== undefined) return known
  const sending = new Sending(archive, tell)
  const stop = signal === undefined ? sending.stalled : AbortSignal.any([signal, sending.stalled])
  const script = writeTakeScript(mark, { folder, bytes })
  try {
    const fed = way.feed(script, { ...limits, mark, input: sending.read(), timeoutMs: shipMs, signal: stop })
    return readTaken(way.runner, folder, { output: await fed, mark })
  } catch (error) {
    signal?.throwIfAborted()
    if (sending.stalled.aborted) throw stall(way.runner)
    throw sending.failure ?? error
  } finally {
    sending.close()
  }
}

/** Prints `there PATH` or `absent`. */
function writeAskScript(mark: string, folder: string): string {
  // Whoever tidies up sees that it is in use, or has taken it away before.
  return `export LC_ALL=C; touch -c ${quotePath(folder)} 2>/dev/null; if cd ${quotePath(folder)} 2>/dev/null; then printf '\\n%s there %s\\n' ${mark} "$(pwd -P)"; else printf '\\n%s absent\\n' ${mark}; fi`
}

/** Reads the archive from its standard input. Prints `there PATH`, `torn` or `unmade WHY`. */
function writeTakeScript(mark: string, { folder, bytes }: { folder: string; bytes: number }): string {
  return [
    `umask 077; export LC_ALL=C`,
    `say() { printf '\\n%s %s\\n' ${mark} "$1"; }`,
    `folder=${quotePath(folder)}`,
    `aside="$folder.${mark}.new"`,
    `end() { rm -rf "$aside" "$aside.tar"; say "$1"; exit 0; }`,
    `fail() { end "unmade $(printf %s "$1" | tr '\\n' ' ' | head -c 500)"; }`,
    `why=$(mkdir -p "$aside" 2>&1) || fail "$why"`,
    // Left behind by what was killed.
    `find "\${folder%/*}" -maxdepth 1 -name '*.new*' -mtime +1 -exec rm -rf {} + 2>/dev/null`,
    `why=$({ cat > "$aside.tar"; } 2>&1) || fail "$why"`,
    `[ "$(wc -c < "$aside.tar" | tr -d ' ')" = ${bytes} ] || end torn`,
    `why=$(cd "$aside" && tar -xzof "$aside.tar" 2>&1) || fail "$why"`,
    // Where somebody was quicker it comes to lie inside of theirs, and goes.
    // Its time is when it was last of use, not one out of the archive.
    `why=$(touch "$aside" && mv "$aside" "$folder" 2>&1) || fail "$why"`,
    `rm -rf "$folder/\${aside##*/}"`,
    `end "there $(cd "$folder" && pwd -P)"`,
  ].join('\n')
}

function readAnswer(output: Buffer, mark: string, word: string): string[] {
  const lines = output.toString().split('\n')
  const line = lines.find((one) => one.startsWith(`${mark} ${word}`))
  return line === undefined ? [] : [word, line.slice(`${mark} ${word} `.length)]
}

function readTaken(runner: ScriptRunner, folder: string, { output, mark }: { output: Buffer; mark: string }): string {
  const [, path] = readAnswer(output, mark, 'there')
  if (path !== undefined) return path
  const [, why] = readAnswer(output, mark, 'unmade')
  if (why === undefined)
    throw new RunError('slow', `The code arrived only in part on ${runner.name}.`, 'It is sent again the next time.')
  const message = `${folder} cannot be made on ${runner.name}: ${why.trim()}`
  throw new RunError('unmade', message, 'See that you may write there and that the disk has room.')
}

function stall(runner: ScriptRunner): RunError {
  const hint = 'A line that stands still, or a file system there that hangs. It is sent again the next time.'
  return new RunError('slow', `The code does not get on on its way to ${runner.name}.`, hint)
}

/** Reads an archive, tells how far it is, and sees that it is what it says. */
class Sending {
  /** Why it could not be read. */
  failure: Error | null = null
  readonly #archive: Archive
  readonly #tell: (bytes: number) => void
  readonly #stalled = new AbortController()
  #timer: NodeJS.Timeout | undefined

  constructor(archive: Archive, tell: ((bytes: number) => void) | undefined) {
    this.#archive = archive
    this.#tell = tell ?? (() => undefined)
    this.#expect(shipLimits.quietMs)
  }

  /** Aborted when nothing has moved for too long. */
  get stalled(): AbortSignal {
    return this.#stalled.signal
  }

  read(): Readable {
    return Readable.from(this.#read())
  }

  close(): void {
    clearTimeout(this.#timer)
  }

  async *#read(): AsyncGenerator<Buffer> {
    const { digest, bytes: expected } = this.#archive
    const source = this.#archive.open()
    const hash = createHash('sha256')
    let bytes = 0
    let held: Buffer | null = null
    try {
      for await (const part of source) {
        const chunk = Buffer.from(part)
        if (held !== null) yield this.#note(held, bytes)
        hash.update(chunk)
        held = chunk
        bytes += chunk.length
      }
      if (bytes !== expected || hash.digest('hex') !== digest)
        throw new RangeError('The archive is not what its digest and its length say.')
      this.#expect(shipLimits.unpackMs)
      if (held !== null) yield held
      this.#tell(bytes)
    } catch (error) {
      this.failure = error instanceof Error ? error : new Error(String(error))
      throw error
    } finally {
      source.destroy()
    }
  }

  #note(chunk: Buffer, bytes: number): Buffer {
    this.#expect(shipLimits.quietMs)
    this.#tell(bytes)
    return chunk
  }

  #expect(ms: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#stalled.abort(), ms)
  }
}
