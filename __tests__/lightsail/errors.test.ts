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

  test('is a taken name when the service says that one is in use', () => {
    const taken = error({ name: 'InvalidInputException' }, 'Some names are already in use: x')
    expect(classify(taken)).toBe('name-taken')
  })

  test.each(['expired: 1 is now earlier than 2', 'not yet current: 2 is still later than 1'])(
    'is a wrong clock when the signature is %s, and refused credentials when it is otherwise wrong',
    (words) => {
      const wrong = { name: 'InvalidSignatureException' }
      expect(classify(error(wrong, `Signature ${words}`))).toBe('clock-skew')
      expect(classify(error(wrong, 'The request signature does not match'))).toBe('credentials-refused')
    },
  )

  test('is no connection at all when none was established in time', () => {
    const words =
      '@smithy/node-http-handler - the request socket did not establish a connection with the server within the configured timeout of 10000 ms.'
    expect(classify(error({ name: 'TimeoutError' }, words))).toBe('unreachable')
  })

  test('of a source of credentials is none of Lightsail, and names the source', () => {
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

  test('that is a refusal names the IAM actions that are missing', () => {
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

test('a failure of the service can be had as a value; a fault of the program is thrown', async () => {
  const failure = new ServiceFailure('server', 'Lightsail failed.', 'Run the job again.', undefined)
  const fault = new TypeError('a bug')
  expect(await orServiceFailure(Promise.resolve('disk'))).toBe('disk')
  expect(await orServiceFailure(Promise.reject(failure))).toBe(failure)
  await expect(orServiceFailure(Promise.reject(fault))).rejects.toBe(fault)
})
