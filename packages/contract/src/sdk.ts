import { z } from 'zod'

/** `GET /api/sdk`: the Python SDK as this server gives it away. Public: it holds no secret, and pip sends no token of ours. */
export const sdkInfo = z.object({
  name: z.string(),
  version: z.string(),
  /** As pip writes it: `>=3.9`. */
  requiresPython: z.string(),
  wheel: z.object({
    /** Path on this server; put behind its address it is what pip installs. */
    path: z.string(),
    bytes: z.int(),
    /** In hex. */
    sha256: z.string(),
  }),
  /** Path for `pip install --index-url`. */
  indexPath: z.string(),
  /** The line to copy, with the address that the request came by. */
  install: z.string(),
})
export type SdkInfo = z.infer<typeof sdkInfo>
