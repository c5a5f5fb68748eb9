export const id = 198;
export const ids = [198];
export const modules = {

/***/ 6198:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  restoreDisk: () => (/* binding */ restoreDisk)
});

// EXTERNAL MODULE: ./.build/src/basics/failure.js
var basics_failure = __webpack_require__(9337);
// EXTERNAL MODULE: ./.build/src/lightsail/client.js + 11 modules
var client = __webpack_require__(8878);
// EXTERNAL MODULE: ./.build/src/lightsail/connection.js + 14 modules
var lightsail_connection = __webpack_require__(9632);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/commands/GetDiskCommand.js
var GetDiskCommand = __webpack_require__(6499);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/commands/GetDisksCommand.js
var GetDisksCommand = __webpack_require__(8054);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/commandBuilder.js
var commandBuilder = __webpack_require__(6288);
// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/schemas/schemas_0.js + 2 modules
var schemas_0 = __webpack_require__(6096);
;// CONCATENATED MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/commands/CreateDiskFromSnapshotCommand.js


class CreateDiskFromSnapshotCommand extends (0,commandBuilder/* command */.G5)(commandBuilder/* _ep0 */.lq, commandBuilder/* _mw0 */.yt, "CreateDiskFromSnapshot", schemas_0/* CreateDiskFromSnapshot$ */.W_r) {
}

;// CONCATENATED MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/commands/AttachDiskCommand.js


class AttachDiskCommand extends (0,commandBuilder/* command */.G5)(commandBuilder/* _ep0 */.lq, commandBuilder/* _mw0 */.yt, "AttachDisk", schemas_0/* AttachDisk$ */.DuP) {
}

;// CONCATENATED MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/commands/DetachDiskCommand.js


class DetachDiskCommand extends (0,commandBuilder/* command */.G5)(commandBuilder/* _ep0 */.lq, commandBuilder/* _mw0 */.yt, "DetachDisk", schemas_0/* DetachDisk$ */.FkI) {
}

// EXTERNAL MODULE: ./.build/src/basics/member.js
var member = __webpack_require__(5209);
// EXTERNAL MODULE: ./.build/src/lightsail/answers.js
var answers = __webpack_require__(4362);
// EXTERNAL MODULE: ./.build/src/lightsail/errors.js + 1 modules
var errors = __webpack_require__(7599);
;// CONCATENATED MODULE: ./.build/src/lightsail/disks.js




function diskRequests({ region, read, change }) {
    return {
        async getDisk(name, patience) {
            const command = new GetDiskCommand/* GetDiskCommand */.F({ diskName: name });
            const about = { operation: 'GetDisk', subject: `disk "${name}"` };
            const answer = await (0,errors/* orUndefined */.y0)(read(about, patience, (client, options) => client.send(command, options)));
            return answer?.disk && (0,answers/* readDisk */.gr)({ name, ...answer.disk });
        },
        async listDisks(pageToken, patience) {
            const command = new GetDisksCommand/* GetDisksCommand */.e(pageToken === undefined ? {} : { pageToken });
            const about = { operation: 'GetDisks', subject: 'the disks' };
            const { disks, nextPageToken } = await read(about, patience, (client, options) => client.send(command, options));
            return { items: (disks ?? []).flatMap((disk) => (0,answers/* readDisk */.gr)(disk) ?? []), nextPageToken };
        },
        async createDiskFromSnapshot({ diskName, snapshotName, availabilityZone, sizeInGb, tags }, patience) {
            const command = new CreateDiskFromSnapshotCommand({
                diskName,
                diskSnapshotName: snapshotName,
                availabilityZone,
                sizeInGb,
                tags: (0,answers/* requestTags */.ZT)(tags),
            });
            const about = {
                operation: 'CreateDiskFromSnapshot',
                subject: `disk "${diskName}"`,
                explain: (thrown) => explainCreate(thrown, diskName, snapshotName, region),
            };
            const { operations } = await change(about, patience, (client, options) => client.send(command, options));
            return (0,answers/* resourceOperation */.ef)(operations, 'Disk', diskName, region);
        },
        async attachDisk(diskName, instanceName, diskPath, patience) {
            const command = new AttachDiskCommand({ diskName, instanceName, diskPath });
            const about = {
                operation: 'AttachDisk',
                subject: `disk "${diskName}"`,
                explain: (thrown) => explainAttach(thrown, diskName, instanceName, region),
            };
            const { operations } = await change(about, patience, (client, options) => client.send(command, options));
            return (0,answers/* resourceOperation */.ef)(operations, 'Disk', diskName, region);
        },
        async detachDisk(diskName, patience) {
            const command = new DetachDiskCommand({ diskName });
            const about = { operation: 'DetachDisk', subject: `disk "${diskName}"` };
            const { operations } = await change(about, patience, (client, options) => client.send(command, options));
            return (0,answers/* resourceOperation */.ef)(operations, 'Disk', diskName, region);
        },
    };
}
/** What isn't there is the snapshot; a taken name is the disk's own. */
function explainCreate(thrown, diskName, snapshotName, region) {
    const about = { operation: 'CreateDiskFromSnapshot', region };
    const failure = (0,errors/* explain */.WE)(thrown, { ...about, subject: `disk "${diskName}"` });
    if (failure.errorClass === 'not-found') {
        const { message } = (0,errors/* explain */.WE)(thrown, { ...about, subject: `snapshot "${snapshotName}"` });
        return new errors/* ServiceFailure */.A('not-found', message, 'Check that nobody has deleted the snapshot.', thrown);
    }
    if (failure.errorClass !== 'name-taken')
        return failure;
    const advice = 'Nothing was made, and what has the name is untouched. Give the disk another name.';
    return new errors/* ServiceFailure */.A('name-taken', failure.message, advice, thrown);
}
/** What is "already in use" for an attachment is the path, not a name. */
function explainAttach(thrown, diskName, instanceName, region) {
    const about = { operation: 'AttachDisk', subject: `disk "${diskName}"`, region };
    const failure = (0,errors/* explain */.WE)(thrown, about);
    if (failure.errorClass !== 'name-taken')
        return failure;
    return new errors/* ServiceFailure */.A('invalid', `Lightsail in ${region} refused AttachDisk for disk "${diskName}": ${(0,member/* textMember */.S)(thrown, 'message')}`, `Give a path that is free on instance "${instanceName}".`, thrown);
}

// EXTERNAL MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/commands/GetInstanceCommand.js
var GetInstanceCommand = __webpack_require__(6237);
;// CONCATENATED MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/commands/StopInstanceCommand.js


class StopInstanceCommand extends (0,commandBuilder/* command */.G5)(commandBuilder/* _ep0 */.lq, commandBuilder/* _mw0 */.yt, "StopInstance", schemas_0/* StopInstance$ */.Y2m) {
}

;// CONCATENATED MODULE: ./node_modules/@aws-sdk/client-lightsail/dist-es/commands/StartInstanceCommand.js


class StartInstanceCommand extends (0,commandBuilder/* command */.G5)(commandBuilder/* _ep0 */.lq, commandBuilder/* _mw0 */.yt, "StartInstance", schemas_0/* StartInstance$ */.Skh) {
}

;// CONCATENATED MODULE: ./.build/src/lightsail/instances.js



function instanceRequests({ region, read, change }) {
    const subjectOf = (name) => `instance "${name}"`;
    return {
        async getInstance(name, patience) {
            const command = new GetInstanceCommand/* GetInstanceCommand */.Z({ instanceName: name });
            const about = { operation: 'GetInstance', subject: subjectOf(name) };
            const answer = await (0,errors/* orUndefined */.y0)(read(about, patience, (client, options) => client.send(command, options)));
            return answer?.instance && (0,answers/* readInstance */.oK)({ name, ...answer.instance });
        },
        async stopInstance(name, patience) {
            const command = new StopInstanceCommand({ instanceName: name });
            const about = { operation: 'StopInstance', subject: subjectOf(name) };
            const { operations } = await change(about, patience, (client, options) => client.send(command, options));
            return (0,answers/* resourceOperation */.ef)(operations, 'Instance', name, region);
        },
        async startInstance(name, patience) {
            const command = new StartInstanceCommand({ instanceName: name });
            const about = { operation: 'StartInstance', subject: subjectOf(name) };
            const { operations } = await change(about, patience, (client, options) => client.send(command, options));
            return (0,answers/* resourceOperation */.ef)(operations, 'Instance', name, region);
        },
    };
}

;// CONCATENATED MODULE: ./.build/src/lightsail/machines.js




