/**
 * Engines that are started from here.
 *
 *   starting → ready      it lists its model, and is known as an engine
 *   starting, ready → stopping → stopped    somebody wants it so, or nobody has used it for long
 *   starting, ready, stopping → failed      it ended by itself, or never became ready
 */
export const servingStates = ['starting', 'ready', 'stopping', 'stopped', 'failed'] as const
export type ServingState = (typeof servingStates)[number]

/** How the command is written: for one of these, or by hand. */
export const servingKinds = ['vllm', 'llama.cpp', 'custom'] as const
export type ServingKind = (typeof servingKinds)[number]

/** What is put into words of a command, in braces. */
export const servingPlaceholders = ['model', 'name', 'host', 'port', 'key'] as const
export type ServingPlaceholder = (typeof servingPlaceholders)[number]

/** Words that start an engine, where nobody writes others. Both take their key from the environment: no list of processes shows it. */
export const servingCommands: Readonly<Record<Exclude<ServingKind, 'custom'>, readonly string[]>> = {
  vllm: ['vllm', 'serve', '{model}', '--host', '{host}', '--port', '{port}', '--served-model-name', '{name}'],
  'llama.cpp': [
    'llama-server',
    '-m',
    '{model}',
    '--host',
    '{host}',
    '--port',
    '{port}',
    '--alias',
    '{name}',
    '--metrics',
  ],
}
