import { describe, expect, test } from '@jest/globals'
import { credentialSource } from '../../src/lightsail/credentials.js'
import { classify } from '../../src/lightsail/error-classes.js'
import { explain, explainCredentials, orServiceFailure, ServiceFailure } from '../../src/lightsail/errors.js'

function error(properties: object, message = 'words of the service'): Error {
  return Object.assign(new Error(message), properties)
}

describe('an error of a request', () => {
  test.each([
    [{ name: 'ThrottlingException' }, 'throttled'],
    [{ name: 'AccessDeniedException' }, 'denied'],
    [{ name: 'ExpiredTokenException' }, 'credentials-expired'],
    [{ name: 'CredentialsProviderError' }, 'credentials-missing'],
    [{ name: 'UnrecognizedClientException' }, 'credentials-refused'],
    [{ name: 'AccountSetupInProgressException' }, 'account-setup'],
    [{ name: 'NotFoundException' }, 'not-found'],
    [{ name: 'InvalidInputException' }, 'invalid'],
    [{ name: 'OperationFailureException' }, 'other'],
    [{ name: 'DoesNotExist' }, 'not-found'],
    [{ name: 'NameExists' }, 'name-taken'],
    [{ name: 'InvalidParams' }, 'invalid'],
    [{ name: 'UnsupportedOperation' }, 'other'],
    [{ name: 'InvalidInputException', code: 'NameExists' }, 'name-taken'],
    [{ name: 'InvalidInputException', code: 'InvalidParams' }, 'invalid'],
    [{ name: 'TimeoutError' }, 'network'],
    [{ code: 'ECONNREFUSED' }, 'unreachable'],
    [{ code: 'ECONNRESET' }, 'network'],
    [{ code: 'HPE_INVALID_CONSTANT' }, 'unreadable'],
    [{ code: 'Z_DATA_ERROR' }, 'unreadable'],
    [{ code: 'EPROTO' }, 'tls'],
    [{ code: 'ERR_SSL_WRONG_VERSION_NUMBER' }, 'tls'],
    [{ code: 'ETIMEDOUT' }, 'network'],
    [{ code: 'ETIMEDOUT', syscall: 'connect' }, 'unreachable'],
    [{ name: 'AggregateError', code: 'ETIMEDOUT', errors: [] }, 'unreachable'],
    [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'certificate'],
    [{ code: 'CERT_NOT_YET_VALID' }, 'clock-behind'],
    [{ code: 'ERR_INVALID_URL' }, 'malformed-setting'],
    [{ code: 'ERR_INVALID_CHAR' }, 'malformed-setting'],
    [{ code: 'ENOENT', syscall: 'open' }, 'unreadable-file'],
    [{ code: 'EACCES', syscall: 'connect' }, 'unreachable'],
    [{ code: 'ESOMETHINGNEW' }, 'connection-fault'],
    [{ name: 'ThrottledException' }, 'throttled'],
    [{ name: 'SyntaxError' }, 'unreadable'],
    [{ name: 'SyntaxError', $metadata: { httpStatusCode: 403 } }, 'unreadable'],
    [{ name: 'SyntaxError', $metadata: { httpStatusCode: 502 } }, 'server'],
    [{ name: 'SyntaxError', $metadata: { httpStatusCode: 407 } }, 'proxy-refused'],
    [{ name: 'RequestTimeTooSkewed' }, 'clock-skew'],
    [{ name: 'Odd', $metadata: { httpStatusCode: 407 } }, 'proxy-refused'],
    [{ name: 'Odd', code: 'DoesNotExist', $metadata: { httpStatusCode: 400, requestId: 'x' } }, 'not-found'],
    [{ name: 'Odd', $metadata: { httpStatusCode: 429 } }, 'throttled'],
    [{ name: 'Odd', $metadata: { httpStatusCode: 403 } }, 'credentials-refused'],
    [{ name: 'Unknown', $metadata: { httpStatusCode: 403, requestId: 'x' } }, 'credentials-refused'],
    [{ name: 'Unknown', $metadata: { httpStatusCode: 403 } }, 'unreadable'],
    [{ name: 'Unknown', $metadata: { httpStatusCode: 429 } }, 'throttled'],
    [{ name: 'Odd', $metadata: { httpStatusCode: 502 } }, 'server'],
    [{ name: 'Odd', $metadata: { httpStatusCode: 200 } }, 'unreadable'],
    [{ name: 'Odd', $metadata: { httpStatusCode: 418 } }, 'other'],
    [{ name: 'Unknown', $metadata: { httpStatusCode: 404 } }, 'unreadable'],
    [{ name: 'Odd', $metadata: { httpStatusCode: 'x' } }, 'other'],
    [{ name: 'Odd', $metadata: null }, 'other'],
    [{ name: 'Odd' }, 'other'],
  ])('with %j is of the class %s', (properties, errorClass) => {
    expect(classify(error(properties))).toBe(errorClass)
  })

  // Lightsail's messages, from AWS's guides and code, examples and issue threads; that about an automatic snapshot is a guess.
  const said = [
    ['Some names are already in use: shop-data', 'name-taken'],
    ["You can't detach this disk right now. The state of this disk is: available", 'not-now'],
    ["You can't detach this disk right now. The state of this disk is: in-use", 'not-now'],
    ['You can’t attach this disk right now. The state of this disk is: in-use', 'not-now'],
    ['Sorry, another operation is in progress on shop. Please wait for it to complete.', 'not-now'],
    ['Sorry, a snapshot of shop is in progress. Please wait for it to complete.', 'not-now'],
    ["You've reached the limit of disks in this account.", 'quota'],
    ["You've reached the maximum size limit of all disks in this account.", 'quota'],
    ["Sorry, you've reached the maximum number of instances for your account.", 'quota'],
    ["We're sorry, your AWS account is pending verification. Please try again later", 'account-verification'],
    ['Sorry, an automatic snapshot of this disk is in progress. Please wait.', 'automatic-snapshot'],
    ['An automatic snapshot of this resource is in progress. Try again later.', 'automatic-snapshot'],
  ] as const
  const names = [
    'InvalidInputException',
    'OperationFailureException',
    'InvalidParams',
    'UnsupportedOperation',
  ]

  test.each(said)(
    'that says "%s" is of the class %s, whatever exception it comes with',
    (words, errorClass) => {
      expect(names.map((name) => classify(error({ name }, words)))).toEqual(names.map(() => errorClass))
    },
  )

  test.each([
    "You can't perform this operation because the disk is still attached to a Lightsail instance: shop",
    "You can't perform this operation because the disk is still attached to a Lightsail instance: autosnapshot-web",
    "You can't perform this operation because the disk is still attached to a Lightsail instance: automatic-snapshot-in-progress",
    'The disk path /dev/xvdf is already in use on shop.',
    'The disk "is in progress. Please wait" is not valid.',
    'The disk right-now is not valid.',
    'The snapshot of my-automatic snapshot is in progress.',
    'The disk auto-snapshot is in progress.',
    'Automatic snapshots are not enabled.',
    'The size of a block storage disk must be between 8 and 16384 GB.',
    'Please wait.',
    'Your account is in good order.',
  ])('that says "%s" is of no such class', (words) => {
    expect(classify(error({ name: 'InvalidInputException' }, words))).toBe('invalid')
    expect(classify(error({ name: 'OperationFailureException' }, words))).toBe('other')
  })

  test.each(['a', ' ', '-', 'a-', '"', '" ', "you can't ", 'is in progress '])(
    'with a megabyte of %j is classified in no time',
    (unit) => {
      const words = unit.repeat(1_000_000 / unit.length)
      const startedAt = performance.now()
      classify(error({ name: 'InvalidInputException' }, words))
      expect(performance.now() - startedAt).toBeLessThan(5000)
    },
  )

  test("that says this under another error's name is of that error's class", () => {
    for (const [words] of said) {
      expect(classify(error({ name: 'AccessDeniedException' }, words))).toBe('denied')
      expect(classify(error({ name: 'NotFoundException' }, words))).toBe('not-found')
    }
  })

  test.each([
    ['CreateDiskSnapshot', 'Delete snapshots that you no longer need (keep-last and prune/ do that), or'],
    ['CreateDiskFromSnapshot', 'Delete disks that you no longer need'],
    ['StartInstance', 'Delete what you no longer need, or request a higher quota at https://'],
  ])('that is a quota says what to delete for %s, and where to ask for more', (operation, advice) => {
    const thrown = error(
      { name: 'OperationFailureException' },
      "You've reached the limit of it in this account.",
    )
    const failure = explain(thrown, { operation, subject: 'it', region: 'eu-west-1' })
    expect(failure).toMatchObject({ errorClass: 'quota', advice: expect.stringContaining(advice) })
  })

  test.each(['expired: 1 is now earlier than 2', 'not yet current: 2 is still later than 1'])(
    'is a wrong clock when the signature is %s, and refused credentials when it is otherwise wrong',
    (words) => {
      const wrong = { name: 'InvalidSignatureException' }
      expect(classify(error(wrong, `Signature ${words}`))).toBe('clock-skew')
      expect(classify(error(wrong, 'The request signature does not match'))).toBe('credentials-refused')
    },
  )

  test('is `unreachable` if no connection was established in time', () => {
    const words =
      '@smithy/node-http-handler - the request socket did not establish a connection with the server within the configured timeout of 10000 ms.'
    expect(classify(error({ name: 'TimeoutError' }, words))).toBe('unreachable')
  })

  test("of a credential source is not reported as Lightsail's, and names the source", () => {
    const about = { operation: 'CreateDiskSnapshot', subject: 'disk "x"', region: 'eu-west-1' }
    const source = credentialSource({ AWS_WEB_IDENTITY_TOKEN_FILE: '/token', AWS_ROLE_ARN: 'arn' })
    const thrown = error({ name: 'AccessDenied' }, 'Not authorized to assume')
    const refused = explainCredentials(thrown, about, source, undefined)
    expect(refused.errorClass).toBe('credentials-unavailable')
    expect(refused.message).toBe(
      'The AWS credentials of this job could not be fetched from the token in /token (AWS_WEB_IDENTITY_TOKEN_FILE): AccessDenied, Not authorized to assume.',
    )
    expect(refused.advice).not.toContain('lightsail:')
    for (const code of ['ECONNRESET', 'ESOMETHINGNEW']) {
      const broken = explainCredentials(error({ code }), about, source, undefined)
      expect(broken.errorClass).toBe('credentials-unreachable')
    }
  })

  test('may be anything that can be thrown', () => {
    expect(classify('text')).toBe('other')
    const about = { operation: 'GetDisk', subject: 'disk "x"', region: 'eu-west-1' }
    expect(explain(undefined, about).message).toBe('GetDisk for disk "x" in eu-west-1 failed: undefined.')
  })

  test('that is a denial names the missing IAM actions', () => {
    const about = { operation: 'CreateDiskSnapshot', subject: 'disk "x"', region: 'eu-west-1' }
    const failure = explain(error({ name: 'AccessDeniedException' }), about)
    expect(failure.message).toContain('Not allowed: lightsail:CreateDiskSnapshot for disk "x" in eu-west-1')
    expect(failure.advice).toContain('lightsail:CreateDiskSnapshot and lightsail:TagResource')
  })

  test("keeps the service's own message, on one line", () => {
    const about = { operation: 'GetDisk', subject: 'disk "x"', region: 'eu-west-1' }
    const failure = explain(error({ name: 'OperationFailureException' }, 'one\n two.'), about)
    expect(failure.message).toBe(
      'GetDisk for disk "x" in eu-west-1 failed: OperationFailureException, one two.',
    )
  })
})

test('a failure of the service can be returned as a value; a fault in the program is thrown', async () => {
  const failure = new ServiceFailure('server', 'Lightsail failed.', 'Run the job again.', undefined)
  const fault = new TypeError('a bug')
  expect(await orServiceFailure(Promise.resolve('disk'))).toBe('disk')
  expect(await orServiceFailure(Promise.reject(failure))).toBe(failure)
  await expect(orServiceFailure(Promise.reject(fault))).rejects.toBe(fault)
})
