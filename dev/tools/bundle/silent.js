// Replaces `debug` in the bundle: the proxy agents would print the proxy's address, its password included, if DEBUG names them.
export default () => () => {}
