// Replaces `@aws-sdk/credential-provider-node` in the bundle: the same chain, loaded when it is asked for credentials.
export function defaultProvider(init) {
  let chain
  return async (options) => {
    chain ??= import('./credentials.js').then((sources) => sources.defaultProvider(init))
    return (await chain)(options)
  }
}
