import type { DiagnosisRule } from './rule.ts'

/** What the machine lacks: packages, libraries, drivers, GPUs. */
export const environmentRules: readonly DiagnosisRule[] = [
  {
    id: 'missing-module',
    role: 'cause',
    rank: 84,
    title: 'The Python module «{module|it imports}» is missing',
    meaning:
      'The Python that ran the job could not find it: not installed there, another environment, or a name that is spelt differently.',
    tries: [
      'Install it in the environment that the job uses: `python -m pip install …` with the same `python` (packages are sometimes named otherwise: `cv2` is opencv-python, `sklearn` is scikit-learn).',
      'Compare the Python of the job (tab Configuration) with the one where it works; activate that environment in the script.',
      'If it is your own code, start from the folder of the project or set `PYTHONPATH` to it.',
    ],
    texts: [
      "ModuleNotFoundError: No module named '{module}'",
      '^ImportError: No module named {module}',
      'python: No module named {module}',
      'python3: No module named {module}',
      'bin/python{}: No module named {module}',
    ],
    errorTypes: ['ModuleNotFoundError'],
  },
  {
    id: 'broken-package',
    role: 'cause',
    rank: 82,
    title: 'Two packages do not fit each other',
    meaning:
      'A package was found and could not be loaded: it was built for, or written for, another version of something that is installed beside it.',
    tries: [
      'Install versions that were released together (torch with torchvision, transformers with accelerate), from one lock file.',
      'Rebuild extensions (flash-attn, deepspeed, apex) after a change of torch or CUDA: `pip install --force-reinstall --no-build-isolation …`.',
    ],
    texts: [
      "^ImportError: cannot import name '{}' from '{module}'",
      'undefined symbol: ',
      '^ImportError: {}: cannot open shared object file: No such file or directory',
      "^ImportError: {}: version `{}' not found",
      'A module that was compiled using NumPy 1.x cannot be run in',
      'numpy.dtype size changed, may indicate binary incompatibility',
      "^AttributeError: module '{module}' has no attribute",
    ],
  },
  {
    id: 'missing-command',
    role: 'cause',
    rank: 82,
    title: 'A command was not found',
    meaning: 'The shell knows no program «{command|of that name}» on the machine where the job ran.',
    tries: [
      'Load its module or activate its environment in the script (`module load …`, `source …/bin/activate`): a batch job does not read your interactive shell.',
      'Write the whole path of the program.',
    ],
    texts: [
      ': line {}: {command}: command not found',
      '^bash: {command}: command not found',
      'sh: {}: {command}: not found$',
    ],
    exitCodes: [127],
  },
  {
    id: 'cuda-mismatch',
    role: 'cause',
    rank: 85,
    title: 'Driver, CUDA and framework do not fit',
    meaning: 'The framework was built for another GPU generation, CUDA version or cuDNN than this machine has.',
    tries: [
      'Look at `nvidia-smi` (the newest CUDA that the driver knows) and `python -m torch.utils.collect_env`, and install the build for that CUDA version.',
      'Remove what shadows the libraries that came with the framework: `LD_LIBRARY_PATH`, a second CUDA or cuDNN.',
      'If only some nodes fail, ask for the GPU type for which your build was made.',
    ],
    texts: [
      'CUDA error: no kernel image is available for execution on the device',
      'The NVIDIA driver on your system is too old (found version {version}',
      'CUDA driver version is insufficient for CUDA runtime version',
      'the provided PTX was compiled with an unsupported toolchain',
      'CUDNN_STATUS_NOT_INITIALIZED',
      'CUDNN_STATUS_VERSION_MISMATCH',
      'CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH',
      'Could not load library libcudnn',
      'Loaded runtime CuDNN library: {} but source was compiled with: ',
      'cuDNN version incompatibility: PyTorch was compiled against ',
      'FlashAttention only supports Ampere GPUs or newer',
      'The detected CUDA version ({}) mismatches the version that was used to compile',
    ],
  },
  {
    id: 'no-gpu',
    role: 'cause',
    rank: 83,
    title: 'No usable GPU was found',
    meaning: 'The job wanted a GPU and saw none, or not the one that it asked for.',
    tries: [
      'Ask the scheduler for one (`--gres=gpu:1`), or start the container with `--gpus all`.',
      'Check `nvidia-smi` and `CUDA_VISIBLE_DEVICES` inside the job.',
      'Check that this is not the CPU build of the framework: `python -c "import torch; print(torch.version.cuda)"`.',
    ],
    texts: [
      'RuntimeError: No CUDA GPUs are available',
      'Found no NVIDIA driver on your system',
      'Torch not compiled with CUDA enabled',
      'CUDA error: invalid device ordinal',
      'CUDA error: no CUDA-capable device is detected',
      'Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False',
      'CUDA error: all CUDA-capable devices are busy or unavailable',
      'CUDA error: CUDA-capable device(s) is/are busy or unavailable',
    ],
  },
  {
    id: 'gpu-fault',
    role: 'cause',
    rank: 78,
    title: 'The GPU reported a fault',
    meaning:
      'A kernel touched memory that is not its own, or the GPU itself failed. The second is likely if the same code ran well on other machines.',
    tries: [
      'Run once with `CUDA_LAUNCH_BLOCKING=1`: the traceback then names the true line.',
      'Keep this node out (`--exclude=…`) and start again; tell its administrator when it happens there only.',
      'Turn off custom kernels one after the other (flash attention, compiled or fused operations).',
    ],
    texts: [
      'CUDA error: an illegal memory access was encountered',
      'CUDA error: unspecified launch failure',
      'CUDA error: misaligned address',
      'uncorrectable ECC error encountered',
      'NVRM: Xid (',
      'Unable to determine the device handle for GPU',
      'GPU is lost.  Reboot the system to recover this GPU',
    ],
  },
]
