/**
 * The level of a log line, from the words that the line itself carries. Only the first 240 characters are looked at:
 * logging libraries put the level in front, and so does Python with the class of an exception.
 *
 * What stands on stderr is no error for that alone: Python's logging and every progress bar write there.
 */
import type { LogLevel, LogStream } from '@pilothouse/contract'
import { stripAnsi } from './terminal-text.ts'

const headLength = 240

/** Most lines have none of these, and then no other rule can hold. Upper and lower case are listed where both occur. */
const anyHint =
  /[Ee]rr|ERR|[Ww]arn|WARN|[Ff]atal|FATAL|CRIT|[Cc]ritical|DEBUG|[Dd]ebug|TRACE|[Tt]race|Exception|Interrupt|panic|fault|Killed|Aborted|terminate|VERBOSE|NOTICE|INFO|^\s*(?:\[rank\d+\]:)?\s*\[?[DIWEF][ \d:]|: [DIWEF] |File "|level":/

const levelWords: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  verbose: 'debug',
  debug: 'debug',
  d: 'debug',
  info: 'info',
  notice: 'info',
  i: 'info',
  warn: 'warning',
  warning: 'warning',
  w: 'warning',
  err: 'error',
  error: 'error',
  e: 'error',
  critical: 'error',
  crit: 'error',
  fatal: 'error',
  panic: 'error',
  f: 'error',
}

/**
 * Says how grave a line is; `info` when nothing speaks for anything else.
 * The stream only decides where the words leave it open: a frame of a Python traceback counts as error on stderr.
 */
export function classifyLogLevel(text: string, stream: LogStream): LogLevel {
  const head = text.length > headLength ? text.slice(0, headLength) : text
  const plain = stripAnsi(head)
  if (!anyHint.test(plain)) return 'info'
  return readField(plain) ?? readLetter(plain) ?? readWord(plain) ?? readProse(plain, stream)
}

/** `"level":"error"`, `levelname=WARNING`, and the numbers that pino and bunyan use. */
const field = /(?:^|[\s{,"'])(?:level(?:name)?|lvl|severity|loglevel)["']?\s?[:=]\s?["']?([A-Za-z]{3,8}|[1-6]0)\b/i

function readField(head: string): LogLevel | undefined {
  const word = field.exec(head)?.[1]
  if (word === undefined) return undefined
  const number = Number(word)
  if (Number.isNaN(number)) return levelWords[word.toLowerCase()]
  if (number >= 50) return 'error'
  if (number === 40) return 'warning'
  return number === 30 ? 'info' : 'debug'
}

/** glog and absl `W0102 03:04:05`, PyTorch `[W102 …]` and `[W socket.cpp:1]`, TensorFlow `: W tensorflow/`. */
const letter =
  /^\s*(?:\[rank\d+\]:\s*)?\[?([DIWEF])\d{3,8} \d\d:\d\d|^\s*(?:\[rank\d+\]:\s*)?\[([DIWEF]) \S|\d: ([DIWEF]) [\w/.]+|^([WE]): \S/

function readLetter(head: string): LogLevel | undefined {
  const found = letter.exec(head)
  const sign = found?.[1] ?? found?.[2] ?? found?.[3] ?? found?.[4]
  return sign === undefined ? undefined : levelWords[sign.toLowerCase()]
}

/** A level in capitals that stands as a field of its own: framed by brackets, bars, dashes or colons, or behind a time. */
const capitals = /(?<![\w=./-])(TRACE|VERBOSE|DEBUG|INFO|NOTICE|WARN|WARNING|ERR|ERROR|CRIT|CRITICAL|FATAL)(?![\w=./])/g
const fieldBefore = /(?:^|[[(|:<]|\s[-–]\s?|\d:\d\d\S*\s|\bNCCL|\bnpm)\s*$/
const fieldAfter = /^(?:!|\s*[\])|>:]|\s+[-–]\s|\s*$)/
const bareNumber = /^:?\s*[-+]?\d[\d.e+-]*%?\s*$/

function readWord(head: string): LogLevel | undefined {
  for (const found of head.matchAll(capitals)) {
    const before = head.slice(0, found.index)
    const after = head.slice(found.index + found[0].length)
    const stands = fieldBefore.test(before) || (fieldAfter.test(after) && !/\b(?:no|0)\s*$/i.test(before))
    if (stands && !bareNumber.test(after)) return levelWords[found[0].toLowerCase()]
  }
  return undefined
}

const failure =
  /Traceback \(most recent call last\)|^\s*(?:\[rank\d+\]:\s*)?(?:[A-Za-z_]\w*\.){0,8}[A-Z]\w*(?:Error|Exception|Interrupt)(?::|\s*$)|\bpanicked at\b|^panic:|^(?:Segmentation fault|Bus error|Killed|Aborted|Fatal Python error)\b|\(core dumped\)|^terminate called/
/** `error:` with words behind it; `error: 0.12` is a metric, `0 errors` a good message. */
const spoken =
  /(?:^|[\s:\]])(?:[a-z]{1,16} )?(?:error(?:\[\w+\])?|fatal)(?: \d+)?:\s+(?![-+]?[\d.]+(?:e[-+]?\d+)?%?\s*(?:$|[,;|()]|-\s|\w+\s*[=:])|none\b|nan\b)/i
const caution = /(?:^|[\s.:])[A-Z]\w*Warning:|(?:^|[\s:\]])warn(?:ing)?:\s/i
const remark = /^\s*\[?debug\]?:\s/i
const frame = /^\s+File "[^"]*", line \d+/

function readProse(head: string, stream: LogStream): LogLevel {
  if (caution.test(head)) return 'warning'
  if (failure.test(head) || spoken.test(head)) return 'error'
  if (stream === 'stderr' && frame.test(head)) return 'error'
  return remark.test(head) ? 'debug' : 'info'
}
