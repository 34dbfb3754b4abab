import { describe, expect, it } from 'vitest'
import { proxyFor } from './proxy.ts'

const environment = (values: Record<string, string>, host = 'gw.example.test', port = 443) =>
  proxyFor({ kind: 'environment' }, { host, port }, { secure: port === 443, environment: values })?.host

describe('the proxy of the environment', () => {
  it('is that of the scheme, the lower-case spelling first, a bare address being http', () => {
    expect(environment({ HTTPS_PROXY: 'http://one:1', HTTP_PROXY: 'http://two:2' })).toBe('one:1')
    expect(environment({ HTTPS_PROXY: 'http://one:1', HTTP_PROXY: 'http://two:2' }, 'h', 80)).toBe('two:2')
    expect(environment({ HTTPS_PROXY: 'http://one:1', https_proxy: 'three:3' })).toBe('three:3')
    expect(environment({ HTTPS_PROXY: '' })).toBeUndefined()
    expect(environment({})).toBeUndefined()
  })

  it.each([
    ['*', 'gw.example.test'],
    ['example.test', 'gw.example.test'],
    ['.example.test', 'gw.example.test'],
    ['*.example.test', 'gw.example.test'],
    ['GW.example.test:443', 'gw.EXAMPLE.test'],
    ['other, 127.0.0.1', '127.0.0.1'],
    ['10.0.0.0/8', '10.1.2.3'],
    ['::1', '::1'],
    ['[::1]:443', '::1'],
    ['fd00::/8', 'fd00::7'],
  ])('is not used where NO_PROXY is %s, for %s', (list, host) => {
    expect(environment({ HTTPS_PROXY: 'http://one:1', NO_PROXY: list }, host)).toBeUndefined()
  })

  it.each([
    ['ample.test', 'gw.example.test'],
    ['gw.example.test:8443', 'gw.example.test'],
    ['0.0.1', '127.0.0.1'],
    ['10.0.0.0/8', '11.1.2.3'],
    ['10.0.0.0/99', '10.1.2.3'],
    ['', 'gw.example.test'],
  ])('is used where NO_PROXY is %j, for %s', (list, host) => {
    expect(environment({ HTTPS_PROXY: 'http://one:1', NO_PROXY: list }, host)).toBe('one:1')
  })

  it('is told to be unusable without its text, which may hold a password', () => {
    expect(() => environment({ HTTPS_PROXY: 'socks5://user:secret@one:1' })).toThrow(
      /^HTTPS_PROXY is not an http or https URL$/,
    )
  })
})
