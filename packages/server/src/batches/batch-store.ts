/** Folders of batches on disk (batch-folder.ts): made with the input in it, and removed where no row names them. */
import { constants, copyFile, link, mkdir, open, readdir, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { PilothouseError, batchIdPattern } from '@pilothouse/contract'
import { syncFolder } from '../storage/sync-folder.ts'
import { batchPaths } from './batch-folder.ts'

/**
 * Makes the folder of a batch, with its input in it: the same bytes under a second name where the disk can do that, else a copy.
 * When this resolves, it would outlive a loss of power.
 * @throws PilothouseError `notFound` when the input is gone; else what the file system throws. Nothing is left then.
 */
export async function makeBatchFolder(dataFolder: string, id: string, inputPath: string): Promise<void> {
  const { folder, input } = batchPaths(dataFolder, id)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    await takeInput(inputPath, input)
    await syncFolder(folder)
    await syncFolder(dirname(folder))
    await syncFolder(dataFolder)
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

export async function removeBatchFolder(dataFolder: string, id: string): Promise<void> {
  await rm(batchPaths(dataFolder, id).folder, { recursive: true, force: true })
}

/** Ids of all batches that have a folder. */
export async function listBatchFolders(dataFolder: string): Promise<string[]> {
  const names = await readdir(`${dataFolder}/batches`).catch((error: unknown) => {
    if (readCode(error) === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => batchIdPattern.test(name))
}

async function takeInput(from: string, to: string): Promise<void> {
  try {
    await link(from, to)
  } catch (cause) {
    if (readCode(cause) === 'ENOENT') throw inputGone(cause)
    // Not every file system has hard links, or so many of them.
    await copyFile(from, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE)
    const copy = await open(to, 'r')
    try {
      await copy.sync()
    } finally {
      await copy.close()
    }
  }
}

function readCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function inputGone(cause: unknown): PilothouseError {
  return new PilothouseError('notFound', 'The bytes of the input file are not where they were put.', {
    cause,
    field: 'input_file_id',
    hint: 'Upload it again.',
  })
}
