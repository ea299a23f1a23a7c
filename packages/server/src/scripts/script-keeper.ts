/**
 * Asks scripts of projects for their arguments. That runs code of the project as the user that the control room runs as, so it
 * is done where this user and whoever asks are one person; one script of a project at a time.
 */
import { realpath, stat } from 'node:fs/promises'
import { extname, isAbsolute, join } from 'node:path'
import { PilothouseError, type ScriptChoices, type ScriptDescription } from '@pilothouse/contract'
import { isInside } from '@pilothouse/fleet'
import type { AuditEntry, Author } from '../access/access-operations.ts'
import type { Caller, RouteContext } from '../http/route.ts'
import type { KnownProject, ProjectKeeper } from '../projects/project-keeper.ts'
import { Turns } from '../projects/turns.ts'
import type { StorageClient } from '../storage/storage-client.ts'
import { type ScriptAnswer, askScript, type ScriptQuestion } from './ask-script.ts'
import { findInterpreter, listInterpreters } from './find-interpreter.ts'
import { scanFolder } from './scan-folder.ts'

export type ScriptKeeperParts = {
  storage: Pick<StorageClient, 'call'>
  projects: Pick<ProjectKeeper, 'openCode'>
  /** null: none is here to ask with. */
  sdkFolder: string | null
  environment: Readonly<Record<string, string>>
  /** Whom the control room runs as. */
  user: string
}
type Asker = { caller: Caller; by: Author }
type Question = RouteContext<'scripts.describe'>['body']

/** Answers that are kept, the ones asked for last. */
const answersMax = 32
/** Questions that wait or run; more are refused. */
const waitingMax = 8
const atOnceMax = 2

export class ScriptKeeper {
  readonly #parts: ScriptKeeperParts
  readonly #stop = new AbortController()
  readonly #turns = new Turns(atOnceMax)
  readonly #turnsOf = new Map<number, Turns>()
  readonly #answers = new Map<string, Promise<ScriptAnswer>>()
  readonly #under = new Set<Promise<ScriptAnswer>>()

  constructor(parts: ScriptKeeperParts) {
    this.#parts = parts
  }

  /** What runs is ended. */
  async close(): Promise<void> {
    this.#stop.abort()
    await Promise.allSettled(this.#under)
  }

  /** @throws PilothouseError when the code cannot be read. */
  async list(project: KnownProject, caller: Caller): Promise<ScriptChoices> {
    const { environment, user } = this.#parts
    const { folder } = await this.#parts.projects.openCode(project)
    const { scripts, more } = await scanFolder(folder)
    const interpreters = await listInterpreters(folder, environment)
    return { scripts, more, interpreters, here: { user, refusal: await this.#findRefusal(caller) } }
  }

  /** @throws PilothouseError `forbidden` where nothing is run, `invalid` with the field, `rateLimited`. */
  async describe(project: KnownProject, question: Question, { caller, by }: Asker): Promise<ScriptDescription> {
    if (!question.consent)
      throw new PilothouseError(
        'invalid',
        `Reading the arguments runs the beginning of ${question.script} on this machine, as ${this.#parts.user}.`,
        { field: 'consent', expected: 'true', hint: 'Agree to that first.' },
      )
    const refusal = await this.#findRefusal(caller)
    if (refusal !== null)
      throw new PilothouseError('forbidden', refusal, { hint: 'Arguments can be written as free ones all the same.' })
    const { folder, state } = await this.#parts.projects.openCode(project)
    const script = await findScript(folder, question.script)
    const interpreter = await findInterpreter(folder, question.interpreter, this.#parts.environment)
    const seen = state ?? (await scanFolder(folder)).state
    const key = JSON.stringify([project.id, seen, script, interpreter, question.words, question.more])
    const known = this.#answers.get(key)
    if (known) return (await known).description
    if (this.#under.size >= waitingMax)
      throw new PilothouseError('rateLimited', `${waitingMax} scripts are being asked already.`, {
        hint: 'Wait until one has answered.',
      })
    const detail = {
      project: project.id,
      script: question.script,
      interpreter,
      words: question.words,
      more: question.more.length,
    }
    const entry = { action: 'scripts.describe', subject: null, detail, by }
    const asked = this.#ask(
      project.id,
      { folder, script, interpreter, words: question.words, more: question.more },
      entry,
    )
    return (await this.#keep(key, asked)).description
  }

  /** Why nothing is run here for this caller; null: it is. */
  async #findRefusal(caller: Caller): Promise<string | null> {
    const { storage, sdkFolder, user } = this.#parts
    if (sdkFolder === null) return 'This control room was started without the Python SDK that asks scripts.'
    const members = await storage.call('access.count-members', null)
    if (members > 1)
      return `This control room has ${members} members, and a script would run as ${user}, whoever asks: so none is run here.`
    if (caller.role !== 'admin')
      return `A script would run as ${user}, with more rights than the role ${caller.role} has.`
    return null
  }

  #keep(key: string, answer: Promise<ScriptAnswer>): Promise<ScriptAnswer> {
    this.#answers.set(key, answer)
    this.#under.add(answer)
    const forget = (): boolean => this.#answers.delete(key)
    void answer.then(({ isLasting }) => isLasting || forget(), forget).finally(() => this.#under.delete(answer))
    const [oldest] = this.#answers.keys()
    if (this.#answers.size > answersMax && oldest !== undefined) this.#answers.delete(oldest)
    return answer
  }

  async #ask(
    id: number,
    question: Pick<ScriptQuestion, 'folder' | 'script' | 'interpreter' | 'words' | 'more'>,
    entry: AuditEntry,
  ): Promise<ScriptAnswer> {
    const { storage, sdkFolder, environment } = this.#parts
    const { signal } = this.#stop
    const own = this.#turnsOf.get(id) ?? new Turns(1)
    this.#turnsOf.set(id, own)
    let answer: ScriptAnswer | undefined
    const work = async (): Promise<void> => {
      await storage.call('access.record-audit', entry)
      answer = await askScript({ ...question, environment, sdkFolder: sdkFolder ?? '', signal })
    }
    await own.run(signal, async () => this.#turns.run(signal, work))
    if (answer) return answer
    throw new PilothouseError('unavailable', 'The control room stops.')
  }
}

/** The real path of a script. @throws PilothouseError `invalid` for the field `script`. */
async function findScript(folder: string, path: string): Promise<string> {
  const refuse = (message: string): PilothouseError =>
    new PilothouseError('invalid', message, { field: 'script', expected: 'a file of the project, as train.py' })
  if (isAbsolute(path) || path.includes('\0') || extname(path) !== '.py')
    throw refuse(`«${path}» is no Python file of the project.`)
  const whole = join(folder, path)
  if (!isInside(whole, [folder])) throw refuse(`«${path}» leads out of the project.`)
  const real = await realpath(whole).catch(() => undefined)
  if (real === undefined || !(await stat(real)).isFile()) throw refuse(`There is no file ${path} in the project.`)
  if (!isInside(real, [await realpath(folder)])) throw refuse(`«${path}» is a link that leads out of the project.`)
  return whole
}
