export const id=433;export const ids=[433];export const modules={9433:(e,t,n)=>{n.r(t),n.d(t,{readyPause:()=>S,whilePaused:()=>H});var s=n(8161),i=n(9337),o=n(7392),a=n(4643);let r=[{pattern:/HOST IDENTIFICATION HAS CHANGED|host key verification failed|no \S+ host key is known/i,meaning:"it has a host key that Lightsail doesn't report",advice:"After an upgrade of its operating system an instance may have new keys: delete those that Lightsail knows, and connect once in the Lightsail console. Otherwise another machine answers at this address.",isHostKey:!0},{pattern:/permission denied|too many authentication failures/i,meaning:"it refuses Lightsail's certificate",advice:"Check that you can connect to the instance in the Lightsail console. Its SSH server has to trust Lightsail's certificate authority (TrustedUserCAKeys), and to accept its signature: CASignatureAlgorithms +ssh-rsa.",isCertificateRefused:!0},{pattern:/could not resolve hostname/i,meaning:"the name is unknown",advice:"Check ssh-host."},{pattern:/connection refused/i,meaning:"nothing listens on the port",advice:"Check ssh-port, and that the instance runs an SSH server."},{pattern:/timed out|no route to host|network is unreachable/i,meaning:"nothing answers",advice:"Open the port in the instance's firewall for this runner. An instance with only an IPv6 address needs a runner that has IPv6."},{pattern:/load key .*(invalid|error|unknown)/i,meaning:"the runner's ssh can't read the key from Lightsail",advice:"Rerun the job. If it happens again, report it."}],c={"no-sudo":e=>[`user "${e}" can't become root without a password`,"Allow it: sudo -n has to work for that user."],"not-root":e=>[`the commands run as "${e}" instead of root`,"Check sudo on the instance."],"not-linux":e=>[`it runs ${e}`,"A pause needs Linux."],"no-command":e=>[`it has no command ${e}`,"Install the packages util-linux and coreutils on the instance."],"not-absolute":e=>[`"${e}" is not an absolute path`,"Correct freeze."],"no-mount-point":e=>[`"${e}" is not a mount point`,"Give the folder on which the file system is mounted: findmnt lists them."],system:e=>[`"${e}" is on a file system that the system itself uses`,"Freezing it could stop the instance for good. Use before-snapshot and after-snapshot instead of freeze."],"same-file-system":e=>[`"${e}" is on the same file system as another mount point`,"Give each file system once in freeze."],busy:()=>["another step is pausing it","Let only one step at a time pause an instance, for example with a concurrency group."],"freeze-failed":e=>[`"${e}" can't be frozen`,"It may be frozen already, or its file system can't freeze: ext4, XFS, Btrfs and F2FS can."],"before-failed":e=>["124"===e||"137"===e?"before-snapshot didn't finish within five minutes":`before-snapshot failed with exit code ${e}`,"Its output is in the log above."]};function h(e,{subject:t}){let[n="",...s]=t.split(" "),o=c[n]?.(s.join(" "))??[`it reported "${t}"`,"Rerun the job."];return new i.HR(`Can't pause instance "${e.name}": ${o[0]}.`,o[1])}function l({name:e}){return new i.HR(`Lost the connection to instance "${e}" during the pause.`,"Whatever was frozen on the instance thaws by itself: when the connection ends, and after pause-timeout.")}var d=n(1834),u=n(1455),f=n(6760);let p="lightsail-instance";async function m(e,t){!function({userName:e,privateKey:t,certificate:n,hostKeys:s}){let o=Object.entries({"user name":e,key:t,certificate:n,"host keys":s.join()}).flatMap(([e,t])=>""===t?e:[]);if(0!==o.length)throw new i.HR(`Lightsail's response to GetInstanceAccessDetails has no ${o.join(", no ")}.`,"Check that you can connect to the instance with SSH in the Lightsail console.")}(e);let n=await (0,u.mkdtemp)((0,f.join)(t,"lightsail-access-")),s=()=>(0,u.rm)(n,{recursive:!0,force:!0,maxRetries:5}),o=async(e,t)=>{let s=(0,f.join)(n,e);return await (0,u.writeFile)(s,`${t.trim()}
`,{mode:384}),s};try{let t=e.hostKeys.map(({algorithm:e,publicKey:t})=>`${p} ${e} ${t}`);return{key:await o("key",e.privateKey),certificate:await o("key-cert.pub",e.certificate),knownHosts:await o("known_hosts",t.join("\n")),remove:s}}catch(e){throw await s(),e}}var $=n(1421),w=n(5209);function y(e){return`"${e.replaceAll("%","%%")}"`}class v{#e;#t=[];#n="";#s="";#i=0;#o;#a=()=>{};constructor(e,t){this.#e=(0,$.spawn)("ssh",e,{env:t,stdio:"pipe",windowsHide:!0}),this.#e.stdout.setEncoding("utf8").on("data",e=>this.#r(e)),this.#e.stderr.setEncoding("utf8").on("data",e=>this.#c(e)),this.#e.stdin.on("error",()=>{}),this.#e.once("error",e=>this.#h({thrown:e})),this.#e.once("close",()=>this.#h({}))}get isMissing(){return"ENOENT"===(0,w.S)(this.#o?.thrown,"code")}send(e){this.#e.stdin.write(e)}async next(e){for(;0===this.#t.length&&void 0===this.#o&&!e.aborted;)await this.#l(e);return this.#t.shift()}async closed(e){for(;void 0===this.#o&&!e.aborted;)await this.#l(e)}takeErrors(){let e=0===this.#i?"":`
(${this.#i} more characters are left out)`,t=`${this.#s.trimEnd()}${e}`;return this.#s="",this.#i=0,t}end(){this.#e.stdin.end(),this.#e.kill()}#l(e){return new Promise(t=>{let n=(0,d.eG)(e,t);this.#a=()=>{n(),t()}})}#r(e){let t=`${this.#n}${e}`.split("\n");this.#n=(t.pop()??"").slice(0,65536);let n=t.flatMap(e=>(function(e){let[,t,n]=/^pause (\S+) ?(.*)$/.exec(e)??[];return void 0===t||void 0===n?void 0:{word:t,subject:n}})(e)??[]);this.#t.push(...n),n.length>0&&this.#a()}#c(e){let t=e.slice(0,65536-this.#s.length);this.#s+=t,this.#i+=e.length-t.length}#h(e){this.#o??=e,this.#a()}}class g{devices;#d;#u;#f;constructor(e,t,n,s){this.#d=e,this.#u=t,this.devices=n,this.#f=s}async begin(){let{pause:e,instance:t}=this.#d;this.#u.send("freeze\n");let n=33e4+e.timeoutMs,s=await this.#p(["frozen","refused"],n,this.#f.signal);if(void 0===s)throw this.close(),l(t);if("frozen"!==s.word)throw await this.finish(),h(t,s)}async thaw(){this.#u.send("thaw\n");let e=this.#f.signal.aborted?1500:15e3,t=await this.#p(["held","lost"],e,void 0);return t?.word==="held"}async finish(){var e;let{instance:t}=this.#d,{signal:n}=this.#f,s=await this.#p(["after-failed","finished"],33e4,n);return(await (0,d.Bv)(2e3,n,this.#f.clock,e=>this.#u.closed(e)),this.close(),void 0===s)?n.aborted?void 0:l(t):"finished"===s.word?void 0:(e=s.subject,new i.HR("124"===e||"137"===e?`after-snapshot didn't finish within five minutes on instance "${t.name}".`:`after-snapshot failed with exit code ${e} on instance "${t.name}".`,"Check that everything runs on the instance again. The output is in the log above."))}close(){this.#u.end();let e=this.#u.takeErrors();if(""===e)return;let t=`Output of the commands on instance "${this.#d.instance.name}"`;this.#f.log.group(t,e.split("\n"))}#p(e,t,n){return(0,d.Bv)(t,n,this.#f.clock,async t=>{for(;;){let n=await this.#u.next(t);if(void 0===n||e.includes(n.word))return n}})}}async function k(e,t,n){let o=await m(t,n.temporaryFolder);try{let t=t=>b(e,function({userName:e,host:t,port:n},i,o){let a={BatchMode:"yes",CertificateFile:y(i.certificate),CheckHostIP:"no",ClearAllForwardings:"yes",ConnectTimeout:"15",ControlPath:"none",GlobalKnownHostsFile:s.devNull,HostKeyAlias:p,IdentitiesOnly:"yes",IdentityAgent:"none",IdentityFile:y(i.key),PreferredAuthentications:"publickey",ServerAliveCountMax:"3",ServerAliveInterval:"5",StrictHostKeyChecking:"yes",UserKnownHostsFile:y(i.knownHosts),...o?{PubkeyAcceptedKeyTypes:"ssh-rsa-cert-v01@openssh.com,ssh-rsa"}:{}};return["-F",s.devNull,"-T","-l",e,"-p",String(n),...Object.entries(a).map(([e,t])=>`-o${e}=${t}`),"--",t,'exec sh -c \'if [ "$(id -u)" = 0 ]; then exec sh; elif sudo -n true </dev/null 2>/dev/null; then exec sudo -n sh; else echo "pause refused no-sudo $(id -un)"; fi\'']}(e.target,o,t),n),a=await t(!1),{connection:r,report:c}=a instanceof i.HR?await I(t(!0)):a;return await o.remove(),await E(e,r,c,n)}finally{await o.remove()}}async function b(e,t,{clock:n,signal:s,environment:o}){var c;let h,l=new v(t,o);return l.send((h=Object.entries({MODE:e.mode,MOUNTS:(c=e.pause).mounts.join("\n"),BEFORE:c.before,AFTER:c.after,TIMEOUT:String(Math.ceil(c.timeoutMs/1e3))}).map(([e,t])=>`${e}='${t.replaceAll("'","'\\''")}'`),`${h.join("\n")}
set -uf
umask 077
export LC_ALL=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
IFS='
'
LOCK=$\{PAUSE_LOCK:-/run/lightsail-disk-snapshot.lock}
HOOK_LIMIT=$\{PAUSE_HOOK_LIMIT:-300}
frozen=    # what has been frozen so far, the last one first
timer=     # the timer's process
begun=no   # whether BEFORE was started
asked=no   # whether the step asked for the end
report() {
  printf 'pause %s\\n' "$1"
}
refuse() {
  report "refused $1 $2"
  exit 1
}
check_system() {
  [ "$(uname -s)" = Linux ] || refuse not-linux "$(uname -s)"
  [ "$(id -u)" = 0 ] || refuse not-root "$(id -un)"
  [ -z "$MOUNTS" ] || need fsfreeze mountpoint
  need flock timeout
}
need() {
  for tool in "$@"; do
    command -v "$tool" >/dev/null || refuse no-command "$tool"
  done
}
check_mount() {
  case $1 in
    /*) ;;
    *) refuse not-absolute "$1" ;;
  esac
  mountpoint -q "$1" || refuse no-mount-point "$1"
  for path in / /usr /var /boot /home /etc /tmp; do
    ! same_file_system "$1" "$path" || refuse system "$1"
  done
}
same_file_system() {
  [ -e "$2" ] || return 1
  [ "$(stat -Lc %d "$1")" != "$(stat -Lc %d "$2")" ] || return 0
  [ "$(device_of "$1")" = "$(device_of "$2")" ]
}
device_of() {
  df -P "$1" | sed -n '2s/[[:space:]].*//p'
}
report_device() {
  device=$(device_of "$1")
  disks=$(lsblk -snrpo NAME,SERIAL "$device" 2>/dev/null | tr '\\n' ' ')
  report "device $1:$device $disks"
}
check() {
  check_system
  earlier=
  for mount in $MOUNTS; do
    check_mount "$mount"
    for other in $earlier; do
      ! same_file_system "$mount" "$other" || refuse same-file-system "$mount"
    done
    earlier="$mount$IFS$earlier"
    report_device "$mount"
  done
}
hook() {
  [ -z "$1" ] || timeout -k 10 "$HOOK_LIMIT" sh -ec "$1" </dev/null >&2 9>&-
}
freeze() {
  earlier=$frozen
  frozen="$1$IFS$frozen"
  fsfreeze --freeze "$1" && return
  frozen=$earlier
  refuse freeze-failed "$1"
}
thaw() {
  held=yes
  for mount in $1; do
    fsfreeze --unfreeze "$mount" 2>/dev/null || held=no
  done
  [ "$held" = yes ]
}
run_timer() {
  exec </dev/null >/dev/null 2>&1 9>&-
  all=
  for mount in $MOUNTS; do
    all="$mount$IFS$all"
  done
  sleep "$TIMEOUT"
  is_alone || kill -TERM $$
  until is_alone; do
    thaw "$all"
    sleep 1
  done
  thaw "$all"
  hook "$AFTER"
}
is_alone() {
  flock -n "$LOCK" true
}
clean_up() {
  trap - EXIT
  trap : HUP INT TERM
  if thaw "$frozen" && [ "$asked" = yes ]; then report held; else report lost; fi
  [ -z "$timer" ] || kill -KILL "$timer"
  if [ "$begun" = yes ]; then
    report after
    hook "$AFTER" || report "after-failed $?"
  fi
  report finished
}
pause() {
  word=$(timeout 300 head -n 1)
  [ "$word" = freeze ] || exit
  trap clean_up EXIT
  trap 'exit 1' HUP INT TERM
  trap : PIPE
  begun=yes
  report before
  hook "$BEFORE" || refuse before-failed $?
  for mount in $MOUNTS; do
    sync -f "$mount" 2>/dev/null || sync
  done
  run_timer &
  timer=$!
  for mount in $MOUNTS; do
    freeze "$mount"
  done
  report frozen
  read -r word
  [ "$word" != thaw ] || asked=yes
}
main() {
  cd /
  check
  if [ "$MODE" = pause ]; then
    exec 9>"$LOCK"
    flock -n 9 || refuse busy "$LOCK"
  fi
  report ready
  [ "$MODE" != pause ] || pause
}
main; exit
`)),(0,d.Bv)(45e3,s,n,async t=>{let n=await l.next(t);if(void 0!==n)return{connection:l,report:n};let s=t.aborted;if(l.end(),l.isMissing){var o;throw o=e.instance,new i.HR(`Can't connect to instance "${o.name}": there is no ssh on this runner.`,"Install the OpenSSH client on the runner, in its container image if the job has one.")}let c=function(e,{userName:t,host:n,port:s},o,c){let h=r.find(({pattern:e})=>e.test(o)),l=o.trim().split("\n").at(-1)??"",d=h?.meaning??(c?"it doesn't answer in time":"the connection ended"),u=""===l?"":` (${l.trim()})`,f={purpose:"Delete the host keys that Lightsail knows",language:"sh",text:(0,a.bg)("delete-known-host-keys",e.region,{"instance-name":e.name})};return{failure:new i.HR(`Can't connect to instance "${e.name}" as ${t} at ${n} port ${s}: ${d}${u}.`,h?.advice??"Check that you can connect to the instance with SSH in the Lightsail console.",{copyables:h?.isHostKey?[f]:[]}),isCertificateRefused:h?.isCertificateRefused===!0}}(e.instance,e.target,l.takeErrors(),s);if(c.isCertificateRefused)return c.failure;throw c.failure})}async function I(e){let t=await e;if(t instanceof i.HR)throw t;return t}async function E(e,t,n,s){let i=[];try{return await (0,d.Bv)(45e3,s.signal,s.clock,async o=>{let a=n;for(;a?.word==="device";)i.push(a.subject),a=await t.next(o);if(a?.word==="ready")return new g(e,t,i,s);throw void 0===a?l(e.instance):h(e.instance,a)})}catch(e){throw t.end(),e}}async function S(e,t,n,o){let{lightsail:a,patience:r,step:c}=o,h=await T(n,a,r),l=function(e,t){let n=new Set([...e.flatMap(({source:e})=>"instance"===e.type?e.name:[]),...t.map(({attachedTo:e})=>e)]),[s,...o]=n;if("string"==typeof s&&0===o.length)return s;let a=t.filter(({attachedTo:e})=>null===e),r=a.length>0?`disk "${a.map(e=>e.name).join('", "')}" is attached to no instance`:`they are on several instances: ${[...n].join(", ")}`;throw new i.HR(`Can't pause the instance of the disks: ${r}.`,"A pause takes disks of one instance. Use a step for each instance.")}(n,h),[d,u]=await Promise.all([a.getInstance(l,r),a.getInstanceAccess(l,r)]);if(void 0===d||void 0===u){var f;throw f=a.region,new i.HR(`There is no instance "${l}" in ${f}.`,"Check the spelling and aws-region.",{isMissing:!0})}""!==u.privateKey&&c.log.mask(u.privateKey);let p={name:l,region:a.region},m=e.host??u.address,$={userName:u.userName,host:m,port:e.port},w=c.environment.RUNNER_TEMP||(0,s.tmpdir)(),y=await k({instance:p,target:$,pause:e,mode:t},u,{...c,temporaryFolder:w});try{return{instance:p,session:y,disks:function(e,t,{instance:n,captured:s}){let o=new Set;for(let[a,r]of e.entries()){let e=(t[a]??"").slice(r.length+1).split(/\s+/),c=s.find(t=>(function({path:e,volumeId:t},n){let s=t?.replace("-","");return null!==e&&n.includes(e)||void 0!==s&&n.includes(s)})(t,e));if(void 0!==c)o.add(c.name);else if(function(e,{disks:t},n){let s=e.some(e=>/^vol[0-9a-f]+$/.test(e)),i=n.every(({volumeId:e})=>null!==e);return s&&i||t.some(({path:t})=>null!==t&&e.includes(t))}(e,n,s))throw function(e,{name:t}){return new i.HR(`freeze: "${e}" on instance "${t}" is on a disk that this step takes no snapshot of.`,"Add that disk, or leave the mount point out. A system disk is never frozen.")}(r,n);else for(let{name:e}of s)o.add(e)}return o}(e.mounts,y.devices,{instance:d,captured:h})}}catch(e){throw y.close(),e}}async function T(e,{getDisk:t},n){let s=e.flatMap(({source:e})=>"disk"===e.type?e.name:[]);return(await (0,o.y)(s,5,(e,s)=>t(e,{...n,signal:s}),n.signal)).filter(e=>void 0!==e)}async function H({instance:e,session:t},{clock:n,signal:s},o){try{await t.begin();let a=n.monotonic(),r=await o(),c=await t.thaw(),h=n.monotonic()-a,l=await t.finish(),d=[...c||s.aborted?[]:[new i.HR(`The pause of instance "${e.name}" ended before all snapshots were requested.`,"The snapshots are kept, but they are only crash-consistent. Increase pause-timeout if the requests took longer, and check that nothing else thaws the file systems.")],...void 0===l?[]:[l]];return{value:r,held:c,durationMs:h,failures:d}}finally{t.close()}}}};