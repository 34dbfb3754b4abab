/**
 * Ways to be wrong that can be switched on in the gateway of ../nginx, each a replacement of one piece of the text of a
 * file, with the cases that it fails where nothing stands in front: what else a run finds is not of the gateway.
 */
export const faults = {
  audience: {
    file: 'bearer.js',
    of: '(Array.isArray(claims.aud) ? claims.aud : [claims.aud]).includes(policy.audience)',
    to: 'true',
    fails: words(`
      aud-array-non-string aud-array-wrong aud-case aud-client-id aud-comma-list aud-empty-array aud-empty-string
      aud-issuer aud-missing aud-null aud-number-object aud-prefix aud-scheme-swap aud-space-list aud-substring
      aud-suffix aud-trailing-slash aud-whitespace aud-wildcard aud-wrong enc-dup-claims-aud-good-bad enc-key-case
      enc-key-escaped enc-nul-in-claim hdr-claims-replicated typ-id-token
    `),
  },
  /** It calls the address that a token says its keys are at, and then does not take them. */
  fetches: {
    file: 'bearer.js',
    of: 'if (header === undefined || signature',
    to: `if (header !== undefined && typeof header.jku === 'string') {
    await ngx.fetch(header.jku).then(
      () => undefined,
      () => undefined,
    )
  }
  if (header === undefined || signature`,
    fails: words('key-jku-pingback key-jku-rogue'),
  },
  /** Whatever path has no rule of its own goes to the upstream unasked, in the spelling in which it came. */
  paths: {
    file: 'nginx.conf',
    of: 'return 404;',
    to: 'proxy_pass http://witness;',
    fails: words('path-double-encoded path-encoded-slash path-semicolon-param'),
  },
}

function words(text) {
  return text.trim().split(/\s+/)
}

/** The text of that file with the fault; without a fault, or where it is another file's, as it was. */
export function withFault(file, text, name) {
  if (name === undefined) return text
  const fault = faults[name]
  if (fault === undefined) throw new Error(`no fault is called ${name}`)
  return fault.file === file ? replaced(text, fault.of, fault.to) : text
}

/** Replaces what must stand there exactly once: where a text has changed, a fault may have no place in it any more. */
export function replaced(text, of, to) {
  const pieces = text.split(of)
  if (pieces.length !== 2) throw new Error(`expected once, found ${pieces.length - 1} times: ${of}`)
  return pieces.join(to)
}
