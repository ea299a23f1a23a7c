/** Reads the body of a success: whole, or as a stream that is put together. Bounded in size. */
import { type StreamEnd, StreamAssembler } from './assemble-stream.ts'
import { EventStreamReader, type ServerEvent } from './event-stream-reader.ts'
import type { Taker } from './exchange.ts'
import { type JsonRecord, parseRecord } from './json-record.ts'
import { type Evidence, readErrorMessage } from './judge-failure.ts'
import { readUsage } from './read-usage.ts'

/** Around each piece of a streamed text stands its chunk; its bytes are not kept. */
const chunkOverhead = 8

export type Taken =
  | { kind: 'answer'; text: string; answer: JsonRecord }
  /** `text`: what came instead, as far as it can be shown. */
  | { kind: 'fault'; evidence: Evidence; text: string | null }

export type TakeOptions = {
  url: string
  bytesMax: number
  /** A piece came. */
  touch: () => void
  onTokens: (count: number) => void
}

/** What an answer holds, by its path. */
const members: Readonly<Record<string, string>> = {
  '/v1/chat/completions': 'choices',
  '/v1/completions': 'choices',
  '/v1/embeddings': 'data',
  '/v1/responses': 'output',
}

/** Throws TypeError (`ERR_ENCODING_INVALID_ENCODED_DATA`) at its end for what is not UTF-8. */
export function takeWhole({ url, bytesMax, touch, onTokens }: TakeOptions): Taker<Taken> {
  const pieces = takePieces(bytesMax, touch)
  return {
    ...pieces,
    finish: () => {
      const { bytes, isCut } = pieces.finish()
      return isCut ? tooLarge(bytesMax) : readWhole(bytes, { url, onTokens })
    },
  }
}

/** As `takeWhole`; `onTokens` is called as they come. */
export function takeStream({ bytesMax, touch, onTokens }: TakeOptions): Taker<Taken> {
  const reader = new EventStreamReader()
  const assembler = new StreamAssembler()
  let [bytes, told, isTooLarge] = [0, 0, false]
  const take = (events: readonly ServerEvent[]) => {
    const count = events.reduce((sum, { name, data }) => sum + assembler.add(data, name), 0)
    told += count
    if (count > 0) onTokens(count)
  }
  return {
    push: (piece) => {
      touch()
      bytes += piece.length
      take(reader.push(piece))
      isTooLarge = bytes > bytesMax * chunkOverhead || reader.waiting > bytesMax
      // Behind a whole answer the connection is read to its end, so that it can be used again.
      return !isTooLarge && !(assembler.isOver && assembler.finish().kind !== 'whole')
    },
    isOver: () => assembler.isOver,
    finish: () => {
      if (isTooLarge) return tooLarge(bytesMax)
      take(reader.finish())
      return closeStream(assembler.finish(), { bytesMax, told, onTokens })
    },
  }
}

/** The first `bytesMax` bytes; nothing behind them is read. */
export function takePieces(bytesMax: number, touch: () => void = () => {}): Taker<{ bytes: Buffer; isCut: boolean }> {
  const pieces: Buffer[] = []
  let length = 0
  return {
    push: (piece) => {
      touch()
      pieces.push(piece)
      length += piece.length
      return length <= bytesMax
    },
    isOver: () => false,
    finish: () => ({ bytes: joinPieces(pieces).subarray(0, bytesMax), isCut: length > bytesMax }),
  }
}

function joinPieces(pieces: readonly Buffer[]): Buffer {
  const [first] = pieces
  return first && pieces.length === 1 ? first : Buffer.concat(pieces)
}

function readWhole(bytes: Buffer, { url, onTokens }: Pick<TakeOptions, 'url' | 'onTokens'>): Taken {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  const answer = parseRecord(text)
  if (!answer) return bad('The answer is no whole JSON object.', text)
  const member = members[url]
  if (member !== undefined && !Array.isArray(answer[member])) {
    return bad(readErrorMessage(text) ?? `The answer has no «${member}».`, text)
  }
  const tokens = readUsage(answer)?.outputTokens ?? 0
  if (tokens > 0) onTokens(tokens)
  return { kind: 'answer', text, answer }
}

function closeStream(
  end: StreamEnd,
  { bytesMax, told, onTokens }: { bytesMax: number; told: number; onTokens: (count: number) => void },
): Taken {
  if (end.kind === 'broken') return bad(end.message, null)
  if (end.kind === 'error') return blame(end)
  const text = JSON.stringify(end.answer)
  if (text.length > bytesMax) return tooLarge(bytesMax)
  // A chunk may hold several tokens; the engine's own count has the last word.
  const more = (readUsage(end.answer)?.outputTokens ?? 0) - told
  if (more > 0) onTokens(more)
  return { kind: 'answer', text, answer: end.answer }
}

/** An error in mid-stream that names a status is judged as if the answer had begun with it. */
function blame({ status, body }: Extract<StreamEnd, { kind: 'error' }>): Taken {
  if (status !== null) return { kind: 'fault', evidence: { kind: 'status', status, headers: {}, body }, text: body }
  return bad(readErrorMessage(body) ?? 'The streamed answer ended in an error.', body)
}

function bad(message: string, text: string | null): Taken {
  return { kind: 'fault', evidence: { kind: 'bad', message, isFinal: false }, text }
}

function tooLarge(bytesMax: number): Taken {
  const message = `The answer is larger than ${Math.floor(bytesMax / 1_048_576)} MB.`
  return { kind: 'fault', evidence: { kind: 'bad', message, isFinal: true }, text: null }
}
