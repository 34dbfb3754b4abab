#!/usr/bin/env node
import { existsSync } from 'node:fs'

const door = new URL('../dist/cli/main.js', import.meta.url)
if (existsSync(door)) {
  const { main } = await import(door.href)
  await main(process)
} else {
  process.stderr.write('gateproof is not compiled yet: run `npm run setup` in its folder.\n')
  process.exitCode = 70
}
