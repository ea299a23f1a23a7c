/** One run of a mailbox, as far as a collector remembers it: what was made of its job, what was sent, why it waits. */
import type { ReportAck } from '@pilothouse/contract'
import { limits, measureInRow, PilothouseError } from '@pilothouse/contract/wire'
import type { ReportFile, RunFiles, Settlement } from './mailbox-place.ts'
import { classifyRefusal, type MadeJob, type MailboxServer, type Refusal } from './mailbox-server.ts'
import { type Stamp, type StampedReport, stampReport } from './report-file.ts'
import { parseRunBirth, type RunBirth } from './run-birth.ts'
import { RunOrders } from './run-orders.ts'

/** Why a run waits. */
export type RunTrouble = { kind: Refusal; error: unknown }
/** A report that was set aside. */
export type SetAside = { stem: string; error: unknown }

export type RunProgress = {
  stored: string[]
  refused: SetAside[]
  trouble: RunTrouble | null
  /** Something is left of what was looked at. */
  hasMore: boolean
}

export type SendOptions = {
  server: MailboxServer
  signal: AbortSignal
  /** Now on the reporter's clock, ms. */
  reporterClock: () => number
}

/** By so much a header may grow when it is stamped. */
const stampBytes = 256
/** Of a job that is not taken as described, so much is enough to hold its reports. */
const bareFields = ['kind', 'name', 'project', 'createdAt', 'attempt', 'state']

export class MailboxRun {
  readonly folder: string
  job: MadeJob | null = null
  storedCount = 0
  refusedCount = 0
  trouble: RunTrouble | null = null
  failures = 0
  /** Left alone until then, on the monotonic clock, ms. */
  retryAt = 0
  /** When it last had something to send, and when it was last answered, on the monotonic clock, ms. */
  seenAt = 0
  ackedAt = -Infinity
  /** The last report that the server stored said that the run has ended. */
  hasEnded = false
  #orders: RunOrders | null = null
  #birth: RunBirth | null = null
  #lastNumber: number | null = null
  #highestStored = 0
  #state: string | null = null
  #serverTime: number | null = null
  /** The first number behind a gap that was seen once. */
  #gapAt: number | null = null
  #clock: () => number = () => 0

  constructor(folder: string) {
    this.folder = folder
  }

  /** Its `job.json` need not come along any more. */
  get isKnown(): boolean {
    return this.job !== null
  }

  /** Listens for commands from now on, once the job is known. */
  listen(server: MailboxServer, clock: () => number): void {
    if (this.job === null || this.hasEnded) return
    this.#clock = clock
    this.#orders ??= new RunOrders(this.job, server, clock)
  }

  /** Commands have come that the script does not know of. */
  get hasNews(): boolean {
    return this.#orders?.hasNews ?? false
  }

  /** It is not watched any more. */
  close(): void {
    this.#orders?.close()
    this.#orders = null
  }

  /** Makes the job if need be and sends what was found, in order, until something does not arrive. */
  async send(files: RunFiles, options: SendOptions): Promise<RunProgress> {
    const { reports, isBroken } = this.#takeUnbroken(files.reports)
    const progress: RunProgress = { stored: [], refused: [], trouble: null, hasMore: files.hasMore || isBroken }
    try {
      if (files.birth !== null) this.#birth = parseRunBirth(files.birth)
      const job = await this.#ensureJob(options)
      for (const row of splitRows(reports)) {
        await this.#sendRow({ row, job, progress }, options)
        this.#lastNumber = row.at(-1)?.number ?? this.#lastNumber
      }
      this.failures = 0
    } catch (error) {
      progress.trouble = { kind: classifyRefusal(error), error }
      this.failures += 1
    }
    this.trouble = progress.trouble
    this.storedCount += progress.stored.length
    this.refusedCount += progress.refused.length
    return progress
  }

  /** What becomes of the files. `isOver`: nothing more is expected, so the folder may go. */
  settle({ stored, refused }: RunProgress, isOver: boolean): Settlement {
    const stems = refused.map(({ stem }) => stem)
    return { folder: this.folder, stored, refused: stems, ack: isOver ? null : this.#writeAck(), isOver }
  }

  #writeAck(): string | null {
    if (this.job === null) return null
    const { uid, attempt, page } = this.job
    const [number, state, serverTime] = [this.#highestStored, this.#state, this.#serverTime]
    const orders = this.#orders?.write(this.#clock())
    return JSON.stringify({ number, state, serverTime, uid, attempt, page, ...(orders ? { orders } : {}) })
  }

  /**
   * A listing can miss a file that was renamed while it was read, and show the one behind it. So what stands behind a gap
   * waits for one more look; a gap that is still there then is one: those reports went another way.
   */
  #takeUnbroken(reports: readonly ReportFile[]): { reports: readonly ReportFile[]; isBroken: boolean } {
    let previous = this.#lastNumber
    for (const [index, { number }] of reports.entries()) {
      if (previous !== null && number > previous + 1 && number !== this.#gapAt) {
        this.#gapAt = number
        return { reports: reports.slice(0, index), isBroken: true }
      }
      previous = number
    }
    return { reports, isBroken: false }
  }

