/** How the GPUs of this machine are now, asked once. */
import { parseCsvRow, parseMeasure } from './nvidia-smi.ts'
import { type RunProgram, runProgram } from './run-program.ts'

export type GpuList = {
  /** `none`: no GPU, or nothing that knows of one; `failed`: nvidia-smi is there and does not answer as it should. */
  state: 'ok' | 'none' | 'failed'
  gpus: GpuNow[]
}
type GpuNow = {
  index: number
  name: string
  /** Percent. What a GPU does not measure is null. */
  utilisation: number | null
  memoryUsedBytes: number | null
  memoryTotalBytes: number | null
  /** °C. */
  temperature: number | null
}

const query = ['--query-gpu=index,name,utilization.gpu,memory.used,memory.total,temperature.gpu'].concat(
  '--format=csv,noheader,nounits',
)
/** A driver in trouble answers after minutes, or never. */
const answerMsMax = 3_000
const mebibyte = 1024 ** 2

/** Never rejects. */
export async function listGpus(run: RunProgram = runProgram): Promise<GpuList> {
  const { stdout, failure, isMissing } = await run('nvidia-smi', query, answerMsMax)
  if (isMissing || /no devices were found/i.test(stdout)) return { state: 'none', gpus: [] }
  const gpus = stdout.split('\n').flatMap(parseRow)
  if (failure !== null) return { state: 'failed', gpus: [] }
  return { state: gpus.length === 0 ? 'none' : 'ok', gpus }
}

function parseRow(line: string): GpuNow[] {
  const [index = '', name = '', utilisation = '', used = '', total = '', temperature = ''] = parseCsvRow(line)
  if (!/^\d{1,4}$/.test(index) || name === '') return []
  const bytes = (text: string): number | null => {
    const mebibytes = parseMeasure(text)
    return mebibytes === null ? null : mebibytes * mebibyte
  }
  const own = { index: Number(index), name, utilisation: parseMeasure(utilisation) }
  const memory = { memoryUsedBytes: bytes(used), memoryTotalBytes: bytes(total) }
  return [{ ...own, ...memory, temperature: parseMeasure(temperature) }]
}
