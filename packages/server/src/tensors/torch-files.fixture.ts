/** Checkpoint files as the real libraries write them, and the figures that they themselves work out. */
import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { TensorFileError } from './tensor-file-error.ts'
import { doTensorTask, type TensorAnswers, type TensorTask } from './tensor-task.ts'

/** Made by `lab/setup`. */
const python = fileURLToPath(new URL('../../../../.cache/venv/bin/python', import.meta.url))

export type TestFolder = { path: string; at(name: string): string; remove(): Promise<void> }

export async function makeTestFolder(): Promise<TestFolder> {
  const path = await mkdtemp(join(tmpdir(), 'pilothouse-tensors-'))
  return { path, at: (name) => join(path, name), remove: () => rm(path, { recursive: true, force: true }) }
}

const preamble = `
import json, os, sys, torch
os.chdir(sys.argv[1])
torch.manual_seed(7)
torch.set_num_threads(1)
`

/** Runs a program in the folder; what it prints as JSON. */
export async function runTorch(folder: TestFolder, program: string): Promise<unknown> {
  const path = folder.at('program.py')
  await writeFile(path, preamble + program)
  const { stdout } = await promisify(execFile)(python, [path, folder.path], { maxBuffer: 16 * 1024 * 1024 })
  return stdout === '' ? undefined : JSON.parse(stdout)
}

/** Does a task in this thread. */
export async function ask<Task extends TensorTask>(task: Task): Promise<TensorAnswers[Task['kind']]> {
  const watch = { clock: () => performance.now(), signal: new AbortController().signal, progress: () => undefined }
  return (await doTensorTask(task, watch)) as TensorAnswers[Task['kind']] // of this very task
}

/** `kind: message` of an error of this room; of any other only that it is one. */
export function tell(error: unknown): string {
  return error instanceof TensorFileError ? `${error.kind}: ${error.message}` : `another error: ${String(error)}`
}
