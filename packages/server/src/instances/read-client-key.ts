import { PilothouseError, type RentedProviderKind } from '@pilothouse/contract'
import { findProviderKey } from '@pilothouse/fleet'

/**
 * The key that the provider's own client keeps for the user that the server runs as. It goes to the provider's own address and
 * nowhere else.
 * @throws PilothouseError `invalid`
 */
export async function readClientKey(given: { provider: RentedProviderKind; url: string | null }): Promise<string> {
  if (given.url !== null)
    throw new PilothouseError('invalid', 'The key of this machine goes to no other address than the provider’s own.', {
      field: 'url',
      hint: 'Leave the address out, or enter a key.',
    })
  const found = await findProviderKey(given.provider, { environment: {} })
  if (found.key !== null) return found.key
  throw new PilothouseError('invalid', `There is no key: ${found.looked.join(', ')} have none.`, {
    field: 'keyFrom',
    hint: 'Sign in with the provider’s own client as the user that the server runs as, or enter a key.',
  })
}
