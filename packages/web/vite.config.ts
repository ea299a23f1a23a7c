import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

/** The server that `npm run dev` passes calls on to. */
const server = process.env['PILOTHOUSE_URL'] ?? 'http://127.0.0.1:4080'
/** What a first visit may download before it sees its jobs or a job, gzip. */
const firstLoadBytesMax = 230 * 1024

export default defineConfig({
  plugins: [react(), tailwind(), weighFirstLoad(), compressFiles()],
  build: { outDir: 'dist', target: 'es2023', sourcemap: false, reportCompressedSize: false },
  server: {
    proxy: {
      '/api': { target: server, ws: true },
      '/health': server,
      '/metrics': server,
      '/openapi.json': server,
      '/docs': server,
      '/sdk': server,
    },
  },
})

/** Prints the weight of everything that every visit loads, and refuses a build above the limit. */
function weighFirstLoad(): Plugin {
  return {
    name: 'weigh-first-load',
    generateBundle(_, bundle) {
      const rooms = ['jobs-page', 'job-page'].map((room) => ({ room, bytes: weigh(bundle, room) }))
      for (const { room, bytes } of rooms) this.info(`first load of ${room}: ${(bytes / 1024).toFixed(1)} kB gzip`)
      const heavy = rooms.find(({ bytes }) => bytes > firstLoadBytesMax)
      if (heavy) this.error(`The first load of ${heavy.room} is above ${firstLoadBytesMax / 1024} kB gzip.`)
    },
  }
}

/** Puts a compressed copy beside each script and style sheet: the server sends that to whoever takes it. */
function compressFiles(): Plugin {
  return {
    name: 'compress-files',
    writeBundle({ dir = '' }, bundle) {
      for (const [name, output] of Object.entries(bundle)) {
        if (!/\.(js|css)$/.test(name)) continue
        const content = output.type === 'chunk' ? output.code : output.source
        writeFileSync(join(dir, `${name}.gz`), gzipSync(content, { level: 9 }))
      }
    },
  }
}

type Bundle = Parameters<Extract<Plugin['generateBundle'], (...given: never[]) => unknown>>[1]

/** Entry, the lazily loaded room, all that they import, and every style sheet. */
function weigh(bundle: Bundle, room: string): number {
  const wanted = Object.values(bundle).filter((one) => one.type === 'chunk' && (one.isEntry || one.name === room))
  const names = new Set(wanted.map(({ fileName }) => fileName))
  for (const name of names) {
    const one = bundle[name]
    if (one?.type === 'chunk') one.imports.forEach((imported) => names.add(imported))
  }
  for (const name of Object.keys(bundle)) if (name.endsWith('.css')) names.add(name)
  return [...names].reduce((sum, name) => sum + gzipBytes(bundle[name]), 0)
}

function gzipBytes(output: Bundle[string] | undefined): number {
  if (!output) return 0
  return gzipSync(output.type === 'chunk' ? output.code : output.source).length
}
