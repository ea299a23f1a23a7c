/** By a real shell on real files. */
import {
  appendFileSync,
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { InstanceFacts } from '@pilothouse/contract'
import { makeLocalRunner, type ScriptRunner } from '../script-runner.ts'
import type { LogPlace } from './instance-look-script.ts'
import { addGpuReadings, type InstanceLook, lookAtInstance } from './look-at-instance.ts'

let folder: string
let runner: ScriptRunner
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ph'look $x "))
  runner = makeLocalRunner({ PATH: `${folder}/bin:${process.env['PATH'] ?? ''}`, HOME: folder })
})
afterEach(() => rmSync(folder, { recursive: true }))

/** Written so many seconds after the others. */
function write(name: string, text: string | Buffer, second = 0): string {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  utimesSync(path, 1_700_000_000 + second, 1_700_000_000 + second)
  return path
}

function installGpus(script: string): void {
  chmodSync(write('bin/nvidia-smi', `#!/bin/sh\n${script}\n`), 0o700)
}

function look(after: LogPlace | null = null, more: { linesMax?: number; bytesMax?: number; patterns?: string[] } = {}) {
  const { linesMax = 1_000, bytesMax, patterns = [`${folder}/output/*/training.log`] } = more
  return lookAtInstance(runner, { logPatterns: patterns, after, linesMax, bytesMax })
}

describe('the log', () => {
  it('that was written last is read, and from then on what is new', async () => {
    write('output/old/training.log', 'old\n', 1)
    const path = write('output/new run/training.log', 'step 1\nstep 2\nste', 2)
    const first = await look()
    expect(first).toMatchObject({
      lines: ['step 1', 'step 2'],
      open: null,
      hasMore: false,
      hasSkipped: false,
      gpus: [],
    })
    appendFileSync(path, 'p 3\n')
    const second = await look(first.place)
    expect(second.lines).toEqual(['step 3'])
    expect(await look(second.place)).toMatchObject({ lines: [], place: second.place })
  })

  it('that is not there is no failure', async () => {
    expect(await look()).toEqual({ lines: [], open: null, place: null, hasSkipped: false, hasMore: false, gpus: [] })
    expect(await look(null, { patterns: [] })).toMatchObject({ lines: [], place: null })
  })

  it('that goes away and comes back is read again from its beginning', async () => {
    const path = write('output/a/training.log', 'one\ntwo\n')
    const first = await look()
    rmSync(path)
    const second = await look(first.place)
    expect(second).toMatchObject({ lines: [], place: first.place })
    write('output/a/training.log', 'another one\nanother two\n', 5)
    expect((await look(second.place)).lines).toEqual(['another one', 'another two'])
  })

  it('that is rotated is read to its end, then the new one', async () => {
    const path = write('output/a/training.log', 'one\n', 1)
    const first = await look()
    appendFileSync(path, 'two\n')
    renameSync(path, `${path}.1`)
    write('output/a/training.log', 'three\n', 9)
    const second = await look(first.place)
    expect(second.lines).toEqual(['two'])
    const third = await look(second.place)
    expect(third.lines).toEqual(['three'])
    expect((await look(third.place)).lines).toEqual([])
  })

  it('that is gone is not taken for another file that has got its number', async () => {
    const path = write('output/a/training.log', 'one\ntwo\n')
    const { place } = await look()
    renameSync(path, join(folder, 'output/a/model.bin'))
    writeFileSync(join(folder, 'output/a/model.bin'), 'weights, not lines\nat all\n')
    expect(await look(place)).toMatchObject({ lines: [], place })
  })

  it('that is truncated, or written anew and longer, is read from its beginning', async () => {
    const path = write('output/a/training.log', 'a first line\na second line\n')
    const first = await look()
    truncateSync(path)
    appendFileSync(path, 'anew\n')
    const second = await look(first.place)
    expect(second.lines).toEqual(['anew'])
    truncateSync(path)
    appendFileSync(path, 'once more, and longer\nthan before\n')
    expect((await look(second.place)).lines).toEqual(['once more, and longer', 'than before'])
  })

  it('goes on while another one is written in turns with it', async () => {
    const a = write('output/a/training.log', 'a1\n', 2)
    write('output/b/training.log', 'b1\n', 1)
    const first = await look()
    appendFileSync(a, 'a2\n')
    write('output/b/training.log', 'b1\nb2\n', 1_000_000_000)
    const second = await look(first.place)
    expect(second.lines).toEqual(['a2'])
    expect((await look(second.place)).lines).toEqual(['b1', 'b2'])
  })

  it('is taken near its end at first, then as much at a time as is asked for', async () => {
    const path = write('output/a/training.log', `${'x'.repeat(30)}\n`.repeat(100))
    const first = await look(null, { bytesMax: 100 })
    expect(first).toMatchObject({ lines: Array(3).fill('x'.repeat(30)), hasSkipped: true })
    appendFileSync(path, Array.from({ length: 9 }, (_, at) => `line number ${at} of nine\n`).join(''))
    const seen: string[] = []
    let last: InstanceLook = first
    do {
      last = await look(last.place, { bytesMax: 100 })
      seen.push(...last.lines)
    } while (last.hasMore)
    expect(seen).toEqual(Array.from({ length: 9 }, (_, at) => `line number ${at} of nine`))
    expect(await look(null, { linesMax: 2 })).toMatchObject({
      lines: ['line number 7 of nine', 'line number 8 of nine'],
      hasSkipped: true,
    })
  })

  it('that has run far ahead is followed near its end', async () => {
    const path = write('output/a/training.log', 'one\n')
    const first = await look()
    appendFileSync(path, `${'y'.repeat(999)}\n`.repeat(5_000))
    const second = await look(first.place)
    expect(second.hasSkipped).toBe(true)
    expect(second.lines).toHaveLength(262)
    expect((await look(second.place)).lines).toEqual([])
  })

  it('with a progress bar shows how it stands, and the line once it has ended', async () => {
    const path = write('output/a/training.log', 'start\n  1%|#\r  2%|##\r')
    const first = await look()
    expect(first).toMatchObject({ lines: ['start'], open: '  2%|##' })
    appendFileSync(path, '  3%|###')
    const second = await look(first.place)
    expect(second).toMatchObject({ lines: [], open: '  3%|###' })
    appendFileSync(path, '\r100%|####\nend\r\n')
    expect(await look(second.place)).toMatchObject({ lines: ['100%|####', 'end'], open: null })
  })

  it('of binary bytes gives lines of text, and goes on behind one that never ends', async () => {
    const bytes = Buffer.from([0xff, 0x00, 0x1b, 0x5b, 0x32, 0x4a, 0x0a, 0xc3, 0x28, 0x0a])
    const path = write('output/a/training.log', bytes)
    const first = await look()
    expect(first.lines).toEqual(['\ufffd\0\u001b[2J', '\ufffd('])
    appendFileSync(path, Buffer.alloc(70_000, 'z'))
    const second = await look(first.place)
    expect(second.lines).toEqual([expect.stringMatching(/^z+ … \[\d+ bytes cut\]$/)])
    appendFileSync(path, '\nafter\n')
    expect((await look(second.place)).lines).toEqual(['', 'after'])
  })

  it('is found by patterns of a shell, of which nothing is run', async () => {
    write("o'ut $(touch x)/run-3/a.log", 'found\n')
    expect(await look(null, { patterns: ["~/o'ut $(touch x)/run-[0-9]/?.log"] })).toMatchObject({ lines: ['found'] })
    expect(
      await look(null, { patterns: ['/nowhere/`touch x`;touch x/*', '~/x', '-la', '[$(touch x)]'] }),
    ).toMatchObject({
      place: null,
    })
    for (const bad of ['', 'a\nb', 'a\0b', 'x'.repeat(2_000)])
      await expect(look(null, { patterns: [bad] })).rejects.toThrow(RangeError)
    await expect(look(null, { patterns: Array(21).fill('/a') })).rejects.toThrow('At most 20 patterns')
  })
})

