/** A link to sign in with. The code stands in the fragment, which browsers send to no server and write to no log. */
export function formatLink(url: string, code: string): string {
  return `${url}/sign-in#code=${code}`
}
