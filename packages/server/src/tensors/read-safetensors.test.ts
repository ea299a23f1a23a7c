/** The rules of the format, each broken once. */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { packSafetensors, uint64 } from './packed-files.fixture.ts'
import { ask, makeTestFolder, runTorch, tell, type TestFolder } from './torch-files.fixture.ts'

let folder: TestFolder
beforeAll(async () => {
  folder = await makeTestFolder()
})
afterAll(() => folder.remove())

async function read(bytes: Uint8Array): Promise<string> {
  const path = folder.at('file.safetensors')
  await writeFile(path, bytes)
  return ask({ kind: 'summarise', path }).then(
    ({ tensors }) => tensors.map(({ name, norm, note }) => `${name} ${note ?? String(norm)}`).join(', '),
    tell,
  )
}

const floats = Buffer.from(Float32Array.of(3, 4, 5, 12).buffer)
const one = { dtype: 'F32', shape: [2], data_offsets: [0, 8] }
const two = { dtype: 'F32', shape: [2], data_offsets: [8, 16] }

it('a file that keeps to them is read', async () => {
  expect(await read(packSafetensors({ one, two }, floats))).toBe('one 5, two 13')
  expect(await read(packSafetensors(`${JSON.stringify({ one, two })}      `, floats))).toBe('one 5, two 13')
  expect(await read(packSafetensors({ __metadata__: { a: 'b' } }, Buffer.alloc(0)))).toBe('')
  const empty = { dtype: 'I64', shape: [0, 7], data_offsets: [8, 8] }
  expect(await read(packSafetensors({ two, one, empty }, floats))).toBe('empty null, one 5, two 13')
})

it('names that JavaScript has for itself are names', async () => {
  const header = `{"__proto__": ${JSON.stringify(one)}, "constructor": ${JSON.stringify(two)}}`
  expect(await read(packSafetensors(header, floats))).toBe('__proto__ 5, constructor 13')
  expect(await read(packSafetensors({ one: { ...one, dtype: 'toString' }, two }, floats))).toContain(
    '«toString» is not looked into',
  )
})

it('a dtype that is not known is said to be, and the others are read', async () => {
  expect(await read(packSafetensors({ one: { ...one, dtype: 'F4' }, two }, floats))).toBe(
    'one its dtype «F4» is not looked into, two 13',
  )
})

it('a file that ends too early says by how much, and before what', async () => {
  const whole = packSafetensors({ one, two }, floats)
  expect(await read(whole.subarray(0, -3))).toBe('torn: It ends 3 bytes before its last tensor does.')
  expect(await read(whole.subarray(0, -15))).toBe('torn: It ends 15 bytes before its last tensor does.')
  expect(await read(whole.subarray(0, 40))).toBe(
    `torn: It ends ${whole.length - 16 - 40} bytes before its header does.`,
  )
  expect(await read(whole.subarray(0, 8))).toContain('unsupported')
})

it('gaps, overlaps and bytes behind the end are refused', async () => {
  const at = (begin: number, end: number) => ({ ...two, data_offsets: [begin, end] })
  expect(await read(packSafetensors({ one, two }, Buffer.concat([floats, Buffer.alloc(1)])))).toMatch(
    /^malformed: It has 1 byte behind/,
  )
  expect(await read(packSafetensors({ one, two: at(4, 12) }, floats))).toMatch(/^malformed: .*«two» overlaps another/)
  expect(await read(packSafetensors({ one, two: at(9, 17) }, floats))).toMatch(/^malformed: .*«two» leaves a gap/)
  expect(await read(packSafetensors({ two }, floats))).toMatch(/^malformed: .*«two» leaves a gap/)
})

it('what a header says and cannot mean is refused', async () => {
  const wrong: [unknown, RegExp][] = [
    [{ one: { ...one, shape: [3] } }, /8 bytes; F32 of shape \[3\] has 12/],
    [{ one: { ...one, shape: [-2] } }, /shape of «one» is none/],
    [{ one: { ...one, shape: [2 ** 40, 2 ** 40] } }, /shape of «one» is none/],
    [{ one: { ...one, shape: [1.5] } }, /shape of «one» is none/],
    [{ one: { ...one, shape: '2' } }, /has no shape/],
    [{ one: { ...one, dtype: 7 } }, /has no dtype/],
    [{ one: { ...one, data_offsets: [8, 0] } }, /ends before it begins/],
    [{ one: { ...one, data_offsets: [0, 2 ** 60] } }, /offsets of «one» are none/],
    [{ one: { ...one, data_offsets: [0] } }, /offsets of «one» are none/],
    [{ one: null }, /is no object/],
    [{ __metadata__: { a: 1 }, one, two }, /metadata/],
    ['{"one": ', /no JSON/],
    ['{]', /no JSON/],
  ]
  for (const [header, message] of wrong) expect(await read(packSafetensors(header, floats))).toMatch(message)
  expect(await read(Buffer.concat([uint64(100_000_001n), Buffer.from('{}')]))).toContain('unsupported')
})

