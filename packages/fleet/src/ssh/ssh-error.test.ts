import { expect, it } from 'vitest'
import { explainSshFailure } from './ssh-error.ts'

it.each([
  ['ssh: connect to host gpu7 port 22: No route to host', 'route'],
  ['ssh: connect to host gpu7 port 22: Connection timed out', 'route'],
  ['ssh: connect to host gpu7 port 22: Network is unreachable', 'route'],
  ['ssh: connect to host gpu7 port 22: Connection refused', 'refused'],
  ['ssh: Could not resolve hostname gpu7: nodename nor servname provided, or not known', 'name'],
  ['me@gpu7: Permission denied (publickey,keyboard-interactive).', 'authentication'],
  ['Received disconnect from 10.0.0.1 port 22:2: Too many authentication failures', 'authentication'],
  [
    'No ED25519 host key is known for gpu7 and you have requested strict checking.\nHost key verification failed.',
    'hostKey',
  ],
  ['@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\nHost key verification failed.', 'hostKey'],
  ['Timeout, server gpu7 not responding.', 'closed'],
  ['client_loop: send disconnect: Broken pipe', 'closed'],
  ['Connection closed by 10.0.0.1 port 22', 'closed'],
  ['something new', 'other'],
])('«%s» is a fault of its own kind', (stderr, kind) => {
  expect(explainSshFailure('gpu7', `A banner.\n${stderr}\n`)).toMatchObject({
    kind,
    message: expect.stringContaining('gpu7'),
  })
})

it('what it quotes cannot move the cursor of whoever reads it', () => {
  expect(explainSshFailure('gpu7', 'bad \u001B]0;title\u0007 \u001B[2Jend').message).toMatch(
    /ssh says: bad ]0;title \[2Jend$/,
  )
})
