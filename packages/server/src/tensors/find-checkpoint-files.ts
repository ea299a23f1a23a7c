/** Which files make up a checkpoint: one that is named, or those of a folder as Hugging Face's libraries lay it out. */
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { StoredValue } from '@pilothouse/contract'
import { checkJson } from './check-json.ts'
import { malformed, quote, TensorFileError } from './tensor-file-error.ts'
import { tellTrouble } from './tensor-source.ts'

export type CheckpointPart = {
  path: string
  /** Name in the folder. */
  name: string
  /** Stands in front of the names of its tensors, with a dot; empty for those of the model. */
  prefix: string
  /** Tensors that an index says are in it; undefined without one. */
  promised: readonly string[] | undefined
}

export type CheckpointFiles = {
  parts: CheckpointPart[]
  /** From `trainer_state.json`. */
  values: StoredValue[]
  notes: string[]
}

const filesMax = 1_000
const jsonBytesMax = 64 * 1024 * 1024
const jsonBounds = { depthMax: 50, containersMax: 2_000_000, itemsMax: 8_000_000 }
const valuesMax = 50
const indexes = [
  'model.safetensors.index.json',
  'diffusion_pytorch_model.safetensors.index.json',
  'pytorch_model.bin.index.json',
]
/** Files whose tensors are the model's, the first kind that there is; their names go without the name of the file. */
const modelFiles = [
  /^(model|diffusion_pytorch_model|consolidated)\.safetensors$/,
  /^(model|consolidated)(-\d+-of-\d+|\.\d+)\.safetensors$/,
  /^adapter_model\.safetensors$/,
  /^pytorch_model\.bin$/,
  /^pytorch_model-\d+-of-\d+\.bin$/,
  /^adapter_model\.bin$/,
  /^(model|model_state|weights)\.(pt|pth|bin|ckpt)$/,
]
const tensorFile = /\.(safetensors|bin|pt|pth|ckpt)$/

/**
 * Lists the files.
 * @throws TensorFileError `missing` when there is nothing there, `unsupported` for a folder that is read by other tools
 * only.
 */
export async function findCheckpointFiles(path: string): Promise<CheckpointFiles> {
  const facts = await stat(path).catch((cause: unknown) => {
    throw tellTrouble(path, cause)
  })
  if (!facts.isDirectory())
    return { parts: [{ path, name: basename(path), prefix: '', promised: undefined }], values: [], notes: [] }
  const names = (await readdir(path).catch((cause: unknown) => Promise.reject(tellTrouble(path, cause)))).toSorted()
  refuseDistributed(names)
  const model = await findModel(path, names)
  const others = names.filter((name) => tensorFile.test(name) && !model.covered(name))
  const parts = [...model.parts, ...others.map((name) => makePart(path, name, `${shortenName(name, others)}.`))]
  const [only] = parts
  if (only === undefined) throw new TensorFileError('missing', `There are no files of tensors in ${path}.`)
  if (parts.length > filesMax)
    throw new TensorFileError(
      'tooLarge',
      `The folder has ${parts.length} files of tensors, and at most ${filesMax} are read.`,
    )
  const { values, note } = await readTrainerState(path, names)
  return {
    parts: parts.length === 1 ? [{ ...only, prefix: '' }] : parts,
    values,
    notes: [...model.notes, ...(note === undefined ? [] : [note])],
  }
}

function refuseDistributed(names: readonly string[]): void {
  if (!names.includes('.metadata') && !names.some((name) => name.endsWith('.distcp'))) return
  throw new TensorFileError(
    'unsupported',
    'It is a folder of PyTorch Distributed Checkpoint, which is not read.' +
      ' `python -m torch.distributed.checkpoint.format_utils dcp_to_torch FOLDER FILE` makes one file of it.',
  )
}

type Model = { parts: CheckpointPart[]; notes: string[]; covered(name: string): boolean }

