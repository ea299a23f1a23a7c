/** A job that lets itself be steered as the SDK's do: it asks for commands, carries them out, and tells what came of them. */
import type {
  CommandTaken,
  Controls,
  JobCreate,
  Report,
  Schedule,
  ScheduleState,
  SteeringEvent,
} from '@pilothouse/contract'
import { advanceSchedule, cancelSchedule, endByChange, waitingSchedule, type ControlPoint } from '@pilothouse/signals'
import { Reporter, type World } from './world.ts'

export type Order = CommandTaken['commands'][number]
type Event = SteeringEvent['changes'][number]
type Change = Omit<Event, 'isPassing' | 'epoch'> & Partial<Pick<Event, 'isPassing' | 'epoch'>>
type Steering = Partial<Omit<SteeringEvent, 'changes'>> & { changes?: Change[] }
type Moved = { id: number; schedule: Schedule; state: ScheduleState }
type Declared = Controls['parameters'][number]

const declared = {
  min: null,
  max: null,
  step: null,
  log: false,
  choices: [],
  unit: null,
  description: null,
} satisfies Partial<Declared>

/** One parameter of each kind. */
export const parameters: Declared[] = [
  {
    ...declared,
    key: 'lr',
    type: 'number',
    min: 1e-6,
    max: 0.1,
    log: true,
    description: 'Learning rate of all groups',
    value: 3e-4,
  },
  { ...declared, key: 'dropout', type: 'number', min: 0, max: 0.9, step: 0.05, value: 0.1 },
  { ...declared, key: 'batch', type: 'integer', min: 1, unit: 'samples', value: 32 },
  { ...declared, key: 'schedule', type: 'choice', choices: ['cosine', 'linear', 'constant'], value: 'cosine' },
  { ...declared, key: 'augment', type: 'switch', description: 'Flip and crop', value: true },
]

export const controls: Controls = {
  kinds: [
    'set',
    'checkpoint',
    'rollback',
    'deleteCheckpoint',
    'copy',
    'pause',
    'resume',
    'stop',
    'evaluate',
    'schedule',
    'cancelSchedule',
  ],
  rollback: { way: 'inPlace', covers: ['weights', 'optimizer', 'scheduler', 'rng', 'step'] },
  parameters,
}

export class Steerable {
  readonly reporter: Reporter
  /** Values as the job has them. */
  readonly values = new Map<string, Declared['value']>()
  /** Steps that it has done. */
  step = 0
  /** What moves its parameters, as the SDK keeps it. */
  readonly #schedules = new Map<number, Moved>()
  #last = 0

  constructor(reporter: Reporter) {
    this.reporter = reporter
  }

  /** Opens a job and says what it can be told. */
  static async start(world: World, uid: string, body: Partial<JobCreate> = {}, can = controls): Promise<Steerable> {
    const job = new Steerable(await Reporter.start(world, uid, { name: uid, ...body }))
    for (const { key, value } of can.parameters) job.values.set(key, value)
    await job.steer({ controls: can })
    return job
  }

