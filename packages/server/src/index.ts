export { type ServerConfig, readConfig, readUrl } from './config.ts'
export { type RunningServer, createServer } from './create-server.ts'
export { runTensorTask } from './tensors/run-tensor-task.ts'
export { type TensorFaultKind, TensorFileError } from './tensors/tensor-file-error.ts'