async function findModel(folder: string, names: readonly string[]): Promise<Model> {
  const index = indexes.find((name) => names.includes(name))
  const isModel = (name: string): boolean => modelFiles.some((pattern) => pattern.test(name))
  if (index !== undefined) {
    const shards = await readIndex(folder, index)
    const parts = [...shards].map(([name, promised]) => ({ ...makePart(folder, name, ''), promised }))
    return { parts, notes: [], covered: (name) => isModel(name) || shards.has(name) }
  }
  const pattern = modelFiles.find((one) => names.some((name) => one.test(name)))
  const own = pattern === undefined ? [] : names.filter((name) => pattern.test(name))
  const left = names.filter((name) => isModel(name) && !own.includes(name))
  const notes = [
    ...left.map((name) => `${name} is left out, because the model is in ${own.join(', ').slice(0, 200)} as well.`),
    ...(own.length > 1 ? ['The index of its parts is missing, so one of them may be missing too.'] : []),
  ]
  return { parts: own.map((name) => makePart(folder, name, '')), notes, covered: isModel }
}

function makePart(folder: string, name: string, prefix: string): CheckpointPart {
  return { path: join(folder, name), name, prefix, promised: undefined }
}

/** Without the ending, unless that is all that tells it from another one. */
function shortenName(name: string, others: readonly string[]): string {
  const stem = name.replace(tensorFile, '')
  return others.some((other) => other !== name && other.replace(tensorFile, '') === stem) ? name : stem
}

/** `weight_map` names the file of each tensor. */
async function readIndex(folder: string, index: string): Promise<Map<string, string[]>> {
  const value = await readJson(join(folder, index), index)
  const map: unknown =
    typeof value === 'object' && value !== null && 'weight_map' in value ? value.weight_map : undefined
  if (typeof map !== 'object' || map === null) throw malformed(`${index} has no weight_map.`)
  const shards = new Map<string, string[]>()
  const entries: [string, unknown][] = Object.entries(map)
  for (const [tensor, file] of entries) {
    // A name that leads out of the folder could be any file of this machine.
    if (typeof file !== 'string' || file !== basename(file) || file === '..' || file === '.' || file === '')
      throw malformed(`${index} names ${quote(String(file))}, which is no file of the folder.`)
    const tensors = shards.get(file)
    if (tensors === undefined) shards.set(file, [tensor])
    else tensors.push(tensor)
  }
  return shards
}

async function readJson(path: string, name: string): Promise<unknown> {
  const facts = await stat(path).catch((cause: unknown) => Promise.reject(tellTrouble(path, cause)))
  if (!facts.isFile()) throw new TensorFileError('unreadable', `${name} is no file.`)
  if (facts.size > jsonBytesMax)
    throw new TensorFileError('tooLarge', `${name} has ${facts.size} bytes, more than are read.`)
  const bytes = await readFile(path).catch((cause: unknown) => Promise.reject(tellTrouble(path, cause)))
  checkJson(bytes, jsonBounds)
  try {
    return JSON.parse(bytes.toString('utf8'))
  } catch (cause) {
    throw malformed(`${name} is no JSON.`, cause)
  }
}

/** Plain values of the trainer: step, epoch, best metric. A broken file is told and hinders nothing. */
async function readTrainerState(
  folder: string,
  names: readonly string[],
): Promise<{ values: StoredValue[]; note?: string }> {
  const name = 'trainer_state.json'
  if (!names.includes(name)) return { values: [] }
  try {
    const value = await readJson(join(folder, name), name)
    const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
    return { values: entries.flatMap(([key, one]) => readPlain(`trainer_state.${key}`, one)).slice(0, valuesMax) }
  } catch (error) {
    if (error instanceof TensorFileError) return { values: [], note: error.message }
    throw error
  }
}

function readPlain(name: string, value: unknown): StoredValue[] {
  if (typeof value === 'string') return [{ name, value: value.slice(0, 200) }]
  return typeof value === 'number' || typeof value === 'boolean' ? [{ name, value }] : []
}
