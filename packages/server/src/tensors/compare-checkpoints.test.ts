import type { ComparedTensor } from '@pilothouse/contract'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { ask, makeTestFolder, runTorch, type TestFolder } from './torch-files.fixture.ts'

type Expected = Pick<
  ComparedTensor,
  'count' | 'normA' | 'normB' | 'distance' | 'relative' | 'cosine' | 'maxDifference' | 'equalShare' | 'nonFinite'
>

const program = `
from safetensors.torch import save_file

def compare(a, b):
    a, b = a.detach().double().flatten(), b.detach().double().flatten()
    ok = torch.isfinite(a) & torch.isfinite(b)
    equal = (a == b) | (a.isnan() & b.isnan())
    x, y = a[ok], b[ok]
    return {
        "count": a.numel(),
        "normA": x.norm().item(),
        "normB": y.norm().item(),
        "distance": (x - y).norm().item(),
        "relative": ((x - y).norm() / x.norm()).item(),
        "cosine": (x @ y / x.norm() / y.norm()).item(),
        "maxDifference": (x - y).abs().max().item(),
        "equalShare": equal.double().mean().item(),
        "nonFinite": int((~ok).sum()),
    }

floats = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2]
a, b = {}, {}
for one in floats:
    for other in floats:
        x = torch.randn(1200, 7)
        a[f"mixed.{one}.{other}"] = x.to(one)
        b[f"mixed.{one}.{other}"] = (x + 0.1 * torch.randn(1200, 7) * (torch.rand(1200, 7) > 0.5)).to(other)
for dtype in [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint8]:
    a[f"whole.{dtype}"] = torch.randint(0, 100, (50, 3)).to(dtype)
    b[f"whole.{dtype}"] = torch.randint(0, 100, (50, 3)).to(dtype)
x = torch.randn(300)
y = x + 1
y[:4] = torch.tensor([float("nan"), float("inf"), -float("inf"), float("nan")])
x[0] = float("nan")
a["holes"], b["holes"] = x, y
x = torch.randn(33, 44)
views = {"turned": (x.t(), x.t() + 1), "one_turned": (x.t(), x.t().contiguous() * 2), "columns": (x[:, ::2], x[:, 1::2]),
  "expanded": (torch.ones(1, 3).expand(8, 3), torch.randn(8, 3)), "both_expanded": (torch.ones(4, 1).expand(4, 6), torch.full((1, 6), 2.0).expand(4, 6))}
for name, (one, other) in views.items():
    a["views." + name], b["views." + name] = one, other
same = torch.randn(10)
a["same"], b["same"] = same, same.clone()
a["same_as_bf16"] = torch.tensor([1.0, 2.0])
b["same_as_bf16"] = a["same_as_bf16"].bfloat16()
a["large"] = torch.tensor([2**60, 5])
b["large"] = torch.tensor([2**60 + 1, 5])
a["zero"], b["zero"] = torch.zeros(3), torch.zeros(3)
a["gone"], b["new"] = torch.ones(2), torch.ones(2)
a["grown"], b["grown"] = torch.ones(4), torch.ones(2, 2)
a["complex"], b["complex"] = torch.ones(2, dtype=torch.complex64), torch.ones(2, dtype=torch.complex64)
torch.save(a, "a.pt")
torch.save(b, "b.pt")
keys = [k for k in a if k in b and k not in ("grown", "complex", "zero", "large")]
total = compare(torch.cat([a[k].double().flatten() for k in keys]), torch.cat([b[k].double().flatten() for k in keys]))
keys = [k for k in keys if k.startswith("views.")]
layer = compare(torch.cat([a[k].double().flatten() for k in keys]), torch.cat([b[k].double().flatten() for k in keys]))
print(json.dumps({"each": {k: compare(a[k], b[k]) for k in a if k in b and k not in ("grown", "complex", "zero")}, "layer": layer}))
w = {"layers.0.weight": torch.ones(4), "layers.0.bias": torch.ones(2)}
save_file(w, "plain.safetensors")
torch.save({"model": {"module." + k: v * 2 for k, v in w.items()}}, "wrapped.pt")
torch.save({"module." + k: v * 2 for k, v in w.items()}, "parallel.pt")
torch.save({"model": w, "step": 1}, "nested.pt")
`

let folder: TestFolder
let expected: { each: Record<string, Expected>; layer: Expected }
beforeAll(async () => {
  folder = await makeTestFolder()
  expected = (await runTorch(folder, program)) as typeof expected
})
afterAll(() => folder.remove())

