// Another token with each request, a tenth of them bad, and a look at each status. Run by k6, where it is installed.
/* global __ENV */
import http from 'k6/http'
import { check } from 'k6'

export const options = { vus: Number(__ENV.CONNECTIONS), duration: `${__ENV.SECONDS}s` }
let at = 0

export default () => {
  const name = ++at % 10 === 0 ? 'bad' : 'good'
  const answer = http.get(`http://127.0.0.1:${__ENV.PORT}/${name}`, {
    headers: { Authorization: `Bearer ${`${name}${at % 1000}`.padEnd(900, 'x')}` },
  })
  check(answer, { status: ({ status }) => status === (name === 'bad' ? 401 : 200) })
}
