/** A checkpoint with everything that is in it listed, and its files open to read elements from. */
import type { CheckpointFile, StoredValue, SuspiciousGlobal } from '@pilothouse/contract'
import { type CheckpointPart, findCheckpointFiles } from './find-checkpoint-files.ts'
import { looksLikeSafetensors, readSafetensors } from './read-safetensors.ts'
import { readTorchFile, recogniseOldFile } from './read-torch-file.ts'
import { looksLikeZip } from './read-zip-directory.ts'
import { catalogueLimits, makeNamesUnique, type StoredTensor, type TensorCatalogue } from './tensor-catalogue.ts'
import { nameFault, quote, TensorFileError } from './tensor-file-error.ts'
import { type OpenSource, openFileSource, type TensorSource } from './tensor-source.ts'

export type OpenTensor = StoredTensor & { file: string; source: TensorSource }

export type OpenCheckpoint = {
  path: string
  files: CheckpointFile[]
  tensors: OpenTensor[]
  values: StoredValue[]
  valuesLeftOut: number
  suspicious: SuspiciousGlobal[]
  notes: string[]
  close(): Promise<void>
}

/** First bytes that are enough to recognise a file. */
const startBytes = 512
const valuesMax = 4_000

/**
 * Opens a file or folder and lists what is in it. A broken file beside the model is told in the notes.
 * @throws TensorFileError
 */
export async function openCheckpoint(path: string, clock: () => number): Promise<OpenCheckpoint> {
  const { parts, values, notes } = await findCheckpointFiles(path)
  const sources: OpenSource[] = []
  const close = async (): Promise<void> => void (await Promise.all(sources.map((source) => source.close())))
  const checkpoint: OpenCheckpoint = {
    path,
    files: [],
    tensors: [],
    values,
    valuesLeftOut: 0,
    suspicious: [],
    notes,
    close,
  }
  try {
    for (const part of parts) {
      try {
        const source = await openPart(part)
        sources.push(source)
        addCatalogue(checkpoint, { part, source, catalogue: await readCatalogue(source, clock) })
      } catch (error) {
        if (!(error instanceof TensorFileError) || part.prefix === '')
          throw parts.length > 1 ? nameFault(part.name, error) : error
        notes.push(`${part.name} is not looked into. ${error.message}`)
      }
    }
    if (checkpoint.tensors.length > catalogueLimits.tensorsMax)
      throw new TensorFileError('tooLarge', `It has more than ${catalogueLimits.tensorsMax} tensors.`)
    checkpoint.tensors = makeNamesUnique(checkpoint.tensors)
    return checkpoint
  } catch (error) {
    await close()
    throw error
  }
}

async function openPart({ path, promised }: CheckpointPart): Promise<OpenSource> {
  try {
    return await openFileSource(path)
  } catch (error) {
    if (!(error instanceof TensorFileError) || error.kind !== 'missing' || promised === undefined) throw error
    throw new TensorFileError('missing', `It is missing, and ${countTensors(promised.length)} should be in it.`, {
      cause: error,
    })
  }
}

/**
 * Recognises a file by its first bytes and lists what is in it.
 * @throws TensorFileError
 */
export async function readCatalogue(source: TensorSource, clock: () => number): Promise<TensorCatalogue> {
  if (source.size === 0) throw new TensorFileError('torn', 'It is empty.')
  const start = await source.read(0, Math.min(startBytes, source.size))
  if (looksLikeZip(start)) return readTorchFile(source, clock)
  if (looksLikeSafetensors(start)) return readSafetensors(source)
  const known = recogniseOldFile(start)
  if (known !== undefined) throw new TensorFileError('unsupported', known)
  throw new TensorFileError('unsupported', 'It begins neither as a safetensors file nor as one of torch.save.')
}

type Opened = { part: CheckpointPart; source: TensorSource; catalogue: TensorCatalogue }

function addCatalogue(checkpoint: OpenCheckpoint, { part, source, catalogue }: Opened): void {
  const { name: file, prefix, promised } = part
  checkPromised(catalogue, promised)
  checkpoint.files.push({ name: file, bytes: source.size, format: catalogue.format })
  for (const tensor of catalogue.tensors)
    checkpoint.tensors.push({ ...tensor, name: prefix + tensor.name, file, source })
  const room = Math.max(0, valuesMax - checkpoint.values.length)
  const values = catalogue.values.map(({ name, value }) => ({ name: prefix + name, value }))
  checkpoint.values.push(...values.slice(0, room))
  checkpoint.valuesLeftOut += catalogue.valuesLeftOut + Math.max(0, values.length - room)
  checkpoint.suspicious.push(...catalogue.suspicious.map((one) => ({ file, ...one })))
  checkpoint.notes.push(...catalogue.notes.map((note) => (prefix === '' ? note : `${file}: ${note}`)))
}

/** @throws TensorFileError `missing` when a part lacks what the index says. */
function checkPromised({ tensors }: TensorCatalogue, promised: readonly string[] | undefined): void {
  if (promised === undefined) return
  const present = new Set(tensors.map((tensor) => tensor.name))
  const lacking = promised.filter((one) => !present.has(one.slice(0, catalogueLimits.nameLengthMax)))
  const [first] = lacking
  if (first === undefined) return
  throw new TensorFileError(
    'missing',
    `It lacks ${countTensors(lacking.length)} that the index says are in it, as ${quote(first)}.`,
  )
}

function countTensors(count: number): string {
  return `${count} tensor${count === 1 ? '' : 's'}`
}
