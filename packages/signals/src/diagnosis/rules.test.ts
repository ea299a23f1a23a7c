import { describe, expect, it } from 'vitest'
import { type DiagnosisInput, diagnose } from './diagnose.ts'
import { diagnosisRules } from './rules.ts'

/** Lines as the tools print them, by the rule that they show. */
const samples: readonly (readonly [rule: string, line: string])[] = [
  // memory
  [
    'gpu-memory',
    'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 15.78 GiB of which 1.31 GiB is free. Including non-PyTorch memory, this process has 14.46 GiB memory in use.',
  ],
  [
    'gpu-memory',
    'RuntimeError: CUDA out of memory. Tried to allocate 392.00 MiB (GPU 0; 10.76 GiB total capacity; 9.21 GiB already allocated; 93.56 MiB free; 9.50 GiB reserved in total by PyTorch)',
  ],
  [
    'gpu-memory',
    '[rank3]: torch.OutOfMemoryError: HIP out of memory. Tried to allocate 64.00 MiB. GPU 0 has a total capacity of 63.98 GiB of which 0 bytes is free.',
  ],
  [
    'gpu-memory',
    'RuntimeError: MPS backend out of memory (MPS allocated: 17.99 GB, other allocations: 86.31 MB, max allowed: 18.13 GB).',
  ],
  ['gpu-memory', 'jax.errors.JaxRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 11.95MiB.'],
  [
    'gpu-memory',
    'jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory while trying to allocate 1182720000 bytes.',
  ],
  [
    'gpu-memory',
    'ResourceExhaustedError: OOM when allocating tensor with shape[64,512,28,28] and type float on /job:localhost/replica:0/task:0/device:GPU:0 by allocator GPU_0_bfc [Op:Conv2D]',
  ],
  ['gpu-memory', 'RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`'],
  [
    'host-memory',
    'slurmstepd: error: Detected 1 oom-kill event(s) in StepId=7.batch. Some of your processes may have been killed by the cgroup out-of-memory handler.',
  ],
  [
    'host-memory',
    '[2026-09-14T17:14:38.784] error: Detected 1 oom_kill event in StepId=22035606.1. Some of the step tasks have been OOM Killed.',
  ],
  ['host-memory', 'srun: error: nid005475: task 0: Out Of Memory'],
  ['host-memory', 'slurmstepd: error: StepId=7.batch exceeded memory limit (734003200 > 52428800), being killed'],
  [
    'host-memory',
    '[12345.678901] Out of memory: Killed process 4242 (python) total-vm:98765432kB, anon-rss:65432100kB, file-rss:0kB',
  ],
  [
    'host-memory',
    'numpy._core._exceptions._ArrayMemoryError: Unable to allocate 74.5 GiB for an array with shape (100000, 100000) and data type float64',
  ],
  [
    'host-memory',
    "RuntimeError: [enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 40000000000 bytes. Error code 12 (Cannot allocate memory)",
  ],
  ['host-memory', '  what():  std::bad_alloc'],
  ['host-memory', 'MemoryError'],
  [
    'shared-memory',
    "RuntimeError: DataLoader worker (pid 4321) is killed by signal: Bus error. It is possible that dataloader's workers are out of shared memory. Please try to raise your shared memory limit.",
  ],
  ['shared-memory', 'RuntimeError: unable to write to file </torch_1234_5678_0>: No space left on device (28)'],
  [
    'shared-memory',
    'ERROR: Unexpected bus error encountered in worker. This might be caused by insufficient shared memory (shm).',
  ],
  [
    'shared-memory',
    'node1:77:101 [0] misc/shmutils.cc:72 NCCL WARN Error: failed to extend /dev/shm/nccl-AbCdEf to 9637892 bytes',
  ],
  // numbers
  ['not-finite', "RuntimeError: Function 'MulBackward0' returned nan values in its 0th output."],
  [
    'not-finite',
    'FloatingPointError: Minimum loss scale reached (0.0001). Your loss is probably exploding. Try lowering the learning rate, using gradient clipping or increasing the batch size.',
  ],
  ['not-finite', 'Exception: Current loss scale already at minimum - cannot decrease scale anymore. Exiting run.'],
  ['not-finite', 'Loss is nan, stopping training'],
  ['not-finite', 'Batch 12: Invalid loss, terminating training'],
  ['not-finite', 'RuntimeError: probability tensor contains either `inf`, `nan` or element < 0'],
  ['not-finite', 'ValueError: cannot convert float NaN to integer'],
  ['not-finite', 'ValueError: Input X contains NaN.'],
  ['shape-mismatch', 'RuntimeError: mat1 and mat2 shapes cannot be multiplied (64x512 and 1024x10)'],
  [
    'shape-mismatch',
    'RuntimeError: The size of tensor a (128) must match the size of tensor b (64) at non-singleton dimension 1',
  ],
  ['shape-mismatch', "RuntimeError: shape '[32, -1, 64]' is invalid for input of size 1000"],
  ['shape-mismatch', 'ValueError: Expected input batch_size (32) to match target batch_size (31).'],
  ['shape-mismatch', 'ValueError: operands could not be broadcast together with shapes (3,) (4,) '],
  [
    'shape-mismatch',
    'RuntimeError: stack expects each tensor to be equal size, but got [3, 224, 224] at entry 0 and [1, 224, 224] at entry 5',
  ],
  ['index-range', 'RuntimeError: CUDA error: device-side assert triggered'],
  ['index-range', 'IndexError: index out of range in self'],
  [
    'index-range',
    '../aten/src/ATen/native/cuda/Loss.cu:250: nll_loss_forward_reduce_cuda_kernel_2d: block: [0,0,0], thread: [5,0,0] Assertion `t >= 0 && t < n_classes` failed.',
  ],
  [
    'two-devices',
    'RuntimeError: Expected all tensors to be on the same device, but found at least two devices, cuda:0 and cpu!',
  ],
  [
    'two-devices',
    'RuntimeError: Input type (torch.cuda.FloatTensor) and weight type (torch.FloatTensor) should be the same',
  ],
  // environment
  ['missing-module', "ModuleNotFoundError: No module named 'flash_attn'"],
  ['missing-module', '/usr/bin/python3: No module named torchrun'],
  [
    'broken-package',
    "ImportError: cannot import name 'AdamW' from 'transformers' (/opt/env/lib/python3.12/site-packages/transformers/__init__.py)",
  ],
  [
    'broken-package',
    'ImportError: /opt/env/lib/python3.10/site-packages/flash_attn_2_cuda.cpython-310-x86_64-linux-gnu.so: undefined symbol: _ZN3c104cuda9SetDeviceEi',
  ],
  ['broken-package', 'ImportError: libGL.so.1: cannot open shared object file: No such file or directory'],
  [
    'broken-package',
    'ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88 from PyObject',
  ],
  ['missing-command', '/var/spool/slurmd/job00012/slurm_script: line 9: conda: command not found'],
  ['missing-command', 'bash: torchrun: command not found'],
  ['missing-command', 'sh: 1: nvcc: not found'],
  ['cuda-mismatch', 'RuntimeError: CUDA error: no kernel image is available for execution on the device'],
  [
    'cuda-mismatch',
    'RuntimeError: The NVIDIA driver on your system is too old (found version 11040). Please update your GPU driver by downloading and installing a new version',
  ],
  ['cuda-mismatch', 'RuntimeError: cuDNN error: CUDNN_STATUS_NOT_INITIALIZED'],
  [
    'cuda-mismatch',
    'Could not load library libcudnn_cnn_infer.so.8. Error: libcuda.so: cannot open shared object file: No such file or directory',
  ],
  ['cuda-mismatch', 'RuntimeError: FlashAttention only supports Ampere GPUs or newer.'],
  ['no-gpu', 'RuntimeError: No CUDA GPUs are available'],
  ['no-gpu', 'AssertionError: Torch not compiled with CUDA enabled'],
  ['no-gpu', 'RuntimeError: CUDA error: invalid device ordinal'],
  [
    'no-gpu',
    'RuntimeError: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU and installed a driver from http://www.nvidia.com/Download/index.aspx',
  ],
  ['gpu-fault', 'RuntimeError: CUDA error: an illegal memory access was encountered'],
  ['gpu-fault', 'RuntimeError: CUDA error: uncorrectable ECC error encountered'],
  ['gpu-fault', '[93012.1] NVRM: Xid (PCI:0000:3b:00): 79, pid=1234, GPU has fallen off the bus.'],
  // what the job was given
  ['bad-argument', 'train.py: error: unrecognized arguments: --local-rank=0'],
  ['bad-argument', 'train.py: error: the following arguments are required: --data'],
  ['bad-argument', "train.py: error: argument --lr: invalid float value: 'fast'"],
  ['bad-argument', 'Error: No such option: --epochs'],
  ['wrong-call', "TypeError: Trainer.__init__() got an unexpected keyword argument 'tokenizer'"],
  ['wrong-call', "TypeError: forward() missing 1 required positional argument: 'mask'"],
  ['bad-config', "Could not override 'optimizer.lrr'."],
  ['bad-config', "Key 'lrr' is not in struct"],
  ['bad-config', "In 'config': Could not find 'model/gpt5'"],
  ['bad-config', 'omegaconf.errors.MissingMandatoryValue: Missing mandatory value: data.path'],
  ['bad-config', 'yaml.scanner.ScannerError: mapping values are not allowed here'],
  ['bad-config', 'json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)'],
  ['bad-config', 'pydantic_core._pydantic_core.ValidationError: 1 validation error for TrainConfig'],
  ['syntax-error', 'SyntaxError: invalid syntax'],
  ['syntax-error', 'IndentationError: unexpected indent'],
  ['missing-file', "FileNotFoundError: [Errno 2] No such file or directory: '/data/train.jsonl'"],
  ['missing-file', "python: can't open file '/home/user/trian.py': [Errno 2] No such file or directory"],
  ['missing-file', '/var/spool/slurmd/job00012/slurm_script: line 4: data/prepare.sh: No such file or directory'],
  ['checkpoint-mismatch', 'RuntimeError: Error(s) in loading state_dict for ResNet:'],
  [
    'checkpoint-mismatch',
    '	size mismatch for fc.weight: copying a param with shape torch.Size([1000, 512]) from checkpoint, the shape in current model is torch.Size([10, 512]).',
  ],
  ['checkpoint-mismatch', '	Missing key(s) in state_dict: "conv1.weight", "bn1.weight". '],
  [
    'checkpoint-damaged',
    'RuntimeError: PytorchStreamReader failed reading zip archive: failed finding central directory',
  ],
  ['checkpoint-damaged', 'safetensors_rust.SafetensorError: Error while deserializing header: HeaderTooLarge'],
  ['checkpoint-damaged', "_pickle.UnpicklingError: invalid load key, 'v'."],
  [
    'tokenizer',
    "OSError: Can't load tokenizer for 'my-org/my-model'. If you were trying to load it from 'https://huggingface.co/models', make sure you don't have a local directory with the same name.",
  ],
  [
    'tokenizer',
    'ValueError: Asking to pad but the tokenizer does not have a padding token. Please select a token to use as `pad_token` `(tokenizer.pad_token = tokenizer.eos_token e.g.)`',
  ],
  // places
  ['disk-full', 'OSError: [Errno 28] No space left on device'],
  ['disk-full', "OSError: [Errno 122] Disk quota exceeded: '/home/user/run/checkpoint-500'"],
  ['disk-full', 'RuntimeError: [enforce fail at inline_container.cc:603] . unexpected pos 1245504 vs 1245398'],
  ['disk-full', 'RuntimeError: PytorchStreamWriter failed writing file data/23: file write failed'],
  ['disk-full', "cp: error writing '/scratch/model.safetensors': No space left on device"],
  ['permission', "PermissionError: [Errno 13] Permission denied: '/data/out'"],
  ['permission', 'bash: ./train.sh: Permission denied'],
  ['permission', "OSError: [Errno 30] Read-only file system: '/data/cache'"],
  ['open-files', 'OSError: [Errno 24] Too many open files'],
  ['open-files', 'RuntimeError: received 0 items of ancdata'],
  ['port-in-use', 'OSError: [Errno 98] Address already in use'],
  [
    'port-in-use',
    'torch.distributed.DistNetworkError: The server socket has failed to listen on any local network address. port: 29500, useIpv6: false, code: -98, name: EADDRINUSE, message: address already in use',
  ],
  [
    'hub-access',
    'Cannot access gated repo for url https://huggingface.co/meta-llama/Llama-3.1-8B/resolve/main/config.json.',
  ],
  ['hub-access', '401 Client Error. (Request ID: Root=1-65a1)'],
  [
    'hub-access',
    'requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://huggingface.co/api/models/x',
  ],
  [
    'rate-limit',
    'huggingface_hub.errors.HfHubHTTPError: 429 Client Error: Too Many Requests for url: https://huggingface.co/api/datasets/x',
  ],
  [
    'network',
    "requests.exceptions.ConnectionError: HTTPSConnectionPool(host='huggingface.co', port=443): Max retries exceeded with url: /gpt2/resolve/main/config.json",
  ],
  [
    'network',
    "OSError: We couldn't connect to 'https://huggingface.co' to load the files, and couldn't find them in the cached files.",
  ],
  // ends
  ['time-limit', 'slurmstepd: error: *** JOB 4242 ON node07 CANCELLED AT 2026-03-01T12:00:00 DUE TO TIME LIMIT ***'],
  ['pre-empted', 'slurmstepd: error: *** JOB 4242 ON node07 CANCELLED AT 2026-03-01T12:00:00 DUE TO PREEMPTION ***'],
  ['requeued', 'slurmstepd: error: *** JOB 4242 ON node07 CANCELLED AT 2026-03-01T12:00:00 DUE TO JOB REQUEUE ***'],
  [
    'lost-host',
    'slurmstepd: error: *** JOB 4242 ON node07 CANCELLED AT 2026-03-01T12:00:00 DUE TO NODE FAILURE, SEE SLURMCTLD LOG FOR DETAILS ***',
  ],
  ['lost-host', 'srun: error: Node failure on node07'],
  ['cancelled-by-scheduler', 'slurmstepd: error: *** JOB 4242 ON node07 CANCELLED AT 2026-03-01T12:00:00 ***'],
  [
    'rendezvous',
    'torch.distributed.DistNetworkError: The client socket has timed out after 600000ms while trying to connect to (10.0.0.1, 29500).',
  ],
  [
    'collective-timeout',
    '[rank0]:[E1218 20:27:21.426415540 ProcessGroupNCCL.cpp:629] [Rank 0] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=1, OpType=BROADCAST, NumelIn=131072000, NumelOut=131072000, Timeout(ms)=600000) ran for 600081 milliseconds before timing out.',
  ],
  [
    'collective-timeout',
    'ncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error. ',
  ],
  [
    'collective-timeout',
    'RuntimeError: [../third_party/gloo/gloo/transport/tcp/pair.cc:534] Connection closed by peer [127.0.0.1]:52662',
  ],
  ['peer-gone', 'ConnectionResetError: [Errno 104] Connection reset by peer'],
  ['worker-killed', 'RuntimeError: DataLoader worker (pid 4321) is killed by signal: Killed. '],
  ['worker-killed', 'RuntimeError: DataLoader worker (pid(s) 4321, 4322) exited unexpectedly'],
  ['child-failed', 'torch.distributed.elastic.multiprocessing.errors.ChildFailedError: '],
  ['killed', 'Killed'],
  ['killed', '/var/spool/slurmd/job00012/slurm_script: line 12:  4242 Killed                  python train.py'],
  ['killed', '  exitcode  : -9 (pid: 4242)'],
  ['segfault', 'Segmentation fault (core dumped)'],
  ['segfault', 'Fatal Python error: Segmentation fault'],
  ['bus-error', 'Fatal Python error: Bus error'],
  ['aborted', 'Aborted (core dumped)'],
  ['terminated', 'torch.distributed.elastic.multiprocessing.api.SignalException: Process 4242 got signal: 15'],
  ['interrupted', 'KeyboardInterrupt'],
  ['hung-up', 'torch.distributed.elastic.multiprocessing.api.SignalException: Process 4242 got signal: 1'],
]