it('a header of brackets alone is refused at once', async () => {
  const begun = performance.now()
  const brackets = Buffer.concat([Buffer.from('{"a":'), Buffer.alloc(30_000_000, '['), Buffer.alloc(30_000_000, ']')])
  expect(await read(packSafetensors(`${brackets.toString()}}`, floats))).toMatch(/^tooLarge: .*nests deeper/)
  expect(await read(packSafetensors(`{"a":[${'[],'.repeat(3_000_000)}[]]}`, floats))).toMatch(
    /^tooLarge: .*lists and objects/,
  )
  expect(await read(packSafetensors(JSON.stringify({ '[[[[{{{{,\\"': one, two }), floats))).toBe(
    '[[[[{{{{,\\" 5, two 13',
  )
  expect(performance.now() - begun).toBeLessThan(20_000)
})

it('a model in parts is one model, and a part that is missing is named', async () => {
  await runTorch(
    folder,
    `
from safetensors.torch import save_file
os.makedirs("hub", exist_ok=True)
os.chdir("hub")
parts = {"model-00001-of-00002.safetensors": {"a.weight": torch.ones(4)}, "model-00002-of-00002.safetensors": {"b.weight": torch.ones(9)}}
for name, tensors in parts.items():
    save_file(tensors, name)
index = {"metadata": {"total_size": 52}, "weight_map": {key: name for name, tensors in parts.items() for key in tensors}}
with open("model.safetensors.index.json", "w") as file:
    json.dump(index, file)
torch.save({"state": {0: {"step": torch.tensor(5.0), "exp_avg": torch.ones(4)}}, "param_groups": [{"lr": 0.1}]}, "optimizer.pt")
with open("trainer_state.json", "w") as file:
    json.dump({"global_step": 500, "epoch": 1.5, "log_history": [{"loss": 1}]}, file)
with open("scheduler.pt", "w") as file:
    file.write("broken")
`,
  )
  const path = folder.at('hub')
  const { tensors, values, notes, files, totals } = await ask({ kind: 'summarise', path })
  expect(tensors.map(({ name, norm }) => [name, norm])).toEqual([
    ['a.weight', 2],
    ['b.weight', 3],
    ['optimizer.state.0.exp_avg', 2],
    ['optimizer.state.0.step', 5],
  ])
  expect(values).toEqual([
    { name: 'trainer_state.global_step', value: 500 },
    { name: 'trainer_state.epoch', value: 1.5 },
    { name: 'optimizer.param_groups.0.lr', value: 0.1 },
  ])
  expect(notes).toEqual([expect.stringMatching(/^scheduler\.pt is not looked into\. It begins neither/)])
  expect([files.length, totals.parameters]).toEqual([3, 13])
  await rm(folder.at('hub/model-00002-of-00002.safetensors'))
  await expect(ask({ kind: 'summarise', path })).rejects.toThrow(
    'model-00002-of-00002.safetensors: It is missing, and 1 tensor should be in it.',
  )
  const { state, files: verified } = await ask({ kind: 'verify', path })
  expect(state).toBe('missing')
  expect(verified).toContainEqual(
    expect.objectContaining({ name: 'model-00002-of-00002.safetensors', state: 'missing' }),
  )
  expect(verified).toContainEqual(expect.objectContaining({ name: 'model-00001-of-00002.safetensors', state: 'ok' }))
})

it('an index cannot lead out of its folder', async () => {
  const index = { weight_map: { a: '../hub/model-00001-of-00002.safetensors' } }
  await mkdir(folder.at('evil'))
  await writeFile(folder.at('evil/model.safetensors.index.json'), JSON.stringify(index))
  await expect(ask({ kind: 'summarise', path: folder.at('evil') })).rejects.toThrow('which is no file of the folder')
})
