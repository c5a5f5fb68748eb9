// Stands in the bundle for packages that others import for functions that this project doesn't call: OpenID Connect tokens
// (an HTTP client with undici), platform details (child processes), a proxy's Kerberos. Calling one is a mistake.
function absent() {
  throw new Error('this part is left out of the bundle, see dev/tools/bundle/README.md')
}

export class HttpClient {
  constructor() {
    absent()
  }
}

export class BearerCredentialHandler {
  constructor() {
    absent()
  }
}

export const getExecOutput = absent

export const createNegotiateAuth = absent
