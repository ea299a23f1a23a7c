import type { CheckpointSummary, TensorSummary } from '@pilothouse/contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, makeTestFolder, runTorch, tell, type TestFolder } from './torch-files.fixture.ts'

/** What PyTorch itself works out, in float64, of the elements that are finite. */
type Expected = {
  dtype: string
  shape: number[]
  norm: number | null
  mean: number | null
  min: number | null
  max: number | null
  nonFinite: number
  zeroShare: number | null
}

const program = `
import collections, numpy, pathlib, random
from safetensors.torch import save_file

def describe(t):
    d = t.detach().double()
    f = d[torch.isfinite(d)]
    n = f.numel()
    return {
        "dtype": str(t.dtype).removeprefix("torch.").replace("e4m3fn", "e4m3"),
        "shape": list(t.shape),
        # Through the largest, because PyTorch's own norm of numbers beyond 1e154 is infinite.
        "norm": ((f / f.abs().max()).norm() * f.abs().max()).item() if n else None,
        "mean": f.mean().item() if n else None,
        "min": f.min().item() if n else None,
        "max": f.max().item() if n else None,
        "nonFinite": d.numel() - n,
        "zeroShare": (d == 0).double().mean().item() if d.numel() else None,
    }

floats = [torch.float64, torch.float32, torch.float16, torch.bfloat16, torch.float8_e4m3fn, torch.float8_e5m2]
ints = [torch.int64, torch.int32, torch.int16, torch.int8, torch.uint64, torch.uint32, torch.uint16, torch.uint8]
t = {}
for dtype in floats:
    x = torch.randn(37, 1001)
    x[x.abs() < 0.05] = 0
    t["dense." + str(dtype)] = x.to(dtype)
    y = x.to(dtype).float().clone()
    y[0, :5] = torch.tensor([float("nan")] * 5)
    if dtype != torch.float8_e4m3fn:
        y[1, :3] = float("inf")
        y[2, :2] = -float("inf")
    t["holes." + str(dtype)] = y.to(dtype)
for dtype in ints:
    low = 0 if str(dtype).startswith("torch.u") else -100
    t["whole." + str(dtype)] = torch.randint(low, 100, (3, 5, 7)).to(dtype)
t["whole.large"] = torch.tensor([-(2**52), 2**53 - 1, -1, 2**40])
t["flags"] = torch.rand(999) > 0.7
t["zero_dim"] = torch.tensor(2.5)
t["no_elements"] = torch.zeros(0, 3)
t["all_nan"] = torch.full((4,), float("nan"))
t["huge"] = torch.tensor([1e300, -3e300, 2e-300, 1.0], dtype=torch.float64)
t["cancels"] = torch.cat([torch.full((3_000_000,), 1e6), torch.full((3_000_000,), -1e6), torch.ones(1000)])
t["layers.10.weight"] = torch.randn(4, 4)
t["layers.2.weight"] = torch.randn(4, 4)
save_file({k: v.contiguous() for k, v in t.items()}, "plain.safetensors", metadata={"format": "pt", "step": "7"})

base = torch.randn(64, 48)
views = {
    "turned": base.t(),
    "columns": base[:, ::3],
    "rows": base[5:9],
    "corner": base[2:7, 3:11],
    "turned_columns": base.t()[::2, 1::5],
    "expanded": torch.randn(7, 1, 3).expand(7, 5, 3),
    "expanded_one": torch.tensor(1.5).expand(4, 6),
    "single": base[3, 4],
    "permuted": torch.randn(3, 4, 5, 6).permute(2, 0, 3, 1),
    "channels_last": torch.randn(2, 3, 8, 8).to(memory_format=torch.channels_last),
    "overlapping": torch.arange(10.0).as_strided((4, 4), (2, 1)),
    "half_turned": base.half().t()[::2],
    "double_turned": base.double().t()[1::2],
    "int64_turned": torch.randint(-(2**40), 2**40, (9, 11)).t()[::2],
    "bytes_turned": torch.randint(0, 255, (9, 11), dtype=torch.uint8).t()[1:, ::2],
}
for name, tensor in views.items():
    t["views." + name] = tensor
shared = torch.randn(100, 10)
model = torch.nn.Sequential(torch.nn.Linear(4, 3), torch.nn.BatchNorm1d(3))
optimizer = torch.optim.AdamW(model.parameters(), lr=3e-4, betas=(0.9, 0.98))
model(torch.randn(8, 4)).sum().backward()
optimizer.step()
torch.save(
    {"tensors": t, "tied": {"a": shared, "b": shared, "part": shared[:50]}, "model": model.state_dict(),
     "optimizer": optimizer.state_dict(), "step": 12, "lr": 3e-4, "name": "run", "parameter": torch.nn.Parameter(shared[1:3]),
     "buffer": torch.nn.Buffer(shared[1:3]), "complex": torch.randn(3, dtype=torch.complex64), "sparse": torch.eye(3).to_sparse(),
     "quantised": torch.quantize_per_tensor(torch.randn(3), 0.1, 0, torch.qint8), "device": torch.device("cpu"), "path": pathlib.Path("/data/x"), "seen": collections.Counter(["a", "a"]),
     "best": numpy.float64(0.25), "random": random.getstate(), "numpy": numpy.random.get_state()},
    "views.pt",
)
torch.save(base.t(), "alone.pt")
torch.save(model, "module.pt")
expected = {k: describe(v) for k, v in t.items()}
for k, v in {"a": shared, "b": shared, "part": shared[:50]}.items():
    expected["tied." + k] = describe(v)
for k, v in model.state_dict().items():
    expected["model." + k] = describe(v)
for i, s in optimizer.state_dict()["state"].items():
    for k, v in s.items():
        expected[f"optimizer.state.{i}.{k}"] = describe(v)
print(json.dumps({"expected": expected, "alone": describe(base), "parameters": sum(p.numel() for p in model.parameters())}))
`