describe('the GPUs', () => {
  const facts: InstanceFacts = {
    provider: 'runpod',
    id: 'x',
    label: null,
    status: 'running',
    rawStatus: null,
    statusText: null,
    gpuName: null,
    gpuCount: 2,
    gpuUse: null,
    gpuTemperature: null,
    gpuMemory: { used: null, total: null },
    cpuUse: null,
    memory: { used: null, total: null },
    disk: { used: null, total: null },
    image: null,
    region: null,
    startedAt: null,
    contractEndsAt: null,
    perHour: null,
    storagePerHour: null,
    currency: 'USD',
    ssh: null,
  }

  it('are read by nvidia-smi, what they do not measure is left out', async () => {
    installGpus(`echo "0, 90, 61, 20000, 24564, 310.5"; echo "1, 70, [N/A], 10000, 24564, [N/A]"; echo warning`)
    write('output/a/training.log', 'one\n')
    const { gpus, lines } = await look()
    expect(lines).toEqual(['one'])
    expect(gpus.map(({ index, values }) => [index, values.get('gpu.temperature')])).toEqual([
      [0, 61],
      [1, undefined],
    ])
    expect(addGpuReadings(facts, gpus)).toMatchObject({
      gpuUse: 80,
      gpuTemperature: 61,
      gpuMemory: { used: 30_000 * 1024 ** 2, total: 2 * 24_564 * 1024 ** 2 },
    })
    expect(addGpuReadings(facts, [])).toEqual(facts)
  })

  it('of a driver in trouble are none, and the log is there all the same', async () => {
    installGpus('echo "NVIDIA-SMI has failed" ; exit 9')
    write('output/a/training.log', 'one\n')
    expect(await look()).toMatchObject({ lines: ['one'], gpus: [] })
  })
})