  /** Does so many steps. */
  async train(steps: number, more: Partial<Report> = {}): Promise<void> {
    const from = this.step
    this.step += steps
    const loss = Array.from({ length: steps }, (_, at) => 2 / Math.sqrt(1 + (from + at) / 10))
    await this.reporter.points({ loss, accuracy: loss.map((value) => 1 - value / 3) }, from)
    if (Object.keys(more).length > 0) await this.reporter.report(more)
    if (this.#schedules.size > 0) await this.#move()
  }

  async steer(told: Steering, more: Partial<Report> = {}): Promise<void> {
    const { outcomes = [], checkpoints = [], fates = [], schedules = [], ...rest } = told
    const changes = (told.changes ?? []).map((change) => ({ isPassing: false, epoch: null, ...change }))
    await this.reporter.report({ ...more, steering: { ...rest, outcomes, changes, checkpoints, fates, schedules } })
  }

  /** The next command, as a job takes it: it waits for one, and then says that it has it. */
  async take(): Promise<Order> {
    for (;;) {
      const { commands, isOver } = await this.#ask(this.#last, 5_000)
      const [order] = commands
      if (order) {
        this.#last = order.id
        await this.#ask(this.#last, 0)
        return order
      }
      if (isOver) throw new Error('The job has ended: nothing will come.')
    }
  }

  /** Carries out what the job was told, and says so. */
  async carryOut(order: Order): Promise<void> {
    const at = Date.now()
    const outcomes = [{ id: order.id, state: 'applied' as const, at, step: this.step, reason: null }]
    switch (order.kind) {
      case 'set': {
        const { key, value } = order.body
        this.values.set(key, value)
        const change = { key, value, at, step: this.step, cause: 'command' as const, command: order.id }
        return this.steer({ changes: [change], outcomes, schedules: this.#endBy(key) })
      }
      case 'checkpoint':
        return this.write(order.body.name ?? `step-${this.step}`, { command: order.id, outcomes })
      case 'rollback': {
        const { name, step } = order.body
        const from = this.step
        this.step = step
        return this.steer({ fork: { at, step, from, checkpoint: name }, outcomes })
      }
      case 'deleteCheckpoint':
        return this.steer({ fates: [{ name: order.body.name, state: 'deleted', at, reason: null }], outcomes })
      case 'copy':
        return this.steer({ outcomes })
      case 'pause':
        return this.steer({ outcomes }, { state: { state: 'paused', at } })
      case 'resume':
        return this.steer({ outcomes }, { state: { state: 'running', at } })
      case 'evaluate':
        return this.steer({ outcomes })
      case 'stop':
        await this.steer({ outcomes })
        return this.reporter.finish('completed')
      case 'schedule': {
        const { schedule, state } = order.body
        this.#schedules.set(order.id, { id: order.id, schedule, state: state ?? waitingSchedule })
        return this.#move({ outcomes })
      }
      case 'cancelSchedule': {
        const moved = this.#schedules.get(order.body.schedule)
        if (moved) moved.state = cancelSchedule(moved.state)
        return this.steer({ outcomes, schedules: moved ? [{ id: moved.id, state: moved.state, at }] : [] })
      }
      default:
        return order satisfies never
    }
  }

  /** Says that it will not, or could not, do it. */
  async refuse(order: Order, reason: string, state: 'rejected' | 'failed' = 'rejected'): Promise<void> {
    await this.steer({ outcomes: [{ id: order.id, state, at: Date.now(), step: this.step, reason }] })
  }

  /** Writes down where it stands. */
  async write(name: string, { command, outcomes = [], ...more }: CheckpointMore = {}): Promise<void> {
    const loss = 2 / Math.sqrt(1 + this.step / 10)
    const checkpoint = {
      name,
      kind: command === undefined ? ('scheduled' as const) : ('manual' as const),
      at: Date.now(),
      step: this.step,
      epoch: Math.floor(this.step / 100),
      uri: `/data/checkpoints/${name}.pt`,
      host: 'node-1',
      bytes: 1_500_000_000 + this.step,
      sha256: 'ab'.repeat(32),
      files: 1,
      tookMs: 2_400,
      covers: ['weights', 'optimizer', 'scheduler', 'rng'],
      metrics: { loss, accuracy: 1 - loss / 3 },
      parameters: Object.fromEntries(this.values),
      description: null,
      command: command ?? null,
      ...more,
    }
    await this.steer({ checkpoints: [checkpoint], outcomes })
  }

  /** A control point: what is due is set, and where schedules stand is told. */
  async #move(more: Steering = {}): Promise<void> {
    const at = Date.now()
    const changes: Change[] = []
    for (const moved of this.#schedules.values()) {
      const { key } = moved.schedule
      const declared = parameters.find((one) => one.key === key)
      const value = this.values.get(key)
      if (!declared || value === undefined) continue
      const loss = 2 / Math.sqrt(1 + Math.max(0, this.step - 1) / 10)
      const metrics: ControlPoint['metrics'] = this.step > 0 ? { loss: { step: this.step - 1, value: loss } } : {}
      const now = { step: this.step, epoch: null, timeMs: at, value, metrics }
      const { state, set } = advanceSchedule(moved.schedule, declared, moved.state, now)
      moved.state = state
      if (set === null) continue
      this.values.set(key, set)
      changes.push({
        key,
        value: set,
        at,
        step: this.step,
        cause: 'schedule',
        command: moved.id,
        isPassing: state.phase === 'active' && state.startStep !== this.step,
      })
    }
    const schedules = [...this.#schedules.values()].map(({ id, state }) => ({ id, state, at }))
    await this.steer({ changes, schedules, ...more })
  }

  /** Schedules that a change by hand of their parameter ends. */
  #endBy(key: string): SteeringEvent['schedules'] {
    const at = Date.now()
    return [...this.#schedules.values()]
      .filter(({ schedule }) => schedule.key === key)
      .map((moved) => {
        moved.state = endByChange(moved.state)
        return { id: moved.id, state: moved.state, at }
      })
  }

  async #ask(after: number, waitMs: number): Promise<CommandTaken> {
    const path = `/commands/next?attempt=1&after=${after}&waitMs=${waitMs}`
    return (await this.reporter.ask(path)) as CommandTaken // what this route answers with
  }
}

type CheckpointMore = Partial<SteeringEvent['checkpoints'][number]> & {
  command?: number
  outcomes?: SteeringEvent['outcomes']
}