let folder: TestFolder
let expected: Record<string, Expected>
let alone: Expected
beforeAll(async () => {
  folder = await makeTestFolder()
  const printed = (await runTorch(folder, program)) as { expected: Record<string, Expected>; alone: Expected }
  expected = printed.expected
  alone = printed.alone
})
afterAll(() => folder.remove())

const summarise = (name: string): Promise<CheckpointSummary> => ask({ kind: 'summarise', path: folder.at(name) })

function expectClose(tensor: TensorSummary, wanted: Expected): void {
  const { name, dtype, shape, min, max, nonFinite, norm, mean, zeroShare } = tensor
  expect({ name, dtype, shape, min, max, nonFinite }).toEqual({
    name,
    dtype: wanted.dtype,
    shape: wanted.shape,
    min: wanted.min,
    max: wanted.max,
    nonFinite: wanted.nonFinite,
  })
  const size = Math.max(Math.abs(wanted.min ?? 0), Math.abs(wanted.max ?? 0))
  expectNear(norm, wanted.norm, { within: 1e-13 * (wanted.norm ?? 0), what: `norm of ${name}` })
  expectNear(mean, wanted.mean, { within: 1e-13 * size, what: `mean of ${name}` })
  expectNear(zeroShare, wanted.zeroShare, { within: 1e-13, what: `zeros of ${name}` })
}

function expectNear(
  value: number | null,
  wanted: number | null,
  { within, what }: { within: number; what: string },
): void {
  if (value === null || wanted === null) expect(value, what).toBe(wanted)
  else expect(Math.abs(value - wanted), `${what}: ${value} instead of ${wanted}`).toBeLessThanOrEqual(within)
}

describe('figures', () => {
  it('of every dtype in a safetensors file are those of PyTorch', async () => {
    const { tensors, values, totals, suspicious, files } = await summarise('plain.safetensors')
    const plain = Object.keys(expected).filter((name) => !/^(views|tied|model|optimizer)\./.test(name))
    expect(tensors.map(({ name }) => name).toSorted()).toEqual(plain.toSorted())
    for (const tensor of tensors) expectClose(tensor, expected[tensor.name]!)
    expect(values).toEqual(expect.arrayContaining([{ name: '__metadata__.step', value: '7' }]))
    expect({ suspicious, files }).toMatchObject({ suspicious: [], files: [{ format: 'safetensors' }] })
    expect(totals.tensors).toBe(plain.length)
  })

  it('of every dtype and every kind of view in a file of torch.save are those of PyTorch', async () => {
    const { tensors, notes, suspicious } = await summarise('views.pt')
    expect({ notes, suspicious }).toEqual({ notes: ['1 NumPy array is not looked into.'], suspicious: [] })
    const named = new Map(tensors.map((tensor) => [tensor.name.replace(/^tensors\./, ''), tensor]))
    for (const [name, wanted] of Object.entries(expected)) {
      const tensor = named.get(name)
      expect(tensor, name).toBeDefined()
      expectClose(tensor!, wanted)
    }
  })

  it('of a sum that cancels out keep what is left', async () => {
    const { tensors } = await summarise('plain.safetensors')
    expect(tensors.find(({ name }) => name === 'cancels')!.mean).toBe(1000 / 6_001_000)
  })
})

