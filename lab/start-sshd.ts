/** The lab's real sshd, for tests. */
import { spawn } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

export type LabSshd = {
  /** For `ssh -F`: in it, the host `lab` is this sshd. */
  configPath: string
  port: number
  folder: string
  /** Ends it and every session. */
  stop(): Promise<void>
}

/**
 * Starts an sshd with its own keys, as the user who runs the test.
 * @param options.args options of `lab/sshd`
 * @param options.enter words before the command, as `nsenter …` of another network
 * @param options.folder keeps keys and port over several starts; else a fresh one, removed at the end
 */
export async function startSshd(
  options: { args?: readonly string[]; enter?: readonly string[]; folder?: string } = {},
): Promise<LabSshd> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'ph-sshd-'))
  const [command, ...args] = [...(options.enter ?? []), fileURLToPath(new URL('sshd', import.meta.url)), folder]
  const child = spawn(command, [...args, ...(options.args ?? [])], { stdio: ['pipe', 'pipe', 'inherit'] })
  const closed = once(child, 'close')
  const [line] = (await Promise.race([once(createInterface(child.stdout), 'line'), closed])) as [unknown] // of either event
  const [, port, configPath] = /^ready (\d+) (.*)$/.exec(String(line)) ?? []
  if (port === undefined || configPath === undefined) throw new Error(`lab/sshd did not start (${String(line)})`)
  const stop = async (): Promise<void> => {
    child.stdin.end()
    child.kill('SIGTERM')
    await closed
    if (options.folder === undefined) rmSync(folder, { recursive: true, force: true })
  }
  return { configPath, port: Number(port), folder, stop }
}

/** What an authenticator app shows now (RFC 6238) for an sshd that asks for codes. */
export function showCode(folder: string): string {
  const secret = readFileSync(join(folder, 'code'), 'utf8').split('\n')[0] ?? ''
  const bits = Array.from(secret, (digit) =>
    'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(digit).toString(2).padStart(5, '0'),
  )
  const key = Buffer.from((bits.join('').match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)))
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000)))
  const digest = createHmac('sha1', key).update(time).digest()
  const number = digest.readUInt32BE((digest.at(-1) ?? 0) & 15) & 0x7fffffff
  return String(number % 1_000_000).padStart(6, '0')
}