/** Opens Lightsail as `openLightsail` does, with the requests about disks and instances. */
function openLightsailMachines(region, clock, agents) {
    const connection = (0,lightsail_connection/* openConnection */.J)(region, clock, agents);
    return { ...(0,client/* lightsailOver */.e)(connection), ...diskRequests(connection), ...instanceRequests(connection) };
}

// EXTERNAL MODULE: ./.build/src/shared/patience.js
var shared_patience = __webpack_require__(7790);
// EXTERNAL MODULE: ./.build/src/basics/once.js
var once = __webpack_require__(430);
// EXTERNAL MODULE: ./.build/src/basics/text.js
var basics_text = __webpack_require__(9432);
// EXTERNAL MODULE: ./.build/src/lightsail/retry.js
var retry = __webpack_require__(4387);
// EXTERNAL MODULE: ./.build/src/lightsail/types.js
var types = __webpack_require__(6492);
// EXTERNAL MODULE: ./.build/src/wait/progress.js
var progress = __webpack_require__(5722);
;// CONCATENATED MODULE: ./.build/src/restore/creation.js

/** The operation that made the restored disk, where the service lists it; the answer that named it was lost or an earlier attempt's. */
async function findCreation({ world: { restored } }, service, patience) {
    if (restored === undefined)
        return undefined;
    try {
        const { items } = await service.operationsOf(restored.name, undefined, { ...patience, attempts: 1 });
        return items.find(({ operationType }) => operationType === 'CreateDiskFromSnapshot');
    }
    catch (error) {
        if (error instanceof errors/* ServiceFailure */.A)
            return undefined;
        throw error;
    }
}

;// CONCATENATED MODULE: ./.build/src/restore/carry-out.js








/** The end of a stage that wasn't reached. */
class StageFailure extends basics_failure/* Failure */.H {
    /** Whether it may still be reached: nothing has failed for good. */
    open;
    sent;
    constructor(message, advice, end, cause) {
        super(message, advice, { cause });
        this.name = 'StageFailure';
        this.open = end.open;
        this.sent = end.sent;
    }
}
/** What the service says to what it can't do now: the state that it goes by may be another in a moment. */
const refusals = new Set(['invalid', 'other', 'not-found', 'name-taken']);
/** For so long a request is sent again whose answers don't come, in milliseconds. */
const uncertainMs = 120_000;
/** After a lost answer a refusal may come of the request itself: what it made can be hidden for so long, in milliseconds. */
const hiddenMs = 60_000;
/** Between two requests of which the first was refused, in milliseconds. */
const afterRefusalMs = 2000;
/**
 * Carries out one stage: looks, sends the request where it is needed, and looks again until the stage is reached. It goes by
 * what it sees and by no answer, so a lost one does no harm. Throws StageFailure.
 */