describe('texts as they are printed', () => {
  it.each(samples)('%s: %s', (rule, line) => {
    const [first, ...others] = diagnose(failedWith(['Epoch 1', line]))
    expect(first).toMatchObject({
      rule,
      certainty: 'certain',
      evidence: [{ kind: 'line', n: 1, text: expect.any(String) }],
    })
    expect(others.filter(({ role }) => role === 'cause')).toEqual([])
  })
})

/** Lines of jobs that failed of something else. */
const falseFriends = [
  'Tip: if you run out of memory, lower --batch-size',
  'INFO checkpointing is on, so that the GPU does not go out of memory',
  'config: {"nan_policy": "raise", "loss_on_nan": NaN, "skip_nan": true}',
  'Handling of NaN values: mean imputation',
  'killed 3 stale workers from the last run',
  'Killed by early stopping: val_loss did not improve for 5 epochs',
  'Will be cancelled at the time limit of 24 h',
  'Permission denied errors are ignored for hidden files',
  'NCCL version 2.21.5+cuda12.4',
  'NCCL_TIMEOUT=1800',
  'Loaded 401 clients, 403 files, 429 rows',
  'disk: 12 % full, quota not exceeded',
  'Segmentation fault lines of the map were removed',
  'Listening on port 8000; address already used by nobody',
  'Tokenizer has no padding token, adding one',
  'UserWarning: Missing keys are filled with defaults',
  'step 137 loss 0.139 exit code 0',
  'import error rates: 0.01',
]

