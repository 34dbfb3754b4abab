#!/usr/bin/env node
// usage: gateway.mjs RUN_DIRECTORY SETTINGS.json
// A small gateway that knows only the authorization server's key set (or its introspection endpoint): routes /hello,
// /orders (scope orders.read) and /ping in front of an upstream. SETTINGS: { port, issuer, audience, upstream, tls,
// binding: 'certificate' | 'dpop', introspection: { url, clientId, clientSecret }, fault }
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer, request } from 'node:http'
import { createServer as createSecureServer, request as secureRequest } from 'node:https'
import { join } from 'node:path'
import { argv } from 'node:process'
import { calculateJwkThumbprint, createLocalJWKSet, EmbeddedJWK, errors, jwtVerify } from 'jose'

const [folder, name] = argv.slice(2)
const file = (text) => readFileSync(join(folder, text))
const settings = JSON.parse(file(name).toString())
const { issuer, audience, binding, introspection, fault } = settings
const keySet = createLocalJWKSet(JSON.parse(file('jwks.json').toString()))
const routes = { '/hello': {}, '/orders': { scope: 'orders.read' }, '/ping': { open: true } }
const scheme = binding === 'dpop' ? 'DPoP' : 'Bearer'
/** How far the clock of whoever made a proof may be off: seconds. */
const proofSkew = 10
const proofLifetime = 60
const usedProofs = new Map()

class Refusal extends Error {
  constructor(status, error) {
    super(error ?? 'no credentials')
    Object.assign(this, { status, error })
  }
}

async function serve(incoming, outgoing) {
  const { pathname } = new URL(incoming.url, 'http://gateway')
  const route = Object.hasOwn(routes, pathname) ? routes[pathname] : undefined
  if (route === undefined || incoming.method !== 'GET') return answer(outgoing, 404, {})
  if (route.open) return forward(incoming, outgoing, pathname)
  try {
    await authorize(incoming, route)
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const algorithms = binding === 'dpop' ? ['algs="ES256"'] : []
    const parts = [`realm="gateway"`, ...algorithms, ...(error.error === undefined ? [] : [`error="${error.error}"`])]
    return answer(outgoing, error.status, { 'www-authenticate': `${scheme} ${parts.join(', ')}` })
  }
  forward(incoming, outgoing, pathname)
}

async function authorize(incoming, route) {
  const given = incoming.headersDistinct.authorization ?? []
  if (given.length > 1) throw new Refusal(400, 'invalid_request')
  const [, token] = new RegExp(`^${scheme} +([A-Za-z0-9._~+/-]+=*)$`, 'i').exec(given[0] ?? '') ?? []
  if (token === undefined)
    throw new RegExp(`^${scheme}( |$)`, 'i').test(given[0] ?? '') ? new Refusal(401, 'invalid_token') : new Refusal(401)
  const claims = introspection === undefined ? await verified(token) : await introspected(token)
  if (binding === 'certificate' && fault !== 'binding') checkCertificate(claims, incoming.socket)
  if (binding === 'dpop') await checkProof(claims, token, incoming)
  const scopes = typeof claims.scope === 'string' ? claims.scope.split(' ') : []
  if (route.scope !== undefined && !scopes.includes(route.scope)) throw new Refusal(403, 'insufficient_scope')
}

async function verified(token) {
  const checks = { issuer, algorithms: ['RS256'], typ: 'at+jwt', requiredClaims: ['exp'] }
  try {
    const named = /^[\w-]+/.exec(token)?.[0] ?? ''
    // jose takes the only key of a set for a token that names none.
    if (typeof JSON.parse(Buffer.from(named, 'base64url').toString()).kid !== 'string') throw new SyntaxError()
    return (await jwtVerify(token, keySet, fault === 'audience' ? checks : { ...checks, audience })).payload
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof SyntaxError || error instanceof TypeError)
      throw new Refusal(401, 'invalid_token')
    throw error
  }
}

/** RFC 7662: the authorization server is asked each time. */
async function introspected(token) {
  const { url, clientId, clientSecret } = introspection
  const body = new URLSearchParams({ token, client_id: clientId, client_secret: clientSecret }).toString()
  const found = JSON.parse(await post(url, body))
  if (found.active !== true) {
    if (fault === 'inactive') return {}
    throw new Refusal(401, 'invalid_token')
  }
  if (fault !== 'audience' && ![found.aud].flat().includes(audience)) throw new Refusal(401, 'invalid_token')
  return found
}

