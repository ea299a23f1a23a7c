/** The cookie of a session. Its name holds the port: browsers share cookies between all ports of a host. */

export const sessionLifetimeMs = 30 * 24 * 3_600_000

export function sessionCookieName(port: number): string {
  return `pilothouse_${port}`
}

/** The `Set-Cookie` header that begins a session. `secure` when the page came over https. */
export function writeSessionCookie(port: number, secret: string, secure: boolean): string {
  const seconds = Math.floor(sessionLifetimeMs / 1000)
  return `${sessionCookieName(port)}=${secret}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${secure ? '; Secure' : ''}`
}

/** The `Set-Cookie` header that ends it. */
export function clearSessionCookie(port: number): string {
  return `${sessionCookieName(port)}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict`
}

/** The secret in a `Cookie` header; undefined when there is none of ours. */
export function readSessionCookie(header: string | undefined, port: number): string | undefined {
  const start = `${sessionCookieName(port)}=`
  const found = header?.split(';').find((part) => part.trim().startsWith(start))
  return found?.trim().slice(start.length) || undefined
}
