/** The bytes of an answer as they come, so that none is held whole. */
export async function* readChunks(response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return
  const chunks: AsyncIterable<Uint8Array> = response.body // the stream of a response is one of bytes
  yield* chunks
}

/** Its lines, without their ends. Memory is bounded by the longest one. Only `\n` ends a line: JSON may hold U+2028 as it is. */
export async function* readLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let open = ''
  for await (const chunk of chunks) {
    const lines = (open + decoder.decode(chunk, { stream: true })).split('\n')
    open = lines.pop() ?? ''
    yield* lines
  }
  open += decoder.decode()
  if (open !== '') yield open
}
