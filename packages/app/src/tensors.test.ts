/** The command on real files, without a control room. */
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { runCli } from './run-cli.ts'
import { makeTestWorld } from './test-world.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pilothouse-tensors-cli-'))
  writeTensor('a.safetensors', [3, 4])
  writeTensor('b.safetensors', [3, 5])
})
afterAll(() => rmSync(folder, { recursive: true }))

function writeTensor(name: string, values: number[]): void {
  const header = Buffer.from(
    JSON.stringify({ 'in.weight': { dtype: 'F32', shape: [values.length], data_offsets: [0, 4 * values.length] } }),
  )
  const length = Buffer.alloc(8)
  length.writeBigUInt64LE(BigInt(header.length))
  writeFileSync(join(folder, name), Buffer.concat([length, header, Buffer.from(Float32Array.from(values).buffer)]))
}

async function cli(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { world, stdout, stderr } = makeTestWorld()
  const code = await runCli(['tensors', ...args], { ...world, workingFolder: folder }, '0.0.0-test')
  return { code, out: stdout.text(), err: stderr.text() }
}

it('shows what a file holds, as a table and as JSON', async () => {
  const table = await cli('a.safetensors')
  expect(table).toMatchObject({ code: 0, err: '' })
  expect(table.out.split('\n')).toEqual([
    'TENSOR     DTYPE    SHAPE  NORM  MEAN  MIN  MAX  ZERO',
    'in.weight  float32  [2]       5   3.5    3    4',
    '1 tensor, 2 parameters, 2 elements, 8 B, norm 5',
    '',
  ])
  const { out } = await cli('a.safetensors', '--json')
  expect(JSON.parse(out)).toMatchObject({ tensors: [{ name: 'in.weight', norm: 5 }], totals: { parameters: 2 } })
})

it('compares two, by tensor and by layer', async () => {
  const { code, out } = await cli('a.safetensors', 'b.safetensors')
  expect([code, out]).toEqual([0, expect.stringMatching(/^in\.weight {2}changed {2}float32 {2}\[2\] {11}1 {7}0\.2 /m)])
  expect((await cli('a.safetensors', 'b.safetensors', '--layers')).out).toMatch(/^LAYER.*\nin /)
  const { out: json } = await cli('a.safetensors', 'b.safetensors', '--json')
  expect(JSON.parse(json)).toMatchObject({ counts: { changed: 1 }, totals: { distance: 1, relative: 0.2 } })
})

it('verifies a file, against its checksum too', async () => {
  const sum = createHash('sha256')
    .update(readFileSync(join(folder, 'a.safetensors')))
    .digest('hex')
  expect(await cli('a.safetensors', '--verify', '--sha256', sum)).toMatchObject({
    code: 0,
    out: expect.stringContaining(`✓ a.safetensors  ok`),
  })
  expect(await cli('b.safetensors', '--verify', '--sha256', sum)).toMatchObject({
    code: 1,
    out: expect.stringContaining('changed'),
  })
  expect(await cli('c.safetensors', '--verify')).toMatchObject({ code: 5, out: expect.stringContaining('missing') })
  expect(await cli('.', '--verify', '--sha256', sum)).toMatchObject({ code: 2 })
})

it('says what is wrong with a file, and ends accordingly', async () => {
  writeTensor('torn.safetensors', [1, 2, 3])
  truncateSync(join(folder, 'torn.safetensors'), readFileSync(join(folder, 'torn.safetensors')).length - 5)
  const torn = await cli('torn.safetensors')
  expect(torn).toMatchObject({
    code: 1,
    out: '',
    err: expect.stringContaining('It ends 5 bytes before its last tensor does.'),
  })
  expect(torn.err).toContain('→ Copy it again')
  const both = await cli('a.safetensors', 'torn.safetensors')
  expect(both.err).toMatch(/torn\.safetensors: It ends 5 bytes/)
  expect(await cli('none.pt')).toMatchObject({ code: 5, err: expect.stringContaining('There is nothing at') })
  expect(await cli('a.safetensors', '--sha256', 'x')).toMatchObject({ code: 2 })
  expect(await cli('a.safetensors', 'b.safetensors', '--verify')).toMatchObject({ code: 2 })
  rmSync(join(folder, 'torn.safetensors'))
})

it('is broken off by Ctrl-C', async () => {
  const { world, stderr, stop } = makeTestWorld()
  const running = runCli(
    ['tensors', join(folder, 'a.safetensors')],
    {
      ...world,
      onStop: (listener) => {
        const undo = world.onStop(listener)
        stop('SIGINT')
        return undo
      },
    },
    '0.0.0-test',
  )
  expect(await running).toBe(1)
  expect(stderr.text()).toContain('It was broken off.')
})
