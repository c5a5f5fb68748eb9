// Replaces packages in the bundle that others import for functions which this project doesn't call: OpenID Connect tokens
// (an HTTP client with undici), platform details (child processes), Kerberos for a proxy, event streams. Calling one is a bug.
function absent() {
  throw new Error('this part is left out of the bundle, see dev/tools/bundle/README.md')
}

export {
  absent as BearerCredentialHandler,
  absent as createNegotiateAuth,
  absent as EventStreamSerde,
  absent as eventStreamSerdeProvider,
  absent as getExecOutput,
  absent as HttpClient,
}
