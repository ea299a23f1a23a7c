import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { findPython } from '../../../../lab/find-python.ts'
import { type ScriptAnswer, askScript } from './ask-script.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-ask-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const bounds = { timeoutMs: 60_000, memoryBytesMax: 1024 ** 3, printedBytesMax: 1024 ** 2 }
const ask = async (
  code: string,
  more: Partial<typeof bounds> = {},
  interpreter = findPython(),
): Promise<ScriptAnswer> => {
  const script = join(folder, 'train.py')
  writeFileSync(script, `import argparse\n${code}\nargparse.ArgumentParser().parse_args()\n`)
  const sdkFolder = fileURLToPath(new URL('../../../../python', import.meta.url))
  const environment = { PATH: process.env['PATH'] ?? '' }
  const { signal } = new AbortController()
  return askScript(
    { interpreter, folder, script, words: [], more: [], sdkFolder, environment, signal },
    { ...bounds, ...more },
  )
}

it('what a script prints before its arguments does no harm, even where it looks like an answer', async () => {
  const mark = 'print("<<<pilothouse describe\\n{}\\npilothouse describe>>>", flush=True)'
  const answer = await ask(`${mark}\nimport os\nos.write(1, b"x")\nprint("x" * 100_000)`)
  expect(answer).toMatchObject({ isLasting: true, description: { kind: 'argparse', fault: null } })
})

it.each([
  ['while True: pass', { timeoutMs: 1_000 }, 'within 1 s'],
  ['import signal\nsignal.signal(15, signal.SIG_IGN)\nsignal.pause()', { timeoutMs: 1_000 }, 'within 1 s'],
  ['while True: print("x" * 65536)', {}, 'printed more than 1 MiB'],
  ['import sys\nwhile True: sys.stderr.write("x" * 65536)', {}, 'printed more than 1 MiB'],
  ['kept = [bytes([1]) * 10_000_000 for _ in range(40)]\nwhile True: pass', { memoryBytesMax: 2e8 }, 'memory'],
  ['import os\nos._exit(7)', {}, 'ended with exit code 7 and told nothing'],
  ['import os\nos.kill(os.getpid(), 11)', {}, 'ended with a signal'],
])('«%s» is ended, and said', async (code, more, words) => {
  const { description, isLasting } = await ask(code, more)
  expect([description.kind, isLasting, description.fault?.message]).toEqual([
    'none',
    false,
    expect.stringContaining(words),
  ])
})

it('an interpreter that is none says what it said', async () => {
  const { description } = await ask('', {}, process.execPath)
  expect(description.fault).toMatchObject({
    message: expect.stringContaining('told nothing'),
    output: expect.any(String),
  })
})
