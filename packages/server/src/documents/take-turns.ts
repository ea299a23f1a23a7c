/** Lets others have the thread: a document is put together in pieces, between which requests and live messages go on. */
export function takeTurns(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}

/** Makes one thing after the other, each in a turn of its own. */
export async function makeInTurns<Value>(makers: readonly (() => Value | Promise<Value>)[]): Promise<Value[]> {
  const made: Value[] = []
  for (const make of makers) {
    made.push(await make())
    await takeTurns()
  }
  return made
}
