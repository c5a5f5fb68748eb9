export const id = 855;
export const ids = [855];
export const modules = {

/***/ 2285:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   proxyAgents: () => (/* binding */ proxyAgents)
/* harmony export */ });
/* harmony import */ var node_http__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7067);
/* harmony import */ var node_https__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(4708);
/* harmony import */ var _actions_http_client_lib_proxy__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9783);
/* harmony import */ var agent_base__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(319);
/* harmony import */ var http_proxy_agent__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8947);
/* harmony import */ var https_proxy_agent__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1566);






const options = { keepAlive: true, maxSockets: 50 };
/**
 * Chooses for each host whether a proxy leads to it, by the rules that GitHub's own actions have: NO_PROXY names hosts, with
 * all hosts below them, hosts with a port, or `*`; this machine itself is never reached through a proxy.
 */
class ChoosingAgent extends agent_base__WEBPACK_IMPORTED_MODULE_3__/* .Agent */ .g6 {
    #isSecure;
    /** By the proxy's URL; that of the direct way is empty. */
    #agents = new Map();
    constructor(isSecure) {
        super(options);
        this.#isSecure = isSecure;
    }
    isSecureEndpoint() {
        return this.#isSecure;
    }
    connect(_, { host, port }) {
        const proxy = (0,_actions_http_client_lib_proxy__WEBPACK_IMPORTED_MODULE_2__/* .getProxyUrl */ .s)(new URL(`${this.#isSecure ? 'https' : 'http'}://${host}:${port}`))?.href ?? '';
        const agent = this.#agents.get(proxy) ?? newAgent(proxy, this.#isSecure);
        this.#agents.set(proxy, agent);
        return agent;
    }
    destroy() {
        for (const agent of this.#agents.values())
            agent.destroy();
        super.destroy();
    }
}
function newAgent(proxy, isSecure) {
    if (isSecure)
        return proxy === '' ? new node_https__WEBPACK_IMPORTED_MODULE_1__.Agent(options) : new https_proxy_agent__WEBPACK_IMPORTED_MODULE_5__/* .HttpsProxyAgent */ .b(proxy, options);
    return proxy === '' ? new node_http__WEBPACK_IMPORTED_MODULE_0__.Agent(options) : new http_proxy_agent__WEBPACK_IMPORTED_MODULE_4__/* .HttpProxyAgent */ .s(proxy, options);
}
/** The agents of a process whose environment names a proxy. */
function proxyAgents() {
    return { httpAgent: new ChoosingAgent(false), httpsAgent: new ChoosingAgent(true) };
}


/***/ }),

/***/ 6891:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   hu: () => (/* binding */ createNegotiateAuth)
/* harmony export */ });
/* unused harmony exports HttpClient, BearerCredentialHandler, getExecOutput */
// Stands in the bundle for packages that others import for functions that this project doesn't call: OpenID Connect tokens
// (an HTTP client with undici), platform details (child processes), a proxy's Kerberos. Calling one is a mistake.
function absent() {
  throw new Error('this part is left out of the bundle, see tools/bundle/README.md')
}

class HttpClient {
  constructor() {
    absent()
  }
}

class BearerCredentialHandler {
  constructor() {
    absent()
  }
}

const getExecOutput = (/* unused pure expression or super */ null && (absent))

const createNegotiateAuth = absent


/***/ })

};
