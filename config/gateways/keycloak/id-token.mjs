#!/usr/bin/env node
// usage: id-token.mjs RUN_DIRECTORY
// Prints the ID token that Keycloak gives the client `gateproof` beside its access token.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { argv, stderr, stdout } from 'node:process'

const secret = readFileSync(join(argv[2] ?? '.', 'client.secret'), 'utf8')
const answer = await fetch('http://127.0.0.1:8509/realms/lab/protocol/openid-connect/token', {
  method: 'POST',
  headers: { authorization: `Basic ${Buffer.from(`gateproof:${secret}`).toString('base64')}` },
  body: new URLSearchParams({ grant_type: 'client_credentials', scope: 'openid gateway orders.read' }),
})
const { id_token: token, error } = await answer.json()
if (token === undefined) {
  stderr.write(`no ID token: ${answer.status} ${error}\n`)
  process.exitCode = 1
} else stdout.write(`${token}\n`)
