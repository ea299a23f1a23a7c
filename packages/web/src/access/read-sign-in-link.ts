/** Takes the code out of a link, its fragment, or text that holds either. Undefined when there is none. */
export function readSignInCode(text: string): string | undefined {
  return /#(?:.*&)?code=([^&\s]+)/.exec(text)?.[1]
}

/** Where a link leads after signing in: a path of this page, never another server. */
export function readNextPath(search: string): string {
  const next = new URLSearchParams(search).get('next') ?? '/'
  return /^\/(?![/\\])/.test(next) ? next : '/'
}
