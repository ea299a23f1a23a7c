import type { Client } from '@pilothouse/client'
import type { RentedInstance } from '@pilothouse/contract'
import { nameInstance } from '@pilothouse/terminal'
import { CommandError } from './exit-code.ts'

/**
 * The machine that a word names: the provider's id, its label, its target, or `account/id`. Those that are gone count only where no
 * other is called so.
 * @throws CommandError `notFound`, or `usage` where several are called so
 */
export async function findInstance(client: Client, word: string): Promise<RentedInstance> {
  const { instances } = await client.call('instances.list')
  return chooseInstance(instances, word)
}

/** As `findInstance`, from a list. */
export function chooseInstance(instances: readonly RentedInstance[], word: string): RentedInstance {
  const named = instances.filter((one) => listNames(one).includes(word))
  const there = named.filter(({ goneSince }) => goneSince === null)
  const found = there.length > 0 ? there : named
  const [first, ...others] = found
  if (first && others.length === 0) return first
  if (first)
    throw new CommandError('usage', `Several rented machines are called «${word}».`, {
      next: `Name one of them: ${found.map(({ account, facts }) => `${account.name}/${facts.id}`).join(', ')}.`,
    })
  const known = instances.filter(({ goneSince }) => goneSince === null)
  throw new CommandError('notFound', `There is no rented machine «${word}».`, {
    next:
      known.length === 0
        ? 'None is known. «pilothouse providers» lists the accounts that are asked.'
        : `There are: ${known.slice(0, 20).map(nameInstance).join(', ')}.`,
  })
}

function listNames({ facts, account, target }: RentedInstance): string[] {
  return [facts.id, `${account.name}/${facts.id}`, ...(facts.label ? [facts.label] : []), ...(target ? [target] : [])]
}
