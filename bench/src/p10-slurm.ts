/**
 * P10: reading what a large cluster answers (nodes and queue of a recorded Slurm, grown to the size of a national one), and a
 * round trip to a real small one: facts, and a submission without code, alone and by a whole launch.
 */
import { readFileSync } from 'node:fs'
import {
  cancelJobs,
  computeAvailability,
  makeSshRunner,
  parseNodes,
  parsePartitions,
  parseQueue,
  readSlurmFacts,
  SshLink,
  submitJob,
} from '@pilothouse/fleet'
import { startSlurm } from '../../lab/start-slurm.ts'
import { startSshd } from '../../lab/start-sshd.ts'
import { type Figure, makeFigure, takePercentile } from './figure.ts'
import { sampleSubmissions } from './p10-submit.ts'

const nodeCount = 1_000
const jobCount = 10_000
const runCount = { short: 10, full: 40 }
const about = { id: 'P10', unit: 'ms' }
const parseMs = 150
const factsMs = 100
const submitMs = 600

export async function measureSlurm({ short }: { short: boolean }): Promise<Figure[]> {
  const count = short ? runCount.short : runCount.full
  return [...measureParse(count), ...(await measureCalls(count))]
}

/** Over a kept connection to a real sshd, as an unprivileged user. */
async function measureCalls(count: number): Promise<Figure[]> {
  const slurm = await startSlurm()
  const sshd = await startSshd({ args: ['--user', slurm.user, '--set', `SLURM_CONF=${slurm.configPath}`] })
  const link = await SshLink.open({ host: 'lab', configPath: sshd.configPath })
  try {
    const runner = makeSshRunner(link)
    const facts = await sample(count, () => readSlurmFacts(runner))
    const ids: string[] = []
    const submissions = await sample(count, async () => {
      const options = ['--hold', '--gres=gpu:a100:1', '--output=/dev/null']
      ids.push((await submitJob(runner, { script: '#!/bin/sh\n', options })).id)
    })
    await cancelJobs(runner, ids)
    const whole = await sampleSubmissions(sshd.configPath, count)
    return [
      makeFigure({
        ...about,
        what: 'Slurm, all facts over ssh: p95',
        value: takePercentile(facts, 0.95),
        atMost: factsMs,
      }),
      makeFigure({
        ...about,
        what: 'Slurm, sbatch over ssh: p95',
        value: takePercentile(submissions, 0.95),
        informs: true,
      }),
      makeFigure({
        ...about,
        what: 'Slurm, a launch without code until Slurm has it: p95',
        value: takePercentile(whole, 0.95),
        atMost: submitMs,
      }),
    ]
  } finally {
    await link.close()
    await sshd.stop()
    await slurm.stop()
  }
}

async function sample(count: number, run: () => Promise<unknown>): Promise<number[]> {
  const ms: number[] = []
  while (ms.length < count) {
    const beganAt = performance.now()
    await run()
    ms.push(performance.now() - beganAt)
  }
  return ms
}

function measureParse(count: number): Figure[] {
  const [nodes, partitions, queue] = [growNodes(), readRecorded('partitions'), growQueue()]
  const parses: number[] = []
  const wholes: number[] = []
  // The slowest is the first, while nothing is compiled yet.
  for (let run = 0; run < count; run++) {
    const beganAt = performance.now()
    const facts = {
      at: 0,
      nodes: parseNodes(nodes),
      partitions: parsePartitions(partitions),
      queue: parseQueue(queue),
    }
    const parsedAt = performance.now()
    const { types } = computeAvailability(facts, { allowedPartitions: null, gpuTypes: null, access: null })
    wholes.push(performance.now() - parsedAt)
    parses.push(parsedAt - beganAt)
    if (facts.nodes.length !== nodeCount || facts.queue.length !== jobCount || types.length === 0)
      throw new Error('The grown answers of Slurm were not read whole.')
  }
  const what = `Slurm, ${nodeCount} nodes and ${jobCount} jobs`
  return [
    makeFigure({ ...about, what: `${what}: parse, p50`, value: takePercentile(parses, 0.5), atMost: parseMs }),
    makeFigure({ ...about, what: `${what}: parse, slowest`, value: Math.max(...parses), informs: true }),
    makeFigure({ ...about, what: `${what}: availability, p50`, value: takePercentile(wholes, 0.5), informs: true }),
  ]
}

function growNodes(): string {
  return grow(readRecorded('nodes'), nodeCount, (line, at) => line.replace(/^NodeName=\S+/, `NodeName=node${at}`))
}

/** Each job with an id, a priority and nodes of its own. */
function growQueue(): string {
  return grow(readRecorded('queue'), jobCount, (line, at) => {
    const [id = '', ...fields] = line.split('|')
    fields[9] = fields[9] === '' ? '' : `node[${at % nodeCount},${(at + 1) % nodeCount}]`
    return [id.replace(/^\d+/, String(1_000_000 + at)), ...fields].join('|')
  })
}

function grow(text: string, count: number, vary: (line: string, at: number) => string): string {
  const lines = text.trim().split('\n')
  return Array.from({ length: count }, (_, at) => vary(lines[at % lines.length] ?? '', at)).join('\n')
}

function readRecorded(name: string): string {
  return readFileSync(new URL(`../../packages/fleet/src/slurm/recorded/${name}.txt`, import.meta.url), 'utf8')
}
