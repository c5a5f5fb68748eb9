export const id = 913;
export const ids = [913];
export const modules = {

/***/ 4913:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  pruneSnapshots: () => (/* binding */ pruneSnapshots)
});

// EXTERNAL MODULE: ./.build/src/basics/failure.js
var failure = __webpack_require__(9337);
// EXTERNAL MODULE: ./.build/src/lightsail/client.js + 11 modules
var client = __webpack_require__(8878);
// EXTERNAL MODULE: ./.build/src/lightsail/types.js
var types = __webpack_require__(6492);
// EXTERNAL MODULE: ./.build/src/shared/patience.js
var patience = __webpack_require__(7790);
// EXTERNAL MODULE: ./.build/src/shared/region.js
var region = __webpack_require__(4265);
// EXTERNAL MODULE: ./.build/src/shared/sources.js
var shared_sources = __webpack_require__(6763);
// EXTERNAL MODULE: ./.build/src/workflow/inputs.js
var workflow_inputs = __webpack_require__(3172);
// EXTERNAL MODULE: ./.build/src/prune/inputs.js
var prune_inputs = __webpack_require__(1539);
;// CONCATENATED MODULE: ./.build/src/prune/interface.js
/** The inputs of prune/ and their defaults, as prune/action.yml declares them. A test holds the two together. */
const pruneInputDefaults = {
    'disk-name': '',
    'instance-name': '',
    'keep-last': '',
    'keep-within': '',
    'dry-run': 'false',
    'aws-region': '',
};
/** The outputs of prune/, in the order of prune/action.yml. */
const pruneOutputNames = (/* unused pure expression or super */ null && (['deleted-snapshots', 'kept-snapshots']));

// EXTERNAL MODULE: ./.build/src/prune/prune.js + 1 modules
var prune = __webpack_require__(454);
// EXTERNAL MODULE: ./.build/src/prune/report.js
var report = __webpack_require__(3644);
;// CONCATENATED MODULE: ./.build/src/prune/action.js











/** prune/: deletes old snapshots of this repository by a retention rule. Throws a Failure where one couldn't be deleted. */
async function pruneSnapshots(step) {
    const { region, ...plan } = readInputs(step);
    const { clock, log, signal } = step;
    const lightsail = (0,client/* openLightsail */.s)(region, clock, step.agents);
    const tools = { lightsail, clock, signal, onRetry: (0,patience/* tellOfRetries */.z)(log) };
    try {
        const judged = await (0,prune/* judgeAll */.T)(plan, tools);
        warnOfSourcesWithout(judged, plan.sources, log);
        (0,report/* logVerdicts */.N3)(judged, plan.dryRun, log);
        const ended = plan.dryRun ? judged : await (0,prune/* deleteAll */.V)(judged, tools);
        await action_report(ended, plan.dryRun, step);
    }
    finally {
        lightsail.close();
    }
}
function readInputs({ input, environment, run }) {
    const inputs = new workflow_inputs/* InputReader */.i(input, pruneInputDefaults);
    const sources = (0,shared_sources/* readSources */.t)(inputs);
    const retention = (0,prune_inputs/* readRetention */.T)(inputs);
    if (retention === undefined) {
        inputs.missing('keep-last', 'is missing, and so is keep-within: give at least one of the two');
    }
    const read = {
        sources,
        repository: run.repository,
        retention: retention ?? { keepLast: undefined, keepWithinMs: undefined },
        justTaken: new Set(),
        dryRun: inputs.boolean('dry-run'),
        region: (0,region/* readRegion */.X)(inputs, environment),
    };
    inputs.finish();
    return read;
}
/** A name that is misspelled would be pruned for ever without anybody noticing. */
function warnOfSourcesWithout(judged, sources, log) {
    for (const source of sources.filter((one) => judged.every((other) => other.source !== one))) {
        log.warning(`There is no snapshot of ${(0,types/* subjectOf */.et)(source)} that this repository took with this action. Check the spelling and aws-region.`);
    }
}
async function action_report(judged, dryRun, step) {
    const { log, signal, setOutput, appendSummary } = step;
    if (dryRun)
        log.info('Dry run: nothing was deleted');
    else
        (0,report/* logDeleted */.Qu)(judged, log);
    const values = {
        'deleted-snapshots': JSON.stringify((0,report/* deletedNames */.Yy)(judged)),
        'kept-snapshots': JSON.stringify((0,report/* keptNames */.Dk)(judged)),
    };
    for (const [name, value] of Object.entries(values))
        setOutput(name, value);
    const title = dryRun ? 'Lightsail retention: dry run' : 'Lightsail retention';
    await appendSummary(`### ${title}\n\n${(0,report/* retentionTable */.tf)(judged, dryRun)}`);
    const failure = (0,report/* deletionFailure */.Bh)(judged);
    if (failure !== undefined)
        throw failure;
    if (signal.aborted && !dryRun && judged.some(({ stays, deleted }) => !stays && !deleted))
        throw cancelled();
}
function cancelled() {
    return new failure/* Failure */.H('This step was cancelled before everything that no rule keeps was deleted.', 'What was deleted is an output. Run the job again for the rest.');
}


/***/ })

};
