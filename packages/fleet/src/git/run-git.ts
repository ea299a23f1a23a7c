/**
 * Runs the git command line so that nothing of a repository is run with it: no hooks, no file system monitor, no filters
 * (`read-worktree.ts`), no helper for an address, no pager, no signature program, and no object is fetched that is missing.
 * Its environment is the one that is passed in and no more.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { GitError, explainGitFailure } from './git-error.ts'

export type GitRun = {
  args: readonly string[]
  /** Of the user in whose name it runs: PATH, HOME and the like. Nothing secret. */
  environment: Readonly<Record<string, string>>
  timeoutMs: number
  /** Schemes of addresses that may be reached; by default none. */
  protocols?: readonly string[]
  /** Folders above which it does not look for a repository. */
  ceilings?: readonly string[]
  /** Settings that outweigh those of the repository. */
  settings?: readonly (readonly [key: string, value: string])[]
  stdoutBytesMax?: number
  signal?: AbortSignal | undefined
  /** Each line of its standard error as it comes, those that are written over, too. */
  onLine?: (line: string) => void
  /** Called now and then while it runs; what it answers ends the run. */
  watch?: () => Promise<GitError | undefined>
}
export type GitAnswer = { code: number; stdout: Buffer; stderr: string }

const stdoutBytesMax = 16 * 1024 * 1024
const stderrBytesMax = 16 * 1024
const watchEveryMs = 500

const harmless: readonly (readonly [string, string])[] = [
  ['core.hooksPath', '/dev/null'],
  ['core.fsmonitor', 'false'],
  ['core.pager', 'cat'],
  ['core.askPass', ''],
  ['log.showSignature', 'false'],
  ['status.submoduleSummary', 'false'],
  ['submodule.recurse', 'false'],
  ['fetch.recurseSubmodules', 'false'],
  ['gc.auto', '0'],
  ['maintenance.auto', 'false'],
  ['protocol.ext.allow', 'never'],
  // A folder that only looks like a repository is not taken for one.
  ['safe.bareRepository', 'explicit'],
]

/**
 * What git answered, whatever its exit code.
 * @throws GitError when it cannot be started, takes too long, writes too much, or is stopped.
 */
export function runGit(run: GitRun): Promise<GitAnswer> {
  return new Promise((resolve, reject) => {
    // A group of its own: what git starts in turn (ssh, index-pack) ends with it.
    const child = spawn('git', ['--no-pager', '--no-optional-locks', ...run.args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
      env: makeEnvironment(run),
    })
    let stopped: GitError | undefined
    const stop = (why: GitError): void => {
      stopped ??= why
      endGroup(child)
    }
    const undo = limitRun(run, stop)
    const read = gatherOutput(child, run, stop)
    child.once('error', (error: NodeJS.ErrnoException) => {
      undo()
      reject(explainStart(error))
    })
    child.once('close', (code) => {
      undo()
      const answer = read()
      if (stopped) reject(stopped)
      else resolve({ code: code ?? 1, ...answer })
    })
  })
}

/** The same, where anything but success is an error. */
export async function askGit(run: GitRun): Promise<Buffer> {
  const { code, stdout, stderr } = await runGit(run)
  if (code === 0) return stdout
  throw explainGitFailure(stderr)
}

function makeEnvironment({ environment, protocols = [], ceilings = [], settings = [] }: GitRun): NodeJS.ProcessEnv {
  const all = [...harmless, ...settings]
  const counted = all.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key] as const,
    [`GIT_CONFIG_VALUE_${at}`, value] as const,
  ])
  return {
    ...environment,
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_NO_LAZY_FETCH: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_LITERAL_PATHSPECS: '1',
    // An empty list would allow none as well; a word that is no scheme says so.
    GIT_ALLOW_PROTOCOL: protocols.length === 0 ? 'none' : protocols.join(':'),
    GIT_SSH_COMMAND: 'ssh -oBatchMode=yes -oConnectTimeout=20',
    GIT_CEILING_DIRECTORIES: ceilings.join(':'),
    GIT_CONFIG_COUNT: String(all.length),
    ...Object.fromEntries(counted),
  }
}

function limitRun({ timeoutMs, signal, watch }: GitRun, stop: (why: GitError) => void): () => void {
  const seconds = Math.round(timeoutMs / 1000)
  const slow = new GitError(
    'slow',
    `git took longer than ${seconds} s.`,
    'Try again when the disk or network is faster.',
  )
  const timer = setTimeout(() => stop(slow), timeoutMs)
  const abort = (): void => stop(new GitError('stopped', 'It was stopped.', 'Sync again.'))
  if (signal?.aborted) abort()
  signal?.addEventListener('abort', abort, { once: true })
  let isWatching = false
  const watcher = setInterval(() => {
    if (!watch || isWatching) return
    isWatching = true
    void watch().then((why) => {
      isWatching = false
      if (why) stop(why)
    })
  }, watchEveryMs)
  return () => {
    clearTimeout(timer)
    clearInterval(watcher)
    signal?.removeEventListener('abort', abort)
  }
}

function gatherOutput(child: ChildProcess, run: GitRun, stop: (why: GitError) => void) {
  const chunks: Buffer[] = []
  let bytes = 0
  let said = ''
  let line = ''
  child.stdout?.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes <= (run.stdoutBytesMax ?? stdoutBytesMax)) chunks.push(chunk)
    else stop(new GitError('size', 'git told more than is read.', 'Let git ignore what does not belong to the code.'))
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    const text = chunk.toString()
    said = (said + text).slice(-stderrBytesMax)
    const lines = (line + text).split(/[\r\n]/)
    line = lines.pop()?.slice(-stderrBytesMax) ?? ''
    for (const one of lines) run.onLine?.(one)
  })
  return () => ({ stdout: Buffer.concat(chunks), stderr: said })
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended meanwhile.
  }
}

function explainStart(error: NodeJS.ErrnoException): GitError {
  if (error.code !== 'ENOENT')
    return new GitError('other', `git could not be started: ${error.message}`, 'Try again.', { cause: error })
  return new GitError('missing', 'git is not installed where the control room runs.', 'Install git there.', {
    cause: error,
  })
}
