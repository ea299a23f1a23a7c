/** What the order of requests goes by, cheap enough for every line. */
import type { JsonObject } from './check-line.ts'
import { findFirstElement, findMember } from './find-member.ts'

export type RequestMeasure = {
  /** The most tokens that the answer may have, up to 2^32 - 1; 0 where the request does not say. */
  maxTokens: number
  /**
   * Of 32 bits. Requests whose prompts begin alike have the same, and in order of it, those with one system prompt stand
   * together: the upper half is the hash of that, the lower one of the prompt's first 1,024 characters.
   */
  promptHash: number
  /** UTF-8 bytes of the JSON of `messages`, `prompt` or `input`, and of `instructions`. */
  promptBytes: number
}

const hashedLengthMax = 1024
/** Where no first message tells what is common, that much of the beginning is taken for it. */
const commonLengthMax = 256
const uint32Max = 2 ** 32 - 1

/**
 * @param text the line
 * @param bodyAt where its body begins
 * @param body the same, parsed
 */
export function measureRequest(text: string, bodyAt: number, body: JsonObject): RequestMeasure {
  const promptName = ['messages', 'prompt', 'input'].find((name) => body[name] !== undefined)
  const prompt = promptName === undefined ? null : findMember(text, promptName, bodyAt)
  const instructions = body['instructions'] === undefined ? null : findMember(text, 'instructions', bodyAt)
  const promptText = prompt ? text.slice(prompt.start, prompt.end) : ''
  const instructionText = instructions ? text.slice(instructions.start, instructions.end) : ''
  return {
    maxTokens: readMaxTokens(body),
    promptHash: hashPrompt(instructionText, promptText),
    promptBytes: Buffer.byteLength(promptText) + Buffer.byteLength(instructionText),
  }
}

function readMaxTokens(body: JsonObject): number {
  const value = body['max_completion_tokens'] ?? body['max_tokens'] ?? body['max_output_tokens']
  return typeof value === 'number' && Number.isInteger(value) && value > 0 ? Math.min(value, uint32Max) : 0
}

function hashPrompt(instructions: string, prompt: string): number {
  const common = instructions === '' ? cutCommon(prompt) : instructions
  const upper = foldHash(hashBeginning(common))
  const lower = foldHash(hashBeginning(instructions + prompt.slice(0, hashedLengthMax)))
  return upper * 65_536 + lower
}

/** The first of several messages, which mostly is the system prompt; else the first characters. */
function cutCommon(prompt: string): string {
  const first = findFirstElement(prompt, 0)
  const isOneOfSeveral = first !== null && prompt.slice(first.end).trimStart().startsWith(',')
  return isOneOfSeveral ? prompt.slice(first.start, first.end) : prompt.slice(0, commonLengthMax)
}

/** FNV-1a over UTF-16 units. */
function hashBeginning(text: string): number {
  let hash = 0x811c9dc5
  const length = Math.min(text.length, hashedLengthMax)
  for (let at = 0; at < length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193)
  return hash
}

/** To 16 bits, as the authors of FNV advise. */
function foldHash(hash: number): number {
  return ((hash >>> 16) ^ hash) & 0xffff
}
