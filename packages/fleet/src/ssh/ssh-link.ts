/**
 * A kept connection to a machine reached by ssh: one master of the OpenSSH client, through which commands and forwarded
 * ports go without another handshake or question (about 20 ms a command instead of 280).
 *
 * The user's own configuration, agent and known_hosts are used, and host keys are checked as they say. The master lives
 * exactly as long as its standard input, which we hold: when this process dies, however it dies, the connection goes with it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { feedCommand, leadIn } from './feed-script.ts'
import { KeptShell, type ShellAnswer, ShellBroken, wrapScript } from './kept-shell.ts'
import { keepEnd, runSsh, type SshRun } from './run-ssh.ts'
import { prepareConfig } from './ssh-config.ts'
import { explainMissing, explainSshFailure, refuseHost, SshError } from './ssh-error.ts'

export type SshLinkOptions = {
  /** As the user would write it behind `ssh`: a name of their configuration, user@host, ssh://host:port. */
  host: string
  /** Another configuration file than the user's own. */
  configPath?: string | undefined
  /** A key of the user's, beside those that the configuration names; the agent offers no others then. */
  keyPath?: string | undefined
  /** A file of known hosts beside the user's own; it may be missing. */
  knownHostsPath?: string | undefined
  /** The client may ask at the terminal (password, second factor, unknown host key). */
  mayAsk?: boolean
  /** Has the client ask by a program instead, which the environment names (SSH_ASKPASS). */
  askpass?: { environment: NodeJS.ProcessEnv } | undefined
  /** Where it may ask: until the connection stands. */
  askingMs?: number | undefined
  signal?: AbortSignal | undefined
}

export const sshLinkLimits = {
  /** Until the connection stands; longer where a person is asked. */
  openMs: 30_000,
  openAskingMs: 180_000,
  connectSeconds: 15,
  /** A silent connection is taken for broken after interval × count seconds. */
  aliveIntervalSeconds: 5,
  aliveCount: 3,
  /** For a forwarded port to be opened. */
  forwardMs: 15_000,
  /** After closing, until the client is killed. */
  closeMs: 2_000,
} as const

const forwardTriesMax = 3

/** What is asked in one does not wait for what another is asked. */
export type ShellLane = 'questions' | 'mailboxes'

export type ScriptOptions = { timeoutMs: number; outputBytesMax: number; signal?: AbortSignal | undefined }

export class SshLink {
  readonly host: string
  /** Settles when the connection is gone: with the reason, or null when we closed it. */
  readonly closed: Promise<SshError | null>
  readonly #master: Master
  readonly #folder: string
  readonly #shells = new Map<ShellLane, KeptShell>()

  private constructor(host: string, folder: string, master: Master) {
    this.host = host
    this.closed = master.closed
    this.#master = master
    this.#folder = folder
  }

  /**
   * Connects.
   * @throws SshError
   */
  static async open(options: SshLinkOptions): Promise<SshLink> {
    const { host, askpass, askingMs = sshLinkLimits.openAskingMs } = options
    const mayAsk = askpass !== undefined || options.mayAsk === true
    const timeoutMs = mayAsk ? askingMs : sshLinkLimits.openMs
    refuseHost(host)
    // A short path: sockets have room for about 100 bytes. Only this user enters the folder.
    const folder = mkdtempSync(join(tmpdir(), 'ph-ssh-'))
    const config = await prepareConfig(options, folder).catch((error: unknown) => {
      rmSync(folder, { recursive: true, force: true })
      throw error
    })
    const args = [...config, ...listMasterArgs(options, folder)]
    const detached = options.mayAsk !== true
    const env = askpass?.environment ?? process.env
    const master = spawn('ssh', args, { stdio: ['pipe', 'pipe', 'pipe'], detached, env })
    master.stdin.on('error', () => undefined) // it ended first; how it ended says why
    const stderr = keepEnd(master)
    try {
      const mark = makeMark()
      master.stdin.write(`printf '\\n%s up\\n' '${mark}'; exec cat > /dev/null\n`)
      await waitForMark(master, { mark: `\n${mark} up\n`, host, stderr, timeoutMs, signal: options.signal })
      return new SshLink(host, folder, makeMaster({ host, master, folder, stderr }))
    } catch (error) {
      master.kill('SIGKILL')
      rmSync(folder, { recursive: true, force: true })
      throw error
    }
  }

