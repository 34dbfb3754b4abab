// A gateway gated by Vitest: one test a case, under its topic and requirement. To try it, beside
// `gateproof serve --embedded`, which writes the key:
//
//   GATEWAY_URL=http://127.0.0.1:8480/v1 SIGNING_KEY=$PWD/gateproof-embedded.jwks.json \
//     npx vitest run --root config/vitest
//
// Vitest's filters choose what is sent: `-t audience`, `-t aud-wrong`.
import { fileURLToPath } from 'node:url'
import { registerCases } from 'gateproof/vitest'

registerCases(fileURLToPath(new URL('gateproof.yaml', import.meta.url)))
