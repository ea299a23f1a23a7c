/** Routes of keys for Weights & Biases, as a part of `routes.ts`. */
import { wandbKey, wandbKeyList, wandbKeySet, wandbServer } from './wandb.ts'

export const wandbRoutes = {
  'wandb.keys': {
    summary: 'The keys that runs of the caller’s jobs are read from Weights & Biases with; never the keys themselves.',
    response: wandbKeyList,
  },
  'wandb.set-key': {
    summary: 'Keep a key of the caller for a W&B server, once that has taken it or while it is not reached.',
    body: wandbKeySet,
    response: wandbKey,
  },
  'wandb.test-key': {
    summary: 'Ask a W&B server whose key the one is that would be used there.',
    body: wandbServer,
    response: wandbKey,
  },
  'wandb.delete-key': {
    summary: 'Forget the key of the caller for a W&B server. What was read with it stays.',
    query: wandbServer,
  },
}
