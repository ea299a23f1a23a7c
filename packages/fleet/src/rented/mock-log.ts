/** The log of an invented training, line by line: each line is a function of its number. */
import { chance, epochLines, type MockMachine, roundLines } from './mock-machine.ts'

/** Line `at` of round `round`, both from 0. */
export function writeMockLine(machine: MockMachine, round: number, at: number, seed: number): string {
  if (at === 0) return `Training started on ${machine.gpuName} (invented)`
  if (machine.fate === 'fails' && at === roundLines(machine) - 1)
    return 'torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.50 GiB.'
  const inEpochs = at - 1
  const epoch = Math.floor(inEpochs / epochLines(machine)) + 1
  const place = inEpochs % epochLines(machine)
  if (place === 0) return `Epoch ${epoch}/${machine.epochs}`
  if (place > machine.stepLines) return `Epoch ${epoch}/${machine.epochs} completed`
  const done = (epoch - 1) * machine.stepLines + place
  return writeStep(machine, done, chance(seed, machine.id, round * 100_000 + at))
}

function writeStep(machine: MockMachine, done: number, draw: number): string {
  const all = machine.epochs * machine.stepLines
  const share = done / all
  const rate = 1e-4 * 0.5 * (1 + Math.cos(Math.PI * share))
  return `Step ${done * machine.stride}/${all * machine.stride}: Loss = ${lossAt(machine, share, draw).toFixed(4)}, LR = ${rate.toPrecision(3)}`
}

/** It falls as losses do; one that diverges rises again in its last third. */
function lossAt({ firstLoss, lastLoss, fate }: MockMachine, share: number, draw: number): number {
  const fallen = lastLoss + (firstLoss - lastLoss) * Math.exp(-5 * share)
  const risen = fate === 'diverges' && share > 0.66 ? Math.exp((share - 0.66) * 11) - 1 : 0
  return (fallen + risen) * (1 + (draw - 0.5) * 0.08)
}
