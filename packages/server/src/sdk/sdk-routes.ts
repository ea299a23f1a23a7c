/**
 * The server gives its own SDK away, so that a machine that reaches the server and nothing else can report to it. The
 * wheel is made of the sources when it is first asked for and then kept: at most one, some 200 kB.
 */
import { PilothouseError } from '@pilothouse/contract'
import type { FastifyRequest } from 'fastify'
import type { Handlers } from '../http/route.ts'
import type { Resources } from '../resources.ts'
import type { Wheel } from './make-wheel.ts'

export const sdkHandlers: Handlers<'sdk.get' | 'sdk.index' | 'sdk.project' | 'sdk.wheel'> = {
  'sdk.get': async ({ resources, request }) => {
    const { name, version, requiresPython, bytes, sha256, fileName } = await loadWheel(resources)
    const path = `/sdk/${fileName}`
    return {
      name,
      version,
      requiresPython,
      wheel: { path, bytes: bytes.length, sha256 },
      indexPath: '/sdk/',
      install: `pip install ${readAddress(request)}${path}`,
    }
  },
  'sdk.index': async ({ resources, reply }) => {
    const { name } = await loadWheel(resources)
    return reply.type(html).send(writeIndex(`<a href="/sdk/${name}/">${name}</a>`))
  },
  'sdk.project': async ({ resources, reply }) => {
    const { fileName, sha256, requiresPython } = await loadWheel(resources)
    const requirement = requiresPython.replace('>', '&gt;')
    const link = `<a href="/sdk/${fileName}#sha256=${sha256}" data-requires-python="${requirement}">${fileName}</a>`
    return reply.type(html).send(writeIndex(link))
  },
  'sdk.wheel': async ({ params, resources, reply }) => {
    const { fileName, bytes } = await loadWheel(resources)
    if (params.file !== fileName)
      throw new PilothouseError('notFound', `There is no ${params.file.slice(0, 256)} here.`, {
        hint: `This server has ${fileName} only; GET /api/sdk tells the line that installs it.`,
      })
    return reply.type('application/zip').header('content-disposition', `attachment; filename="${fileName}"`).send(bytes)
  },
}

const html = 'text/html; charset=utf-8'
const wheels = new WeakMap<Resources, Promise<Wheel>>()

/** @throws PilothouseError `notFound` on a server without the SDK. */
function loadWheel(resources: Resources): Promise<Wheel> {
  const { sdkFolder } = resources.config
  if (sdkFolder === null)
    throw new PilothouseError('notFound', 'This server was started without the Python SDK.', {
      hint: 'Start it by the command `pilothouse`, or name the folder with PILOTHOUSE_SDK.',
    })
  const known = wheels.get(resources)
  if (known) return known
  const made = buildWheel(sdkFolder)
  wheels.set(resources, made)
  made.catch(() => wheels.delete(resources)) // the next one may find the folder in order again
  return made
}

async function buildWheel(folder: string): Promise<Wheel> {
  const [{ makeWheel }, { readSdk }] = await Promise.all([import('./make-wheel.ts'), import('./read-sdk.ts')])
  try {
    return makeWheel(await readSdk(folder))
  } catch (cause) {
    if (cause instanceof PilothouseError) throw cause
    throw new PilothouseError('unavailable', `The Python SDK in ${folder} cannot be read.`, {
      cause,
      hint: 'Install pilothouse again, or name the folder with PILOTHOUSE_SDK.',
    })
  }
}

/** The address that the caller used: its name has passed the host rules, and a proxy with TLS says so itself. */
function readAddress({ headers }: FastifyRequest): string {
  const scheme = headers['x-forwarded-proto'] === 'https' ? 'https' : 'http'
  return `${scheme}://${headers.host ?? 'localhost'}`
}

/** Simple repository API, https://packaging.python.org/en/latest/specifications/simple-repository-api/ */
function writeIndex(link: string): string {
  return `<!DOCTYPE html>
<html><head><meta name="pypi:repository-version" content="1.0"><title>pilothouse for Python</title></head>
<body>${link}</body></html>
`
}