  async #ensureJob({ server, signal }: SendOptions): Promise<MadeJob> {
    if (this.job !== null) return this.job
    if (this.#birth === null) throw new PilothouseError('notFound', `${this.folder} has no job.json.`)
    const { uid, create } = this.#birth
    try {
      this.job = await server.createJob(uid, create, signal)
    } catch (error) {
      if (!isMisdescribed(error)) throw error
      const bare = Object.fromEntries(Object.entries(create).filter(([name]) => bareFields.includes(name)))
      this.job = await server.createJob(uid, bare, signal)
    }
    return this.job
  }

  /** All of a row at once, where the server takes it so; else one after another. */
  async #sendRow({ row, job, progress }: RowToSend, { server, signal, reporterClock }: SendOptions): Promise<void> {
    const stamp = { attempt: job.attempt, sentAt: reporterClock() }
    const stamped = row.flatMap((report) => stampOrRefuse(report, stamp, progress))
    if (stamped.length > 1 && (await this.#sendTogether({ stamped, job, progress }, { server, signal }))) return
    for (const { stem, number, frame, endsRun } of stamped) {
      const answer = await server
        .sendReport(job.uid, frame, signal)
        .catch((error: unknown) => keepRefusal(error, signal))
      this.#take({ stem, number, endsRun }, answer, progress)
    }
  }

  /** False when the server does not take them together: it is an older one, or something in the row upsets it. */
  async #sendTogether(
    { stamped, job, progress }: { stamped: readonly Stamped[]; job: MadeJob; progress: RunProgress },
    { server, signal }: Pick<SendOptions, 'server' | 'signal'>,
  ): Promise<boolean> {
    const frames = stamped.map(({ frame }) => frame)
    try {
      const answers = await server.sendRow(job.uid, frames, signal)
      for (const [at, report] of stamped.entries()) {
        const answer = answers[at]
        if (answer !== undefined) this.#take(report, answer, progress)
      }
      return true
    } catch (error) {
      if (signal.aborted || classifyRefusal(error) === 'later') throw error
      return false
    }
  }

  /** Notes what became of a report. */
  #take({ stem, number, endsRun }: Omit<Stamped, 'frame'>, answer: ReportAck | Error, progress: RunProgress): void {
    if (answer instanceof Error) {
      progress.refused.push({ stem, error: answer })
      return
    }
    this.#state = answer.state
    this.#serverTime = answer.serverTime
    this.#highestStored = Math.max(this.#highestStored, number)
    this.hasEnded = endsRun
    progress.stored.push(stem)
  }
}

type RowToSend = { row: readonly ReportFile[]; job: MadeJob; progress: RunProgress }
type Stamped = { stem: string; number: number } & StampedReport

/** What may travel together, in order; a report that is larger than a row stands alone. */
function splitRows(reports: readonly ReportFile[]): ReportFile[][] {
  const rows: ReportFile[][] = []
  let left = 0
  for (const report of reports) {
    const size = measureInRow((report.bytes?.length ?? 0) + stampBytes)
    const last = rows.at(-1)
    if (last && size <= left && last.length < limits.reportsInRowMax) last.push(report)
    else {
      rows.push([report])
      left = limits.reportRowBytesMax
    }
    left -= size
  }
  return rows
}

/** The report as it is to be sent now; none when its file is damaged. */
function stampOrRefuse({ stem, number, bytes }: ReportFile, stamp: Stamp, progress: RunProgress): Stamped[] {
  try {
    if (bytes === null) throw new PilothouseError('tooLarge', 'It is larger than any report may be.')
    return [{ stem, number, ...stampReport(bytes, stamp) }]
  } catch (error) {
    if (!(error instanceof PilothouseError)) throw error
    progress.refused.push({ stem, error })
    return []
  }
}

/** A refusal for good, as an answer. @throws any other failure. */
function keepRefusal(error: unknown, signal: AbortSignal): Error {
  if (signal.aborted || classifyRefusal(error) !== 'never' || !(error instanceof Error)) throw error
  return error
}

/** The job's description is at fault, not who asks for it. */
function isMisdescribed(error: unknown): boolean {
  return error instanceof Error && 'status' in error && (error.status === 400 || error.status === 413)
}