it('a tensor alone has a name, and a whole module is read like its state', async () => {
  const { tensors } = await summarise('alone.pt')
  expect(tensors).toMatchObject([{ name: 'tensor', shape: [48, 64] }])
  expect(tensors[0]!.norm).toBeCloseTo(alone.norm!, 10)
  const module = await summarise('module.pt')
  expect(module.tensors.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['0.weight', '0.bias', '1.running_mean']),
  )
  expect(module.suspicious.map(({ name }) => name)).toContain('torch.nn.modules.linear.Linear')
})

it('names go by layer, and numbers in them as numbers', async () => {
  const { tensors } = await summarise('plain.safetensors')
  const names = tensors.map(({ name }) => name).filter((name) => name.startsWith('layers'))
  expect(names).toEqual(['layers.2.weight', 'layers.10.weight'])
})

it('settings beside the tensors are listed', async () => {
  const { values } = await summarise('views.pt')
  const settings = Object.fromEntries(values.map(({ name, value }) => [name, value]))
  expect(settings).toMatchObject({
    step: 12,
    lr: 3e-4,
    name: 'run',
    device: 'cpu',
    path: '/data/x',
    'seen.a': 2,
    best: 0.25,
    'optimizer.param_groups.0.lr': 3e-4,
    'optimizer.param_groups.0.betas': '[0.9, 0.98]',
    'optimizer.param_groups.0.amsgrad': false,
  })
})

it('tensors of kinds that are not looked into are named, and said to be', async () => {
  const { tensors } = await summarise('views.pt')
  const find = (name: string) => tensors.find((tensor) => tensor.name === name)
  expect(find('complex')).toMatchObject({
    dtype: 'complex64',
    norm: null,
    note: 'figures of complex numbers are not worked out',
  })
  expect(find('sparse')).toMatchObject({ dtype: null, shape: [3, 3], note: 'sparse tensors are not looked into' })
  expect(find('quantised')).toMatchObject({ dtype: null, shape: [3], note: 'quantised tensors are not looked into' })
})

it('tensors that share their elements count once as parameters, and optimizers not at all', async () => {
  const program = `
w = torch.randn(10, 4)
torch.save({"model": {"in": w, "out": w, "bias": torch.randn(4), "steps": torch.tensor(3)}, "optimizer": {"state": {0: {"exp_avg": w.clone()}}}}, "tied.pt")
`
  await runTorch(folder, program)
  const { totals } = await summarise('tied.pt')
  expect(totals).toMatchObject({ tensors: 5, elements: 40 + 40 + 4 + 1 + 40, parameters: 44, nonFinite: 0 })
})

it('files that are too old or something else are recognised', async () => {
  await runTorch(
    folder,
    `
import pickle, tarfile, zipfile
torch.save({"a": torch.ones(3)}, "old.pt", _use_new_zipfile_serialization=False)
with open("bare.pt", "wb") as file:
    pickle.dump({"a": 1}, file)
with tarfile.open("tar.pt", "w", format=tarfile.USTAR_FORMAT) as tar:
    tar.add("bare.pt")
with zipfile.ZipFile("zip.pt", "w") as archive:
    archive.writestr("hello.txt", "hello")
torch.jit.script(torch.nn.Linear(2, 2)).save("script.pt")
open("text.pt", "w").write("hello")
open("empty.pt", "w")
os.makedirs("distributed", exist_ok=True)
open("distributed/.metadata", "w")
`,
  )
  const say = async (name: string): Promise<string> => summarise(name).then(() => 'read', tell)
  expect(await say('old.pt')).toContain('unsupported: It is a file of torch.save from before PyTorch 1.6')
  expect(await say('bare.pt')).toContain('unsupported: It is a bare pickle')
  expect(await say('tar.pt')).toContain('unsupported: It is a tar archive')
  expect(await say('zip.pt')).toContain('unsupported: It is a zip archive without data.pkl')
  expect(await say('script.pt')).toContain('unsupported: It is a TorchScript program')
  expect(await say('text.pt')).toContain('unsupported: It begins neither')
  expect(await say('empty.pt')).toBe('torn: It is empty.')
  expect(await say('distributed')).toContain('unsupported: It is a folder of PyTorch Distributed Checkpoint')
  expect(await say('nothing.pt')).toContain('missing: There is nothing at')
})
