import { availableParallelism, hostname, release, totalmem, type } from 'node:os'
import type { Hardware } from '@pilothouse/contract'
import { type RunProgram, runProgram } from './run-program.ts'
import { parseCsvRow, parseMeasure, selectGpus } from './nvidia-smi.ts'

const mebibyte = 1024 ** 2

/** What this machine has; GPUs as `nvidia-smi` names them, limited to those that the environment makes visible. */
export async function readHostFacts(options: { env?: NodeJS.ProcessEnv; run?: RunProgram } = {}): Promise<Hardware> {
  const { env = process.env, run = runProgram } = options
  const listed = await listGpus(run)
  const gpus = Array.isArray(listed) ? listed.filter(({ index }) => selectGpus(env)(index)) : []
  return {
    host: hostname(),
    system: `${type()} ${release()}`,
    cpus: availableParallelism(),
    memoryBytes: totalmem(),
    gpus,
    gpuAbsence: typeof listed === 'string' ? listed : gpus.length === 0 ? 'No GPU is visible to this job.' : null,
  }
}

/** The GPUs, or why there are none in words. */
async function listGpus(run: RunProgram): Promise<Hardware['gpus'] | string> {
  const query = ['--query-gpu=index,name,memory.total', '--format=csv,noheader,nounits']
  const answer = await run('nvidia-smi', query, 10_000)
  if (answer.failure !== null) return answer.failure
  return answer.stdout.split('\n').flatMap((line) => {
    const [index = '', name = '', memory = ''] = parseCsvRow(line)
    const mebibytes = parseMeasure(memory)
    if (!/^\d+$/.test(index)) return []
    return [{ index: Number(index), name, ...(mebibytes === null ? {} : { memoryBytes: mebibytes * mebibyte }) }]
  })
}
