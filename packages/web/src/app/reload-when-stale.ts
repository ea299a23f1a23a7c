/** When the page loaded itself again last, ms since 1970. */
const storedUnder = 'pilothouse.reloaded'
/** A second failure so soon after is no matter of the build: then the page says what is wrong. */
const pauseMs = 20_000

/**
 * A page from before an update of the server asks for parts that are no longer there. It loads itself again, once: all
 * that is in sight stands in the address.
 */
export function reloadWhenStale(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const before = Number(sessionStorage.getItem(storedUnder) ?? 0)
    if (Date.now() - before < pauseMs) return
    sessionStorage.setItem(storedUnder, String(Date.now()))
    event.preventDefault()
    window.location.reload()
  })
}
