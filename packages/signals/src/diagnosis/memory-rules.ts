import type { DiagnosisRule } from './rule.ts'

/** Memory that ran out: of the GPU, the host, and what processes share. */
export const memoryRules: readonly DiagnosisRule[] = [
  {
    id: 'gpu-memory',
    role: 'cause',
    rank: 90,
    title: 'The GPU ran out of memory',
    meaning:
      'A piece of memory was asked for, and beside weights, gradients, optimizer state and activations the GPU had no room for it.',
    tries: [
      'Halve the batch size and double gradient accumulation: the same effective batch with fewer activations.',
      'Use bf16 or fp16, and turn on gradient checkpointing.',
      'If it fails only after many steps, look for tensors kept across steps (`loss` instead of `loss.item()`) and for one very long sequence.',
    ],
    texts: [
      'CUDA out of memory. Tried to allocate {} (GPU ',
      'CUDA out of memory. Tried to allocate {}. ',
      'HIP out of memory. Tried to allocate {}. ',
      'MPS backend out of memory (MPS allocated',
      'CUDA error: out of memory',
      'CUDA_ERROR_OUT_OF_MEMORY: out of memory',
      'cudaErrorMemoryAllocation',
      'RESOURCE_EXHAUSTED: Out of memory while trying to allocate {} bytes',
      'RESOURCE_EXHAUSTED: Out of memory while trying to allocate {}B.',
      'RESOURCE_EXHAUSTED: Out of memory allocating {} bytes',
      'OOM when allocating tensor with shape{} on {}device:GPU:',
      'CUBLAS_STATUS_ALLOC_FAILED',
      'CUDNN_STATUS_ALLOC_FAILED',
      'No available memory for the cache blocks. Try increasing `gpu_memory_utilization`',
    ],
  },
  {
    id: 'host-memory',
    role: 'cause',
    rank: 88,
    title: 'The host ran out of memory',
    meaning:
      'Main memory, or the share of it that the job may use, was full: an allocation failed, or the system killed a process to free some.',
    tries: [
      'Ask for more memory (`#SBATCH --mem=…`, or the limit of the container).',
      'Use fewer data loader workers: each may hold its own copy of the data set.',
      'Read the data in pieces (memory-mapped or streamed) instead of whole.',
    ],
    texts: [
      'error: Detected {} oom-kill event(s) in ',
      'error: Detected {} oom_kill event',
      'error: Exceeded {} memory limit',
      ' exceeded memory limit ({} > {}), being killed',
      'srun: error: {}: Out Of Memory',
      'Out of memory: Killed process {pid} (',
      'Memory cgroup out of memory: Kill',
      'Unable to allocate {} for an array with shape',
      "DefaultCPUAllocator: can't allocate memory: you tried to allocate {}.",
      'DefaultCPUAllocator: not enough memory: you tried to allocate {}.',
      'what():  std::bad_alloc',
      '[Errno 12] Cannot allocate memory',
      'OOM when allocating tensor with shape{} on {}device:CPU:',
      'Task was killed due to the node running low on memory',
      '^MemoryError$',
      '^MemoryError: ',
    ],
    errorTypes: ['MemoryError', '_ArrayMemoryError'],
  },
  {
    id: 'shared-memory',
    role: 'cause',
    rank: 86,
    title: 'Shared memory was too small',
    meaning:
      'Data loader workers and NCCL hand data over through `/dev/shm`, and it was full. Containers have 64 MiB of it unless told otherwise.',
    tries: [
      'Give the container more: `docker run --shm-size=16g` or `--ipc=host`.',
      'Use fewer data loader workers, or `num_workers=0` to be sure of the cause.',
      "Call `torch.multiprocessing.set_sharing_strategy('file_system')` before the data loader is made.",
    ],
    texts: [
      'is killed by signal: Bus error',
      'This might be caused by insufficient shared memory (shm)',
      'unable to open shared memory object <',
      'unable to allocate shared memory(shm) for file',
      'unable to write to file </torch_{}>: No space left on device',
      'failed to extend /dev/shm/nccl-',
    ],
  },
]
