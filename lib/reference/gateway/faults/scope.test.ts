import {
  good,
  type Rewording,
  scope,
  type Table,
  testsLettingIn,
  testsRefusing,
  testsRewording,
} from '../testing/compare.ts'
import { mint, stranger } from '../testing/rig.ts'

const narrow = scope('x')

const opening: Table = {
  'scope-unchecked': scope('x'),
  'scope-missing-passes': scope(undefined),
  'scope-empty-passes': scope('  '),
  'scope-null-passes': scope(null),
  'scope-type-unchecked': scope(1),
  'scope-object-keys': scope({ 'orders.read': true }),
  'scope-substring': scope('xorders.readx'),
  'scope-superstring': scope('orders'),
  'scope-prefix': scope('orders.reader'),
  'scope-wildcard': scope('orders.*'),
  'scope-case': scope('ORDERS.READ'),
  'scope-normalised': scope('ｏrders.read'),
  'scope-comma': scope('x,orders.read'),
  'scope-plus': scope('x+orders.read'),
  'scope-whitespace-split': scope('x\torders.read'),
  'scope-array-accepted': scope(['orders.read']),
  'scope-array-joined': scope(['x orders.read']),
  'scope-scp-accepted': { path: '/orders', token: mint({}, { scope: undefined, scp: 'orders.read' }) },
  'scope-permissions-accepted': { path: '/orders', token: mint({}, { scope: 'x', roles: ['orders.read'] }) },
  'scope-method-ignored': { path: '/orders', method: 'POST', token: good },
}

const refusing: Table = {
  'scope-unterminated': scope('x orders.read'),
  'scope-first-only': scope('x orders.read'),
  'scope-whole-text': scope('x orders.read'),
  'scope-last-ignored': scope(`${'x '.repeat(200)}orders.read`),
}

const rewording: Rewording = {
  'scope-status-401': [narrow, ({ status }) => status, 401],
  'scope-invalid-token': [narrow, ({ challenge }) => challenge?.includes('error="invalid_token"'), true],
  'scope-not-named': [narrow, ({ challenge }) => challenge?.includes('scope="'), false],
  'scope-before-signature': [
    { path: '/orders', token: mint({}, { scope: 'x' }, stranger.privateKey) },
    ({ status }) => status,
    403,
  ],
  'scope-type-crash': [scope(1), ({ status }) => status, 500],
}

testsLettingIn(opening)
testsRefusing(refusing)
testsRewording(rewording)
