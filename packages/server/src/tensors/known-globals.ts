/**
 * Names that checkpoints of PyTorch are made of. Their functions only put together tensors, numbers and containers; any
 * other name in a pickle is told, because importing and calling it on loading could do anything.
 */
import type { TensorDtype } from '@pilothouse/contract'

/** Storages name the kind of their elements. */
const storageWords: Readonly<Record<string, TensorDtype>> = {
  DoubleStorage: 'float64',
  FloatStorage: 'float32',
  HalfStorage: 'float16',
  BFloat16Storage: 'bfloat16',
  LongStorage: 'int64',
  IntStorage: 'int32',
  ShortStorage: 'int16',
  CharStorage: 'int8',
  ByteStorage: 'uint8',
  BoolStorage: 'bool',
  ComplexFloatStorage: 'complex64',
  ComplexDoubleStorage: 'complex128',
}

/** Names of dtypes of PyTorch that are read. */
const dtypeWords: Readonly<Record<string, TensorDtype>> = {
  float64: 'float64',
  double: 'float64',
  float32: 'float32',
  float: 'float32',
  float16: 'float16',
  half: 'float16',
  bfloat16: 'bfloat16',
  float8_e4m3fn: 'float8_e4m3',
  float8_e5m2: 'float8_e5m2',
  int64: 'int64',
  long: 'int64',
  int32: 'int32',
  int: 'int32',
  int16: 'int16',
  short: 'int16',
  int8: 'int8',
  uint64: 'uint64',
  uint32: 'uint32',
  uint16: 'uint16',
  uint8: 'uint8',
  bool: 'bool',
  complex64: 'complex64',
  complex128: 'complex128',
}

const quantisedStorages = ['QInt8Storage', 'QUInt8Storage', 'QInt32Storage', 'QUInt4x2Storage', 'QUInt2x4Storage']
const otherDtypes = [
  'complex32',
  'float8_e4m3fnuz',
  'float8_e5m2fnuz',
  'float8_e8m0fnu',
  'float4_e2m1fn_x2',
  'qint8',
  'quint8',
  'qint32',
]

/** Bytes, without a kind of element: the call that makes the tensor then names it. */
export const untypedStorage = 'torch.storage.UntypedStorage'
export const typedStorage = 'torch.storage.TypedStorage'

export const storageDtypes: ReadonlyMap<string, TensorDtype> = prefixWith('torch.', storageWords)
export const torchDtypes: ReadonlyMap<string, TensorDtype> = prefixWith('torch.', dtypeWords)

/** Tensors that are recognised and not looked into, in words; by the function that puts them together. */
export const otherTensors: ReadonlyMap<string, string> = new Map([
  ['torch._utils._rebuild_sparse_tensor', 'sparse tensors are not looked into'],
  ['torch._utils._rebuild_sparse_csr_tensor', 'sparse tensors are not looked into'],
  ['torch._utils._rebuild_nested_tensor', 'nested tensors are not looked into'],
  ['torch._utils._rebuild_qtensor', 'quantised tensors are not looked into'],
  ['torch._utils._rebuild_meta_tensor_no_storage', 'it is on the device «meta» and has no elements'],
  ['torch._utils._rebuild_device_tensor_from_numpy', 'tensors that were saved through NumPy are not looked into'],
  ['torch._utils._rebuild_device_tensor_from_cpu_tensor', 'tensors of this device are not looked into'],
  ['torch._utils._rebuild_wrapper_subclass', 'tensors that wrap others are not looked into'],
])

/** Functions that put a plain tensor together. */
export const plainTensors: readonly string[] = [
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor_v3',
]
/** Functions that put something around a tensor, their first argument. */
export const parameters: readonly string[] = [
  'torch._utils._rebuild_parameter',
  'torch._utils._rebuild_parameter_with_state',
]
/** Functions that call their first argument with their third. */
export const subclasses: readonly string[] = ['torch._tensor._rebuild_from_type', 'torch._tensor._rebuild_from_type_v2']

export const numpyArrays: readonly string[] = [
  'numpy.core.multiarray._reconstruct',
  'numpy._core.multiarray._reconstruct',
  'numpy._core.numeric._frombuffer',
  'numpy.core.numeric._frombuffer',
]
export const numpyScalars: readonly string[] = ['numpy.core.multiarray.scalar', 'numpy._core.multiarray.scalar']
/** Hold keys and values. */
export const mappings: readonly string[] = [
  'collections.OrderedDict',
  'collections.defaultdict',
  'collections.Counter',
  'builtins.dict',
  '__builtin__.dict',
]
/** Hold their first argument and nothing else: a shape, a device, a set. */
export const wrappers: readonly string[] = [
  'torch.Size',
  'torch.device',
  'torch.serialization._get_layout',
  ...['builtins', '__builtin__'].flatMap((module) =>
    ['set', 'frozenset', 'list', 'tuple', 'int', 'float', 'bool', 'str', 'bytes', 'bytearray'].map(
      (name) => `${module}.${name}`,
    ),
  ),
  'pathlib.PosixPath',
  'pathlib.PurePosixPath',
  'pathlib.WindowsPath',
  'pathlib.PureWindowsPath',
  'pathlib._local.PosixPath',
  'pathlib._local.WindowsPath',
]
const others = [
  ...['per_tensor_affine', 'per_channel_affine', 'strided', 'sparse_coo', 'contiguous_format', 'channels_last'].map(
    (name) => `torch.${name}`,
  ),
  'torch.Tensor',
  'torch.nn.parameter.Parameter',
  'torch.nn.parameter.Buffer',
  'torch._C._TensorBase',
  'numpy.ndarray',
  'numpy.dtype',
  'numpy.dtypes.Float64DType',
  'numpy.dtypes.Int64DType',
  'numpy.dtypes.UInt32DType',
  '_codecs.encode',
  'argparse.Namespace',
  'datetime.datetime',
  'datetime.date',
  'datetime.timedelta',
  'builtins.complex',
  'builtins.slice',
  'builtins.range',
  '__builtin__.complex',
  'uuid.UUID',
]

const known: ReadonlySet<string> = new Set([
  ...storageDtypes.keys(),
  ...torchDtypes.keys(),
  ...quantisedStorages.map((name) => `torch.${name}`),
  ...otherDtypes.map((name) => `torch.${name}`),
  untypedStorage,
  typedStorage,
  'torch.UntypedStorage',
  ...otherTensors.keys(),
  ...plainTensors,
  ...parameters,
  ...subclasses,
  ...numpyArrays,
  ...numpyScalars,
  ...mappings,
  ...wrappers,
  ...others,
])

/** False for a name that is told to whoever asks what is in the file. */
export function isKnownGlobal(path: string): boolean {
  return known.has(path)
}

function prefixWith(prefix: string, words: Readonly<Record<string, TensorDtype>>): Map<string, TensorDtype> {
  return new Map(Object.entries(words).map(([word, dtype]) => [prefix + word, dtype]))
}
