import type { Client } from '@pilothouse/client'
import type { ProviderAccount } from '@pilothouse/contract'
import { CommandError } from './exit-code.ts'

/**
 * The account at a provider that is called so.
 * @param name undefined: the only one that there is
 * @throws CommandError `notFound`, or `usage` where it is not said which of several
 */
export async function findAccount(client: Client, name: string | undefined): Promise<ProviderAccount> {
  const { accounts } = await client.call('providers.list')
  const found = name === undefined && accounts.length === 1 ? accounts[0] : accounts.find((one) => one.name === name)
  if (found) return found
  const names = accounts.map((one) => one.name).join(', ')
  const next = names === '' ? 'Add one with «pilothouse providers add».' : `There are: ${names}.`
  if (name === undefined && names !== '')
    throw new CommandError('usage', 'It is not said which account is meant.', {
      next: `Name one with --account. ${next}`,
    })
  throw new CommandError('notFound', name === undefined ? 'There is no account.' : `There is no account «${name}».`, {
    next,
  })
}