  /**
   * Runs a script of POSIX sh over there and gives what it printed; what start files of a login print around it is left
   * out. The script comes through standard input: nothing of it stands on a command line.
   * @throws SshError
   */
  async run(script: string, options: ScriptOptions): Promise<Buffer> {
    const mark = makeMark()
    const run = await runSsh([...this.#viaMaster(), '-T', 'via-master', 'exec sh'], {
      input: wrapScript(script, mark),
      timeoutMs: options.timeoutMs,
      // The marks, and a generous greeting.
      stdoutBytesMax: options.outputBytesMax + 256 * 1024,
      signal: options.signal,
    }).catch((cause: unknown) => {
      throw explainMissing(cause)
    })
    const begin = run.stdout.indexOf(`\n${mark} begin\n`)
    const end = run.stdout.lastIndexOf(`\n${mark} end\n`)
    if (begin < 0 || end < begin) throw this.#explainRun(run, begin >= 0)
    return run.stdout.subarray(begin + mark.length + '\n begin\n'.length, end)
  }

  /**
   * The same in a shell that is kept open, for what is asked again and again: one round trip instead of two or three. One
   * script at a time in each lane. One whose shell had gone may run twice.
   * @throws SshError
   */
  async runAgain(
    script: string,
    { lane = 'questions', ...options }: ScriptOptions & { lane?: ShellLane },
  ): Promise<ShellAnswer> {
    try {
      return await this.#openShell(lane).run(script, options)
    } catch (cause) {
      throw cause instanceof ShellBroken ? this.#explainRun(cause.run, cause.run.begun) : explainMissing(cause)
    }
  }

  /**
   * Runs a script that reads `input` from its standard input; what it prints comes back as it is.
   * @throws SshError
   */
  async feed(script: string, { input, ...options }: ScriptOptions & { input: Readable }): Promise<Buffer> {
    const end = makeMark()
    const run = await runSsh([...this.#viaMaster(), '-T', 'via-master', `exec ${feedCommand}`], {
      input: leadIn(script, end, input),
      timeoutMs: options.timeoutMs,
      stdoutBytesMax: options.outputBytesMax,
      signal: options.signal,
    }).catch((cause: unknown) => {
      throw explainMissing(cause)
    })
    if (run.stopped !== null || run.code !== 0) throw this.#explainRun(run, false)
    return run.stdout
  }

  /**
   * Opens a port of the far side's loopback that leads to `target` here.
   * @param options `remotePort` 0 lets the far side choose; the answer is the port.
   * @throws SshError `other` when the far side does not permit it, or the port is taken there.
   */
  async forward(options: { remotePort: number; target: { host: string; port: number } }): Promise<number> {
    const { remotePort, target } = options
    const host = target.host.includes(':') ? `[${target.host}]` : target.host
    // Not «localhost»: that would be content with ::1 where somebody else listens on 127.0.0.1.
    const spec = `127.0.0.1:${remotePort}:${host}:${target.port}`
    const run = await this.#askMaster('forward', '-R', spec)
    const port = remotePort === 0 ? Number(run.stdout.toString().trim()) : remotePort
    if (run.code === 0 && Number.isInteger(port) && port > 0) return port
    const which = remotePort === 0 ? 'a forwarded port' : `the forwarded port ${remotePort}`
    throw new SshError(
      'other',
      `${this.host} does not open ${which}. ssh says: ${run.stderr.trim().split('\n').at(-1) ?? ''}`,
      'AllowTcpForwarding in its sshd_config decides; a port of its own choice may be taken.',
    )
  }