const compare = (a: string, b: string) => ask({ kind: 'compare', a: folder.at(a), b: folder.at(b) })

function expectClose(row: Expected & { name: string }, wanted: Expected): void {
  const near = (value: number | null): unknown =>
    value === null ? null : expect.closeTo(value, Math.max(0, 12 - Math.ceil(Math.log10(Math.abs(value) || 1))))
  const { name, count, normA, normB, distance, relative, cosine, maxDifference, equalShare, nonFinite } = row
  expect({ name, count, normA, normB, distance, relative, cosine, maxDifference, equalShare, nonFinite }).toEqual({
    name,
    count: wanted.count,
    normA: near(wanted.normA),
    normB: near(wanted.normB),
    distance: near(wanted.distance),
    relative: near(wanted.relative),
    cosine: near(wanted.cosine),
    maxDifference: near(wanted.maxDifference),
    equalShare: near(wanted.equalShare),
    nonFinite: wanted.nonFinite,
  })
}

it('distances between all pairs of dtypes and views are those of PyTorch', async () => {
  const { tensors, layers } = await compare('a.pt', 'b.pt')
  const named = new Map(tensors.map((row) => [row.name, row]))
  const { large: _, ...each } = expected.each
  for (const [name, wanted] of Object.entries(each)) expectClose(named.get(name)!, wanted)
  expectClose(
    layers.find(({ name }) => name === 'views')!,
    expected.layer,
  )
})

it('tensors are the same, changed, of another shape, or in one of the two only', async () => {
  const { tensors, counts, a, b } = await compare('a.pt', 'b.pt')
  const changes = Object.fromEntries(tensors.map(({ name, change }) => [name, change]))
  expect(changes).toMatchObject({
    same: 'same',
    same_as_bf16: 'same',
    zero: 'same',
    holes: 'changed',
    gone: 'onlyA',
    new: 'onlyB',
    grown: 'shape',
    complex: 'unread',
  })
  expect(counts).toMatchObject({ same: 3, onlyA: 1, onlyB: 1, shape: 1, unread: 1 })
  expect([a.tensors, b.tensors]).toEqual([tensors.length - 1, tensors.length - 1])
  const zero = tensors.find(({ name }) => name === 'zero')
  expect(zero).toMatchObject({ distance: 0, relative: 0, cosine: null, equalShare: 1 })
})

it('whole numbers beyond what float64 tells apart are told apart', async () => {
  const { tensors } = await compare('a.pt', 'b.pt')
  expect(tensors.find(({ name }) => name === 'large')).toMatchObject({ change: 'changed', equalShare: 0.5 })
})

it('totals are those of all compared tensors together', async () => {
  const { tensors, totals } = await compare('a.pt', 'b.pt')
  const squares = (of: (row: ComparedTensor) => number | null): number =>
    Math.sqrt(tensors.reduce((sum, row) => sum + (of(row) ?? 0) ** 2, 0))
  expect(totals.distance! / squares(({ distance }) => distance)).toBeCloseTo(1, 12)
  expect(totals.normB! / squares(({ normB }) => normB)).toBeCloseTo(1, 12)
  expect(totals.count).toBe(tensors.reduce((sum, { count }) => sum + count, 0))
})

it('what wrappers put in front of names is left away to match them', async () => {
  const parallel = await compare('plain.safetensors', 'parallel.pt')
  expect([parallel.a.prefix, parallel.b.prefix]).toEqual(['', 'module.'])
  expect(parallel.tensors.map(({ name, relative }) => [name, relative])).toEqual([
    ['layers.0.bias', 1],
    ['layers.0.weight', 1],
  ])
  const nested = await compare('nested.pt', 'plain.safetensors')
  expect([nested.a.prefix, nested.counts.same]).toEqual(['model.', 2])
  const wrapped = await compare('wrapped.pt', 'plain.safetensors')
  expect([wrapped.a.prefix, wrapped.counts.changed]).toEqual(['model.module.', 2])
})

it('a file beside itself is the same', async () => {
  const { counts, totals } = await compare('b.pt', 'b.pt')
  expect(counts).toMatchObject({ changed: 0, onlyA: 0, onlyB: 0, shape: 0 })
  expect(totals).toMatchObject({ distance: 0, relative: 0, cosine: 1, maxDifference: 0, equalShare: 1 })
})
