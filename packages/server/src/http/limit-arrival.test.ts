import { once } from 'node:events'
import { type Server, createServer } from 'node:http'
import { type Socket, connect } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { limitArrival } from './limit-arrival.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

/** Answers with the body once it has come, or never. */
async function start(...limits: number[]): Promise<Socket> {
  const server = createServer((request, response) => {
    for (const ms of limits) limitArrival(request, ms)
    request.on('error', () => undefined)
    request.resume().on('end', () => response.end('whole'))
  })
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const socket = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1')
  socket.setEncoding('utf8')
  return socket
}

const post = 'POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\n\r\n'

it('a body that does not come is not waited for', async () => {
  const socket = await start(50)
  socket.write(`${post}ab`)
  await once(socket.resume(), 'close')
})

it('one that comes in the time that was given last is taken', async () => {
  const socket = await start(50, 60_000)
  socket.write(`${post}ab`)
  const first = await start(50)
  first.write(`${post}ab`)
  await once(first.resume(), 'close')
  socket.write('cd')
  const [text] = (await once(socket, 'data')) as [string] // what the event carries
  expect(text).toContain('whole')
  socket.destroy()
})
