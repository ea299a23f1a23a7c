import { copyText } from './copy-text.ts'
import { showToast } from './toasts.tsx'

/** Copies an address and says so. */
export async function copyLink(href: string): Promise<void> {
  try {
    await copyText(href)
    showToast({ words: 'Link copied.' })
  } catch (error) {
    showToast({ words: error instanceof Error ? error.message : String(error), isBad: true })
  }
}
