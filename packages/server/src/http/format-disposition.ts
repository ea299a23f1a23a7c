/** `Content-Disposition` of a download, for browsers of any age: what a header cannot hold is replaced in the old form. */
export function formatDisposition(name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name.toWellFormed()).replaceAll("'", '%27')}`
}
