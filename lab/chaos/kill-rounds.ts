/**
 * Scripts train without a pause while something is killed again and again at random moments; in the end everything that
 * they made must be stored, once and in order.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ControlRoom } from './control-room.ts'
import { Postgres } from '../postgres.ts'
import { makeRandom, type Random } from './random.ts'
import { syncSpool, Trainer, type TrainerPlace } from './trainer.ts'
import { readStored } from './verify.ts'

export const victims = ['server', 'trainer', 'database'] as const
export type Victim = (typeof victims)[number]

export type KillOptions = {
  victim: Victim
  rounds: number
  seed: number
  trainers?: number
  databaseUrl?: string | undefined
  say?: (text: string) => void
}

export type KillResult = { rounds: number; jobs: number; points: number; lines: number }

/** Between two kills, ms. */
const betweenKillsMs = [60, 900] as const
/** What a script logged so long before it was killed has left its memory: sent, or on its disk. */
const keptAfterMs = 1_500

/**
 * Runs the rounds and checks what is stored.
 * @throws Error when something is missing, doubled, out of order, or ended otherwise than it should.
 */
export async function killAtRandom(options: KillOptions): Promise<KillResult> {
  const folder = mkdtempSync(join(tmpdir(), 'pilothouse-chaos-'))
  const dataFolder = join(folder, 'data')
  const postgres = options.victim === 'database' ? await Postgres.open({ durable: true }) : undefined
  const room = await ControlRoom.open({ dataFolder, databaseUrl: postgres?.url ?? options.databaseUrl })
  const place = { url: room.url, dataFolder, stopFile: join(folder, 'stop') }
  const random = makeRandom(options.seed)
  try {
    const victim = postgres ?? room
    const setting = { room, place, random, options }
    const result = options.victim === 'trainer' ? await killTrainers(setting) : await killSteadily(setting, victim)
    await room.close()
    await postgres?.stop()
    rmSync(folder, { recursive: true, force: true })
    return result
  } catch (error) {
    // What is stored stays to be looked at.
    writeFileSync(place.stopFile, '')
    await room.close()
    await postgres?.stop()
    throw new Error(`With the seed ${options.seed}, data in ${dataFolder}`, { cause: error })
  }
}

type Setting = { room: ControlRoom; place: TrainerPlace; random: Random; options: KillOptions }

/** What can be killed and started again. */
type Killable = { kill(): Promise<void>; start(): Promise<void> }

/** The server, or the database below it, while scripts train. */
async function killSteadily({ room, place, random, options }: Setting, victim: Killable): Promise<KillResult> {
  const trainers = Array.from({ length: options.trainers ?? 4 }, (_, at) => new Trainer(`steady-${at}`, place))
  await Promise.all(trainers.map((trainer) => trainer.begun()))
  for (let round = 1; round <= options.rounds; round += 1) {
    await pause(random.between(...betweenKillsMs))
    await victim.kill()
    await pause(random.between(0, 300))
    await victim.start()
    options.say?.(`${options.victim} killed ${round} times`)
  }
  const wellMs = await room.waitUntilWell()
  options.say?.(`well again ${Math.round(wellMs)} ms after the last start`)
  writeFileSync(place.stopFile, '')
  const made = await Promise.all(trainers.map((trainer) => trainer.finish()))
  await syncSpool(place)
  const result = { rounds: options.rounds, jobs: trainers.length, points: 0, lines: 0 }
  for (const [at, trainer] of trainers.entries()) {
    const stored = await readStored(room, trainer.name)
    const { steps, state, attempts } = stored
    if (steps !== made[at] || state !== 'completed' || attempts !== 1)
      throw new Error(`${trainer.name} made ${made[at] ?? 0} steps; stored is ${JSON.stringify(stored)}`)
    result.points += steps * 2
    result.lines += stored.lines
  }
  return result
}

async function killTrainers({ room, place, random, options }: Setting): Promise<KillResult> {
  const result = { rounds: options.rounds, jobs: options.rounds, points: 0, lines: 0 }
  for (let round = 1; round <= options.rounds; round += 1) {
    const trainer = new Trainer(`doomed-${round}`, place)
    await trainer.begun()
    const away = random.pick([true, false])
    await pause(random.between(...betweenKillsMs))
    if (away) await room.kill()
    await pause(random.between(...betweenKillsMs) * 2)
    await trainer.kill()
    const killedAt = performance.now()
    if (away) await room.start()
    await syncSpool(place)
    const stored = await readStored(room, trainer.name)
    const least = trainer.stepsBefore(killedAt, keptAfterMs)
    if (stored.steps < least)
      throw new Error(`${trainer.name} logged ${least} steps; stored is ${JSON.stringify(stored)}`)
    result.points += stored.steps * 2
    result.lines += stored.lines
    options.say?.(`${trainer.name}: ${stored.steps} steps${away ? ', the server was away' : ''}`)
  }
  return result
}
