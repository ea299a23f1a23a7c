/** A world with a browser that has signed in, for tests that look at the page as a person does. */
import type { ServerConfig } from '@pilothouse/server'
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { launchBrowser, readAdminToken, startWorld, type World } from './world.ts'

export type Look = { width?: number; height?: number; dark?: boolean }

/** Every width of the page's design. `findFaults` looks at each in light and in dark. */
export const looks: Required<Pick<Look, 'width' | 'height'>>[] = [390, 768, 1440].map((width) => ({
  width,
  height: width < 640 ? 844 : 900,
}))
/** Where what lies between phone and desk has no layout of its own. */
export const mainLooks = looks.filter(({ width }) => width !== 768)

/** A member by a token with all rights, in a session that has those of a role. */
export type Somebody = { token: string; role: 'member' | 'admin' }

export type Visits = {
  world: World
  /** A page of its own, signed in as an admin, that fails the test when it throws. */
  openPage: (path: string, look?: Look) => Promise<Page>
  /** The same, signed in with this role, or as somebody else. */
  openPageAs: (who: 'viewer' | 'member' | Somebody, path: string, look?: Look) => Promise<Page>
  /** A browser of its own, in which nobody is signed in. */
  openContext: (options?: BrowserContextOptions) => Promise<BrowserContext>
  /** Closes what a test has opened. */
  leave: () => Promise<void>
  close: () => Promise<void>
}

export async function startVisits(settings: Partial<ServerConfig> = {}): Promise<Visits> {
  const world = await startWorld(settings)
  const browser = await launchBrowser()
  const signedIn = await signIn(browser, world.server.link())
  const others = new Map<string, SignedIn>()
  const contexts: BrowserContext[] = []
  const openContext = async (options: BrowserContextOptions = {}): Promise<BrowserContext> => {
    const context = await browser.newContext(options)
    contexts.push(context)
    return context
  }
  const leave = async (): Promise<void> => {
    for (const context of contexts.splice(0)) await context.close()
  }
  const open = async (storageState: SignedIn, path: string, look: Look): Promise<Page> => {
    const context = await openContext({ storageState, ...describeLook(look) })
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    const page = await context.newPage()
    page.on('pageerror', (error) => {
      throw error
    })
    await page.goto(world.url + path)
    return page
  }
  return {
    world,
    openContext,
    leave,
    openPage: async (path, look = {}) => open(signedIn, path, look),
    openPageAs: async (who, path, look = {}) => {
      const key = typeof who === 'string' ? who : `${who.role} ${who.token}`
      const somebody = typeof who === 'string' ? { token: await readAdminToken(world), role: who } : who
      const known = others.get(key) ?? (await signIn(browser, await makeLink(world, somebody)))
      others.set(key, known)
      return open(known, path, look)
    },
    close: async () => {
      await leave()
      await browser.close()
      await world.close()
    },
  }
}

function describeLook({ width = 1440, height = 900, dark = false }: Look): BrowserContextOptions {
  return {
    viewport: { width, height },
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    ...(width < 640 ? { hasTouch: true, isMobile: true } : {}),
  }
}

type SignedIn = Awaited<ReturnType<BrowserContext['storageState']>>

/** Storage of a context that has signed in once. */
async function signIn(browser: Browser, link: string): Promise<SignedIn> {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(link)
  await page.getByRole('button', { name: /^Signed in as/ }).waitFor()
  const state = await context.storageState()
  await context.close()
  return state
}

async function makeLink(world: World, { token, role }: { token: string; role: string }): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const answer = await fetch(`${world.url}/api/access/links?role=${role}`, { method: 'POST', headers })
  return ((await answer.json()) as { url: string }).url // what this route answers with
}