const post = (url, body) =>
  new Promise((done, fail) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    secureRequest(url, { method: 'POST', headers, ca: file('ca.pem') }, async (response) => {
      const pieces = await response.toArray()
      done(Buffer.concat(pieces).toString())
    })
      .on('error', fail)
      .end(body)
  })

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('base64url')
const same = (one, other) =>
  typeof one === 'string' && one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))

/** RFC 8705, section 3. */
function checkCertificate({ cnf }, socket) {
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined || !same(cnf?.['x5t#S256'], sha256(certificate.raw)))
    throw new Refusal(401, 'invalid_token')
}

/** RFC 9449, section 4.3. */
async function checkProof({ cnf }, token, { headersDistinct, method, url, headers }) {
  const proofs = headersDistinct.dpop ?? []
  if (proofs.length !== 1) throw new Refusal(401, 'invalid_dpop_proof')
  const { payload, protectedHeader } = await openedProof(proofs[0])
  const now = Date.now() / 1000
  const htu = normalized(`http://${headers.host}${url}`)
  const good =
    protectedHeader.jwk !== undefined &&
    payload.htm === method &&
    htu !== undefined &&
    normalized(payload.htu) === htu &&
    typeof payload.iat === 'number' &&
    payload.iat > now - proofLifetime &&
    payload.iat < now + proofSkew &&
    typeof payload.jti === 'string' &&
    payload.jti.length > 0 &&
    payload.jti.length < 200 &&
    (fault === 'ath' || payload.ath === sha256(token))
  if (!good || isUsed(payload.jti, now)) throw new Refusal(401, 'invalid_dpop_proof')
  if (!same(cnf?.jkt, await calculateJwkThumbprint(protectedHeader.jwk))) throw new Refusal(401, 'invalid_token')
}

/** RFC 9449, section 4.3: without query and fragment, and as one spelling of what may have several. */
function normalized(text) {
  if (typeof text !== 'string' || !URL.canParse(text)) return undefined
  const { origin, pathname } = new URL(text)
  return origin + pathname
}

async function openedProof(proof) {
  try {
    return await jwtVerify(proof, EmbeddedJWK, { typ: 'dpop+jwt', algorithms: ['ES256'] })
  } catch (error) {
    if (error instanceof errors.JOSEError || error instanceof TypeError) throw new Refusal(401, 'invalid_dpop_proof')
    throw error
  }
}

/** RFC 9449, section 11.1: for as long as a proof is good, it is good once. */
function isUsed(jti, now) {
  for (const [one, until] of usedProofs) if (until < now) usedProofs.delete(one)
  if (usedProofs.has(jti)) return true
  usedProofs.set(jti, now + proofLifetime + proofSkew)
  return false
}

function answer(outgoing, status, headers) {
  outgoing.writeHead(status, { 'cache-control': 'no-store', 'content-type': 'text/plain', ...headers }).end(`${status}\n`)
}

function forward({ headers }, outgoing, path) {
  const { connection, host, upgrade, 'keep-alive': kept, ...rest } = headers
  const named = (connection ?? '').toLowerCase().split(/\s*,\s*/)
  const passed = Object.fromEntries(Object.entries(rest).filter(([key]) => !named.includes(key)))
  request(settings.upstream + path, { headers: passed }, (response) => {
    outgoing.writeHead(response.statusCode, { 'content-type': response.headers['content-type'], 'cache-control': 'private' })
    response.pipe(outgoing)
  })
    .on('error', () => answer(outgoing, 502, {}))
    .end()
}

const handle = (incoming, outgoing) =>
  serve(incoming, outgoing).catch((error) => {
    console.error(error)
    answer(outgoing, 500, {})
  })
const certificates = { cert: settings.tls && file('server.pem'), key: settings.tls && file('server.key'), ca: file('ca.pem') }
const server = settings.tls
  ? createSecureServer({ ...certificates, requestCert: true, rejectUnauthorized: false }, handle)
  : createServer(handle)
server.listen(settings.port, '127.0.0.1')
