// Prepares a checkout: installs the dependencies and compiles lib/ to dist/, each only where its inputs changed.
// Runs before the dependencies are there, so it imports nothing but Node.js itself.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

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

const filesOf = (folder, isInput) =>
  readdirSync(join(root, folder), { recursive: true })
    .map((name) => join(folder, name))
    .filter(isInput)
    .sort()

const sources = () => filesOf('lib', (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))

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

/** Suites are read and checked once. Where they are not sound, each command says so itself. */
const compileSuites = async () => {
  const compiled = join(dist, 'suites.json')
  rmSync(compiled, { force: true })
  const load = (name) => import(pathToFileURL(join(dist, 'config', name)).href)
  const [suites, { ConfigError }] = await Promise.all([load('suites.js'), load('fault.js')])
  try {
    writeFileSync(compiled, JSON.stringify(suites.compileSuites(join(root, 'suites'))))
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
  }
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

const suites = join(dist, '.gateproof-suites')
const read = `${wanted} ${digest(filesOf('suites', (name) => name.endsWith('.yaml')))}`
if (!unchanged(suites, read)) {
  await compileSuites()
  writeFileSync(suites, read)
}