  /**
   * Opens a port of this machine's loopback that leads to `target` as the far side reaches it. Of the port that is chosen
   * somebody else may have been quicker: then another is tried.
   * @returns the port, and what closes it
   * @throws SshError `other` when ssh does not open it
   */
  async forwardHere(target: { host: string; port: number }): Promise<{ port: number; close: () => Promise<void> }> {
    const host = target.host.includes(':') ? `[${target.host}]` : target.host
    for (let tries = 1; ; tries += 1) {
      const port = await findFreePort()
      const spec = `127.0.0.1:${port}:${host}:${target.port}`
      const run = await this.#askMaster('forward', '-L', spec)
      const close = async (): Promise<void> => void (await this.#askMaster('cancel', '-L', spec))
      if (run.code === 0) return { port, close }
      if (tries < forwardTriesMax) continue
      throw new SshError(
        'other',
        `No port of this machine leads through ${this.host}. ssh says: ${run.stderr.trim().split('\n').at(-1) ?? ''}`,
        'AllowTcpForwarding in its sshd_config decides.',
      )
    }
  }

  /**
   * The same as `forward` for a port that is to be closed again.
   * @returns what closes it
   * @throws SshError `other`
   */
  async forwardBack(
    remotePort: number,
    target: { host: string; port: number },
  ): Promise<{ close: () => Promise<void> }> {
    await this.forward({ remotePort, target })
    const host = target.host.includes(':') ? `[${target.host}]` : target.host
    const spec = `127.0.0.1:${remotePort}:${host}:${target.port}`
    return { close: async () => void (await this.#askMaster('cancel', '-R', spec)) }
  }

  /** The same connection for somebody else: closing that one ends what goes through it, and leaves the connection. */
  share(): SshLink {
    const left = Promise.withResolvers<null>()
    const closed = Promise.race([this.closed, left.promise])
    return new SshLink(this.host, this.#folder, { closed, end: async () => left.resolve(null) })
  }

  /** Ends the connection with everything that goes through it. */
  async close(): Promise<void> {
    for (const shell of this.#shells.values()) shell.close()
    await this.#master.end()
  }

  #askMaster(order: 'forward' | 'cancel', way: '-L' | '-R', spec: string): Promise<SshRun> {
    return runSsh([...this.#viaMaster(), '-O', order, way, spec, 'via-master'], {
      input: '',
      timeoutMs: sshLinkLimits.forwardMs,
      stdoutBytesMax: 4096,
    })
  }

  #openShell(lane: ShellLane): KeptShell {
    const shell =
      this.#shells.get(lane) ?? new KeptShell([...this.#viaMaster(), '-T', 'via-master', 'exec sh'], makeMark)
    this.#shells.set(lane, shell)
    return shell
  }

  /** Arguments that use the master or fail: never another connection, which might ask. */
  #viaMaster(): string[] {
    const path = join(this.#folder, 's')
    return ['-F', '/dev/null', '-S', path, '-o', 'ControlMaster=no', '-o', 'ProxyCommand=false', '-o', 'BatchMode=yes']
  }

  #explainRun(run: SshRun, begun: boolean): SshError {
    switch (run.stopped) {
      case 'time':
        return new SshError(
          'slow',
          `${this.host} did not answer in time.`,
          'A hanging file system there, or a very slow line.',
        )
      case 'size':
        return new SshError(
          'shell',
          `${this.host} answers without end.`,
          'See what the start files of your shell print there.',
        )
      case 'signal':
        return new SshError('closed', `The connection to ${this.host} was ended.`, 'This was asked for.')
      case null:
        if (begun) return explainSshFailure(this.host, 'Connection closed.')
        return run.code === 255 ? explainSshFailure(this.host, run.stderr) : explainShell(this.host, run)
      default:
        return run.stopped satisfies never
    }
  }
}

type Master = Pick<SshLink, 'closed'> & { end(): Promise<void> }

function makeMaster(parts: { host: string; master: ChildProcess; folder: string; stderr: () => string }): Master {
  const { host, master, folder, stderr } = parts
  let isEnding = false
  const closed = once(master, 'close').then(() => {
    rmSync(folder, { recursive: true, force: true })
    return isEnding ? null : explainSshFailure(host, stderr() || 'Connection closed.')
  })
  return {
    closed,
    async end() {
      isEnding = true
      master.stdin?.end()
      master.kill('SIGTERM')
      const timer = setTimeout(() => master.kill('SIGKILL'), sshLinkLimits.closeMs)
      await closed
      clearTimeout(timer)
    },
  }
}

/** ssh itself chooses none at this end. */
async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  return typeof address === 'object' && address !== null ? address.port : 0
}

function listMasterArgs({ host, keyPath, mayAsk = false, askpass }: SshLinkOptions, folder: string): string[] {
  const { connectSeconds, aliveIntervalSeconds, aliveCount } = sshLinkLimits
  const settings = {
    ControlMaster: 'yes',
    // Its life ends with our hold on its input, not some time later.
    ControlPersist: 'no',
    ControlPath: join(folder, 's'),
    BatchMode: mayAsk || askpass !== undefined ? 'no' : 'yes',
    ConnectTimeout: connectSeconds,
    ServerAliveInterval: aliveIntervalSeconds,
    ServerAliveCountMax: aliveCount,
    // What the user's configuration does for a session of theirs is not wanted in ours.
    ClearAllForwardings: 'yes',
    PermitLocalCommand: 'no',
    RemoteCommand: 'none',
    RequestTTY: 'no',
    LogLevel: 'INFO',
  }
  const options = Object.entries(settings).flatMap(([name, value]) => ['-o', `${name}=${value}`])
  const key = keyPath === undefined ? [] : ['-i', keyPath, '-o', 'IdentitiesOnly=yes']
  return [...key, ...options, '-T', '--', host, 'exec sh']
}

type Waiting = { mark: string; host: string; stderr: () => string; timeoutMs: number; signal?: AbortSignal | undefined }

function waitForMark(master: ChildProcess, { mark, host, stderr, timeoutMs, signal }: Waiting): Promise<void> {
  return new Promise((resolve, reject) => {
    let text = ''
    const end = (error?: SshError): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      master.stdout?.removeAllListeners('data').resume()
      if (error) reject(error)
      else resolve()
    }
    const abort = (): void =>
      end(new SshError('closed', `The connection to ${host} was given up.`, 'This was asked for.'))
    const slow = new SshError('slow', `${host} let nobody in in time.`, `See what «ssh -v ${host} true» waits for.`)
    const timer = setTimeout(() => end(slow), timeoutMs)
    signal?.addEventListener('abort', abort, { once: true })
    if (signal?.aborted) abort()
    master.stdout?.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString('latin1')).slice(-64 * 1024)
      if (text.includes(mark)) end()
    })
    master.once('error', (error) => end(explainMissing(error)))
    master.once('close', (code) =>
      end(
        code === 255
          ? explainSshFailure(host, stderr())
          : explainShell(host, { stdout: Buffer.from(text, 'latin1'), stderr: stderr() }),
      ),
    )
  })
}

function explainShell(host: string, { stdout, stderr }: Pick<SshRun, 'stdout' | 'stderr'>): SshError {
  const said =
    `${stdout.toString()}\n${stderr}`
      .trim()
      .split('\n')
      .at(-1)
      ?.replaceAll(/[^\P{C}\t]/gu, '')
      .slice(0, 300) ?? ''
  return new SshError(
    'shell',
    `${host} lets you in, but no shell answers there.${said === '' ? '' : ` It says: ${said}`}`,
    `«ssh ${host} exec sh» must give a POSIX shell; see the login shell and its start files there.`,
  )
}

function makeMark(): string {
  return `pilothouse-${randomBytes(12).toString('hex')}`
}
