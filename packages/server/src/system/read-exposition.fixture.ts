/** Reads the text format 0.0.4 of Prometheus and takes nothing that its description does not allow: for tests. */

export type ReadSample = { name: string; labels: Record<string, string>; value: number }
export type ReadFamily = { type: string; help: string; samples: ReadSample[] }

const nameOf = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/
const sampleOf = /^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (NaN|[+-]Inf|-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)$/s
const labelOf = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(?:,(?=.)|$)/y

/** @throws Error naming the line that is not as it should be. */
export function readExposition(text: string): Map<string, ReadFamily> {
  if (!text.endsWith('\n')) throw new Error('The last line has no end.')
  const families = new Map<string, ReadFamily>()
  const seen = new Set<string>()
  let current = ''
  for (const line of text.slice(0, -1).split('\n')) {
    const [, word = '', name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (word === 'HELP') {
      if (!nameOf.test(name) || families.has(name)) throw new Error(`A family stands twice, or is misnamed: ${line}`)
      families.set((current = name), { type: '', help: unescape(rest), samples: [] })
      continue
    }
    const family = families.get(current)
    if (!family) throw new Error(`Nothing has begun yet: ${line}`)
    if (word === 'TYPE') {
      if (name !== current || family.type !== '' || !['counter', 'gauge'].includes(rest)) throw new Error(line)
      if ((rest === 'counter') !== name.endsWith('_total')) throw new Error(`A counter ends in _total: ${line}`)
      family.type = rest
      continue
    }
    const sample = readSample(line)
    const key = JSON.stringify([sample.name, Object.entries(sample.labels).toSorted(([a], [b]) => a.localeCompare(b))])
    if (family.type === '' || sample.name !== current || seen.has(key)) throw new Error(`Misplaced or twice: ${line}`)
    seen.add(key)
    family.samples.push(sample)
  }
  return families
}

function readSample(line: string): ReadSample {
  const [, name = '', labels = '', value = ''] = sampleOf.exec(line) ?? []
  if (name === '') throw new Error(`This is no sample: ${line}`)
  const number = Number(value.replace('Inf', 'Infinity'))
  return { name, labels: readLabels(labels, line), value: number }
}

function readLabels(text: string, line: string): Record<string, string> {
  const labels: Record<string, string> = {}
  labelOf.lastIndex = 0
  while (labelOf.lastIndex < text.length) {
    const found = labelOf.exec(text)
    const [, name = '', value = ''] = found ?? []
    if (!found || name.startsWith('__') || name in labels) throw new Error(`Its labels are not in order: ${line}`)
    labels[name] = unescape(value)
  }
  return labels
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, sign: string) => (sign === 'n' ? '\n' : sign))
}
