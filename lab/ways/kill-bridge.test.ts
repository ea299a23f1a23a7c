/** `pilothouse bridge` dies without a warning, again and again, while it collects over ssh. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ControlRoom } from '../chaos/control-room.ts'
import { makeRandom } from '../chaos/random.ts'
import { type LabSshd, startSshd } from '../start-sshd.ts'
import { launcher, sdkFolder, startCommand, type StartedCommand, steppingScript } from './start-command.ts'

const patient = { timeout: 60_000, interval: 100 }
const seed = 20_260_117
const kills = 8

let base: string
let sshd: LabSshd
let room: ControlRoom
let started: StartedCommand[] = []
beforeEach(async () => {
  base = mkdtempSync(join(tmpdir(), 'ph-kill-bridge-'))
  sshd = await startSshd({ args: ['--no-forward'] })
  room = await ControlRoom.open({ dataFolder: join(base, 'data') })
})
afterEach(async () => {
  await Promise.all(started.map((one) => one.end('SIGKILL')))
  started = []
  await room.close()
  await sshd.stop()
  rmSync(base, { recursive: true })
})

it(
  'killed at random moments, it loses nothing, sends nothing twice and leaves no connection',
  { timeout: 240_000 },
  async () => {
    const random = makeRandom(seed)
    let bridge = openBridge()
    await expect.poll(bridge.out, patient).toContain('"event":"ready"')
    const mailbox = join(sshd.folder, 'home', '.pilothouse', 'mailbox')
    const training = start(['python3', steppingScript], {
      PYTHONPATH: sdkFolder,
      PILOTHOUSE_MAILBOX: mailbox,
      PILOTHOUSE_DATA: join(base, 'far'),
      PILOTHOUSE_JOB: 'far-away',
    })
    const feed = setInterval(() => training.step(1), 5)
    for (let kill = 1; kill <= kills; kill++) {
      // From before it has connected to the middle of its work.
      await pause(random.between(200, 3_500))
      await bridge.end('SIGKILL')
      await expect.poll(() => listClients(sshd.configPath), patient).toEqual([])
      bridge = openBridge()
    }
    clearInterval(feed)
    await training.finish()
    const last = training.out().trim().split('\n').length
    await expect.poll(async () => (await readLoss()).x.at(-1), patient).toBe(last)
    const { x, n } = await readLoss()
    expect(x).toEqual(Array.from({ length: last }, (_, at) => at + 1))
    expect(new Set(n)).toEqual(new Set([1]))
    await expect.poll(() => readdirSync(mailbox), patient).toEqual([])
  },
)

function openBridge(): StartedCommand {
  return start([launcher, 'bridge', '-F', sshd.configPath, '--data', join(base, 'data'), '--json', 'lab'])
}

function start(words: readonly string[], set?: Record<string, string>): StartedCommand {
  const one = startCommand(words, set)
  started.push(one)
  return one
}

/** Points as the control room has them: more of them than a script can take here. */
async function readLoss(): Promise<{ x: number[]; n: number[] }> {
  const text = await room.ask('/api/jobs/far-away/metrics?key=loss&points=10000')
  const { series } = JSON.parse(text) as { series: { x: number[]; n: number[] }[] } // by the contract
  return series[0] ?? { x: [], n: [] }
}

/** Clients of ssh that use this configuration. */
function listClients(configPath: string): string[] {
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false
    try {
      const line = readFileSync(`/proc/${id}/cmdline`, 'latin1')
      return line.startsWith('ssh\0') && line.includes(configPath)
    } catch {
      return false // it has ended meanwhile
    }
  })
}
