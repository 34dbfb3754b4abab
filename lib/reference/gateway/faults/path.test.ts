import { bare, good, type Rewording, type Table, testsLettingIn, testsRewording } from '../testing/compare.ts'

const opening: Table = {
  'path-double-slash': bare('//hello'),
  'path-dot-segments': bare('/ping/../hello'),
  'path-encoded': bare('/%68ello'),
  'path-double-encoded': bare('/ping%252f..%252fhello'),
  'path-backslash': bare('/ping%5c..%5chello'),
  'path-overlong': bare('/ping/%c0%ae%c0%ae/hello'),
  'path-semicolon': bare('/hello;a=b'),
  'path-case': bare('/HELLO'),
  'path-trailing-slash': bare('/hello/'),
  'path-trailing-chars': bare('/hello.json'),
  'path-static-extension': bare('/hello/a.js'),
  'path-health-suffix': bare('/hello/healthz'),
  'path-nul': bare('/hello%00.public'),
  'path-encoded-newline': bare('/hello%0a'),
  'path-query-matched': bare('/hello?/ping'),
  'x-forwarded-uri': bare('/hello', 'X-Forwarded-Uri', '/v1/ping'),
  'x-envoy-original-path': bare('/hello', 'X-Envoy-Original-Path', '/ping'),
  'x-forwarded-prefix': bare('/hello', 'X-Forwarded-Prefix', '/ping'),
  'internal-ip': bare('/hello', 'X-Forwarded-For', '127.0.0.1'),
  'method-head-unguarded': { method: 'HEAD' },
  'method-options-unguarded': { method: 'OPTIONS' },
  'method-write-unguarded': { method: 'DELETE' },
  'preflight-unguarded': bare(
    '/hello',
    'Origin',
    'https://a.example',
    'Access-Control-Request-Method',
    'GET',
  ),
  'trace-echo': { method: 'TRACE', token: good },
  'method-override': bare('/hello', 'X-HTTP-Method-Override', 'OPTIONS'),
  'method-override-query': bare('/hello?_method=OPTIONS'),
  'upgrade-unguarded': bare('/hello', 'Upgrade', 'websocket'),
  'grpc-unguarded': bare('/hello', 'Content-Type', 'application/grpc'),
  'max-forwards-unguarded': bare('/hello', 'Max-Forwards', '0'),
}

const rewording: Rewording = {
  'conditional-before-auth': [bare('/hello', 'If-None-Match', '*'), ({ status }) => status, 304],
}

testsLettingIn(opening)
testsRewording(rewording)

testsRewording({
  'x-original-url': [bare('/ping', 'X-Original-URL', '/v1/hello'), ({ body }) => body, 'hello'],
})
