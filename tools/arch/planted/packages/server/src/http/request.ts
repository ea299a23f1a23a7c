export type Request = { path: string }

export function describeRequest({ path }: Request): string {
  return path
}