describe('what only looks like it', () => {
  it.each(falseFriends)('%s', (line) => {
    expect(diagnose(failedWith(['Epoch 1', line, 'ValueError: of its own']))).toEqual([])
  })
})

it('every rule has a sample, or is shown by how a job ends', () => {
  const sampled = new Set(samples.map(([rule]) => rule))
  const untold = diagnosisRules.filter(({ id }) => !sampled.has(id)).map(({ id }) => id)
  expect(untold).toEqual(['no-report'])
})

it('every rule has an id of its own, a title and one to three things to try', () => {
  expect(new Set(diagnosisRules.map(({ id }) => id)).size).toBe(diagnosisRules.length)
  for (const { title, meaning, tries } of diagnosisRules) {
    expect(title.length * meaning.length).toBeGreaterThan(0)
    expect([1, 2, 3]).toContain(tries.length)
  }
})

it('every hole in the words of a rule says what stands there when nothing was captured', () => {
  for (const { title, meaning, tries } of diagnosisRules)
    for (const words of [title, meaning, ...tries]) expect(words).not.toMatch(/\{(?![^{}]*\|)/)
})

function failedWith(texts: readonly string[]): DiagnosisInput {
  const lines = texts.map((text, n) => ({ n, text }))
  return { state: 'failed', error: null, exitCode: 1, signal: null, lines, linesTotal: lines.length, metrics: [] }
}
