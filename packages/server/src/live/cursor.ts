/** `epoch.seq`: the epoch names one run of the server, seq counts the messages of its hub. */
export type Cursor = { epoch: string; seq: number }

export function formatCursor({ epoch, seq }: Cursor): string {
  return `${epoch}.${seq}`
}

/** Reads a cursor; undefined when it is none, which leads to a reset as an unknown epoch does. */
export function parseCursor(text: string): Cursor | undefined {
  const match = /^([A-Za-z0-9_-]{1,64})\.(\d{1,15})$/.exec(text)
  return match?.[1] === undefined ? undefined : { epoch: match[1], seq: Number(match[2]) }
}
