/** Where the built page lies; `npm run build -w packages/web` makes it. */
export const pageFolder = new URL('../dist/', import.meta.url)
