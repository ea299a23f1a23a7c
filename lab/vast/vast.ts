/**
 * The STAND-IN for vast.ai by hand: `npm run vast -- --port 8090`. Five machines that do not exist, whose logs grow and whose
 * orders are obeyed after some seconds. Ends at SIGINT or SIGTERM.
 */
import { parseArgs } from 'node:util'
import { startVastStandIn } from './start-vast-stand-in.ts'
import { makeChargeRow, makeInstanceRow, makeOfferRow } from './vast-rows.ts'
import type { VastWorld } from './vast-world.ts'

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } })
const standIn = await startVastStandIn({ port: Number(values.port) })
const startedAt = Math.floor(Date.now() / 1_000) - 6 * 3_600
fillWorld(standIn.world, startedAt)
console.log(`ready ${standIn.url} ${standIn.key}  (a stand-in: it is not vast.ai)`)

let step = 1_000
const ticker = setInterval(() => {
  standIn.world.advance()
  step += 10
  writeLogs(standIn.world, step)
}, 2_000)
const end = (): void => {
  clearInterval(ticker)
  void standIn.close()
}
process.once('SIGINT', end).once('SIGTERM', end)

/** The machines of somebody who trains on what is to be had. */
function fillWorld(world: VastWorld, start: number): void {
  const machines = [
    { id: 30_007_012, gpu_name: 'RTX 4090', dph_total: 0.467 },
    { id: 30_007_267, gpu_name: 'A100 SXM4', gpu_ram: 81_920, gpu_totalram: 81_920, dph_total: 1.234 },
    { id: 30_007_268, gpu_name: 'H100 SXM', gpu_ram: 81_559, gpu_totalram: 81_559, dph_total: 1.5, gpu_util: 4 },
    { id: 30_007_269, gpu_name: 'L40S', actual_status: 'loading', gpu_util: null, dph_total: 0.61 },
    { id: 30_007_270, gpu_name: 'RTX 3090', actual_status: 'exited', gpu_util: null, dph_total: 0.18 },
  ]
  for (const { id, ...changes } of machines) {
    world.add(makeInstanceRow(id, { ...changes, start_date: start, end_date: start + 14 * 86_400 }))
    world.charges.push(makeChargeRow(id, { start, end: start + 3_600, amount: changes.dph_total }))
  }
  for (let id = 1; id <= 12; id += 1) world.offers.set(id, makeOfferRow(id, { dph_total: 0.2 + id * 0.03 }))
}

/** As training scripts print them. */
function writeLogs(world: VastWorld, at: number): void {
  for (const [id, row] of world.instances) {
    if (row['actual_status'] !== 'running') continue
    const loss = (2 / Math.log10(at) + (id % 7) / 10).toFixed(3)
    const lines = `${world.logs.get(id) ?? ''}Epoch ${Math.floor(at / 1_000)}/3 Step ${at}: Loss = ${loss}, LR = 0.0001\n`
    world.logs.set(id, lines.slice(-100_000))
    world.change(id, { gpu_temp: 60 + (at % 70) / 10 })
  }
}
