/** An order in the words of sbatch. */
import { SlurmError } from '../slurm/slurm-error.ts'
import { readIndices } from './array-elements.ts'
import type { ArrayOrder, StartOrder, StartResources } from './target.ts'

/** Of a name in the queue. */
const nameCharsMax = 200

/**
 * Options of sbatch for an order, a word each.
 * @throws SlurmError `refused` for further words that would take the run from us
 */
export function writeOptions({ name, resources, options = [], requeueable, warnSeconds }: StartOrder): string[] {
  for (const word of options) refuseWord(word)
  return [
    `--job-name=${
      name
        .replaceAll(/\p{C}+/gu, ' ')
        .trim()
        .slice(0, nameCharsMax) || 'run'
    }`,
    ...writeResources(resources),
    ...(resources.array ? [writeArray(resources.array)] : []),
    requeueable ? '--requeue' : '--no-requeue',
    // To the wrapper, which passes it on to the script.
    ...(warnSeconds === null ? [] : [`--signal=B:USR1@${Math.max(1, Math.trunc(warnSeconds))}`]),
    ...options,
  ]
}

function writeResources(asked: StartResources): string[] {
  const { gpus, exclusive = false } = asked
  const words: [name: string, value: string | number | null | undefined][] = [
    ['partition', asked.partition],
    ['account', asked.account],
    ['qos', asked.qos],
    ['reservation', asked.reservation],
    ['nodes', asked.nodes],
    ['gres', gpus ? ['gpu', gpus.type ?? [], gpus.count].flat().join(':') : null],
    ['cpus-per-task', asked.cpusPerTask],
    ['ntasks-per-node', asked.tasksPerNode],
    ['mem', asked.memoryMb ? `${asked.memoryMb}M` : null],
    ['time', asked.timeLimitMin],
    ['dependency', asked.dependency],
    ['begin', asked.begin],
    ['constraint', asked.constraint],
  ]
  const given = words.flatMap(([name, value]) => {
    const text = String(value ?? '')
    return text === '' ? [] : [`--${name}=${text}`]
  })
  return exclusive ? [...given, '--exclusive'] : given
}

function writeArray(array: ArrayOrder): string {
  readIndices(array)
  const { indices, atOnce } = array
  return `--array=${indices}${atOnce === null ? '' : `%${Math.max(1, Math.trunc(atOnce))}`}`
}

/** One job on this cluster is followed, in its own folder: not several, and not one that sbatch waits for. */
const refusedNames = ['array', 'clusters', 'help', 'test-only', 'usage', 'version', 'wait', 'wrap']
const refusedLetters = /^-[HkOsQv]*[aMhuVW]/

/** sbatch takes shortened names. */
function refuseWord(word: string): void {
  const [, name] = /^--([a-z-]+)/.exec(word) ?? []
  const isRefused = name === undefined ? refusedLetters.test(word) : refusedNames.some((one) => one.startsWith(name))
  if (isRefused) throw refuse(word)
}

/**
 * The same for what a script asks for itself, in lines that begin with `#SBATCH`.
 * @throws SlurmError `refused`
 */
export function checkScript(script: string): void {
  for (const line of script.split('\n').filter((one) => one.startsWith('#SBATCH')))
    for (const word of line.replace(/\s#.*/, '').split(/\s+/).slice(1)) refuseWord(word)
}

function refuse(word: string): SlurmError {
  const hint = 'Leave it out; an array is ordered by its indices.'
  return new SlurmError('refused', { message: `«${word}» is not taken: a run is one job, and is followed.`, hint })
}
