/** The lines of the «add a job» sheet, filled in for one server: pure, so that what people copy can be tested. */

/** Where the script runs: beside the server, or elsewhere. */
export type Place = 'here' | 'elsewhere'

export type SetupFacts = {
  /** Address of the server as the browser knows it, without a slash at its end. */
  origin: string
  /** Folder of the server's data, where it tells it; a script beside the server finds address and token there. */
  dataFolder: string | null
  /** Secret of a token for reporting, when one was made; a word in its place until then. */
  token: string | null
}

const loopbackNames = ['localhost', '127.0.0.1', '[::1]']

/** True when the address means «this machine» on whichever machine it is read. */
export function isLoopback(origin: string): boolean {
  const { hostname } = new URL(origin)
  return loopbackNames.includes(hostname) || hostname.endsWith('.localhost') || hostname.startsWith('127.')
}

/** What a shell must know before a script reports: nothing but the folder beside the server; address and token elsewhere. */
export function formatEnvironmentLines(place: Place, { origin, dataFolder, token }: SetupFacts): string {
  if (place === 'here' && dataFolder !== null) return `export PILOTHOUSE_DATA=${quoteForShell(dataFolder)}`
  return `export PILOTHOUSE_URL=${quoteForShell(origin)}\nexport PILOTHOUSE_TOKEN=${token ?? '<token>'}`
}

/** An ssh line that carries the port of a server that listens on its own machine only. */
export function formatForwardLine(origin: string): string {
  const { port, hostname } = new URL(origin)
  const number = port === '' ? '80' : port
  return `ssh -R ${number}:${hostname}:${number} <machine>`
}

export const pythonLines = `import pilothouse

job = pilothouse.init(project="first", total_steps=1000)
for step in range(1000):
    job.log({"loss": loss}, step=step)
job.finish()`

export const runLine = 'pilothouse run -- python train.py'
export const importLine = 'pilothouse import current-jobs.json past-jobs.json'

/** As it stands where every shell takes it literally, else in single quotes. */
export function quoteForShell(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
}
