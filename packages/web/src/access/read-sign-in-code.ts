/** Takes the code out of a link, its fragment, or text that holds either. Undefined when there is none. */
export function readSignInCode(text: string): string | undefined {
  return /#(?:.*&)?code=([^&\s]+)/.exec(text)?.[1]
}