async function carryOut(stage, scene, tools) {
    const run = new StageRun(stage, scene, tools);
    try {
        return await run.toEnd();
    }
    catch (error) {
        if (tools.patience.signal?.aborted)
            throw cancelled(stage, run.sent);
        if (!(error instanceof basics_failure/* Failure */.H) || error instanceof StageFailure)
            throw error;
        const passes = error instanceof errors/* ServiceFailure */.A && (0,retry/* mayPass */.bg)(error.errorClass);
        throw new StageFailure(`Could not ${stage.toDo}. ${error.message}`, error.advice, { open: passes || run.sent !== 'no', sent: run.sent }, error);
    }
}
class StageRun {
    #stage;
    #scene;
    #tools;
    #progress;
    #say;
    #startedAt;
    #sent = 'no';
    #operation;
    #acceptedAtMs;
    #uncertainSince;
    #refusedSince;
    #wasRefused = false;
    constructor(stage, scene, tools) {
        this.#stage = stage;
        this.#scene = scene;
        this.#tools = tools;
        this.#progress = new progress/* Progress */.k(tools.log.info, tools.clock);
        this.#say = (0,once/* sayOnce */.N)(tools.log.info);
        this.#startedAt = tools.clock.monotonic();
    }
    /** What has become of its request; one that was refused is as good as never sent. */
    get sent() {
        return this.#wasRefused ? 'no' : this.#sent;
    }
    async toEnd() {
        const { clock, patience } = this.#tools;
        for (let round = 0;; round += 1) {
            const world = await this.#scene.look(this.#stage.looksAt, patience);
            const state = this.#stage.stateIn(world);
            if (state === 'reached')
                return this.#reached(round === 0 && this.#stage.request !== undefined);
            await this.#checkOperation(state, round);
            if (typeof state === 'object')
                throw this.#failed(state.brokenBecause);
            if (clock.monotonic() >= patience.untilMs)
                throw this.#timedOut(world);
            if (state === 'ready' && this.#sent !== 'accepted')
                await this.#send();
            // What was seen before the request went out says nothing of how it goes.
            else
                this.#progress.note(...statusOf(this.#stage, world));
            await this.#pause();
        }
    }
    async #reached(already) {
        const { service, clock, patience } = this.#tools;
        const reachedAtMs = clock.monotonic();
        const operation = this.#operation ??
            (this.#stage.name === 'create' ? await findCreation(this.#scene, service, patience) : undefined);
        const durationMs = reachedAtMs - this.#startedAt;
        return { already, durationMs, acceptedAtMs: this.#acceptedAtMs, reachedAtMs, operation };
    }
    async #send() {
        const { service, clock, patience } = this.#tools;
        const { request } = this.#stage;
        if (request === undefined)
            return;
        this.#wasRefused = false;
        this.#say((0,basics_text/* capital */.Nx)(this.#stage.toDo));
        const now = clock.monotonic();
        try {
            this.#acceptedAtMs ??= now;
            this.#operation = await request(service, patience);
            this.#sent = 'accepted';
            this.#tools.onOperation(this.#operation);
        }
        catch (error) {
            if (!(error instanceof errors/* ServiceFailure */.A))
                throw error;
            if ((0,retry/* isUncertain */.cp)(error.errorClass))
                this.#uncertain(error);
            else
                this.#refused(error);
        }
    }
    /** Nobody knows whether it was carried out: the next look tells. */
    #uncertain(failure) {
        const now = this.#tools.clock.monotonic();
        this.#sent = 'uncertain';
        this.#uncertainSince ??= now;
        if (failure.errorClass === 'cancelled' || now - this.#uncertainSince > uncertainMs)
            throw failure;
        this.#say(`${failure.message} Whether it was carried out is looked at.`);
    }
    #refused(failure) {
        const now = this.#tools.clock.monotonic();
        this.#wasRefused = true;
        this.#refusedSince ??= now;
        const allowedMs = this.#sent === 'uncertain' ? hiddenMs : this.#stage.refusableMs;
        if (!refusals.has(failure.errorClass) || now - this.#refusedSince >= allowedMs)
            throw failure;
        this.#say(`${failure.message} It is tried again for some seconds.`);
    }
    /** A failed operation is the end. It is asked for now and then, and more often while the state doesn't tell of it. */
    async #checkOperation(state, round) {
        const { service, patience } = this.#tools;
        const isDue = state === 'under way' ? round % 5 === 4 : round % 2 === 1 || typeof state === 'object';
        if (this.#stage.name === 'create' && typeof state === 'object') {
            this.#operation ??= await findCreation(this.#scene, service, patience);
        }
        if (this.#operation === undefined || !isDue)
            return;
        const seen = await service
            .getOperation(this.#operation.id, { ...patience, attempts: 1 })
            .catch((error) => {
            if (error instanceof errors/* ServiceFailure */.A)
                return undefined;
            throw error;
        });
        const { status, errorCode, errorDetails } = seen ?? this.#operation;
        if ((0,types/* operationStage */.QP)(status) !== 'failed')
            return;
        const said = [errorCode, errorDetails].filter(Boolean).join(': ');
        const broken = typeof state === 'object' ? `; ${state.brokenBecause}` : '';
        throw this.#failed(`${said.replace(/\.$/, '') || 'Lightsail gave no reason'}${broken}`);
    }
    #failed(reason) {
        return new StageFailure(`Could not ${this.#stage.toDo}: ${reason}.`, '', { open: false, sent: 'no' });
    }
    #timedOut(world) {
        const [subject, status] = statusOf(this.#stage, world);
        const lasted = (0,basics_text/* durationText */.S5)(this.#tools.clock.monotonic() - this.#startedAt);
        return new StageFailure(`The time of this step (wait-timeout) is over, and it still had to ${this.#stage.toDo}: after ${lasted} of that, ${subject} is ${status}.`, 'Raise wait-timeout for the next time.', { open: true, sent: this.sent });
    }
    async #pause() {
        const { clock, patience } = this.#tools;
        const { share, leastMs, mostMs } = this.#stage.pace;
        const lastedMs = clock.monotonic() - this.#startedAt;
        const wantedMs = Math.min(mostMs, Math.max(leastMs, lastedMs * share));
        const ms = Math.ceil(this.#wasRefused ? Math.max(wantedMs, afterRefusalMs) : wantedMs);
        const leftMs = Math.max(1, patience.untilMs - clock.monotonic());
        await this.#progress.sleep(Math.min(ms, leftMs), patience.signal);
    }
}
function statusOf({ looksAt, name }, world) {
    const thing = world[looksAt];
    if (thing === undefined)
        return [looksAt === 'instance' ? 'the instance' : 'the disk', 'not visible yet'];
    const kind = looksAt === 'instance' ? 'instance' : 'disk';
    return [
        `${kind} "${thing.name}"`,
        name === 'check' ? `${thing.state}, and does not show the disk yet` : thing.state,
    ];
}
const alsoSent = {
    no: '',
    accepted: ' Lightsail is at it and goes on.',
    uncertain: ' The request had been sent: Lightsail may still carry it out.',
};
function cancelled(stage, sent) {
    const message = `This step was cancelled before it could ${stage.toDo}.${alsoSent[sent]}`;
    return new StageFailure(message, '', { open: true, sent });
}

// EXTERNAL MODULE: ./.build/src/shared/tags.js
var shared_tags = __webpack_require__(2288);
;// CONCATENATED MODULE: ./.build/src/restore/commands.js
// The commands of the AWS CLI for what this action does, for a person who does it by hand.
function stopCommand(region, instanceName) {
    return `aws lightsail stop-instance --region ${region} --instance-name ${instanceName}`;
}
function startCommand(region, instanceName) {
    return `aws lightsail start-instance --region ${region} --instance-name ${instanceName}`;
}
function attachCommand(region, diskName, { instanceName, path }) {
    return `aws lightsail attach-disk --region ${region} --disk-name ${diskName} --instance-name ${instanceName} --disk-path ${path}`;
}
function detachCommand(region, diskName) {
    return `aws lightsail detach-disk --region ${region} --disk-name ${diskName}`;
}
function deleteCommand(region, diskName) {
    return `aws lightsail delete-disk --region ${region} --disk-name ${diskName}`;
}

;// CONCATENATED MODULE: ./.build/src/restore/marks.js

/**
 * The tags that a restored disk carries beside those of every resource of this action. They are what a later attempt goes by:
 * it finds the disk again, and knows where it belongs when the current one is detached already.
 */
const restoreTagKeys = new Set([
    'restored-from',
    'restored-for',
    'swap-instance',
    'swap-path',
    'swap-started',
]);
/** Every tag of a restored disk, for the request that makes it. */
function restoreTags(marking) {
    const { run, commitSha, snapshotName, sourceName, place, swap, userTags } = marking;
    const marks = [
        ['restored-from', snapshotName],
        ['restored-for', sourceName],
        ...(swap === undefined || place === undefined
            ? []
            : [
                ['swap-instance', place.instanceName],
                ['swap-path', place.path],
                ['swap-started', swap.wasRunning ? 'yes' : 'no'],
            ]),
    ];
    const set = marks.flatMap(([key, value]) => (value === undefined ? [] : { key, value }));
    return [...(0,shared_tags/* ownTags */.Wb)({ ...run, commitSha }), ...set, ...userTags];
}
/** Whether this run of this repository made the disk, in whichever attempt. */
function isOfRun(disk, run) {
    return (0,shared_tags/* isMadeBy */.P5)(disk, run.repository) && (0,shared_tags/* tagOf */.cO)(disk, 'run-id') === run.runId;
}
/** Where a restored disk was to be swapped in when it was made. */
function markedSwap(disk) {
    const [instanceName, path, started] = ['swap-instance', 'swap-path', 'swap-started'].map((key) => (0,shared_tags/* tagOf */.cO)(disk, key));
    if (instanceName === undefined || path === undefined)
        return undefined;
    return { place: { instanceName, path }, wasRunning: started !== 'no' };
}
/** Whose a disk is, as far as its tags tell. */
function makerOf(disk) {
    const [from, run, repository] = ['restored-from', 'run-id', 'repository'].map((key) => (0,shared_tags/* tagOf */.cO)(disk, key));
    if (from === undefined)
        return 'which this action did not make';
    return `which run ${run ?? 'unknown'} of ${repository ?? 'an unknown repository'} made from snapshot "${from}"`;
}

;// CONCATENATED MODULE: ./.build/src/restore/plan.js
/** Whether the disk is where it is to be. */
function isAt(disk, place) {
    return disk?.attachedTo === place.instanceName && disk.path === place.path && disk.state === 'in-use';
}

;// CONCATENATED MODULE: ./.build/src/restore/checks.js






const unchanged = 'Nothing was changed.';
/** Makes the plan. Throws a Failure that names everything which speaks against it; nothing has been changed by then. */
function planRestore(facts) {
    const failures = checks.flatMap((check) => {
        const found = check(facts);
        return found === undefined ? [] : [new basics_failure/* Failure */.H(found[0], `${found[1]} ${unchanged}`)];
    });
    (0,basics_failure/* throwAll */.K)(failures);
    const { region, run, snapshot, source, diskName, commitSha, place, swap, inputs } = facts;
    const { availabilityZone = '', sizeInGb = 0 } = facts;
    const marking = { run, commitSha, snapshotName: snapshot.name, sourceName: source?.name, place, swap };
    return {
        region,
        snapshotName: snapshot.name,
        source,
        diskName,
        availabilityZone,
        sizeInGb,
        tags: restoreTags({ ...marking, userTags: inputs.userTags }),
        place,
        swap,
    };
}
const snapshotIsComplete = ({ snapshot: { name, state, progress } }) => (0,types/* snapshotStage */.$h)(state) === 'done'
    ? undefined
    : [
        `The snapshot "${name}" isn't complete: it is ${[state, progress].filter(Boolean).join(', ')}.`,
        'Wait for it with wait/ of this action, or give a snapshot that is complete.',
    ];
/** A disk that an earlier roll-back put in the place of the snapshot's source stands for it. */
const snapshotIsOfSource = ({ inputs, snapshot, world: { previous } }) => {
    const { source } = inputs;
    const isOf = snapshot.source?.type === source?.type && snapshot.source?.name === source?.name;
    const isDescendant = previous !== undefined && (0,shared_tags/* tagOf */.cO)(previous, 'restored-for') === snapshot.source?.name;
    if (source === undefined || isOf || isDescendant)
        return undefined;
    const other = snapshot.source === null ? 'another source' : (0,types/* subjectOf */.et)(snapshot.source);
    return [
        `The snapshot "${snapshot.name}" is of ${other}, and not of ${(0,types/* subjectOf */.et)(source)}.`,
        `Give a snapshot of ${(0,types/* subjectOf */.et)(source)}, or only its name.`,
    ];
};
const sizeIsEnough = ({ inputs, snapshot, sizeInGb }) => {
    if (sizeInGb === undefined) {
        return [`Lightsail doesn't say how large the snapshot "${snapshot.name}" is.`, 'Give size-in-gb.'];
    }
    if (sizeInGb >= (snapshot.sizeInGb ?? 0))
        return undefined;
    return [
        `size-in-gb: ${inputs.sizeInGb} GB is less than the ${snapshot.sizeInGb} GB of the snapshot "${snapshot.name}".`,
        `Give ${snapshot.sizeInGb} or more, or leave it out.`,
    ];
};
/** The disk that an earlier attempt of this run restored from the same snapshot. */
function ownDisk({ run, snapshot, world: { restored } }) {
    if (restored === undefined || !isOfRun(restored, run))
        return undefined;
    return (0,shared_tags/* tagOf */.cO)(restored, 'restored-from') === snapshot.name ? restored : undefined;
}
const diskIsOwn = (facts) => {
    const { snapshot, diskName, world } = facts;
    const { restored } = world;
    if (restored === undefined || ownDisk(facts) !== undefined)
        return undefined;
    return [
        `There is a disk "${diskName}" already, ${makerOf(restored)}: it isn't one that this run restored from snapshot "${snapshot.name}".`,
        'Give another restored-disk-name; with {{run_id}} in it each run has a name of its own.',
    ];
};
const diskIsSound = (facts) => {
    const { diskName, region } = facts;
    if (ownDisk(facts)?.state !== 'error')
        return undefined;
    return [
        `The disk "${diskName}", which an earlier attempt made, failed in Lightsail.`,
        `Delete it (${deleteCommand(region, diskName)}) and run the job again.`,
    ];
};
const diskFits = (facts) => {
    const { inputs, diskName, sizeInGb } = facts;
    const restored = ownDisk(facts);
    if (restored === undefined)
        return undefined;
    const { availabilityZone, sizeInGb: actual } = restored;
    const wanted = `"${diskName}", which an earlier attempt made, `;
    const advice = 'Run the job with the inputs of that attempt, or give another restored-disk-name.';
    if (inputs.availabilityZone !== undefined && inputs.availabilityZone !== availabilityZone) {
        return [`The disk ${wanted}is in ${availabilityZone}, and not in ${inputs.availabilityZone}.`, advice];
    }
    if (sizeInGb === undefined || actual === null || actual >= sizeInGb)
        return undefined;
    return [`The disk ${wanted}has ${actual} GB, and not ${sizeInGb} GB.`, advice];
};
const diskIsFree = (facts) => {
    const { place, diskName } = facts;
    const restored = ownDisk(facts);
    if (restored === undefined || restored.attachedTo === null)
        return undefined;
    if (place === undefined || isAt(restored, place))
        return undefined;
    return [
        `The disk "${diskName}", which an earlier attempt made, is attached to instance "${restored.attachedTo}" at ${restored.path ?? 'an unknown path'}.`,
        'Detach it, or give another restored-disk-name.',
    ];
};
const currentDiskIsAttached = ({ swap, place, region, world: { previous } }) => {
    if (swap === undefined || place !== undefined)
        return undefined;
    const { previousDiskName } = swap;
    if (previous === undefined) {
        return [`There is no disk "${previousDiskName}" in ${region}.`, 'Check the spelling and aws-region.'];
    }
    return [
        `The disk "${previousDiskName}" isn't attached to any instance, so there is no place to put another disk in.`,
        'Give attach-to and disk-path instead of swap. If a roll-back ended between two stages, run the failed job of that run again: it goes on where it stopped.',
    ];
};
const zoneIsKnown = ({ availabilityZone, source }) => availabilityZone !== undefined
    ? undefined
    : [
        `Nothing says in which Availability Zone the disk is to be: ${source === undefined ? 'the snapshot names no source' : `${(0,types/* subjectOf */.et)(source)} isn't there any more`}.`,
        'Give availability-zone.',
    ];
const instanceIsThere = ({ place, region, world: { instance } }) => place === undefined || instance !== undefined
    ? undefined
    : [`There is no instance "${place.instanceName}" in ${region}.`, 'Check the spelling and aws-region.'];
const zoneIsTheInstances = ({ availabilityZone, world: { instance } }) => {
    const zone = instance?.availabilityZone ?? availabilityZone;
    if (instance === undefined || availabilityZone === undefined || zone === availabilityZone)
        return undefined;
    return [
        `The restored disk would be in ${availabilityZone}, and the instance "${instance.name}" is in ${zone}: a disk can be attached only in its own Availability Zone.`,
        `Give availability-zone: ${zone}, or another instance.`,
    ];
};
const instanceIsSettled = ({ place, world: { restored, instance } }) => {
    if (instance === undefined || place === undefined)
        return undefined;
    const isUnderWay = isAt(restored, place) || (restored && markedSwap(restored)) !== undefined;
    if (isUnderWay || instance.state === 'running' || instance.state === 'stopped')
        return undefined;
    return [
        `The instance "${instance.name}" is ${instance.state}.`,
        'Wait until it is running or stopped, and run the job again.',
    ];
};
const pathIsFree = ({ place, swap, diskName, world: { instance } }) => {
    if (place === undefined || instance === undefined)
        return undefined;
    // No source says whether an instance always names its disks: in a swap the path is the current disk's.
    const own = swap === undefined ? [diskName] : [diskName, swap.previousDiskName, ''];
    const other = instance.disks.find(({ path, name }) => path === place.path && !own.includes(name));
    if (other === undefined)
        return undefined;
    return [
        `The path ${place.path} of instance "${instance.name}" is taken by ${other.isSystemDisk ? 'its system disk' : `disk "${other.name}"`}.`,
        `Give another disk-path, such as ${freePath(instance)}.`,
    ];
};
function freePath({ disks }) {
    const paths = [...'fghijklmnop'].map((letter) => `/dev/xvd${letter}`);
    return paths.find((path) => !disks.some((disk) => disk.path === path)) ?? '/dev/xvdq';
}
const checks = [
    snapshotIsComplete,
    snapshotIsOfSource,
    sizeIsEnough,
    diskIsOwn,
    diskIsSound,
    diskFits,
    diskIsFree,
    currentDiskIsAttached,
    zoneIsKnown,
    instanceIsThere,
    zoneIsTheInstances,
    instanceIsSettled,
    pathIsFree,
];

// EXTERNAL MODULE: ./.build/src/lightsail/names.js
var lightsail_names = __webpack_require__(381);
// EXTERNAL MODULE: ./.build/src/shared/commit.js
var commit = __webpack_require__(7116);
// EXTERNAL MODULE: ./.build/src/shared/region.js
var shared_region = __webpack_require__(4265);
// EXTERNAL MODULE: ./.build/src/shared/template.js
var shared_template = __webpack_require__(8619);
// EXTERNAL MODULE: ./.build/src/workflow/inputs.js
var workflow_inputs = __webpack_require__(3172);
// EXTERNAL MODULE: ./.build/src/workflow/parse.js
var parse = __webpack_require__(8950);
;// CONCATENATED MODULE: ./.build/src/restore/interface.js
/** The inputs of restore/ and their defaults, as restore/action.yml declares them. A test holds the two together. */
const restoreInputDefaults = {
    'snapshot-name': '',
    'disk-name': '',
    'instance-name': '',
    'commit-sha': '',
    'restored-disk-name': '{{source}}-restored-{{run_id}}-{{run_attempt}}',
    'availability-zone': '',
    'size-in-gb': '',
    'attach-to': '',
    'disk-path': '',
    swap: 'false',
    'wait-timeout': '1h',
    'dry-run': 'false',
    'aws-region': '',
    tags: '',
};
/** The outputs of restore/, in the order of restore/action.yml. */
const restoreOutputNames = (/* unused pure expression or super */ null && ([
    'disk-name',
    'operation-id',
    'state',
    'snapshot-name',
    'previous-disk-name',
]));

;// CONCATENATED MODULE: ./.build/src/restore/inputs.js









/** Reads every input. Throws one Failure that lists every problem of all of them. */
function readInputs({ input, environment, run, clock }) {
    const inputs = new workflow_inputs/* InputReader */.i(input, restoreInputDefaults);
    const snapshotName = readName(inputs, 'snapshot-name', 'a snapshot');
    const source = readSource(inputs);
    const commitSha = inputs.text('commit-sha') && inputs.read('commit-sha', commit/* parseCommit */.L, '');
    checkSelection(inputs);
    const region = (0,shared_region/* readRegion */.X)(inputs, environment);
    const template = inputs.read('restored-disk-name', shared_template/* parseTemplate */.QC, undefined);
    const time = new Date(clock.now());
    const read = {
        snapshotName,
        source,
        commitSha: commitSha || undefined,
        nameFor: (values) => template === undefined ? (0,parse/* wrong */.Qm)('') : (0,shared_template/* renderName */.gU)(template, { ...run, time, ...values }),
        availabilityZone: readZone(inputs, region),
        sizeInGb: inputs.text('size-in-gb') === '' ? undefined : inputs.read('size-in-gb', parseSize, undefined),
        attach: readAttach(inputs),
        swap: readSwap(inputs),
        timeoutMs: inputs.duration('wait-timeout'),
        dryRun: inputs.boolean('dry-run'),
        region,
        userTags: readTags(inputs),
        warnings: (0,shared_tags/* tagWarnings */.WX)(inputs.text('tags')),
    };
    if (template !== undefined)
        checkName(inputs, template, read, { ...run, time });
    inputs.finish();
    return read;
}
/** One name; undefined where none is given, or none that can be one. */
function readName(inputs, input, kind) {
    const names = inputs.read(input, (text) => (0,parse/* parseList */.E1)(text, { commas: true }), []);
    const [name, ...others] = names;
    if (others.length > 0) {
        inputs.problem(input, inputs.text(input), `is ${names.length} names: give the name of ${kind}, one alone`);
        return undefined;
    }
    if (name === undefined || (0,lightsail_names/* isSourceName */.TE)(name))
        return name;
    inputs.problem(input, name, `is not a name that ${kind} can have: 2 to 255 letters, digits, ".", "_" and "-"`);
    return undefined;
}
function readSource(inputs) {
    const disk = readName(inputs, 'disk-name', 'a disk');
    const instance = readName(inputs, 'instance-name', 'an instance');
    if (disk !== undefined)
        return { type: 'disk', name: disk };
    return instance === undefined ? undefined : { type: 'instance', name: instance };
}
/** Which inputs go with which: a rule a line, with the input that it is noted for. */
function checkSelection(inputs) {
    const has = (name) => inputs.text(name) !== '';
    const rules = [
        [
            !has('snapshot-name') && !has('disk-name') && !has('instance-name'),
            'snapshot-name',
            'is missing, and so are disk-name and instance-name: give a snapshot, or the disk or instance whose newest snapshot is meant',
        ],
        [
            has('disk-name') && has('instance-name'),
            'disk-name',
            'is given together with instance-name: give one of the two at most',
        ],
        [
            has('commit-sha') && has('snapshot-name'),
            'commit-sha',
            'is given together with snapshot-name, which names the snapshot already: give one of the two',
        ],
        [
            has('attach-to') && !has('disk-path'),
            'disk-path',
            'is missing: attach-to needs a path that is free on the instance, such as /dev/xvdf',
        ],
        [
            has('disk-path') && !has('attach-to'),
            'attach-to',
            'is missing: disk-path goes with the instance that the disk is attached to',
        ],
    ];
    for (const [isBroken, name, problem] of rules)
        if (isBroken)
            inputs.missing(name, problem);
}
// xvda and sda are the system disk's.
const diskPath = /^\/dev\/(?:xvd|sd)[b-z]$/;
function readAttach(inputs) {
    const instanceName = readName(inputs, 'attach-to', 'an instance');
    const path = inputs.text('disk-path');
    if (path !== '' && !diskPath.test(path)) {
        inputs.problem('disk-path', path, 'is not a path for a disk: write one from /dev/xvdb to /dev/xvdz');
    }
    return instanceName === undefined ? undefined : { instanceName, path };
}
const notWithSystemDisks = "goes with disk-name: Lightsail can't swap the system disk of an instance. Attach the restored disk beside it with attach-to and disk-path, or make a new instance from an instance snapshot in the Lightsail console";
function readSwap(inputs) {
    const swap = inputs.boolean('swap');
    if (!swap)
        return false;
    if (inputs.text('instance-name') !== '')
        inputs.problem('swap', 'true', notWithSystemDisks);
    else if (inputs.text('disk-name') === '') {
        inputs.problem('swap', 'true', 'goes with disk-name: the disk that the restored one takes the place of');
    }
    for (const name of ['attach-to', 'disk-path']) {
        if (inputs.text(name) === '')
            continue;
        const problem = 'does not go with swap, which attaches the disk where the current one is';
        inputs.problem(name, inputs.text(name), problem);
    }
    return true;
}
function readZone(inputs, region) {
    const zone = inputs.text('availability-zone');
    if (zone === '')
        return undefined;
    const belongs = zone.slice(0, -1) === region && /[a-z]$/.test(zone);
    if ((0,lightsail_names/* isRegion */.Dp)(region) && !belongs) {
        const problem = `is not an Availability Zone of ${region}: write one like ${region}a`;
        inputs.problem('availability-zone', zone, problem);
    }
    return zone;
}
const largestGb = 16_384;
function parseSize(text) {
    const size = Number(text);
    return /^\d+$/.test(text) && size >= 1 && size <= largestGb
        ? (0,parse/* right */.pG)(size)
        : (0,parse/* wrong */.Qm)(`is not a size: write a whole number of GB, to ${largestGb}`);
}
function readTags(inputs) {
    const items = inputs.read('tags', (text) => (0,parse/* parseList */.E1)(text, { commas: false }), []);
    const { tags, problems } = (0,shared_tags/* readUserTags */.tn)(items);
    for (const { item, problem } of problems)
        inputs.problem('tags', item, problem);
    for (const { key } of tags.filter((tag) => restoreTagKeys.has(tag.key))) {
        inputs.problem('tags', key, 'is the key of a tag that this action sets itself');
    }
    const most = shared_tags/* tagLimits */.BN.perResource - shared_tags/* ownTagKeys */.$d.size - restoreTagKeys.size;
    if (problems.length === 0 && tags.length > most) {
        const problem = `are too many: a restored disk can have ${most} beside the action's own`;
        inputs.problem('tags', `${tags.length} tags`, problem);
    }
    return tags;
}
/** What can be said of the template before the source and the commit are looked up: those stand for ones that can be. */
function checkName(inputs, template, { snapshotName, source, commitSha }, values) {
    const sha = commitSha ?? '0'.repeat(40);
    const name = (0,shared_template/* renderName */.gU)(template, { ...values, source: source?.name ?? 'source', sha });
    const text = inputs.text('restored-disk-name');
    if (!name.ok)
        inputs.problem('restored-disk-name', text, name.problem);
    else if (name.value === source?.name || name.value === snapshotName) {
        const problem = `makes ${JSON.stringify(name.value)}, a name that is taken: put {{run_id}} into it`;
        inputs.problem('restored-disk-name', text, problem);
    }
}

// EXTERNAL MODULE: ./.build/src/workflow/plain-text.js
var plain_text = __webpack_require__(8933);
// EXTERNAL MODULE: ./.build/src/workflow/summary.js
var summary = __webpack_require__(8089);
;// CONCATENATED MODULE: ./.build/src/restore/states.js

/** What state everything is in, for a person: the instance, the restored disk, the disk that it replaces. */
function statesText(plan, { restored, previous, instance }) {
    const parts = [
        ...(plan.place === undefined
            ? []
            : [`instance "${plan.place.instanceName}" is ${instance?.state ?? 'not to be found'}`]),
        `the restored disk "${plan.diskName}" is ${diskText(restored, 'not there')}`,
        ...(plan.swap === undefined
            ? []
            : [`the previous disk "${plan.swap.previousDiskName}" is ${diskText(previous, 'not to be found')}`]),
    ];
    return `${parts.join('; ')}.`;
}
function diskText(disk, missing) {
    if (disk === undefined)
        return missing;
    const { state, attachedTo, path } = disk;
    return attachedTo === null
        ? `${state} and attached to nothing`
        : `${state}, attached to instance "${attachedTo}" at ${path ?? 'an unknown path'}`;
}
/** The commands that do by hand what is left, in order. None while the disk isn't made: the next attempt has to make it. */
function finishCommands(stages, world) {
    const isMade = world.restored?.state === 'available' || world.restored?.state === 'in-use';
    if (!isMade)
        return [];
    const commands = [];
    let ahead = world;
    for (const stage of stages) {
        // Each goes by what the one before has changed: an instance that is to be stopped is to be started again.
        if (stage.command === '' || stage.stateIn(ahead) === 'reached')
            continue;
        commands.push(stage.command);
        ahead = stage.after(ahead);
    }
    return commands;
}
/** The commands that make everything as it was before a swap; none where it is still so. */
function undoCommands({ region, swap, place }, world) {
    if (swap === undefined || place === undefined)
        return [];
    const { restored, previous, instance } = world;
    const isIn = (disk) => disk?.attachedTo === place.instanceName && disk.path === place.path;
    const takesOut = isIn(restored);
    const putsBack = previous !== undefined && !isIn(previous);
    const goesDown = takesOut && instance?.state !== 'stopped';
    const isUp = instance?.state === 'running' || instance?.state === 'pending';
    const starts = swap.wasRunning && (goesDown || !isUp);
    return [
        ...(goesDown ? [stopCommand(region, place.instanceName)] : []),
        ...(takesOut && restored !== undefined ? [detachCommand(region, restored.name)] : []),
        ...(putsBack ? [attachCommand(region, previous.name, place)] : []),
        ...(starts ? [startCommand(region, place.instanceName)] : []),
    ];
}

;// CONCATENATED MODULE: ./.build/src/restore/report.js








/** Says what the step is going to do. */
function logPlan(plan, stages, { log }) {
    log.group(`Restore of snapshot "${plan.snapshotName}" in ${plan.region}`, [
        ...stages.map(({ toDo }, place) => `${place + 1}. ${toDo}`),
        ...plan.tags.map(({ key, value }) => `  tag ${value === undefined ? key : `${key} = ${value}`}`),
    ]);
}
/** Says what an earlier attempt has left, and what a stop changes that nobody may expect. */
function logBefore(plan, { restored, instance }, { log }) {
    const { place, swap, diskName } = plan;
    if (restored !== undefined) {
        log.notice(`The disk "${diskName}" is there already: an earlier attempt of this run restored it from snapshot "${plan.snapshotName}". It is used as it is now, and no second one is made.`);
    }
    if (place === undefined || swap === undefined || !swap.wasRunning || isAt(restored, place))
        return;
    if (instance?.state !== 'running' || instance.hasStaticIp)
        return;
    log.warning(`Instance "${instance.name}" has no static IP address: it gets another public address when it is stopped and started.`);
}
/** Says that a stage has been reached. */
function logReached(stage, reached, { log }) {
    const text = (0,basics_text/* capital */.Nx)(reachedText(stage, reached));
    log.info(reached.already ? text : `${text} (${(0,basics_text/* durationText */.S5)(reached.durationMs)})`);
}
function reachedText({ toDo, done }, { already }) {
    return already ? `${toDo}: there was nothing to do any more` : done;
}
/** Says that all is done, and what is left to a person. */
function logResult(plan, journal, { log }) {
    const { region, place, swap } = plan;
    const down = downMs(journal);
    if (down !== undefined)
        log.info(`The instance was down for ${(0,basics_text/* durationText */.S5)(down)}`);
    if (swap !== undefined) {
        log.info(`The previous disk "${swap.previousDiskName}" is kept and costs money until it is deleted: ${deleteCommand(region, swap.previousDiskName)}`);
    }
    else if (place !== undefined) {
        log.info(`Inside instance "${place.instanceName}": "lsblk" lists the disk; mount its file system, such as: sudo mkdir -p /mnt/restored && sudo mount ${place.path} /mnt/restored (with the number of the partition where lsblk shows one)`);
    }
    log.info(resultText(plan));
}
/** The one line that ends a step which went well. */
function resultText({ snapshotName, diskName, place, swap, sizeInGb }) {
    const disk = `Disk "${diskName}" (${sizeInGb} GB) is restored from snapshot "${snapshotName}"`;
    if (place === undefined)
        return `${disk}, attached to nothing`;
    const where = `attached to instance "${place.instanceName}" at ${place.path}`;
    if (swap === undefined)
        return `${disk} and ${where}`;
    const power = swap.wasRunning
        ? 'The instance is running'
        : 'The instance was stopped before, and is left so';
    return `${disk} and ${where}, in the place of disk "${swap.previousDiskName}". ${power}`;
}
/** From the request that stopped the instance until it was seen running; undefined where this step did not do both. */
function downMs(journal) {
    const found = (name) => [...journal].find(([stage]) => stage.name === name)?.[1];
    const [stop, start] = [found('stop'), found('start')];
    if (stop?.acceptedAtMs === undefined || start?.acceptedAtMs === undefined)
        return undefined;
    return start.reachedAtMs - stop.acceptedAtMs;
}
/** Sets every output as it is known by now. Later values replace these. */
function setOutputs(plan, state, operationId, { setOutput }) {
    const values = {
        'disk-name': plan.diskName,
        'operation-id': operationId ?? '',
        state,
        'snapshot-name': plan.snapshotName,
        'previous-disk-name': plan.swap?.previousDiskName ?? '',
    };
    for (const [name, value] of Object.entries(values))
        setOutput(name, value);
}
/** Adds the result and the table of the stages to the job summary. */
async function summarize(plan, stages, journal, { dryRun, failed }, { appendSummary }) {
    const title = `Lightsail disk restore${dryRun ? ': dry run' : ''}`;
    const rows = stages.map((stage) => {
        const reached = journal.get(stage);
        const open = dryRun ? 'dry run' : 'not reached';
        const state = reached === undefined ? open : reached.already ? 'done before' : 'done';
        const duration = reached === undefined || reached.already ? '' : (0,basics_text/* durationText */.S5)(reached.durationMs);
        return [{ text: (0,basics_text/* capital */.Nx)(stage.toDo) }, { text: state }, { text: duration }];
    });
    const result = dryRun
        ? 'Nothing was changed.'
        : failed
            ? `The restore of snapshot "${plan.snapshotName}" isn't complete.`
            : `${resultText(plan)}.`;
    await appendSummary(`### ${title}\n\n${(0,plain_text/* markdownText */.p7)(result)}\n\n${(0,summary/* markdownTable */.Q)(['Stage', 'State', 'Duration'], rows)}`);
}
/** The failure of a stage with everything that a person has to know: what was done, how things stand, what to do next. */
function withReport(failure, plan, stages, journal, { world, isKnown }) {
    const done = [...journal].map(([stage, reached]) => reachedText(stage, reached));
    const left = stages.filter((stage) => !journal.has(stage)).map((stage) => stage.toDo);
    const advice = [failure.advice, ...waysOn(failure, plan, stages, journal, world), 'Nothing was deleted.'];
    const message = [
        failure.message,
        `Done: ${done.join('; ') || 'nothing'}.`,
        `Left: ${left.join('; ')}.`,
        `${isKnown ? 'Now' : 'When last seen'}: ${statesText(plan, world)}`,
    ];
    return new basics_failure/* Failure */.H(message.join('\n'), advice.filter(Boolean).join(' '), { cause: failure });
}
/** What a person can do: let the next attempt do it, or by hand go on or back. */
function waysOn(failure, plan, stages, journal, world) {
    const stage = stages.find((one) => !journal.has(one));
    const sent = failure instanceof StageFailure ? failure.sent : 'no';
    // Going on or back begins where what is under way has come to its end.
    const soon = stage === undefined || sent === 'no' ? world : stage.after(world);
    const finish = finishCommands(stages, sent === 'uncertain' ? world : soon);
    const undo = undoCommands(plan, soon);
    const isStopping = world.instance?.state === 'stopping';
    return [
        'Run the failed job of this run again: it goes on where this one stopped, and makes no second disk.',
        ...(isStopping
            ? [`If the instance does not stop by itself: ${stopCommand(plan.region, world.instance.name)} --force.`]
            : []),
        ...(finish.length > 0
            ? [`Or finish by hand, each once the one before is over: ${finish.join('; ')}.`]
            : []),
        ...(undo.length > 0 ? [`Or go back to the previous disk: ${undo.join('; ')}.`] : []),
        ...(sent === 'uncertain'
            ? ['A command that Lightsail refuses because there is nothing to do does no harm.']
            : []),
    ];
}
/** The state of a step that failed: what the service may still be at is pending. */
function failedState(failure) {
    return failure instanceof StageFailure && failure.open ? 'pending' : 'error';
}

;// CONCATENATED MODULE: ./.build/src/restore/scene.js




/** How often a thing that was there is looked for again when it is missing from an answer, and with which pause. */
const looksAgain = 5;
const lookAgainMs = 1000;
/** For so long the states are read once more when the step is over, in milliseconds. */
const lastLookMs = 1500;
/** The three things that a roll-back works on, as they were last seen. */
class Scene {
    #world;
    #plan;
    #service;
    #clock;
    constructor(plan, world, service, clock) {
        this.#plan = plan;
        this.#world = world;
        this.#service = service;
        this.#clock = clock;
    }
    get world() {
        return this.#world;
    }
    /** Looks at one of them again. Throws ServiceFailure, and a Failure where one that must be there is gone. */
    async look(at, patience) {
        const before = this.#world[at];
        let seen = await this.#read(at, patience);
        // One answer without a thing that was there doesn't mean that it is gone.
        for (let again = 0; before !== undefined && seen[at] === undefined && again < looksAgain; again += 1) {
            await this.#clock.sleep(lookAgainMs, patience.signal).catch(() => { });
            seen = await this.#read(at, patience);
        }
        // The previous disk isn't needed any more, except to undo all this.
        if (before !== undefined && seen[at] === undefined && at !== 'previous')
            throw this.#gone(before.name);
        this.#world = { ...this.#world, ...seen };
        return this.#world;
    }
    /**
     * Looks at all of them for a report, for a moment and whatever has happened to the step. What can't be read stays as it was
     * seen; gives whether all of it could.
     */
    async lookOnceMore() {
        const patience = { untilMs: this.#clock.monotonic() + lastLookMs, attempts: 1 };
        const parts = ['restored', 'previous', 'instance'].map(async (at) => {
            try {
                return await this.#read(at, patience);
            }
            catch (error) {
                if (error instanceof basics_failure/* Failure */.H)
                    return undefined;
                throw error;
            }
        });
        const seen = await Promise.all(parts);
        for (const part of seen)
            this.#world = { ...this.#world, ...part };
        return !seen.includes(undefined);
    }
    async #read(at, patience) {
        const { diskName, swap, place } = this.#plan;
        if (at === 'restored')
            return { restored: this.#own(await this.#service.getDisk(diskName, patience)) };
        if (at === 'instance') {
            return place === undefined
                ? {}
                : { instance: await this.#service.getInstance(place.instanceName, patience) };
        }
        return swap === undefined
            ? {}
            : { previous: await this.#service.getDisk(swap.previousDiskName, patience) };
    }
    /** The name is what keeps a second disk from being made: whatever has it must be this roll-back's. */
    #own(disk) {
        const { tags, diskName } = this.#plan;
        const agrees = (key) => disk !== undefined && (0,shared_tags/* tagOf */.cO)(disk, key) === (0,shared_tags/* tagOf */.cO)({ tags }, key);
        if (disk === undefined || ['repository', 'run-id', 'restored-from'].every(agrees))
            return disk;
        throw new basics_failure/* Failure */.H(`The name "${diskName}" was taken meanwhile by a disk ${makerOf(disk)}.`, 'That disk is untouched. Give another restored-disk-name.');
    }
    #gone(name) {
        return new errors/* ServiceFailure */.A('not-found', `"${name}" can't be found in ${this.#plan.region} any more.`, 'Somebody or something deleted it meanwhile.', undefined);
    }
}

;// CONCATENATED MODULE: ./.build/src/restore/stages.js


const unhurried = { share: 1 / 4, leastMs: 1000, mostMs: 15_000 };
/** While the instance is down, every second counts: no look comes later than a twentieth of the stage's own time. */
const tight = { share: 1 / 20, leastMs: 500, mostMs: 5000 };
const refusableMs = 15_000;
/** The stages of a plan, in order: the new disk is there before anything is stopped. */
function stagesOf(plan) {
    const { place, swap } = plan;
    if (place === undefined)
        return [create(plan)];
    if (swap === undefined)
        return [create(plan), attach(plan, place), check(plan, place, false)];
    const around = (stage) => (swap.wasRunning ? [stage] : []);
    return [
        create(plan),
        ...around(stop(plan, place)),
        detach(plan, place, swap.previousDiskName),
        attach(plan, place),
        ...around(start(plan, place)),
        check(plan, place, swap.wasRunning),
    ];
}
function create({ diskName, snapshotName, availabilityZone, sizeInGb, tags, region }) {
    return {
        name: 'create',
        looksAt: 'restored',
        pace: unhurried,
        refusableMs: 0,
        toDo: `make disk "${diskName}" (${sizeInGb} GB, ${availabilityZone}) from snapshot "${snapshotName}"`,
        done: `disk "${diskName}" is made from snapshot "${snapshotName}"`,
        stateIn: ({ restored }) => {
            if (restored === undefined)
                return 'ready';
            if (restored.state === 'error') {
                const clear = deleteCommand(region, diskName);
                return { brokenBecause: `the disk failed in Lightsail (to clear it away: ${clear})` };
            }
            return restored.state === 'available' || restored.attachedTo !== null ? 'reached' : 'under way';
        },
        after: (world) => world,
        request: (service, patience) => service.createDiskFromSnapshot({ diskName, snapshotName, availabilityZone, sizeInGb, tags }, patience),
        // A disk made by hand has no tags for the next attempt to know it by.
        command: '',
    };
}
/** Whether nothing is left to be taken out of the place. A disk that is gone is detached. */
function isOut(previous, place) {
    return previous?.attachedTo !== place.instanceName || previous.path !== place.path;
}
function stop({ region }, place) {
    const { instanceName } = place;
    return {
        name: 'stop',
        looksAt: 'instance',
        pace: tight,
        refusableMs,
        toDo: `stop instance "${instanceName}"`,
        done: `instance "${instanceName}" is stopped`,
        stateIn: ({ previous, instance }) => {
            if (isOut(previous, place) || instance?.state === 'stopped')
                return 'reached';
            return instance?.state === 'running' ? 'ready' : 'under way';
        },
        after: (world) => ({ ...world, instance: world.instance && { ...world.instance, state: 'stopped' } }),
        request: (service, patience) => service.stopInstance(instanceName, patience),
        command: stopCommand(region, instanceName),
    };
}
const loose = { state: 'available', attachedTo: null, path: null };
function detach({ region }, place, previousName) {
    return {
        name: 'detach',
        looksAt: 'previous',
        pace: tight,
        refusableMs,
        toDo: `detach disk "${previousName}" from instance "${place.instanceName}"`,
        done: `disk "${previousName}" is detached from instance "${place.instanceName}"`,
        stateIn: ({ previous }) => (isOut(previous, place) ? 'reached' : 'ready'),
        after: (world) => ({ ...world, previous: world.previous && { ...world.previous, ...loose } }),
        request: (service, patience) => service.detachDisk(previousName, patience),
        command: detachCommand(region, previousName),
    };
}
function attach({ region, diskName }, place) {
    const { instanceName, path } = place;
    return {
        name: 'attach',
        looksAt: 'restored',
        pace: tight,
        refusableMs,
        toDo: `attach disk "${diskName}" to instance "${instanceName}" at ${path}`,
        done: `disk "${diskName}" is attached to instance "${instanceName}" at ${path}`,
        stateIn: ({ restored }) => {
            if (isAt(restored, place))
                return 'reached';
            const { attachedTo = null, state } = restored ?? {};
            if (state === 'in-use' && attachedTo !== null && attachedTo !== instanceName) {
                return { brokenBecause: `somebody attached the disk to instance "${attachedTo}" meanwhile` };
            }
            return state === 'available' ? 'ready' : 'under way';
        },
        after: (world) => ({
            ...world,
            restored: world.restored && { ...world.restored, state: 'in-use', attachedTo: instanceName, path },
        }),
        request: (service, patience) => service.attachDisk(diskName, instanceName, path, patience),
        command: attachCommand(region, diskName, place),
    };
}
function start({ region }, { instanceName }) {
    return {
        name: 'start',
        looksAt: 'instance',
        pace: tight,
        refusableMs,
        toDo: `start instance "${instanceName}"`,
        done: `instance "${instanceName}" is running`,
        stateIn: ({ instance }) => {
            if (instance?.state === 'running')
                return 'reached';
            return instance?.state === 'stopped' ? 'ready' : 'under way';
        },
        after: (world) => ({ ...world, instance: world.instance && { ...world.instance, state: 'running' } }),
        request: (service, patience) => service.startInstance(instanceName, patience),
        command: startCommand(region, instanceName),
    };
}
/** The last look: the instance itself says that it has the disk. */
function check({ diskName }, { instanceName, path }, runs) {
    return {
        name: 'check',
        looksAt: 'instance',
        pace: tight,
        refusableMs,
        toDo: `check that instance "${instanceName}" ${runs ? 'runs with' : 'has'} disk "${diskName}" at ${path}`,
        done: `instance "${instanceName}" ${runs ? 'runs with' : 'has'} disk "${diskName}" at ${path}`,
        stateIn: ({ instance }) => {
            // No source says whether an instance always names its disks.
            const isOurs = (name) => name === diskName || name === '';
            const has = instance?.disks.some((disk) => isOurs(disk.name) && disk.path === path) === true;
            return has && (!runs || instance.state === 'running') ? 'reached' : 'under way';
        },
        after: (world) => world,
        request: undefined,
        command: '',
    };
}

// EXTERNAL MODULE: ./.build/src/lightsail/pages.js
var pages = __webpack_require__(6973);
;// CONCATENATED MODULE: ./.build/src/restore/find.js






/**
 * The disk that an earlier attempt of this run restored for the same inputs. The name alone doesn't find it, because the
 * attempt's number may be part of it. Undefined in a first attempt, and where there is none.
 */
async function findEarlierDisk(inputs, run, lightsail, patience) {
    if (!(Number(run.runAttempt) > 1))
        return undefined;
    const found = [];
    await (0,pages/* readPages */.n)((pageToken) => lightsail.listDisks(pageToken, patience), (disks) => {
        found.push(...disks.filter((disk) => isOfRun(disk, run) && isFor(disk, inputs)));
        return 'more';
    });
    const [first, ...others] = found;
    if (others.length === 0)
        return first;
    throw new basics_failure/* Failure */.H(`Earlier attempts of this run have restored more than one disk that this step could go on with: ${found.map(({ name }) => `"${name}"`).join(', ')}.`, 'Nothing was changed. Give the right one as restored-disk-name, or delete those that are not needed.');
}
/** Whether the step could have made the disk, by its inputs: from that snapshot, for that source, under a name of that template. */
function isFor(disk, { snapshotName, source, commitSha, nameFor }) {
    const [from, origin, commit, attempt] = ['restored-from', 'restored-for', 'commit-sha', 'run-attempt'].map((key) => (0,shared_tags/* tagOf */.cO)(disk, key));
    if (from === undefined || disk.state === 'error')
        return false;
    if ((snapshotName ?? from) !== from || (source?.name ?? origin) !== origin)
        return false;
    if ((commitSha ?? commit) !== commit)
        return false;
    const values = { source: origin ?? '', sha: commit ?? '', runAttempt: attempt ?? '' };
    const [name, long] = [nameFor(values), nameFor({ ...values, time: new Date(0) })];
    // A name with the time in it can't be made again.
    return name.ok && (name.value === disk.name || (long.ok && long.value !== name.value));
}
/** The snapshot that is restored: the one that is named, or that an earlier attempt chose, else the newest that fits. */
async function findSnapshot({ snapshotName, source, commitSha }, earlier, run, lightsail, patience) {
    const name = snapshotName ?? (earlier && (0,shared_tags/* tagOf */.cO)(earlier, 'restored-from'));
    if (name !== undefined) {
        const snapshot = await lightsail.getDiskSnapshot(name, patience);
        if (snapshot !== undefined)
            return snapshot;
        throw new basics_failure/* Failure */.H(`There is no snapshot "${name}" in ${lightsail.region}.`, 'Check the spelling and aws-region. Nothing was changed.');
    }
    if (source === undefined)
        throw new Error('neither a snapshot nor a source is given');
    return newest({ source, commitSha }, run, lightsail, patience);
}
async function newest(wanted, run, lightsail, patience) {
    const ofSource = [];
    await (0,pages/* readPages */.n)((pageToken) => lightsail.listDiskSnapshots(pageToken, patience), (snapshots) => {
        const { type, name } = wanted.source;
        ofSource.push(...snapshots.filter(({ source }) => source?.type === type && source.name === name));
        return 'more';
    });
    const fitting = ofSource.filter((snapshot) => fits(snapshot, wanted, run));
    const complete = fitting.filter(({ state }) => (0,types/* snapshotStage */.$h)(state) === 'done');
    const [found] = complete.sort((a, b) => timeOf(b) - timeOf(a));
    if (found !== undefined)
        return found;
    throw noneFound(wanted, run, lightsail.region, ofSource.length, fitting.length);
}
function fits(snapshot, { commitSha }, run) {
    return ((0,shared_tags/* isMadeBy */.P5)(snapshot, run.repository) &&
        (commitSha === undefined || (0,shared_tags/* tagOf */.cO)(snapshot, 'commit-sha') === commitSha));
}
function timeOf({ createdAt }) {
    return createdAt?.getTime() ?? Number.NEGATIVE_INFINITY;
}
function noneFound({ source, commitSha }, { repository }, region, all, fitting) {
    const forCommit = commitSha === undefined ? '' : ` for commit ${commitSha}`;
    const others = `${(0,basics_text/* count */.U9)(all, 'snapshot')} of it in all, ${fitting} of them made so and not complete`;
    return new basics_failure/* Failure */.H(`There is no complete snapshot of ${(0,types/* subjectOf */.et)(source)} in ${region} that ${repository} took${forCommit}: ${others}.`, 'Check the name, commit-sha and aws-region; any other snapshot can be given as snapshot-name. Nothing was changed.');
}

;// CONCATENATED MODULE: ./.build/src/restore/survey.js




/** Looks up the snapshot and everything that the step would work on. Throws a Failure where there is no such snapshot. */
async function survey(inputs, run, lightsail, patience) {
    const earlier = await findEarlierDisk(inputs, run, lightsail, patience);
    const snapshot = await findSnapshot(inputs, earlier, run, lightsail, patience);
    const source = inputs.source ?? snapshot.source ?? undefined;
    const commitSha = inputs.commitSha ?? (0,shared_tags/* tagOf */.cO)(snapshot, 'commit-sha') ?? run.commit ?? '';
    const diskName = earlier?.name ?? nameOf(inputs, source?.name ?? snapshot.name, commitSha, run);
    const restored = earlier ?? (await lightsail.getDisk(diskName, patience));
    const current = await currentOf(source, lightsail, patience);
    const previous = inputs.swap ? current.disk : undefined;
    const place = inputs.swap ? swapPlace(restored, previous) : inputs.attach;
    const instance = place && (await lightsail.getInstance(place.instanceName, patience));
    return {
        inputs,
        run,
        region: lightsail.region,
        snapshot,
        source,
        commitSha,
        diskName,
        world: { restored, previous, instance },
        place,
        swap: inputs.swap && source !== undefined ? swapOf(source.name, restored, instance) : undefined,
        availabilityZone: restored?.availabilityZone ??
            inputs.availabilityZone ??
            current.disk?.availabilityZone ??
            current.instance?.availabilityZone ??
            instance?.availabilityZone ??
            undefined,
        sizeInGb: inputs.sizeInGb ?? snapshot.sizeInGb ?? undefined,
    };
}
function nameOf({ nameFor }, source, sha, { runAttempt }) {
    const name = nameFor({ source, sha, runAttempt });
    if (name.ok)
        return name.value;
    throw new basics_failure/* Failure */.H(`restored-disk-name ${name.problem}.`, 'Change restored-disk-name so that it makes a name that a disk can have. Nothing was changed.');
}
/** What the snapshot is of, as it is now; it may be gone. */
async function currentOf(source, lightsail, patience) {
    if (source === undefined)
        return {};
    return source.type === 'disk'
        ? { disk: await lightsail.getDisk(source.name, patience) }
        : { instance: await lightsail.getInstance(source.name, patience) };
}
/** Where the current disk is; once it is detached, where the restored one was made for. */
function swapPlace(restored, previous) {
    const marked = restored && markedSwap(restored);
    if (marked !== undefined)
        return marked.place;
    const { attachedTo = null, path = null } = previous ?? {};
    return attachedTo === null || path === null ? undefined : { instanceName: attachedTo, path };
}
function swapOf(previousDiskName, restored, instance) {
    const marked = restored && markedSwap(restored);
    return { previousDiskName, wasRunning: marked?.wasRunning ?? instance?.state === 'running' };
}

;// CONCATENATED MODULE: ./.build/src/restore/action.js










/**
 * restore/: rolls back to a snapshot. Looks everything up, checks it, then carries out the stages one by one; each goes by the
 * state of things, so that the same step run again goes on where an earlier one stopped. Throws a Failure with a report.
 */
async function restoreDisk(step) {
    const inputs = readInputs(step);
    const { clock, log, signal } = step;
    const lightsail = openLightsailMachines(inputs.region, clock, step.agents);
    const untilMs = clock.monotonic() + inputs.timeoutMs;
    const patience = { untilMs, signal, onRetry: (0,shared_patience/* tellOfRetries */.z)(log) };
    try {
        for (const warning of inputs.warnings)
            log.warning(warning);
        await (0,shared_patience/* warnOfExpiry */.b)(lightsail, inputs.timeoutMs, patience, step, 'A restore');
        const { plan, world } = await decide(inputs, lightsail, patience, step);
        const stages = stagesOf(plan);
        logPlan(plan, stages, step);
        if (inputs.dryRun)
            await rehearse(plan, stages, step);
        else
            await restore(plan, stages, new Scene(plan, world, lightsail, clock), lightsail, patience, step);
    }
    finally {
        lightsail.close();
    }
}
/** Looks everything up and makes the plan. Changes nothing. */
async function decide(inputs, lightsail, patience, { run, setOutput }) {
    try {
        const facts = await survey(inputs, run, lightsail, patience);
        return { plan: planRestore(facts), world: facts.world };
    }
    catch (error) {
        setOutput('state', 'error');
        throw error;
    }
}
async function rehearse(plan, stages, step) {
    step.log.info('Dry run: nothing was changed');
    setOutputs(plan, '', undefined, step);
    await summarize(plan, stages, new Map(), { dryRun: true, failed: false }, step);
}
async function restore(plan, stages, scene, service, patience, step) {
    const { clock, log } = step;
    const journal = new Map();
    const operationId = () => [...journal].find(([{ name }]) => name === 'create')?.[1].operation?.id;
    setOutputs(plan, 'pending', undefined, step);
    logBefore(plan, scene.world, step);
    try {
        for (const stage of stages) {
            const onOperation = ({ id }) => {
                if (stage.name === 'create')
                    setOutputs(plan, 'pending', id, step);
            };
            const reached = await carryOut(stage, scene, { service, clock, log, patience, onOperation });
            journal.set(stage, reached);
            logReached(stage, reached, step);
        }
    }
    catch (error) {
        if (!(error instanceof basics_failure/* Failure */.H))
            throw error;
        const isKnown = await scene.lookOnceMore();
        step.setOutput('state', failedState(error));
        await summarize(plan, stages, journal, { dryRun: false, failed: true }, step);
        throw withReport(error, plan, stages, journal, { world: scene.world, isKnown });
    }
    setOutputs(plan, 'completed', operationId(), step);
    logResult(plan, journal, step);
    await summarize(plan, stages, journal, { dryRun: false, failed: false }, step);
}


/***/ })

};
