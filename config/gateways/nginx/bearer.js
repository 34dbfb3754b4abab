// The token check behind nginx's auth_request, for njs 0.7.9 and later: RFC 6750, RFC 7519 and RFC 9068.
import keys from 'keys.js'

const policy = {
  issuer: 'https://issuer.example.test/',
  audience: 'https://gateway.example.test',
  leewaySeconds: 30,
}
const rs256 = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }

/**
 * Answers 204, 401 or 403, the only words that auth_request knows, and leaves the challenge in $bearer_challenge and
 * the subject in $jwt_sub. What is thrown becomes a 500, which lets nobody in.
 */
async function authorize(r) {
  const verdict = await judge(credentials(r), r.variables.required_scope)
  if (verdict.refused !== undefined) {
    r.variables.bearer_challenge = `Bearer realm="gateway"${verdict.refused}`
    r.return(verdict.status)
    return
  }
  if (verdict.claims.sub !== undefined) r.variables.jwt_sub = verdict.claims.sub
  r.return(204)
}

/** The values of all Authorization lines: r.headersIn shows the first alone, and the upstream would see every one. */
function credentials(r) {
  return r.rawHeadersIn.filter((line) => line[0].toLowerCase() === 'authorization').map((line) => line[1])
}

async function judge(authorizations, requiredScope) {
  if (authorizations.length > 1) return refusal(401, 'invalid_request')
  // No credentials, so no error code: RFC 6750, section 3.1.
  if (authorizations.length === 0 || !/^Bearer(?: |$)/i.test(authorizations[0])) return refusal(401)
  const given = /^Bearer +([^ ]+)$/i.exec(authorizations[0])
  if (given === null) return refusal(401, 'invalid_request')
  const claims = await verify(given[1])
  if (claims === undefined || !acceptable(claims, Date.now() / 1000)) return refusal(401, 'invalid_token')
  if (requiredScope !== '' && !scopes(claims).includes(requiredScope)) {
    return refusal(403, 'insufficient_scope', `, scope="${requiredScope}"`)
  }
  return { claims: claims }
}

function refusal(status, error, more) {
  return {
    status: status,
    refused: error === undefined ? '' : `, error="${error}"${more === undefined ? '' : more}`,
  }
}

/** The claims of a compact JWS that one of our keys signed, or undefined. */
async function verify(token) {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  const header = object(parts[0])
  const signature = bytes(parts[2])
  if (header === undefined || signature === undefined || !trusted(header)) return undefined
  const key = await crypto.subtle.importKey('spki', Buffer.from(keys[header.kid], 'base64'), rs256, false, [
    'verify',
  ])
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`)
  return (await crypto.subtle.verify(rs256, key, signature, signed)) ? object(parts[1]) : undefined
}

/**
 * The header names one of our keys, the one algorithm, and no extension that must be understood (RFC 7515, section
 * 4.1.11). Keys that it brings along, or points to, are never looked at.
 */
function trusted(header) {
  return (
    header.alg === 'RS256' &&
    typeof header.kid === 'string' &&
    Object.prototype.hasOwnProperty.call(keys, header.kid) &&
    header.crit === undefined &&
    // RFC 9068, section 4: an ID token signed by the same key is no access token.
    typeof header.typ === 'string' &&
    /^(?:application\/)?at\+jwt$/i.test(header.typ)
  )
}

function acceptable(claims, now) {
  return (
    claims.iss === policy.issuer &&
    (Array.isArray(claims.aud) ? claims.aud : [claims.aud]).includes(policy.audience) &&
    Number.isFinite(claims.exp) &&
    now < claims.exp + policy.leewaySeconds &&
    (claims.nbf === undefined || (Number.isFinite(claims.nbf) && claims.nbf <= now + policy.leewaySeconds)) &&
    (claims.iat === undefined || Number.isFinite(claims.iat)) &&
    // It travels on as a header, where a control character could end it (RFC 9110, section 5.5).
    (claims.sub === undefined || (typeof claims.sub === 'string' && /^[^\x00-\x1f\x7f]*$/.test(claims.sub)))
  )
}

function scopes(claims) {
  return typeof claims.scope === 'string' ? claims.scope.split(' ') : []
}

/** A JSON object in base64url, or undefined: bytes that are no UTF-8 or no JSON are told from bugs here, once. */
function object(text) {
  const read = bytes(text)
  if (read === undefined) return undefined
  try {
    const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(read))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined
    throw error
  }
}

/** The bytes of a base64url text, or undefined unless it is the one spelling of them (RFC 7515, section 2). */
function bytes(text) {
  const read = Buffer.from(text, 'base64url')
  return read.toString('base64url') === text ? read : undefined
}

export default { authorize }
