/** What the stand-in for vast.ai answers to each path. */
import type { VastQuestion, VastStandIn } from './start-vast-stand-in.ts'
import { matchesRow, orderRows, takePage } from './match-rows.ts'
import type { Row } from './vast-rows.ts'

export type VastAnswer = { status: number; text: string; headers?: Record<string, string> }

type Handler = (standIn: VastStandIn, question: VastQuestion, id: number) => VastAnswer

/** With numbers in paths as `#`. */
const handlers: Readonly<Record<string, Handler>> = {
  'GET /api/v1/instances': listInstances,
  'GET /api/v0/instances': ({ world }) => say({ instances: [...world.instances.values()] }),
  'GET /api/v0/instances/#': ({ world }, _, id) => say({ instances: world.instances.get(id) ?? null }),
  'PUT /api/v0/instances/#': changeInstance,
  'DELETE /api/v0/instances/#': destroyInstance,
  'POST /api/v0/instances/#/ssh': addSshKey,
  'PUT /api/v0/instances/request_logs/#': requestLog,
  'POST /api/v0/bundles': searchOffers,
  'PUT /api/v0/asks/#': rentOffer,
  'GET /api/v0/charges': listCharges,
  'GET /api/v0/users/current': () => say({ id: 1, username: 'a-member', role: 'client' }),
}

export function answerVast(standIn: VastStandIn, question: VastQuestion): VastAnswer {
  const { method, path, key } = question
  if (path.startsWith('/store/')) return sendLog(standIn, path)
  if (key !== standIn.key) return refuse(401, 'auth_error', 'Invalid user key')
  const id = Number(/\/(\d+)(?:\/|$)/.exec(path)?.[1])
  const handler = handlers[`${method} ${path.replace(/\/\d+(?=\/|$)/, '/#')}`]
  return handler ? handler(standIn, question, id) : { status: 404, text: '<html>Not found</html>' }
}

function say(fields: Row): VastAnswer {
  return { status: 200, text: JSON.stringify(fields) }
}

function refuse(status: number, error: string, msg: string): VastAnswer {
  return { status, text: JSON.stringify({ success: false, error, msg }) }
}

function noInstance(id: number): VastAnswer {
  return refuse(404, 'no_such_instance', `Instance ${id} not found.`)
}

const pageMax = 25

function listInstances({ world }: VastStandIn, { query }: VastQuestion): VastAnswer {
  const all = [...world.instances.values()].filter((row) => matchesRow(row, read(query, 'select_filters')))
  const { page, next } = takePage(orderRows(all, read(query, 'order_by')), {
    limit: Math.min(Number(query.get('limit') ?? pageMax), pageMax),
    token: query.get('after_token'),
  })
  const columns = read(query, 'select_cols')
  const instances = Array.isArray(columns) ? page.map((row) => pick(row, columns)) : page
  const counts = { instances_found: all.length, total_instances: world.instances.size, label_counts: {} }
  return say({ success: true, ...counts, next_token: next, instances })
}

function pick(row: Row, columns: readonly unknown[]): Row {
  return Object.fromEntries(columns.map((name) => [String(name), row[String(name)] ?? null]))
}

function changeInstance({ world }: VastStandIn, { body }: VastQuestion, id: number): VastAnswer {
  if (!world.instances.has(id)) return noInstance(id)
  const { state, label } = body
  if (typeof label === 'string') world.change(id, { label })
  if (state === 'running' || state === 'stopped') world.order(id, state)
  else if (state !== undefined) return refuse(400, 'invalid_args', `unknown state ${JSON.stringify(state)}`)
  return say({ success: true })
}

function destroyInstance({ world }: VastStandIn, _: VastQuestion, id: number): VastAnswer {
  return world.instances.delete(id) ? say({ success: true }) : noInstance(id)
}

function addSshKey({ world }: VastStandIn, { body }: VastQuestion, id: number): VastAnswer {
  if (!world.instances.has(id)) return noInstance(id)
  world.sshKeys.set(id, [...(world.sshKeys.get(id) ?? []), String(body['ssh_key'])])
  return say({ success: true, msg: 'SSH key added to instance.' })
}

/** Not there at the first look, as at the true one. */
function requestLog({ world, url, asked }: VastStandIn, { body }: VastQuestion, id: number): VastAnswer {
  if (!world.instances.has(id)) return noInstance(id)
  const place = `${url}/store/${asked.length}/${id}/${Number(body['tail'] ?? 1_000)}.log`
  return say({ success: true, msg: 'log request queued', result_url: place })
}

function sendLog({ world, asked }: VastStandIn, path: string): VastAnswer {
  const headers = { 'content-type': 'text/plain' }
  const looks = asked.filter((question) => question.path === path).length
  if (looks < 2) return { status: 403, text: '<Error><Code>AccessDenied</Code></Error>', headers }
  const [, , , id, tail] = path.split('/')
  const lines = (world.logs.get(Number(id)) ?? '').split('\n')
  const count = Number.parseInt(tail ?? '', 10)
  return { status: 200, text: lines.slice(-count - (lines.at(-1) === '' ? 1 : 0)).join('\n'), headers }
}

function searchOffers({ world }: VastStandIn, { body }: VastQuestion): VastAnswer {
  const { order, limit, type, allocated_storage: _, disable_bundling: __, ...filters } = body
  const found = [...world.offers.values()].filter((row) => row['type'] === type && matchesRow(row, filters))
  return say({ offers: orderRows(found, order).slice(0, typeof limit === 'number' ? limit : 64) })
}

function rentOffer({ world }: VastStandIn, { body }: VastQuestion, offerId: number): VastAnswer {
  const id = world.rent(offerId, body)
  const words = `error 404/3603: no_such_ask Instance type by id ${offerId} is not available.`
  return id === null ? refuse(400, 'invalid_args', words) : say({ success: true, new_contract: id })
}

function listCharges({ world }: VastStandIn, { query }: VastQuestion): VastAnswer {
  const filters = read(query, 'select_filters')
  const day = (filters as { day?: { gte?: number; lte?: number } } | null)?.day // as clients write it
  if (!day) return refuse(400, 'invalid_args', 'select_filters.day is required')
  const found = world.charges.filter(
    ({ start, end }) => Number(end) >= Number(day.gte) && Number(start) <= Number(day.lte),
  )
  const limit = Math.min(Number(query.get('limit') ?? 20), 100)
  const { page, next } = takePage(found, { limit, token: query.get('after_token') })
  return say({ success: true, count: page.length, total: found.length, next_token: next, results: page })
}

function read(query: URLSearchParams, name: string): unknown {
  const text = query.get(name)
  return text === null ? null : JSON.parse(text)
}
