// Stands in the bundle for packages that `@actions/core` imports for functions that this project doesn't call: OpenID
// Connect tokens (an HTTP client with undici) and platform details (child processes). Calling one is a mistake.
function absent() {
  throw new Error('this part of @actions/core is left out of the bundle, see tools/bundle/README.md')
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
