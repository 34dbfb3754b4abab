// Prepares a checkout: installs the dependencies and compiles lib/ to dist/, each only where its inputs changed.
// Runs before the dependencies are there, so it imports nothing but Node.js itself.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

const digest = (files) => {
  const hash = createHash('sha256')
  for (const file of files)
    hash
      .update(file)
      .update('\0')
      .update(readFileSync(join(root, file)))
      .update('\0')
  return hash.update(process.version).digest('hex')
}

const sources = () =>
  readdirSync(join(root, 'lib'), { recursive: true })
    .map((name) => join('lib', name))
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .sort()

const unchanged = (stamp, value) => existsSync(stamp) && readFileSync(stamp, 'utf8') === value

const run = (title, command, args) => {
  process.stderr.write(`${title} …\n`)
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (status === 0) return
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}${error ? `${error.message}\n` : ''}${title} failed\n`)
  process.exit(1)
}

const installed = join(root, 'node_modules', '.gateproof-install')
const lock = digest(['package.json', 'package-lock.json'])
if (!unchanged(installed, lock)) {
  run('installing dependencies', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'])
  writeFileSync(installed, lock)
}

const dist = join(root, 'dist')
const built = join(dist, '.gateproof-build')
const wanted = digest(['tsconfig.json', 'bin/tsconfig.build.json', 'package-lock.json', ...sources()])
if (process.argv.includes('--rebuild') || !unchanged(built, wanted)) {
  rmSync(built, { force: true })
  if (process.argv.includes('--rebuild')) rmSync(dist, { recursive: true, force: true })
  mkdirSync(dist, { recursive: true })
  run('compiling', process.execPath, [
    join('node_modules', 'typescript', 'bin', 'tsc'),
    '-p',
    'bin/tsconfig.build.json',
  ])
  writeFileSync(built, wanted)
}
