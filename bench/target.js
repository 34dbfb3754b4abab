// The cheapest sound target: raw sockets, a fixed answer, 401 where the request names the class `bad`. Run by load.js.
import { createServer } from 'node:net'

const good = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const bad =
  'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer error="invalid_token"\r\nContent-Length: 0\r\n\r\n'

const server = createServer((socket) => {
  socket.setNoDelay(true)
  socket.on('error', () => socket.destroy())
  let rest = ''
  socket.on('data', (chunk) => {
    rest += chunk.latin1Slice()
    for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
      socket.write(rest.startsWith('GET /bad') ? bad : good)
      rest = rest.slice(end + 4)
    }
  })
})
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port))
process.on('disconnect', () => process.exit())
