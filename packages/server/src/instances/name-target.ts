import type { InstanceFacts } from '@pilothouse/contract'

const lengthMax = 48

/** What jobs are launched on a machine by: its label where that is a name, else provider and number. Never one of `taken`. */
export function nameTarget({ label, provider, id }: InstanceFacts, taken: ReadonlySet<string>): string {
  const plain = (text: string): string =>
    text
      .toLowerCase()
      .replaceAll(/[^a-z0-9]+/g, '-')
      .replaceAll(/^-+|-+$/g, '')
      .slice(0, lengthMax)
  const own = `${provider}-${plain(id)}`
  const name = plain(label ?? '') || own
  if (!taken.has(name) && name !== 'local') return name
  const longer = `${name}-${plain(id)}`
  if (!taken.has(longer)) return longer
  for (let count = 2; ; count += 1) if (!taken.has(`${longer}-${count}`)) return `${longer}-${count}`
}
