import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'

/** The connections to the backends, which are kept open between requests. */
export type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent }

export const openAgents = (): Agents => ({
  http: new HttpAgent({ keepAlive: true }),
  https: new HttpsAgent({ keepAlive: true }),
})

export const closeAgents = ({ http, https }: Agents): void => {
  http.destroy()
  https.destroy()
}
