export const logLevels = ['debug', 'info', 'warning', 'error'] as const
export type LogLevel = (typeof logLevels)[number]

export const logStreams = ['stdout', 'stderr'] as const
export type LogStream = (typeof logStreams)[number]
