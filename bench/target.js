// A target on raw sockets whose latency is known, run by the benchmarks: `target.js plain|stalling|known|leaking`.
//
// plain     answers at once: the cheapest sound target
// stalling  answers at once, but stands still for one second in five
// known     answers after 5, 20, 50 or 200 ms, as `known.js` says
// leaking   answers at once, and lets in one bad request: the first whose token ends with the number that is named
//
// 401 where the request names the class `bad`. The port goes to the parent as a message.
import { createServer } from 'node:net'
import { performance } from 'node:perf_hooks'
import { setImmediate, setInterval } from 'node:timers'
import { knownDelays, stall } from './known.js'

const good = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const bad =
  'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer error="invalid_token"\r\nContent-Length: 0\r\n\r\n'
const [mode = 'plain', leak] = process.argv.slice(2)
let isLeaked = mode !== 'leaking'

/** Answers that are to be written, as [when, socket, text], a queue for each delay. */
const queues = new Map()
let count = 0

const answer = (socket, text) => {
  if (mode !== 'known') {
    socket.write(text)
    return
  }
  const delay = knownDelays[count++ % knownDelays.length]
  if (!queues.has(delay)) queues.set(delay, [])
  queues.get(delay).push([performance.now() + delay, socket, text])
}

/** Timers are up to a millisecond late, so the clock is watched. */
const watch = () => {
  const now = performance.now()
  for (const queue of queues.values())
    while (queue.length > 0 && queue[0][0] <= now) {
      const [, socket, text] = queue.shift()
      if (!socket.destroyed) socket.write(text)
    }
  setImmediate(watch)
}

const statusFor = (request) => {
  if (!request.startsWith('GET /bad')) return good
  if (isLeaked || !request.includes(`Bearer bad-${leak}\r\n`)) return bad
  isLeaked = true
  return good
}

const standStill = () => {
  const until = performance.now() + stall.ms
  while (performance.now() < until);
}

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  let rest = ''
  socket.on('data', (chunk) => {
    rest += chunk.latin1Slice()
    for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
      answer(socket, statusFor(rest))
      rest = rest.slice(end + 4)
    }
  })
})
server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => process.send?.(server.address().port))
if (mode === 'known') watch()
if (mode === 'stalling') setInterval(standStill, stall.everyMs)
process.on('disconnect', () => process.exit())
